"""The definition of a module class as events."""

from __future__ import annotations

from class_text import module, read

from looplint.events import Context, Event, Fact, How, Kind, Option, Type
from looplint.module_classes.class_graph import class_graph
from looplint.module_classes.module_class import ModuleClass


def events(cls: ModuleClass, kind: Kind) -> list[Event]:
    return class_graph(cls).all(kind)


def test_a_class_is_an_object_with_its_layers() -> None:
    (define,) = events(module(init=("self.fc = nn.Linear(1, 2, bias=False)", "self.act = nn.ReLU()")), Kind.DEFINE)
    net = define.subject
    assert (net.name, net.type, net.certain, net.options[Option.BASES]) == (
        "Net",
        Type.MODULE,
        True,
        ("torch.nn.Module",),
    )
    assert [(one.name, one.constructor, one.options, Fact.NO_PARAMETERS in one.facts) for one in net.operands] == [
        ("fc", "torch.nn.Linear", {"bias": False}, False),
        ("act", "torch.nn.ReLU", {}, True),
    ]
    assert all(one.owner is net for one in net.operands)


def test_each_event_names_its_class_and_method() -> None:
    graph = class_graph(module("x = nn.Linear(1, 1)(x)", "x = F.dropout(x)", init=("self.a = [nn.Linear(1, 1)] * 2",)))
    net = graph.all(Kind.DEFINE)[0].subject
    assert [(e.kind, e.function, e.object is net) for e in graph.nodes if e is not None] == [
        (Kind.DEFINE, "", False),
        (Kind.HOLD, "", True),
        (Kind.SHARE, "__init__", True),
        (Kind.BUILD, "forward", True),
        (Kind.DROPOUT, "forward", True),
    ]
    assert [node if event is None else event.node for node, event in enumerate(graph.nodes)] == [*range(6)]


def test_a_path_leads_from_each_event_to_those_behind_it_and_not_back() -> None:
    graph = class_graph(module("x = nn.Linear(1, 1)(x)", "x = F.dropout(x)"))
    (build,), (dropout,) = graph.all(Kind.BUILD), graph.all(Kind.DROPOUT)
    assert graph.path(build, to=dropout) and not graph.path(dropout, to=build)


def test_what_code_that_a_forward_pass_runs_constructs() -> None:
    (build,) = events(module("with torch.no_grad():", "    x = nn.Linear(1, 1)(x)"), Kind.BUILD)
    assert build.contexts == {Context.FORWARD, Context.NO_GRAD}
    (build,) = events(module("fc = nn.Linear(1, 1)", "fc.weight.data.fill_(1)", "x = fc(x)"), Kind.BUILD)
    assert Fact.OWN_WEIGHTS in build.subject.facts and build.subject.constructor == "torch.nn.Linear"


def test_dropout_and_who_says_when_it_is_active() -> None:
    (plain,) = events(module("x = F.dropout(x)"), Kind.DROPOUT)
    assert (plain.name, plain.options[Option.CURE]) == ("F.dropout", "training=self.training")
    assert plain.options[Option.MENDED] == "F.dropout(x, training=self.training)"
    (by_mode,) = events(module("if self.training:", "    x = F.dropout(x)"), Kind.DROPOUT)
    assert plain.contexts == {Context.FORWARD}
    assert by_mode.contexts == {Context.FORWARD, Context.BY_MODE}
    (made,) = events(module("x = nn.Dropout(0.5)(x)"), Kind.UNSWITCHED)
    assert made.how == How.CONSTRUCTED


def test_what_attributes_hold() -> None:
    (hold,) = events(module(init=("self.layers = [nn.Linear(1, 1), nn.Linear(1, 2)]",)), Kind.HOLD)
    assert (hold.name, hold.how, hold.options[Option.REGISTERED]) == ("self.layers", "list", False)
    assert [layer.constructor for layer in hold.subject.operands] == ["torch.nn.Linear"] * 2
    (derive,) = events(module(init=("self.scale = nn.Parameter(torch.ones(1)).cuda()",)), Kind.DERIVE)
    assert (derive.name, derive.how) == ("self.scale", ".cuda()")


def test_a_layer_along_sequences_is_where_it_was_made() -> None:
    (pick,) = events(module("out, _ = self.rnn(x)", "x = out[:, -1]", init=("self.rnn = nn.GRU(1, 2)",)), Kind.PICK)
    assert (pick.name, pick.place.text) == ("self.rnn", "out[:, -1]")
    assert pick.subject.place is not None and pick.subject.place.text == "nn.GRU(1, 2)"


def test_what_is_known_of_a_class() -> None:
    (define,) = events(read("class HyperNet(nn.Module):\n    def forward(self, x):\n        return x\n"), Kind.DEFINE)
    assert define.subject.facts == {Fact.HYPERNETWORK, Fact.NO_PARAMETERS, Fact.MODE_FREE}
