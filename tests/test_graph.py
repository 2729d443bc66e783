"""Objects by origin, frameworks, and the `graph` command: what looplint sees in code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent

import pytest

from looplint import check_paths, check_source
from looplint.cli.commands import main
from looplint.cli.graph_dot import graph_dot
from looplint.cli.graph_text import graph_text, text_of
from looplint.events import Event, EventGraph, Fact, Kind, Type
from looplint.interpreter.entries import loops_of
from looplint.knowledge.name_hints import VALIDATION
from looplint.library.library import Library
from looplint.program.program import Program
from looplint.project.settings import Selection, Settings
from looplint.sources import from_text


def loops(code: str) -> list[EventGraph]:
    """The loops of a text."""
    program = Program()
    (source,) = from_text(dedent(code), "train.py")
    return list(loops_of(program, program.add(source, ""), Library))


def events(code: str, *kinds: Kind) -> list[Event]:
    return [event for loop in loops(code) for event in loop.all(*kinds)]


def said(code: str) -> list[str]:
    """The events of a text, without rows, edges and loops."""
    return [
        re.sub(r"^ *[\w:.]+ +| +->.*", "", line)
        for loop in loops(code)
        for line in text_of(loop).splitlines()
        if re.search(r"\b[A-Z_]{4,}\b", line)
    ]


MAKE = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"

# Code in which what is cleared and what steps are one object.
ONE = {
    "a constructor by an import's other name": """
        from torch.optim import SGD as Descent
        q = Descent(model.parameters(), lr=0.1)
        q.zero_grad(); q.step()
        """,
    "a module by another name": """
        import torch.optim as o
        q = o.Adam(model.parameters())
        q.zero_grad(); q.step()
        """,
    "an alias": f"{MAKE}other = optimizer\nother.zero_grad(); optimizer.step()",
    "a tuple": """
        a, b = torch.optim.SGD(model.parameters()), 3
        c, (d, e) = 1, (a, b)
        d.zero_grad(); a.step()
        """,
    "a starred tuple is any of its elements": (
        f"{MAKE}first, *rest = optimizer, optimizer\nfirst.zero_grad(); rest[0].step()"
    ),
    "an annotated parameter": """
        def f(q: torch.optim.Optimizer):
            q.zero_grad(); q.step()
        """,
    "an annotation in quotes that may be None": """
        def f(q: "torch.optim.Optimizer | None" = None):
            q.zero_grad(); q.step()
        """,
    "an argument under its parameter's name": f"""
        def update(q):
            q.zero_grad()
        {MAKE}
        update(q=optimizer); optimizer.step()
        """,
    "an attribute of self": """
        class Trainer:
            def __init__(self, model):
                self.q = torch.optim.SGD(model.parameters())
            def clear(self):
                self.q.zero_grad()
            def train(self):
                self.clear(); self.q.step()
        """,
    "an attribute of a base class": """
        class Base:
            def __init__(self, model):
                self.q = torch.optim.SGD(model.parameters())
        class Trainer(Base):
            def __init__(self, model):
                super().__init__(model)
            def train(self):
                self.q.zero_grad(); self.q.step()
        """,
    "a property": """
        class Trainer:
            def __init__(self, model):
                self._q = torch.optim.SGD(model.parameters())
            @property
            def q(self):
                return self._q
            def train(self):
                self.q.zero_grad(); self._q.step()
        """,
    "a field of a dataclass": f"""
        from dataclasses import dataclass
        @dataclass
        class Parts:
            model: torch.nn.Module
            q: torch.optim.Optimizer
        {MAKE}
        parts = Parts(model, q=optimizer)
        parts.q.zero_grad(); optimizer.step()
        """,
    "a key of a dict": f"{MAKE}parts = {{'a': optimizer}}\nparts['a'].zero_grad(); optimizer.step()",
    "an index of a list": f"{MAKE}parts = [1, optimizer]\nparts[-1].zero_grad(); optimizer.step()",
    "a factory": """
        def build(model):
            return torch.optim.SGD(model.parameters())
        q = build(model)
        q.zero_grad(); q.step()
        """,
    "a factory that returns several": """
        def build(model):
            q = torch.optim.SGD(model.parameters())
            return {"q": q, "schedule": torch.optim.lr_scheduler.StepLR(q, 1)}
        parts = build(model)
        parts["q"].zero_grad(); parts["q"].step()
        """,
    "a partial of a constructor": """
        from functools import partial
        make = partial(torch.optim.SGD, lr=0.1)
        q = make(model.parameters())
        q.zero_grad(); q.step()
        """,
    "a partial of a function": f"""
        import functools
        def clear(q):
            q.zero_grad()
        {MAKE}
        reset = functools.partial(clear, optimizer)
        reset(); optimizer.step()
        """,
    "a bound method": f"{MAKE}reset = optimizer.zero_grad\nreset(); optimizer.step()",
    "a closure": """
        def outer(model):
            q = torch.optim.SGD(model.parameters())
            def clear():
                q.zero_grad()
            clear(); q.step()
        """,
    "getattr with a plain name": f"{MAKE}getattr(optimizer, 'zero_grad')(); optimizer.step()",
    "a global that a function sets": """
        q = None
        def make():
            global q
            q = torch.optim.SGD(model.parameters())
        make()
        q.zero_grad(); q.step()
        """,
    "map over a list": f"{MAKE}list(map(lambda q: q.zero_grad(), [optimizer])); optimizer.step()",
    "the elements of a list that was appended to": f"""
        {MAKE}
        parts = []
        parts.append(optimizer)
        for part in parts:
            part.zero_grad()
        optimizer.step()
        """,
}


NOT_YET = {
    "a starred tuple is any of its elements": "what a star takes is bound to one element of it",
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.xfail(reason=NOT_YET[n]) if n in NOT_YET else ()) for n in ONE],
)
def test_one_object(name: str) -> None:
    code = ONE[name]
    head = "import torch\nmodel = torch.nn.Linear(1, 1)\n"
    body = "\n".join(line.removeprefix("        ") for line in code.splitlines())
    found = events(head + body, Kind.CLEAR, Kind.STEP)
    clears, steps = ([event for event in found if event.kind is kind] for kind in (Kind.CLEAR, Kind.STEP))
    assert len(steps) == 1
    assert steps[0].subject.type is Type.OPTIMIZER
    assert any(clear.is_subject(steps[0].subject) for clear in clears)


def test_the_elements_of_a_dict_are_distinguished() -> None:
    code = """
        import torch
        parts = {n: 0 for n in "ab"}
        parts = {"a": torch.optim.SGD(m.parameters()), "b": torch.optim.Adam(n.parameters())}
        for q in parts.values():
            q.zero_grad()
        parts["a"].step()
        parts["b"].step()
        """
    (loop,) = loops(code)
    first, second = loop.all(Kind.STEP)
    assert first.subject.constructor == "torch.optim.SGD"
    assert second.subject.constructor == "torch.optim.Adam"
    (clear,) = loop.all(Kind.CLEAR)
    assert clear.subjects == (first.subject, second.subject)


def test_a_training_flag_that_is_restored_is_distinguished_from_others() -> None:
    code = """
        import torch
        was = model.training
        model.eval()
        model.training = was
        for part in model.modules():
            part.training = enabled
        """
    given_back, part = events(code, Kind.ASSIGN)
    assert given_back.object is not None and Fact.TRAINING_FLAG in given_back.object.facts
    assert given_back.options["written"] == "was"
    assert part.object is not None and Fact.TRAINING_FLAG not in part.object.facts
    assert any(Fact.PARTS in thing.facts for thing in part.subject.ancestry())


def test_a_tensor_whose_move_is_dropped_is_distinguished_from_a_module() -> None:
    code = """
        import torch
        from torch.utils.data import DataLoader
        noise = torch.randn(3)
        for inputs, targets in DataLoader(dataset):
            inputs.to(device)
            noise.cuda()
            model.to(device)
            torch.ones(1).to(device)
            loss = model(inputs, noise)
        for inputs, targets in loader:
            targets.to(device)
        for batch in loader:
            batch.to(device)
        """
    found = [(e.name, e.options["tensor"], e.options["read again"]) for e in events(code, Kind.DISCARD)]
    assert found == [("inputs", True, True), ("noise", True, True), ("targets", False, False)]


def test_one_shot_iterators_are_distinguished_from_iterables() -> None:
    code = """
        import torch
        once, anew, kept = enumerate(loader), tqdm(loader), iter(loader)
        batches = zip(loader, others)
        bar = tqdm(iter(loader))
        again = tqdm(loader)
        for epoch in range(3):
            for pair in batches: model(pair).backward()
            for batch in enumerate(bar): model(batch).backward()
            for batch in again: model(batch).backward()
            changed = iter(loader)
            for batch in changed: model(batch).backward()
            batches = [1, 2]
        """
    found = [(event.name, len(event.loops) - len(event.subject.loops)) for event in events(code, Kind.ITERATE)]
    assert found == [("bar", 1), ("changed", 0)], "`batches` is another thing from the second epoch on"


def test_a_name_that_is_bound_to_what_loading_gave_no_longer_stands_for_the_model() -> None:
    (rebind,) = events("def f(model, state):\n    model = model.load_state_dict(state)\n", Kind.REBIND)
    assert rebind.object is not None and Fact.LOAD_RESULT in rebind.object.facts
    assert events("def f(model, state):\n    report = model.load_state_dict(state)\n", Kind.REBIND) == []


def test_a_name_that_is_bound_to_what_was_computed_from_a_parameter() -> None:
    code = "def f(model, loss):\n    loss.backward()\n    for p in model.parameters():\n        p = p - p.grad\n"
    assert [rebind.subject.type for rebind in events(code, Kind.REBIND)] == [Type.PARAMETERS]
    assert [rebind.options["read again"] for rebind in events(code, Kind.REBIND)] == [False]
    assert [rebind.options["read again"] for rebind in events(f"{code}        kept.append(p)\n", Kind.REBIND)] == [True]
    assert events("def f(model, device):\n    model = model.to(device)\n", Kind.REBIND) == []


@pytest.mark.parametrize(
    ("length", "counts"),
    [
        ("len(loader)", True),
        ("int(10 * len(loader))", True),
        ("[len(loader), 2 * len(loader)]", True),
        ("10", False),
        ("epochs", False),
        ("len(names)", False),
    ],
)
def test_what_a_scheduler_counts(length: str, counts: bool) -> None:
    code = f"""
        import torch

        def f(loader, epochs, names, optimizer):
            scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, {length})
            scheduler.step()
        """
    (schedule,) = events(code, Kind.SCHEDULE)
    assert (Fact.COUNTS_BATCHES in schedule.subject.facts) is counts


def test_a_generator_of_parameters_is_gone_through_by_those_who_are_given_it() -> None:
    code = """
        import torch
        from torch.nn.utils import clip_grad_norm_

        def f(model, loss, build):
            once = model.parameters()
            optimizer = torch.optim.SGD([{"params": once}], lr=0.1)
            loss.backward()
            clip_grad_norm_(once, 1.0)
            print(once, sum(p.numel() for p in once))
            kept = list(model.parameters())
            clip_grad_norm_(kept, 1.0)
            handed = model.parameters()
            build(handed)
            clip_grad_norm_(handed, 1.0)
        """
    found = [(event.name, event.how) for event in events(code, Kind.ITERATE)]
    assert found == [("once", "SGD"), ("once", "clip_grad_norm_"), ("once", "comprehension")]


def test_a_seed_that_changes_is_distinguished_from_a_constant_one() -> None:
    code = """
        import torch
        def seeded(seed):
            torch.manual_seed(seed)
        start = 3
        for epoch in range(4):
            torch.manual_seed(start)
            torch.manual_seed(args.seed)
            torch.manual_seed(start + epoch)
            seeded(1)
            seeded(epoch)
            with torch.random.fork_rng():
                torch.manual_seed(0)
            model(x).backward()
        """
    found = [(event.options["changes"], "fork_rng" in event.contexts) for event in events(code, Kind.SEED)]
    assert found == [(False, False), (False, False), (True, False), (False, False), (True, False), (False, True)]


def test_who_draws_from_a_random_state_of_an_object() -> None:
    code = """
        import numpy, torch
        class Noisy:
            def __init__(self, images):
                self.rng = numpy.random.default_rng(0)
                self.again = torch.Generator().manual_seed(0)
                self.first = self.rng.normal()
            def set_epoch(self, epoch):
                self.again = torch.Generator()
            def __getitem__(self, index):
                return self.rng.normal() + torch.rand(1, generator=self.again)
        model(Noisy(images)[0]).backward()
        """
    found = {event.how: event.options.get("drawn for samples") for event in events(code, Kind.ASSIGN)}
    assert found == {"rng": True, "again": False, "first": None}


def test_the_module_of_a_wrapper_is_what_was_wrapped() -> None:
    code = """
        import torch
        ddp = torch.nn.parallel.DistributedDataParallel(net)
        ddp.module(x)
        net(x)
        ddp(x).sum().backward()
        """
    inner, raw, outer = (event.subject for event in events(code, Kind.PREDICT))
    assert inner is raw and outer.operands[0] is raw


def test_names_of_validation_data() -> None:
    yes = ["val_loader", "loaders['val']", "self.valid_dl", "evalloader", "dev_set", "validation"]
    no = ["values", "interval_loader", "device_loader", "test_loader", "evaluate_all"]
    assert [name for name in [*yes, *no] if VALIDATION.search(name)] == yes


def test_a_state_is_the_same_thing_in_every_pass_of_a_loop() -> None:
    code = """
        import torch
        class Tagger(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.cell = torch.nn.GRU(6, 16)
            def forward(self, x, h):
                x, h = self.cell(x, h)
                return x.relu(), h
        tagger = Tagger()
        h = None
        for x in loader:
            y, h = tagger(x, h)
            y.sum().backward()
        """
    (predict,) = events(code, Kind.PREDICT)
    assert predict.object is not None
    assert any(given is part for given in predict.inputs for part in predict.object.operands)


def test_a_deep_copy_is_another_module() -> None:
    (loop,) = loops(
        """
        import copy, torch
        model = torch.nn.Linear(1, 1)
        other = copy.deepcopy(model)
        optimizer = torch.optim.SGD(model.parameters())
        other.zero_grad()
        model.zero_grad()
        """
    )
    copied, own = loop.all(Kind.CLEAR)
    (made,) = (event for event in loop.all(Kind.MAKE) if event.subject.type is Type.OPTIMIZER)
    assert copied.subject.type is Type.MODULE
    assert not copied.may_concern(made.subject)
    assert own.may_concern(made.subject)


@pytest.mark.parametrize(
    "receiver",
    ["env", "scheduler", "self.scheduler", "profiler", "writer", "simulation", "torch.optim.lr_scheduler.StepLR(o, 1)"],
)
def test_other_things_that_step_are_no_optimizers(receiver: str) -> None:
    assert events(f"import torch\no = 1\nfor x in y:\n    {receiver}.step()\n", Kind.STEP) == []


FRAMEWORKS = {
    "GradScaler": (
        """
        optimizer = torch.optim.SGD(model.parameters())
        scaler = torch.cuda.amp.GradScaler()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        """,
        [
            "BACKWARD scaler.scale(loss) (scaler)",
            "UNSCALE optimizer (scaler)",
            "CLIP model.parameters()",
            "STEP optimizer (scaler)",
            "SCALER_UPDATE scaler",
        ],
    ),
    "Accelerate": (
        """
        from accelerate import Accelerator
        accelerator = Accelerator()
        optimizer = torch.optim.SGD(model.parameters())
        model, optimizer = accelerator.prepare(model, optimizer)
        with accelerator.accumulate(model):
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
        """,
        [
            "BACKWARD loss in accumulate",
            "STEP optimizer in accumulate",
            "CLEAR optimizer in accumulate",
        ],
    ),
    "Fabric": (
        """
        from lightning.fabric import Fabric
        fabric = Fabric()
        net, q = fabric.setup(model, torch.optim.SGD(model.parameters()))
        q.zero_grad()
        fabric.backward(loss)
        q.step()
        """,
        ["CLEAR q", "BACKWARD loss", "STEP q"],
    ),
    "Lightning's manual optimization": (
        """
        import lightning
        class Lit(lightning.LightningModule):
            def training_step(self, batch, index):
                first, second = self.optimizers()
                first.zero_grad()
                self.manual_backward(self.loss(batch))
                first.step()
        """,
        [
            "CLEAR first",
            "BACKWARD self.loss(batch)",
            "STEP first",
        ],
    ),
    "a DeepSpeed engine clears in its step": (
        """
        import deepspeed
        engine, _, _, _ = deepspeed.initialize(model=model)
        engine.backward(loss)
        engine.step()
        """,
        ["BACKWARD loss", "STEP engine", "CLEAR engine"],
    ),
    "LBFGS runs its closure": (
        """
        optimizer = torch.optim.LBFGS(model.parameters())
        def closure():
            optimizer.zero_grad()
            loss.backward()
            return loss
        optimizer.step(closure)
        """,
        ["CLEAR optimizer", "BACKWARD loss", "STEP optimizer"],
    ),
    "SAM": (
        """
        from sam import SAM
        optimizer = SAM(model.parameters(), torch.optim.SGD)
        loss.backward()
        optimizer.first_step(zero_grad=True)
        loss.backward()
        optimizer.second_step(zero_grad=True)
        """,
        ["BACKWARD loss", "STEP optimizer", "CLEAR optimizer"] * 2,
    ),
    "a distributed autograd context has gradients of its own": (
        """
        import torch.distributed.autograd as dist_autograd
        optimizer = torch.distributed.optim.DistributedOptimizer(torch.optim.SGD, parameters)
        with dist_autograd.context() as context:
            dist_autograd.backward(context, [loss])
            optimizer.step(context)
        """,
        [],
    ),
    "several optimizers are cleared by another name": (
        """
        optimizer = torch.optim.SGD(model.parameters()) if plain else torch.optim.Adam(model.parameters())
        optimizer.step()
        optimizer.clear_grad()
        """,
        ["STEP", "CLEAR optimizer"],
    ),
    "gradients set to None": (
        "for p in model.parameters():\n    p.grad = None\n",
        ["CLEAR p"],
    ),
    "gradients zeroed one by one": ("for p in model.parameters():\n    p.grad.zero_()\n", ["CLEAR"]),
    "torch.autograd.backward": ("torch.autograd.backward([loss])\n", ["BACKWARD loss"]),
}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_frameworks(name: str) -> None:
    code, expected = FRAMEWORKS[name]
    found = said("import torch\nmodel = torch.nn.Linear(1, 1)\n" + dedent(code))
    kinds = ("CLEAR", "BACKWARD", "STEP", "UNSCALE", "CLIP", "SCALER_UPDATE")
    seen = [line for line in found if line.startswith(kinds)]
    assert len(seen) == len(expected), seen
    assert all(line.startswith(wanted) for line, wanted in zip(seen, expected, strict=True)), seen


def test_a_loss_scaler_of_another_file_is_inlined(tmp_path: Path) -> None:
    (tmp_path / "scaler.py").write_text(
        dedent(
            """
            import torch
            class NativeScaler:
                def __init__(self):
                    self._scaler = torch.cuda.amp.GradScaler()
                def __call__(self, loss, optimizer, clip_grad=None, parameters=None, update_grad=True):
                    self._scaler.scale(loss).backward()
                    if update_grad:
                        self._scaler.step(optimizer)
                        self._scaler.update()
            """
        )
    )
    train = tmp_path / "train.py"
    train.write_text(
        dedent(
            """
            import torch
            from scaler import NativeScaler
            loss_scaler = NativeScaler()
            optimizer = torch.optim.SGD(model.parameters())
            for x in loader:
                optimizer.zero_grad()
                loss_scaler(model(x), optimizer, parameters=model.parameters())
            """
        )
    )
    text = graph_text(str(train))
    assert re.search(r"^ +7 +CLEAR optimizer", text, re.M)
    assert re.search(r"scaler.py:9 +STEP optimizer", text)
    assert re.search(r"scaler.py:10 .*-> 7 again", text)


@pytest.mark.parametrize(("layer", "codes"), [("Tanh()", []), ("Dropout(0.1)", ["LOOP801"])])
def test_a_class_of_another_file_decides_whether_a_network_has_a_mode(
    tmp_path: Path, layer: str, codes: list[str]
) -> None:
    block = f"""
        from torch import nn
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Sequential(nn.Linear(6, 6), nn.{layer})
            def forward(self, x):
                return self.layer(x)
        """
    network = """
        from torch import nn
        from block import Block
        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = nn.ModuleList([Block() for _ in range(2)])
                self.head = nn.Linear(6, 3)
            def forward(self, x):
                for block in self.blocks:
                    x = block(x)
                return self.head(x)
        """
    train = """
        import torch
        from network import Network
        def fit(loader, val_loader, loss_fn, epochs):
            model = Network()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for _ in range(epochs):
                for x, y in loader:
                    optimizer.zero_grad()
                    loss_fn(model(x), y).backward()
                    optimizer.step()
                with torch.no_grad():
                    for x, y in val_loader:
                        print(loss_fn(model(x), y).item())
        """
    stacks = """
        from torch import nn
        def stacked(block, times):
            return nn.Sequential(*[block() for _ in range(times)])
        """
    passing = network.replace("nn.ModuleList([Block() for _ in range(2)])", "stacks.stacked(Block, 2)")
    passing = passing.replace("from torch import nn", "import stacks\n        from torch import nn")
    files = {"block": block, "stacks": stacks, "train": train}
    for index, own in enumerate((network, passing)):
        folder = tmp_path / str(index)
        folder.mkdir()
        for name, code in {**files, "network": own}.items():
            (folder / f"{name}.py").write_text(dedent(code))
        assert [finding.code for finding in check_paths(folder / "train.py")] == codes


def test_a_target_network_may_be_used_a_last_time_behind_the_training(tmp_path: Path) -> None:
    """A script runs once, so no training follows on its last game."""
    path = tmp_path / "play.py"
    text = """
        import copy
        import torch
        class Targets:
            def __init__(self):
                self.slow, self.memory = None, []
            def renew(self, network):
                self.slow = copy.deepcopy(network)
            def play(self, player):
                states = []
                for _ in range(5):
                    states.append(player.state)
                for i, state in enumerate(states):
                    self.memory.append(self.slow(states[i - 1]).data.item())
        def main(network, player, loader):
            optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
            targets = Targets()
            targets.renew(network)
            for _ in range(9):
                targets.play(player)
                for x, y in loader:
                    optimizer.zero_grad()
                    (network(x) - y).square().mean().backward()
                    optimizer.step()
            targets.play(player)
        if __name__ == "__main__":
            main(torch.load("network.pt"), Player(), load())
        """
    path.write_text(dedent(text))
    assert [finding.code for finding in check_paths(path)] == []


TRAIN = """\
import torch

def train_step(model, x, optimizer):
    optimizer.zero_grad()
    model(x).sum().backward()
    optimizer.step()

def evaluate(model, loader):
    for x in loader:
        model.eval()

def main():
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(3):
        for x, y in loader:
            train_step(model, x, optimizer)
        evaluate(model, loader)

main()
"""


PAGE = """
    main:
13  MAKE model                   torch.nn.Linear(1, 1)
14  MAKE optimizer               torch.optim.SGD(model.parameters(), lr=0.1)
15  for epoch in range           for epoch in range(3):
16    for x, y in loader         for x, y in loader:
        train_step:
 4      CLEAR optimizer          optimizer.zero_grad()
5a      PREDICT model (tensor)   model(x)
5b      BACKWARD model(x).sum()  model(x).sum().backward()
 6      STEP optimizer           optimizer.step()                             -> 4 again, 10
      evaluate:
 9    for x in loader            for x in loader:
10      EVAL model               model.eval()                                 -> 4 again, 10 again

  model      module, created by torch.nn.Linear, line 13
  optimizer  optimizer, created by torch.optim.SGD, line 14, of model"""


@pytest.fixture
def train(tmp_path: Path) -> Path:
    file = tmp_path / "train.py"
    file.write_text(TRAIN)
    return file


def test_the_page_of_a_file(train: Path) -> None:
    page = graph_text(str(train))
    assert page == f"{train}: <module>" + PAGE


def test_one_function_of_a_file(train: Path) -> None:
    page = graph_text(str(train), "evaluate")
    assert "EVAL model" in page
    assert "STEP" not in page


def test_the_command_prints_text_and_dot(train: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", f"{train}:main"]) == 0
    assert "STEP optimizer" in capsys.readouterr().out
    assert main(["graph", "--format", "dot", str(train)]) == 0
    drawing = capsys.readouterr().out
    boxes = dict(re.findall(r'(n0_\d+) \[label="(.*?)"\];', drawing))
    assert "6  STEP optimizer" in boxes.values()
    step, clear = (next(k for k, v in boxes.items() if kind in v) for kind in ("STEP", "CLEAR"))
    assert f"{step} -> {clear} [style=dashed, constraint=false];" in drawing
    assert set(re.findall(r"(n0_\d+) ->", drawing)) <= set(boxes)
    assert drawing.count("{") == drawing.count("}")


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("x = 1\n", "a.py", "a.py: no event of a training loop or module class in it"),
        ("optimizer.step()\n", "a.py:nothing", "no event of a training loop or module class in `nothing`\n"),
        (
            "class Fit:\n    def run(self, optimizer):\n        self.go(optimizer)\n"
            "    def go(self, optimizer):\n        optimizer.step()\n",
            "a.py:rum",
            "no event of a training loop or module class in `rum`; there are some in `Fit.run`, `go`\n",
        ),
        ("def f(:\n", "a.py", "a.py"),
        (None, "a.py", "there is no such file"),
    ],
)
def test_what_cannot_be_shown(
    text: str | None,
    place: str,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("a.py").write_text(text)
    assert main(["graph", place]) == 2
    assert sentence in capsys.readouterr().err


def test_the_definition_of_a_class_is_shown_if_a_rule_may_find_something_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text(
        "from torch import nn\n\n\n"
        "class Plain(nn.Module):\n    pass\n\n\n"
        "class Net(nn.Module):\n    def __init__(self):\n        self.layers = [nn.Linear(1, 1), nn.Linear(1, 1)]\n"
    )
    assert main(["graph", str(tmp_path / "a.py")]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"a\.py:8: Net\n 8  DEFINE Net +class Net.*\n10  HOLD self.layers +\[nn\.Linear.*\n\n", shown)
    assert "Plain" not in shown


def test_a_constructor_is_called_for_each_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text(
        "import torch\n\n\n"
        "class Fit:\n"
        "    def __init__(self, model: torch.nn.Module):\n"
        "        self.optimizer = torch.optim.SGD(model.parameters())\n\n"
        "    def run(self, optimizer: torch.optim.Optimizer):\n"
        "        optimizer.step()\n"
    )
    assert main(["graph", str(tmp_path / "a.py")]) == 0
    called = re.findall(r"called [a-z]+(?: [a-z]+)*(?=  )", capsys.readouterr().out)
    assert called == ["called for each object", "called repeatedly"]


def test_a_folder_names_its_files_of_training_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data.py").write_text("x = 1\n")
    assert main(["graph", str(tmp_path)]) == 2
    assert "is a folder, and `graph` shows one file: no training code is in it" in capsys.readouterr().err
    (tmp_path / "train.py").write_text(CALLBACKS)
    assert main(["graph", str(tmp_path)]) == 2
    assert f"training code here is in {tmp_path / 'train.py'}" in capsys.readouterr().err


CALLBACKS = """\
import torch


def main(the_model_that_is_trained_here: torch.nn.Module, optimizer: torch.optim.Optimizer, xs):
    def on_batch(batch):
        the_model_that_is_trained_here(batch, the_model_that_is_trained_here.some_more_of_it).sum().backward()
        optimizer.step()

    run(xs, callbacks=[on_batch])
"""


def test_a_callback_is_no_loop_and_rows_fit_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(CALLBACKS)
    _, *rows = graph_text(str(file), columns=80).splitlines()
    assert [row for row in rows if len(row) > 80] == []
    assert re.match(r" *5  callback on_batch, any number of times", rows[0])
    assert any("BACKWARD" in row for row in rows) and "called repeatedly" not in "\n".join(rows)


def test_a_callback_without_a_name_is_a_lambda(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(CALLBACKS.replace("run(xs, callbacks=[on_batch])", "run(xs, at_end=lambda: optimizer.zero_grad())"))
    assert "callback lambda, any number of times" in graph_text(str(file))


def test_a_notebook_is_shown_by_cell_and_row(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "hello"},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": "optimizer.zero_grad()"},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": "for x in y:\n    optimizer.step()"},
    ]
    file = tmp_path / "a.ipynb"
    file.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    page = graph_text(str(file))
    assert re.search(r"^cell 2:1 +CLEAR optimizer +optimizer.zero_grad\(\)$", page, re.M), page
    assert re.search(r"^cell 3:2 +STEP optimizer +optimizer.step\(\) +-> cell 3:2 again$", page, re.M), page


def test_conditions_in_a_drawing_are_quoted(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text('if mode == "a\\\\b":\n    optimizer.zero_grad()\nelse:\n    optimizer.step()\n')
    labels = re.findall(r'\[label="((?:[^"\\]|\\.)*)"\]', graph_dot(str(file)))
    assert "mode == 'a\\\\\\\\b'" in labels


def test_a_document_that_shows_a_loop_in_several_packages_is_left_alone() -> None:
    block = "```python\n{0}\nfor x, y in data:\n    loss(model(x), y).backward()\n    trainer.step(8)\n```\n"
    for others, read in (("", True), ("from mxnet import gluon", False)):
        text = block.format("import torch\ntrainer = torch.optim.SGD(model.parameters())") + block.format(others)
        program = Program()
        (source,) = from_text(text, "notes.md")
        assert bool(list(loops_of(program, program.add(source, ""), Library))) is read


@pytest.mark.parametrize(("imports", "path"), [("", "page.md"), ("from d2l.torch import *", "page.py")])
def test_torch_needs_no_import_to_be_known(imports: str, path: str) -> None:
    code = f"""\
{imports}

@torch.no_grad()
def test(model, loader):
    model.eval()
    for x, y in loader:
        print((model(x) == y).sum().item())


def train(model, loader, optimizer):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
"""
    text = f"```python\n{code}```\n" if path.endswith(".md") else code
    assert check_source(text, path) == []
    assert [f.name for f in check_source(text.replace("@torch.no_grad()\n", ""), path)] == ["missing-no-grad"]


def test_what_a_module_returns_does_not_depend_on_the_code_that_asks_for_it_first() -> None:
    code = """
import torch
from torch import nn
from torch.nn import functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3)

    def forward(self, x, y):
        for _ in range(2):
            x = self.layer(x)
        logits = x
        loss = F.cross_entropy(logits, y)
        return logits, loss

def batch():
    x = torch.randn(3, 3)
    return x, torch.ones(3)

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

@torch.no_grad()
def estimate():
    x, y = batch()
    logits, loss = net(x, y)
    return loss.item()

x, y = batch()
total = 0.0
while True:
    print(estimate())
    for _ in range(8):
        logits, loss = net(x, y)
        x, y = batch()
        loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    total += loss
"""
    found = check_source(code, "train.py")
    assert [(f.name, f.location.row) for f in found] == [("loss-accumulated-with-graph", code.count("\n"))]


def test_each_class_that_a_name_may_stand_for_makes_an_object_of_its_own() -> None:
    code = """
    class Once:
        def update(self, optimizer):
            optimizer.zero_grad()

    class Later(Once):
        def update(self, optimizer):
            optimizer.step()

    def main(kind, optimizer):
        kinds = {"once": Once, "later": Later}
        kinds[kind]().update(optimizer)
    """
    (loop,) = loops(code)
    assert [event.kind for event in loop.all(Kind.CLEAR, Kind.STEP)] == [Kind.CLEAR, Kind.STEP]


def test_a_name_bound_twice_by_a_file_stands_for_one_thing_at_a_time() -> None:
    code = """
        import torch
        from torch import nn
        model = nn.Linear(4, 2)
        scores = model(images)
        model = nn.Linear(4, 2)
        scores = model(images)
        scores.mean().backward()
    """
    first, second, backward = events(code, Kind.PREDICT, Kind.BACKWARD)
    assert backward.subject.comes_from(second.subject)
    assert not backward.subject.comes_from(first.subject)


RESIDUAL = """\
import torch
from torch import nn


class Body(nn.Module):
    def __init__(self, residual=False):
        super().__init__()
        self.residual, self.start = residual, nn.Linear(6, 6)
        self.layers = nn.ModuleList([nn.Linear(6, 6) for _ in range(3)])

    def forward(self, batch):
        shared = self.start(batch.x)
        states = [batch.x]
        for index in range(3):
            states.append(self.layers[index](states[index]))
            if index < 2:
                mixed = states[index] + shared
                if self.residual:
                    shared = shared + self.layers[index](mixed)
                else:
                    shared = self.layers[index](mixed)
        return states[-1]


def train(model, loader, optimizer, criterion):
    for batch in loader:
        loss = criterion(model(batch), batch.y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def main():
    model = Body()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(10):
        train(model, torch.utils.data.DataLoader([1]), optimizer, nn.CrossEntropyLoss())


main()
"""


def test_a_sum_that_is_set_in_several_places_lives_as_long_as_the_call_it_is_made_in() -> None:
    settings = Settings(selections=(Selection(select=("LOOP701",)),))
    assert list(check_source(RESIDUAL, "train.py", settings)) == []


UNSEEN = {
    "a context manager that is not seen may switch modes": """
        def train(model: torch.nn.Module, loader, val_loader, optimizer, loss_fn):
            for epoch in range(3):
                model.train()
                for x, y in loader:
                    optimizer.zero_grad()
                    loss_fn(model(x), y).backward()
                    optimizer.step()
                with helpers.evaluating(model):
                    for x, y in val_loader:
                        print(loss_fn(model(x), y).item())
        """,
    "a context manager that is not seen may record nothing": """
        def validate(model: torch.nn.Module, val_loader, loss_fn):
            model.eval()
            with helpers.evaluating(model):
                for x, y in val_loader:
                    print(loss_fn(model(x), y).item())
        """,
    "an engine that is not seen goes back": """
        def train(network: torch.nn.Module, optimizer, loader):
            model, optimizer, _, _ = helpers.initialize(model=network, optimizer=optimizer)
            model.train()
            for _ in range(2):
                for batch in loader:
                    outputs = model(**batch)
                    loss = outputs.loss
                    model.backward(loss)
                    model.step()
        """,
    "a network that is loaded was switched by whoever made it": """
        class Scores:
            def __init__(self, model: torch.nn.Module, files, loader):
                self.model, self.files, self.loader = model, files, loader

            def run(self):
                for file in self.files:
                    self.model.load_state_dict(torch.load(file))
                    for x, y in self.loader:
                        print(torch.nn.functional.cross_entropy(self.model(x), y).item())
        """,
}


@pytest.mark.parametrize("name", UNSEEN)
def test_what_unknown_code_may_do_is_no_mistake(name: str) -> None:
    code = "import helpers\nimport torch\n" + dedent(UNSEEN[name])
    settings = Settings(selections=(Selection(select=("LOOP801", "LOOP802")),))
    assert list(check_source(code, "train.py", settings)) == []


def test_a_test_that_asks_for_fixtures_of_its_file_is_called_once() -> None:
    code = """\
import pytest
import torch


@pytest.fixture
def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)


def test_update(model, optimizer):
    model(torch.zeros(1)).mean().backward()
    optimizer.step()
"""
    assert check_source(code, "steps.py") == []
    assert [f.name for f in check_source(code.replace("@pytest.fixture\n", ""), "steps.py")] == ["missing-zero-grad"]
