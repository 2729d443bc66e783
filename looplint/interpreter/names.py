"""Names: lookup and binding."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Type
from looplint.interpreter.part import Part
from looplint.interpreter.slots import slot_of_variable
from looplint.interpreter.values import Frame, Stamp, Symbol, Value, alternatives
from looplint.program.module import Module
from looplint.syntax.imports import canonical

_BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)


class Names(Part):
    """Looks up and binds names."""

    def lookup(self, name: str, node: ast.AST) -> Value:
        """The value of a name here."""
        frame: Frame | None = self.reader.now.frame
        while frame is not None:
            value = self.reader.bindings.get((id(frame), name))
            if value is not None:
                return value
            if frame.outer is None:
                break
            frame = frame.outer
        return self.global_value(self.reader.now.frame.module, name, node)

    def bound_at(self, name: str) -> tuple[Frame | None, int]:
        """The frame in which a name is bound, and its stamp."""
        frame: Frame | None = self.reader.now.frame
        while frame is not None:
            stamp = self.reader.bindings.stamp((id(frame), name))
            if stamp >= 0:
                return frame, stamp
            frame = frame.outer
        return self.reader.frame_of(self.reader.now.frame.module), -1

    def named_first(self, node: ast.AST) -> tuple[str, tuple[Stamp, ...]] | None:
        """The original spelling of a name or an attribute of one, and the stamps of what it reads: a parameter stands
        for the caller's argument. None for other expressions."""
        if isinstance(node, ast.Name):
            frame, stamp = self.bound_at(node.id)
            value, text, stamps = frame.stands_for.get(node.id, (None, "", ())) if frame is not None else (None, "", ())
            if value is not None and frame is not None and self.reader.bindings.get((id(frame), node.id)) is value:
                return text, stamps
            return node.id, ((id(frame), stamp),)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            frame, _ = self.bound_at(node.value.id)
            owner = self.reader.bindings.get((id(frame), node.value.id))
            text, stamps = self.named_first(node.value) or ("", ())
            own = (
                ((id(owner), self.reader.bindings.stamp((id(owner), node.attr))),)
                if isinstance(owner, AbstractObject)
                else ()
            )
            return f"{text}.{node.attr}", (*stamps, *own)
        return None

    def home(self, name: str) -> object:
        """The frame in which an assignment binds the name here: that of the file for `global`, an outer one for
        `nonlocal`."""
        frame = self.reader.now.frame
        return self.reader.frame_of(frame.module) if name in frame.globals else self.bound_at(name)[0] or frame

    def global_value(self, module: Module, name: str, node: ast.AST) -> Value:
        """The value of a module-level name, from the statement that binds it."""
        found = self.reader.bindings.get((id(self.reader.frame_of(module)), name))
        if found is not None:
            return found
        value = self.reader.imports.exported(module, name)
        if value is not None:
            return value
        for star in module.stars:
            source = self.reader.imports.module_of(module, star.module or "", star.level)
            if source is not None and source is not module:
                value = self.reader.imports.reexported(source, name)
                if value is not None:
                    return value
            elif star.module in self.reader.tables.star_imports:
                return (
                    Symbol(canonical(f"{star.module}.{name}"))
                    if name[0].isupper()
                    else self.reader.objects.external(module, name)
                )
        if name in _BUILTINS:
            return Symbol(f"builtins.{name}")
        # Not imported in an excerpt, or imported by `*` from an unknown package: nothing else has this name.
        return Symbol(name) if name == self.reader.tables.root else self.reader.objects.external(module, name)

    def named(self, value: Value, name: str) -> Value:
        """The value; if it has no name yet, this becomes its name."""
        if isinstance(value, AbstractObject) and not value.name and value.type is not Type.NUMBER:
            value.name = name
        return value

    def bind(self, name: str, value: Value, node: ast.AST) -> None:
        """Bind a name here."""
        frame = self.reader.now.frame
        if name in frame.globals:
            frame = self.reader.frame_of(frame.module)
            self.reader.record.effects += 1
        elif name in frame.nonlocals:
            self.reader.record.effects += 1
            while frame.outer is not None and (
                frame is self.reader.now.frame or self.reader.bindings.get((id(frame), name)) is None
            ):
                frame = frame.outer
        self.named(value, name)
        self.reader.bindings.set(frame, name, value, self.reader.flow.now)

    def accumulator(self, name: str) -> AbstractObject:
        """The accumulator behind a name: its binding, identified by where it was last set."""
        frame, _stamp = self.bound_at(name)
        value = self.reader.bindings.get((id(frame), slot_of_variable(name)))
        found = [one for one in alternatives(value) if isinstance(one, AbstractObject)] if value is not None else []
        if found:
            # Where it was set in several places: what was there before the loop comes first.
            return found[0]
        return self.reader.objects.external(frame or self.reader.now.frame, name, f"accumulator {name}")
