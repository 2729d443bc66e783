"""Entry points of a module, and their event graphs."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Collection, Iterator

from looplint.events import EVERYTHING, AbstractObject, EventGraph, Fact, How, Kind, Place, Type
from looplint.interpreter.called_by_tests import is_fixture, is_test_function, is_test_method
from looplint.interpreter.finish import finish
from looplint.interpreter.left_cleared import leaves_cleared
from looplint.interpreter.library import MakesLibrary
from looplint.interpreter.reader import Reader
from looplint.interpreter.suggested_by_name import hint, is_loss
from looplint.interpreter.values import Class, Function, Instance, Value, objects_in
from looplint.knowledge.members import ADDS_PARAMETERS
from looplint.prefilter.rivals import about_a_rival
from looplint.program.module import Module
from looplint.program.outline import calls_in, names_in, trains
from looplint.program.program import Program
from looplint.syntax.walk import DEFINITIONS, as_text, nodes


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """An entry point: a function or method that has no known caller or, without a function, the module's own
    statements."""

    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    owner: ast.ClassDef | None = None

    @property
    def exported_name(self) -> str:
        """The name by which other files can reach it."""
        if self.function is None:
            return ""
        return self.function.name if self.owner is None else self.owner.name


def entries(
    module: Module,
    names: Collection[str] | None = None,
    joined: frozenset[str] = frozenset(),
    everywhere: bool = False,
) -> list[Entry]:
    """The entry points of a module that use one of these names; by default those that may lead to a mistake: module
    statements first, then functions, callers before callees. `joined`: names through which other files train.
    `everywhere`: any code may contain a mistake."""
    if about_a_rival(module.source.kind, module.imports):
        return []
    outline = module.outline
    if names is None and everywhere:
        return list(_all(module))
    if names is None:
        wanted = outline.reported | joined
        return [entry for entry in _all(module) if uses(module, entry, wanted) or _has_site(module, entry)]
    return [entry for entry in _all(module) if uses(module, entry, names)]


def _all(module: Module) -> Iterator[Entry]:
    yield Entry()
    for function, owner in module.outline.functions:
        yield Entry(function, owner)


def uses(module: Module, entry: Entry, wanted: Collection[str]) -> bool:
    """Whether an entry point uses one of these names."""
    if entry.function is not None:
        return entry.function.name in wanted or not names_in(entry.function).isdisjoint(wanted)
    return any(not names_in(statement).isdisjoint(wanted) for statement in _own(module))


def _has_site(module: Module, entry: Entry) -> bool:
    parts = [entry.function] if entry.function is not None else _own(module)
    return any(map(module.outline.has_site, parts))


def _own(module: Module) -> Iterator[ast.stmt]:
    return (s for s in module.tree.body if not isinstance(s, DEFINITIONS))


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """The event graph of an entry point. `covered`: the functions inlined in it, which need no graph of their own.
    `left`: the functions abandoned before the first event. `in_vain`: those that were inlined in an entry point without
    events, whose values alone were evaluated. `work`: evaluated expressions. `events`: there are training events."""

    loop: EventGraph
    covered: set[ast.AST]
    left: set[ast.AST]
    in_vain: set[ast.AST]
    work: int
    events: bool


def read(
    program: Program,
    module: Module,
    entry: Entry,
    library: MakesLibrary,
    called: bool = False,
    trains: bool = True,
    whole: bool = True,
) -> Reading:
    """Build the graph of an entry point. `called`: unknown code may call it, too. `trains`: use the larger budget,
    since it is about training. `whole`: also where it is not about training, and holds nothing that looplint's own
    rules report."""
    if entry.function is None:
        return _module_loop(program, module, library, trains)
    return _function_loop(program, module, entry.function, entry.owner, library, called, trains, whole)


def loops_of(program: Program, module: Module, library: MakesLibrary) -> Iterator[EventGraph]:
    """Every graph with an event whose entry point is in this module, as if no other file called into it."""
    inlined: set[ast.AST] = set()
    for entry in () if about_a_rival(module.source.kind, module.imports) else _all(module):
        if entry.function not in inlined:
            reading = read(program, module, entry, library)
            inlined |= reading.covered
            if reading.loop.all(*Kind):
                yield reading.loop


def _module_loop(program: Program, module: Module, library: MakesLibrary, trains: bool) -> Reading:
    loop = EventGraph("<module>", Place(module.source.path, 1, 1, 1, 1), complete=True)
    reader = Reader(program, loop, module, trains, library)
    if module.source.kind == "markdown":
        _run_blocks(reader, module)
    else:
        reader.run(module.tree.body)
    reader.library.run_waiting()
    _called_back(reader)
    finish(loop, module.source.kind == "markdown")
    return _reading(reader)


def _run_blocks(reader: Reader, module: Module) -> None:
    """Run the blocks of a page. They share names, and code that the page does not show may stand between them: many
    pages show excerpts of one loop again and again."""
    for index, segment in enumerate(module.source.segments):
        block = [s for s in module.tree.body if segment.row <= s.lineno < segment.row + segment.rows]
        if block and index:
            reader.emit(Kind.ESCAPE, (EVERYTHING,), block[0], how=How.LEFT_OUT)
        reader.run(block)


def _function_loop(
    program: Program,
    module: Module,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    owner: ast.ClassDef | None,
    library: MakesLibrary,
    called: bool,
    trains: bool,
    whole: bool,
) -> Reading:
    name = f"{owner.name}.{function.name}" if owner is not None else function.name
    loop = EventGraph(name, module.place(function))
    reader = Reader(program, loop, module, trains, library)
    cls = Class(owner, reader.frame_of(module)) if owner is not None else None
    receiver = _receiver(reader, cls, function) if cls is not None else None
    value = Function(function, reader.frame_of(module), receiver, cls)

    last = [node for node in nodes(function) if isinstance(node, ast.Return)][-1:]

    def body() -> None:
        elsewhere = cls is not None and _in_another_method(reader, cls, receiver, function, leaves_cleared)
        if called or elsewhere or _receives_loss(function):
            _callers_may_clear(reader, receiver, function)
        if cls is not None and _in_another_method(reader, cls, receiver, function, _empties):
            reader.emit(Kind.EMPTY, (EVERYTHING,), function, how=How.ELSEWHERE)
        given = _left_open(reader, function) | reader.library.arguments_of(receiver, function)
        result = reader.inlining.call(value, [], given, function)
        reader.library.run_waiting()
        reader.library.returned_to_caller(receiver, function, result)
        if cls is not None and receiver is not None and function.name == "__init__":
            _stepped_by_other_methods(reader, cls, receiver, function)
        reader.emit(Kind.ESCAPE, _states(result), *last, how=How.RETURNED) if last else None

    by_framework = is_test_function(module.path, function.name) or _asks_for_fixtures(module, function)
    for_test = by_framework or is_test_method(function.name, owner.name if owner else "")
    if for_test or reader.library.called_once(receiver, function):
        # It is called once, with newly created objects.
        body()
    else:
        kind = "framework" if reader.library.called_per_batch(receiver, function) else "call"
        reader.loops.repeat(
            kind, function, None, body, endless=False, in_vain=lambda: not whole and _is_in_vain(reader)
        )
    _called_back(reader)
    finish(loop, module.source.kind == "markdown")
    return _reading(reader)


def _is_in_vain(reader: Reader) -> bool:
    """Whether an entry point neither reached a training event nor called anything in its file that may contain a
    mistake, nor made an object of a class with such a method: evaluated again, it would reach no more."""
    if reader.budget.granted:
        return False
    lineages = (base for cls in reader.record.instances for base in reader.classes.lineage(cls))
    made = {base.node for base in lineages if isinstance(base, Class)}
    candidates = reader.now.module.outline.may_report
    return not any(function in reader.record.inlined or owner in made for function, owner in candidates.items())


def _asks_for_fixtures(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether pytest calls the function: it has a parameter of the name of a fixture that the file defines."""
    if not function.name.startswith("test"):
        return False
    bound = [module.bindings[a.arg][-1] for a in function.args.args if a.arg in module.bindings]
    made = [statement for statement in bound if isinstance(statement, ast.FunctionDef)]
    return any(is_fixture(as_text(decorator)) for statement in made for decorator in statement.decorator_list)


def _states(value: Value) -> list[AbstractObject]:
    """The states of modules among values, also inside collections."""
    found = [one for thing in objects_in(value) for one in (thing, *thing.operands)]
    return [thing for thing in found if Fact.STATE in thing.facts]


def _reading(reader: Reader) -> Reading:
    """The result of the evaluation. Functions that were not inlined for lack of budget need a graph of their own."""
    covered = reader.record.inlined - (reader.record.refused - reader.record.opened) - reader.record.left
    # A function that was called once, and passed to unknown code, is called repeatedly by that code.
    covered -= reader.record.tried
    in_vain = covered - reader.record.opened if reader.record.in_vain else set()
    reading = Reading(
        reader.graph, covered - in_vain, reader.record.left, in_vain, reader.budget.work, reader.budget.granted
    )
    reader.close()
    return reading


def _left_open(reader: Reader, function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Value]:
    """The values of parameters whose default is None: callers pass something else, or the parameters would not
    exist."""
    of = function.args
    positional = [*of.posonlyargs, *of.args]
    defaults = [
        *zip(positional[len(positional) - len(of.defaults) :], of.defaults, strict=True),
        *zip(of.kwonlyargs, of.kw_defaults, strict=True),
    ]
    return {
        parameter.arg: reader.parameters.from_outside(parameter, function)
        for parameter, default in defaults
        if isinstance(default, ast.Constant) and default.value is None
    }


def _receiver(reader: Reader, cls: Class, function: ast.FunctionDef | ast.AsyncFunctionDef) -> AbstractObject | None:
    """The receiver of a method that is an entry point: its attributes are looked up in the methods of its class."""
    if any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list):
        return None
    thing, _ = reader.objects.thing(cls.node, "self", kind=Instance, shared=True)
    assert isinstance(thing, Instance)
    thing.cls, thing.name, thing.external = cls, "self", True
    thing.type = reader.classes.class_type(cls)
    thing.certain = thing.type is not Type.UNKNOWN
    return thing


def _stepped_by_other_methods(
    reader: Reader, cls: Class, receiver: AbstractObject, constructor: ast.FunctionDef | ast.AsyncFunctionDef
) -> None:
    """The one optimizer that a class makes in `__init__`, and that its other methods step without changing it."""
    lineage = [base for base in reader.classes.lineage(cls) if isinstance(base, Class)]
    others = [m for base in lineage for m in reader.classes.members(base).values() if m is not constructor]
    made: dict[str, tuple[AbstractObject, bool]] = {}
    for name, values in reader.classes.assignments(cls).items():
        value = reader.bindings.get((id(receiver), name))
        if isinstance(value, AbstractObject) and value.type is Type.OPTIMIZER:
            made[name] = value, all(method is constructor for method, _ in values)
    steps = {owner for method in others for owner, called in calls_in(method) if called == "step"}
    if len(made) == 1 and all(ADDS_PARAMETERS.isdisjoint(names_in(method)) for method in others):
        ((name, (optimizer, here)),) = made.items()
        if here and optimizer.certain and name in steps:
            reader.emit(Kind.READ, (optimizer,), constructor.body[-1], how=How.STEPPED_ELSEWHERE)


def _empties(method: ast.AST) -> bool:
    return "clear" in names_in(method)


def _in_another_method(
    reader: Reader,
    cls: Class,
    receiver: AbstractObject | None,
    function: ast.AST,
    meant: Callable[[ast.AST], bool],
) -> bool:
    """Whether another method of the class, which unknown code may call in between, does it."""
    return any(
        meant(method)
        for base in reader.classes.lineage(cls)
        if isinstance(base, Class)
        for method in reader.classes.members(base).values()
        if method is not function and reader.library.between_calls(receiver, function, method)
    )


def _callers_may_clear(reader: Reader, receiver: AbstractObject | None, function: ast.AST) -> None:
    """Unknown code that calls this function may do anything to its arguments."""
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    reader.emit(Kind.ESCAPE, (EVERYTHING,), function, how=How.CALLER)


def _receives_loss(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a loss is passed to a function: the loop is its caller's, who may do everything else."""
    of = function.args
    given = {a.arg for a in (*of.posonlyargs, *of.args, *of.kwonlyargs) if is_loss(a.arg)}
    if not given:
        return False
    called = {n.func.id for n in nodes(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    return any(hint(name) is Type.TENSOR for name in given - called)


def _called_back(reader: Reader) -> None:
    """Functions that were defined and passed to unknown code, but never called by known code: they are called
    repeatedly."""
    own = reader.frame_of(reader.now.module)
    inner = [f for f in reader.record.defined if f.frame is not own and trains(names_in(f.node))]
    for function in inner[:40]:
        if function.node in reader.record.inlined - reader.record.tried:
            continue

        def body(function: Function = function) -> None:
            reader.inlining.call(function, [], {}, function.node)

        if not reader.flow.ends:
            reader.flow.ends = [(0, None)]
        with reader.in_frame(function.frame):
            reader.loops.repeat("call", function.node, None, body, endless=False)
