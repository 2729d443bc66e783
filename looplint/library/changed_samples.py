"""Datasets whose `__getitem__` changes in place what they keep."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from looplint.events import AbstractObject, Kind, Type
from looplint.interpreter.values import Class, Collection, Instance, Value, alternatives, objects_in
from looplint.knowledge.datasets import (
    CHANGES_ARGUMENT,
    CHANGES_ITSELF,
    CONVERTS,
    DATASET,
    DRAWS,
    MAPS_FILE,
    READS_ARRAYS,
    READS_RECORDS,
    SEEDED,
    SHARES_MEMORY,
)
from looplint.knowledge.torch_tensors import TENSOR_MAKERS
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text, last_name, nodes

Method = ast.FunctionDef | ast.AsyncFunctionDef


class ChangedSamples(LibraryPart):
    """Looks at the datasets that a program makes."""

    def look_at(self, dataset: AbstractObject) -> None:
        """Add an event for each place where a dataset changes what it keeps when it gives a sample."""
        if not isinstance(dataset, Instance) or dataset.cls is None:
            return
        bases = {getattr(base, "dotted", "") for base in self.reader.classes.lineage(dataset.cls)}
        found = self.reader.classes.find_method(dataset.cls, "__getitem__")
        if found is None or DATASET not in bases:
            return
        method, owner = found
        for node, kept in _changes(method):
            if self._is_kept(dataset, kept, node, method):
                with self.reader.in_frame(owner.frame):
                    self.reader.emit(Kind.CHANGE, (dataset,), node, how="__getitem__", written=as_text(kept))

    def _is_kept(self, dataset: Instance, kept: ast.Subscript, node: ast.AST, method: Method) -> bool:
        """Whether what is taken out is the very object that the dataset keeps: of a list, or a part of a tensor."""
        assert isinstance(kept.value, ast.Attribute)
        stored = self.reader.attributes.stored(dataset, kept.value.attr)
        values = alternatives(stored) if stored is not None else ()
        return bool(values) and all(self._keeps(dataset, value, node, method) for value in values)

    def _keeps(self, dataset: Instance, value: Value, node: ast.AST, method: Method) -> bool:
        if isinstance(value, Collection):
            # A number in a list cannot be changed in place: the name is bound to another one.
            part = isinstance(node, ast.AugAssign) and not isinstance(node.target, ast.Subscript)
            return not part or _holds_tensors(value)
        if isinstance(value, AbstractObject) and value.constructor in READS_RECORDS:
            # Lists and dictionaries; what a name is bound to may be a number in one.
            return not isinstance(node, ast.AugAssign) or isinstance(node.target, ast.Subscript)
        if isinstance(value, AbstractObject) and value.constructor in READS_ARRAYS:
            return self._is_read_whole(dataset, value) and _is_array(method, node)
        if isinstance(value, AbstractObject) and TENSOR_MAKERS.match(value.constructor):
            return True  # an index gives a view of a tensor, of a number in it, too
        shape = self.library.shapes.of(value)
        return shape is not None and shape.rank > 1 and any(objects_in(value))

    def _is_read_whole(self, dataset: Instance, value: AbstractObject) -> bool:
        """Whether the class of a dataset reads an array from a file, and does not map it into memory: then it may be
        read-only."""
        lineage = self.reader.classes.lineage(dataset.cls) if dataset.cls is not None else ()
        for cls in (one for one in lineage if isinstance(one, Class)):
            for one in nodes(cls.node):
                if isinstance(one, ast.Call) and cls.frame.module.place(one) == value.place:
                    return all(keyword.arg not in (None, MAPS_FILE) for keyword in one.keywords)
        return False


def _is_array(method: Method, node: ast.AST) -> bool:
    """Whether what a method changes is an array for sure, not a number: a part of it is taken, or a tensor made of
    it that shares its memory."""
    changed, _ = _changed(node)
    if not isinstance(changed, ast.Name) or _sets_part(node):
        return True
    return any(
        (isinstance(one, ast.Subscript) and as_text(one.value) == changed.id)
        or (
            isinstance(one, ast.Call)
            and last_name(one.func) in SHARES_MEMORY
            and [as_text(argument) for argument in one.args[:1]] == [changed.id]
        )
        for one in nodes(method)
    )


def _sets_part(node: ast.AST) -> bool:
    match node:
        case ast.AugAssign(target=ast.Subscript()) | ast.Assign(targets=[ast.Subscript(), *_]):
            return True
    return False


def _holds_tensors(whole: Collection) -> bool:
    """Whether all that a list holds, also within tuples, are tensors that were made here."""
    parts = [one for element in whole.elements() for one in alternatives(element)]
    return bool(parts) and all(
        _holds_tensors(one)
        if isinstance(one, Collection)
        else isinstance(one, AbstractObject)
        and not isinstance(one, Instance)
        and one.type is not Type.NUMBER
        and any(TENSOR_MAKERS.match(made.constructor) for made in one.ancestry())
        for one in parts
    )


def _changes(method: Method) -> Iterator[tuple[ast.AST, ast.Subscript]]:
    """Where a method changes something that it takes out of an attribute by its index, and what it takes."""
    if len(method.args.args) < 2:
        return
    own, index = method.args.args[0].arg, method.args.args[1].arg
    for node in nodes(method):
        changed, value = _changed(node)
        entry = (
            node.target
            if isinstance(node, ast.AugAssign)
            else node.targets[0]
            if isinstance(node, ast.Assign)
            else None
        )
        if entry is not None and _taken(entry, own, index) is not None and _is_returned(method, entry):
            changed = entry
        while isinstance(changed, ast.Subscript) and _taken(changed, own, index) is None:
            changed = changed.value  # a part of it: `sample["words"].append(end)`
        kept = _taken(changed, own, index) if changed is not None else None
        if isinstance(changed, ast.Name):
            kept = _bound(method, changed, own, index)
        if changed is None or kept is None or _may_be_cache(method, node):
            continue
        again = (
            value is None
            or any(ast.dump(part) in _texts(changed, kept) for part in nodes(value))
            or (isinstance(node, ast.Assign) and _is_drawn(method, node.targets[0]))
            or _is_by_chance(method, node)
        )
        if again and not (isinstance(value, ast.Call) and _last(value.func) in CONVERTS):
            yield node, kept


def _changed(node: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    """What a piece of code changes in place, and the value that is set, where what was there before is lost."""
    if isinstance(node, ast.AugAssign):
        target = node.target
        return (target.value if isinstance(target, ast.Subscript) else target), None
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        return node.targets[0].value, node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES_ITSELF:
        return node.func.value, None
    if isinstance(node, ast.Call) and last_name(node.func) in CHANGES_ARGUMENT and len(node.args) == 1:
        return node.args[0], None
    return None, None


def _is_drawn(method: Method, entry: ast.expr) -> bool:
    """Whether an index is drawn at random, also under a name: another part is set in each epoch."""
    index = entry.slice if isinstance(entry, ast.Subscript) else entry
    used = {one.id for one in nodes(index) if isinstance(one, ast.Name)}
    bound = [
        n.value
        for n in nodes(method)
        if isinstance(n, ast.Assign) and used & {t.id for t in n.targets if isinstance(t, ast.Name)}
    ]
    called = [one.func for one in nodes(index, *bound) if isinstance(one, ast.Call)]
    # With a seed of its own each sample may have the same part set again.
    seeded = any(SEEDED.search(last_name(one)) for one in nodes(method))
    return not seeded and any(DRAWS.search(last_name(one)) for one in called)


def _is_by_chance(method: Method, node: ast.AST) -> bool:
    """Whether chance decides about each entry that is set: other ones are set in each epoch."""
    seeded = any(SEEDED.search(last_name(one)) for one in nodes(method))
    return not seeded and any(
        _is_chance(method, test.test) and any(n is node for n in nodes(*test.body, *test.orelse))
        for loop in nodes(method)
        if isinstance(loop, ast.For)
        for test in nodes(*loop.body)
        if isinstance(test, ast.If)
    )


def _is_returned(method: Method, entry: ast.expr) -> bool:
    """Whether the method returns an entry that it sets, and does not only count."""
    returned = [n.value for n in nodes(method) if isinstance(n, ast.Return) and n.value is not None]
    text = as_text(entry)
    return any(isinstance(part, ast.Subscript) and as_text(part) == text for one in returned for part in nodes(one))


def _taken(value: ast.expr, own: str, index: str) -> ast.Subscript | None:
    """`self.samples[index]`."""
    if not isinstance(value, ast.Subscript) or not isinstance(value.value, ast.Attribute):
        return None
    of_own = isinstance(value.value.value, ast.Name) and value.value.value.id == own
    by_index = isinstance(value.slice, ast.Name) and value.slice.id == index
    return value if of_own and by_index else None


def _bound(method: Method, name: ast.Name, own: str, index: str) -> ast.Subscript | None:
    """What a name stands for, where it was bound last to what was taken out."""
    before = [
        n
        for n in nodes(method)
        if isinstance(n, ast.Assign)
        and (n.lineno, n.col_offset) < (name.lineno, name.col_offset)
        and any(
            isinstance(part, ast.Name) and part.id == name.id and isinstance(part.ctx, ast.Store)
            for target in n.targets
            for part in nodes(target)
        )
    ]
    last = max(before, key=lambda one: one.lineno, default=None)
    if last is None or not isinstance(last.targets[0], ast.Name | ast.Tuple):
        return None
    value = last.value
    while isinstance(value, ast.Subscript) and _taken(value, own, index) is None:
        if not isinstance(value.slice, ast.Constant):
            return None  # a slice of a list is a copy
        value = value.value
    return _bound(method, value, own, index) if isinstance(value, ast.Name) else _taken(value, own, index)


def _texts(changed: ast.expr, kept: ast.Subscript) -> set[str]:
    """The spellings by which the changed part may be read: under its name, or by its index."""
    read = [ast.Name(changed.id, ast.Load())] if isinstance(changed, ast.Name) else []
    return {ast.dump(one) for one in (*read, kept)}


def _may_be_cache(method: Method, node: ast.AST) -> bool:
    """Whether it happens under a condition that may ask whether it was done before."""
    around = [one for one in nodes(method) if isinstance(one, ast.If | ast.Try) and any(n is node for n in nodes(one))]
    return any(isinstance(one, ast.Try) or not _is_flag_or_chance(method, one.test) for one in around)


def _is_flag_or_chance(method: Method, test: ast.expr) -> bool:
    """Whether a condition asks for an attribute that the method does not set, or is a matter of chance."""
    if isinstance(test, ast.BoolOp):
        return all(_is_flag_or_chance(method, part) for part in test.values)
    if isinstance(test, ast.UnaryOp):
        return _is_flag_or_chance(method, test.operand)
    if isinstance(test, ast.Attribute):
        stored = {n.attr for n in nodes(method) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
        own = isinstance(test.value, ast.Name) and test.value.id == method.args.args[0].arg
        return own and test.attr not in stored
    return _is_chance(method, test)


def _is_chance(method: Method, test: ast.expr) -> bool:
    """`random.random() < self.share`, also where the number that is drawn has a name."""
    sides = [test.left, *test.comparators] if isinstance(test, ast.Compare) else []
    drawn = [one for one in sides if _draws(one) or (isinstance(one, ast.Name) and _is_drawn_name(method, one.id))]
    other = [one for one in sides if one not in drawn and not isinstance(one, ast.Constant | ast.Attribute)]
    return bool(drawn) and not other


def _draws(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and DRAWS.search(last_name(value.func)) is not None


def _is_drawn_name(method: Method, name: str) -> bool:
    """Whether each assignment to a name draws a number."""
    values = [
        n.value
        for n in nodes(method)
        if isinstance(n, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in n.targets)
    ]
    return bool(values) and all(map(_draws, values))


def _last(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
