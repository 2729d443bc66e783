"""Functions and classes by their dotted names: one small handler for each row.

A handler returns the call's result, or None if the name turns out to mean something else.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from looplint.events import Context, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.conditions import by_rank
from looplint.interpreter.objects import changed_in_place
from looplint.interpreter.values import Class, Const, Function, NamedTupleClass, Partial, Symbol, Value, objects_in
from looplint.interpreter.values import Collection as CollectionValue
from looplint.knowledge.datasets import JOINED, SPLITS, SUBSET
from looplint.knowledge.logits import JOINS, LIMITS, SHAPES
from looplint.knowledge.python_names import (
    COLLECTIONS,
    COUNTED,
    ITERATORS,
    NAMED_TUPLES,
    PROGRESS,
    RECORDS,
    WITHOUT_DEFAULTS,
)
from looplint.knowledge.ranks import COLLECTIVES
from looplint.knowledge.torch_calls import (
    CLIPPING,
    CONTEXTS,
    FUNCTIONAL_CALLS,
    FUNCTIONS,
    GIVES_MEMORY_BACK,
    LOSS_FUNCTION,
    MEASURES_TIME,
    SOME_PROCESSES,
    STOPS_DEVICE,
    WATCHES_AUTOGRAD,
)
from looplint.knowledge.torch_tensors import (
    LOGARITHMS,
    MEANS_OF_LISTS,
    NUMBER_PACKAGES,
    POWERS,
    ROOTS,
    SQUARES,
    SUMS,
    SUMS_OF_SQUARES,
)
from looplint.library import libraries
from looplint.library.types import type_of
from looplint.program.outline import names_in
from looplint.syntax.walk import as_text, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


@dataclasses.dataclass(slots=True)
class FunctionCall:
    """A call of a dotted name."""

    library: Library
    dotted: str
    given: Arguments
    node: ast.Call

    @property
    def reader(self) -> Reader:
        """The reader of the program."""
        return self.library.reader

    @property
    def last(self) -> str:
        """The name without its package."""
        return self.dotted.rpartition(".")[2]


Handler = Callable[[FunctionCall], Value | None]

BY_NAME: dict[str, Handler] = {}
"""By the whole name."""

BY_PATTERN: list[tuple[re.Pattern[str], Handler]] = []
"""By a pattern of the whole name."""

BY_PACKAGE: dict[str, Handler] = {}
"""By the package, for names without another row."""


@functools.lru_cache(maxsize=8192)
def handlers(dotted: str) -> tuple[Handler, ...]:
    """The handlers for a name, in the order in which they are tried."""
    found = [BY_NAME[dotted]] if dotted in BY_NAME else []
    found += (handler for pattern, handler in BY_PATTERN if pattern.match(dotted))
    package = BY_PACKAGE.get(dotted.partition(".")[0])
    return (*found, _construct, *([package] if package is not None else []))


def _row(names: Collection[str], table: dict[str, Handler] = BY_NAME) -> Callable[[Handler], Handler]:
    def add(handler: Handler) -> Handler:
        table.update(dict.fromkeys(names, handler))
        return handler

    return add


@_row(CONTEXTS)
def _context(call: FunctionCall) -> Value | None:
    """`torch.no_grad()`."""
    if call.dotted in WATCHES_AUTOGRAD:
        asked = call.given.get(0, "mode") if WATCHES_AUTOGRAD[call.dotted] is None else Const(True)
        if isinstance(asked, Const) and asked.value:
            autograd = call.reader.objects.external(call.reader.graph, "autograd", "autograd")
            call.reader.emit(
                Kind.COST, (autograd,), call.node, how=How.AUTOGRAD_WATCHED, written=as_text(call.node.func)
            )
    return call.reader.objects.make(
        call.node, Type.OTHER, role="context", constructor=call.dotted, certain=True, facts=(Fact.CONTEXT,)
    )


@_row(ITERATORS)
def _iterator(call: FunctionCall) -> Value | None:
    """`itertools.chain(...)`, `tqdm(loader)`."""
    return call.library.streams.call(call.last, call.given, call.node)


@_row(FUNCTIONS)
def _known(call: FunctionCall) -> Value | None:
    """A call with a row of effects."""
    return call.library.effects.apply(FUNCTIONS[call.dotted], None, call.given, call.node, call.dotted)


@_row(("torch.autograd.grad",))
def _gradients(call: FunctionCall) -> Value | None:
    """`torch.autograd.grad(loss, parameters)` reads its arguments."""
    subjects = [one for value in call.given.values for one in call.reader.objects.of((value,))]
    call.reader.emit(Kind.READ, subjects, call.node, how=How.GRADIENT)
    return None


@_row(("collections.OrderedDict",))
def _dict(call: FunctionCall) -> Value | None:
    return call.library.streams.call("dict", call.given, call.node)


@_row(COUNTED)
def _empty_dict(call: FunctionCall) -> Value | None:
    """`defaultdict(list)`, `Counter(words)`; the entries of `defaultdict(Meter)` are objects of that class."""
    made = call.library.streams.call("dict", Arguments([], {}), call.node)
    factory = call.given.get(0, "default_factory")
    entry: Value | None = None
    if isinstance(factory, Class | Function):
        entry = call.reader.call(factory, Arguments([], {}), call.node)
    elif isinstance(factory, Symbol) and factory.dotted in COLLECTIONS:
        entry = call.reader.objects.collection(call.node, "entry")
        entry.mapping = factory.dotted == "builtins.dict"
    if isinstance(made, CollectionValue) and entry is not None and any(objects_in(entry)):
        made.more, made.operands = (entry,), call.reader.objects.of((entry,))
    return made


@_row(FUNCTIONAL_CALLS)
def _functional(call: FunctionCall) -> Value | None:
    """`functional_call(model, parameters, inputs)`: it holds a graph if the parameters do, or are trained."""
    result = call.reader.objects.derived(call.node, call.given.values, constructor=call.dotted)
    if result.graph is Graph.NO and call.reader.now.gradients is not Graph.NO:
        result.graph = Graph.UNKNOWN
    return result


@_row(STOPS_DEVICE)
def _device_stopped(call: FunctionCall) -> Value | None:
    """`torch.cuda.synchronize()`, where the function around it measures no time, or `torch.cuda.empty_cache()`."""
    code = call.reader.now.frame.function or call.reader.now.module.tree
    if call.last in GIVES_MEMORY_BACK or MEASURES_TIME.isdisjoint(names_in(code)):
        device = call.reader.objects.external(call.reader.graph, "device", "device")
        call.reader.emit(Kind.COST, (device,), call.node, how=How.DEVICE_STOPPED, written=as_text(call.node.func))
    return Const(None)


@_row(COLLECTIVES)
def _collective(call: FunctionCall) -> Value | None:
    """`torch.distributed.barrier()`, over all processes unless it is given a group of them."""
    processes = call.reader.objects.external(call.reader.graph, "processes", "processes")
    if call.given.keywords.keys().isdisjoint(SOME_PROCESSES) and not call.given.open:
        options: dict[str, object] = {Option.PAIRED: _is_paired(call)}
        written = as_text(call.node.func)
        call.reader.emit(Kind.COLLECTIVE, (processes,), call.node, how=call.last, options=options, written=written)
    return None


def _is_paired(call: FunctionCall) -> bool:
    """Whether the other processes call the same in another arm, as in a context manager in which they wait in turn."""
    now = call.reader.now
    around = now.contexts & {Context.ONE_RANK, Context.OTHER_RANKS}
    code = now.frame.owner.node if now.frame.owner is not None else now.frame.function
    if not around or code is None:
        return False
    for branch in (node for node in nodes(code) if isinstance(node, ast.If)):
        for context, arm in zip(by_rank(branch.test), (branch.body, branch.orelse), strict=True):
            if context is not None and context not in around:
                calls = [n.func for n in nodes(*arm) if isinstance(n, ast.Call)]
                if any(as_text(func).rpartition(".")[2] == call.last for func in calls):
                    return True
    return False


@_row(("functools.partial",))
def _partial(call: FunctionCall) -> Value | None:
    given = call.given
    if not given.args:
        return None
    return Partial(given.args[0], tuple(given.args[1:]), tuple(given.keywords.items()))


@_row(RECORDS)
def _record(call: FunctionCall) -> Value | None:
    """`SimpleNamespace(lr=0.1)`."""
    return call.reader.objects.make(call.node, Type.OTHER, role="record", certain=True)


@_row(NAMED_TUPLES)
def _named_tuple(call: FunctionCall) -> Value | None:
    """`namedtuple("Transition", ["state", "reward"])`, `namedtuple("Transition", "state reward")`."""
    written = call.given.get(1, "field_names")
    if isinstance(written, Const) and isinstance(written.value, str):
        names: list[object] = list(written.value.replace(",", " ").split())
    elif isinstance(written, CollectionValue) and not written.more:
        pairs = [one.items.get(0) if isinstance(one, CollectionValue) else one for one in written.elements()]
        names = [one.value if isinstance(one, Const) else None for one in pairs]
    else:
        return None
    fields = tuple(name for name in names if isinstance(name, str))
    if len(fields) < len(names) or not fields or call.given.keywords.keys() - WITHOUT_DEFAULTS:
        return None
    return NamedTupleClass("", fields)


@_row((JOINED, SUBSET, *SPLITS))
def _parts_of_dataset(call: FunctionCall) -> Value | None:
    """`random_split(dataset, [50_000, 10_000])`."""
    return call.library.datasets.call(call.dotted, call.given, call.node)


def _tensor_method(call: FunctionCall) -> Value | None:
    """`torch.Tensor.add(a, b)` is `a.add(b)`."""
    given = call.given
    if not given.args:
        return None
    rest = Arguments(given.args[1:], given.keywords, given.open)
    return call.reader.branches.each(
        given.args[0], lambda one: call.reader.method_calls.call(one, call.last, rest, call.node)
    )


def _loss(call: FunctionCall) -> Value | None:
    """`torch.nn.functional.cross_entropy(outputs, targets)`."""
    func = call.node.func
    criterion = call.reader.objects.make(
        func, Type.CRITERION, role="criterion", constructor=call.dotted, certain=True, name=as_text(func)
    )
    return call.library.module_calls.grade(criterion, call.given, call.node)


def _engine(call: FunctionCall) -> Value | None:
    return call.library.constructors.engine(call.given, call.node)


def _inner_loop(call: FunctionCall) -> Value | None:
    return call.library.constructors.inner_loop(call.given, call.node) if call.given.args else None


def steep(name: str, of: Sequence[Value], others: Sequence[Value]) -> frozenset[Fact]:
    """Whether a function gives squares, a sum of some, or what is steep where they are zero. `of`: what it is applied
    to."""
    found = [one for value in of for one in objects_in(value)]
    squares = bool(found) and all(Fact.SQUARES in one.facts for one in found)
    power = name in POWERS and any(isinstance(value, Const) and value.value == 2 for value in others)
    if name in SQUARES or power or (squares and name in SUMS_OF_SQUARES):
        return frozenset((Fact.SQUARES,))
    shares = bool(found) and all(one.facts & {Fact.SOFTMAX, Fact.SIGMOID} for one in found)
    steep = (shares and name in LOGARITHMS) or (squares and name in ROOTS)
    return frozenset((Fact.STEEP,)) if steep else frozenset()


BY_PATTERN += [
    (re.compile(r"torch\.Tensor\.\w+$"), _tensor_method),
    (LOSS_FUNCTION, _loss),
    (re.compile(rf"(?:.*\.)?(?:{'|'.join(PROGRESS)})$|(?:.*\.)?\w*itertools\.\w+$"), _iterator),
    (re.compile(r"deepspeed\.(?:.*\.)?initialize$"), _engine),
    (re.compile(r"higher\.innerloop_ctx$"), _inner_loop),
]


def _construct(call: FunctionCall) -> Value | None:
    """An object of a known class."""
    made = libraries.type_of(call.dotted)
    made = type_of(call.dotted) if made is Type.UNKNOWN else made
    if made is Type.UNKNOWN:
        return None
    return call.library.constructors.construct(call.dotted, made, call.given, call.node)


@_row(NUMBER_PACKAGES, BY_PACKAGE)
def _number(call: FunctionCall) -> Value | None:
    """`numpy.mean(losses)`."""
    number = call.reader.objects.make(
        call.node, Type.NUMBER, role="number", operands=(), graph=Graph.NO, constructor=call.dotted
    )
    if call.dotted in MEANS_OF_LISTS and len(call.given.values) == 1:
        call.library.builtins.list_averaged(call.given.values[0], call.node)
    return call.library.builtins.counting(number, call.given.values)


@_row(("torch",), BY_PACKAGE)
def _torch(call: FunctionCall) -> Value | None:
    """Every other function of torch returns something computed from its arguments."""
    reader, given, node, last = call.reader, call.given, call.node, call.last
    if CLIPPING.search(last):
        effect = FUNCTIONS["torch.nn.utils.clip_grad_norm_"]
        return call.library.effects.apply(effect, None, given, node, call.dotted)
    written = [one for one in objects_in(given.get(0)) if Fact.GRADIENT in one.facts and last.endswith("_")]
    reader.emit(Kind.CLEAR, [of for one in written for of in one.operands or (one,)], node, how=last)
    result = reader.objects.derived(node, given.values, constructor=call.dotted)
    if last.endswith("_") or "inplace" in given.keywords or "out" in given.keywords:
        for one in reader.objects.of(given.values):
            changed_in_place(one)
    needs = given.keywords.get("requires_grad")
    if needs is not None and not (isinstance(needs, Const) and not needs.value):
        result.facts |= {Fact.LEAF}
    if last in JOINS:
        result.facts |= {Fact.SEVERAL}
        for joined in reader.objects.of(given.args[:1]):
            joined.facts |= {Fact.JOINED}
    if last in SHAPES:
        call.library.activations.share(result, given.values, limited=last in LIMITS)
    elif call.dotted in SUMS:
        for one in reader.objects.of(given.values):
            result.facts |= one.facts & {Fact.GRADED}
    first, others = given.args[:1], given.args[1:]
    result.facts |= steep(call.dotted, first, others)
    if call.dotted == "torch.mean" and len(given.values) == 1:
        result.facts |= {Fact.BATCH_MEAN}
    call.library.activations.mark(result, call.dotted, given, node)
    return result
