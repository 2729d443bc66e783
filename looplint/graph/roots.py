"""From a module to its loops: which code is an entry of the program, and what calls it again and again."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from looplint.events import EVERYTHING, Graph, Kind, Loop, Place, Thing, Type
from looplint.graph.objects import names_in
from looplint.graph.statements import Statements
from looplint.program import Module, Program
from looplint.recognize.effects import Effect
from looplint.recognize.imports import statements
from looplint.recognize.torch import RIVALS, TORCH
from looplint.values import Class, Function, Instance, Value

WORDS = (
    "backward", "step", "zero_grad", "forward", "train", "eval", "state_dict", "no_grad", "inference_mode", "iter",
    "requires_grad",
    "Sampler", "optim", "criterion", "loss", "cross_entropy", "clip_grad",
)  # fmt: skip
"""A function with none of these names in it has no event worth a graph of its own."""


class Reader(Statements):
    """Reads a program from one entry on."""

    def __init__(self, program: Program, loop: Loop, module: Module) -> None:
        super().__init__(program, loop, module)
        self._lineages = {}
        self._assigned = {}
        self._pure = {}
        self._outputs = {}
        self.program = program

    def known_call(self, dotted: str) -> Effect | None:
        known = self.program.known
        return (known.get(dotted) or known.get(f"*.{dotted.rpartition('.')[2]}")) if known else None


def loops_of(
    program: Program, module: Module, inlined: set[ast.AST] | None = None, named: frozenset[str] = frozenset()
) -> Iterator[Loop]:
    """Every loop graph whose entry lies in this module: its own statements, then what nothing that is seen calls.

    `inlined`: functions that are already laid open somewhere, to which this adds. `named`: functions that code which
    is not followed may call.
    """
    inlined = set() if inlined is None else inlined
    if about_a_rival(module):
        return
    if _has_events(module.tree.body):
        yield _module_loop(program, module, inlined)
    for function, owner in _functions(module):
        if function not in inlined and _relevant(function):
            called = (function.name if owner is None else owner.name) in named
            yield _function_loop(program, module, function, owner, inlined, called)


def about_a_rival(module: Module) -> bool:
    """Whether a file is about another package's loops, which look the same: it imports that one and not torch, or it
    is a document that shows one after the other, so that a name means now this package's, now that one's."""
    packages = {dotted.partition(".")[0] for level, dotted, _ in module.imports if not level}
    if packages.isdisjoint(RIVALS):
        return False
    return module.source.kind == "markdown" or packages.isdisjoint(TORCH)


def entry_functions(module: Module) -> list[str]:
    """Names by which other files may call code of a module that trains: functions, and the classes of methods."""
    found = [(f.name if owner is None else owner.name) for f, owner in _functions(module) if names_in(f) & ASKED]
    return list(dict.fromkeys(found))


ASKED = frozenset(("step", "backward", "zero_grad", "eval", "train"))


def _module_loop(program: Program, module: Module, inlined: set[ast.AST]) -> Loop:
    loop = Loop("<module>", Place(module.source.path, 1, 1, 1, 1), complete=True)
    reader = Reader(program, loop, module)
    reader.block(module.tree.body)
    _called_back(reader)
    _finish(reader, inlined)
    return loop


def _function_loop(
    program: Program,
    module: Module,
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    owner: ast.ClassDef | None,
    inlined: set[ast.AST],
    called: bool,
) -> Loop:
    name = f"{owner.name}.{function.name}" if owner is not None else function.name
    loop = Loop(name, module.place(function))
    reader = Reader(program, loop, module)
    cls = Class(owner, module.frame) if owner is not None else None
    receiver = _receiver(reader, cls, function) if cls is not None else None
    value = Function(function, module.frame, receiver, cls)

    def body() -> None:
        if called or (cls is not None and _cleared_elsewhere(reader, cls, function)):
            _callers_may_clear(reader, receiver, function)
        reader.call_function(value, [], _left_open(reader, function), function)

    reader.repeat("call", function, None, body, endless=False)
    _called_back(reader)
    _finish(reader, inlined)
    return loop


def _left_open(reader: Reader, function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Value]:
    """What stands for the parameters whose default is None: callers give something else, or they would not be there."""
    of = function.args
    positional = [*of.posonlyargs, *of.args]
    defaults = [
        *zip(positional[len(positional) - len(of.defaults) :], of.defaults, strict=True),
        *zip(of.kwonlyargs, of.kw_defaults, strict=True),
    ]
    return {
        parameter.arg: reader.parameter(parameter, function)
        for parameter, default in defaults
        if isinstance(default, ast.Constant) and default.value is None
    }


def _receiver(reader: Reader, cls: Class, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Thing | None:
    """The object whose method is an entry: its attributes are looked up in the methods of its class."""
    if any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list):
        return None
    thing, _ = reader.thing(cls.node, "self", kind=Instance, shared=True)
    assert isinstance(thing, Instance)
    thing.cls, thing.name, thing.given = cls, "self", True
    thing.type = reader.class_type(cls)
    thing.certain = thing.type is not Type.UNKNOWN
    return thing


def _cleared_elsewhere(reader: Reader, cls: Class, function: ast.AST) -> bool:
    """Whether another method of the class, which unseen code may call in between, clears gradients."""
    for base in reader.lineage(cls):
        if isinstance(base, Class):
            for method in reader.members(base).values():
                if method is not function and names_in(method) & {"zero_grad", "zero_", "grad"}:
                    return True
    return False


def _callers_may_clear(reader: Reader, receiver: Thing | None, function: ast.AST) -> None:
    """Code that calls this function, and which is not followed, may do anything to what it hands over."""
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    reader.emit(Kind.ESCAPE, (EVERYTHING,), function, how="caller")


def _called_back(reader: Reader) -> None:
    """Functions that were defined and handed out, but never called where it is seen: they are called again and
    again."""
    for function in reader.defined[:40]:
        if function.node in reader.inlined or not isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if function.frame is reader.module.frame and function.frame.function is None:
            continue
        if not _relevant(function.node):
            continue

        def body(function: Function = function) -> None:
            reader.call_function(function, [], {}, function.node)

        if not reader.flow.ends:
            reader.flow.ends = [(0, None)]
        with reader.in_frame(function.frame):
            reader.repeat("call", function.node, None, body, endless=False)


def _finish(reader: Reader, inlined: set[ast.AST]) -> None:
    inlined |= reader.inlined
    loop = reader.loop
    _mark_backpropagated(loop)
    _mark_modules(loop)


def _mark_backpropagated(loop: Loop) -> None:
    """A value that BACKWARD reaches has spent its graph; a sum that it reaches is a loss, not a log."""
    keeps = loop.all(Kind.KEEP)
    if not keeps:
        return
    backwards = [
        (event, {id(s) for s in event.subjects}, {id(t) for s in event.subjects for t in s.ancestry()})
        for event in loop.all(Kind.BACKWARD)
    ]
    for keep in keeps:
        outside = len(keep.subject.loops)
        for event, direct, reached in backwards:
            if id(keep.subject) in reached:
                keep.subject.facts |= {"backpropagated"}
            elif (
                keep.object is not None
                and len(loop.common(keep, event)) > outside
                and any(
                    id(thing) in direct
                    or (id(thing) in reached and thing.graph is Graph.YES and len(thing.loops) > outside)
                    for thing in keep.object.ancestry()
                )
            ):
                keep.object.facts |= {"backpropagated"}


def _mark_modules(loop: Loop) -> None:
    """What has a `forward` is a module if the file uses it as one, or if a loss made from its output is
    back-propagated; classes that are seen say by their bases what they are."""
    calls = [e for e in loop.all(Kind.FORWARD) if not e.subject.certain and not isinstance(e.subject, Instance)]
    losses = [subject for event in loop.all(Kind.BACKWARD) for subject in event.subjects] if calls else []
    for call in calls:
        trained = call.object is not None and any(loss.comes_from(call.object) for loss in losses)
        if call.options.get("by use") or trained:
            call.subject.certain = True


def _functions(module: Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.ClassDef | None]]:
    """Functions and methods of a module, callers that stand later first: a `main` at the end calls what is above."""
    found: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.ClassDef | None]] = []
    for statement in statements(module.tree.body):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((statement, None))
        elif isinstance(statement, ast.ClassDef):
            found.extend(
                (s, statement) for s in statement.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)
            )
    nested = {id(n) for f, _ in found for n in ast.walk(f) if n is not f}
    found = [(f, owner) for f, owner in found if id(f) not in nested]
    called = {f.name: names_in(f) for f, _ in found}
    # A function that others of this file name comes after them: it is most likely laid open in one of them.
    named = Counter(name for names in called.values() for name in names)
    return iter(sorted(found, key=lambda item: named[item[0].name] - (item[0].name in called[item[0].name])))


def _relevant(function: ast.AST) -> bool:
    names = names_in(function)
    return any(word in name for name in names for word in WORDS)


def _has_events(body: list[ast.stmt]) -> bool:
    """Whether a module does anything when it is run, beside defining things."""
    return any(
        not isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
        for s in body
    )
