"""Statements and modules."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import libcst as cst

from looplint.syntax import newer_nodes as newer
from looplint.syntax.lowering.operators import AUGMENTED
from looplint.syntax.lowering.patterns import Patterns
from looplint.syntax.lowering.targets import LOAD, deleted, stored


class Statements(Patterns):
    """Lowers statements, and so a whole module."""

    def module(self, node: cst.Module) -> ast.Module:
        return ast.Module(self.statements(node.body), [])

    def statements(self, body: Sequence[Any]) -> list[Any]:
        found: list[Any] = []
        for statement in body:
            if statement.__class__ is cst.SimpleStatementLine:
                found += self._line(statement.body)
            else:
                found.append(self.compound_statement(statement))
        return found

    def compound_statement(self, node: Any) -> Any:
        return _STATEMENTS[node.__class__](self, node)

    def small_statement(self, node: Any) -> Any:
        start = self.skip()
        return self.place(_STATEMENTS[node.__class__](self, node), start)

    def suite(self, node: Any) -> list[Any]:
        """`: ...`, on the same line or below."""
        self.take(1)
        return self.statements(node.body) if node.__class__ is cst.IndentedBlock else self._line(node.body)

    def _line(self, body: Sequence[Any]) -> list[Any]:
        """Simple statements on a line. A trailing semicolon belongs to the block around them."""
        found = [self.small_statement(small) for small in body]
        self.trailing(isinstance(body[-1].semicolon, cst.Semicolon))
        return found

    def otherwise(self, node: cst.Else | cst.Finally | None) -> list[Any]:
        if node is None:
            return []
        self.take(4 if node.__class__ is cst.Else else 7)
        return self.suite(node.body)

    def expression_statement(self, node: cst.Expr) -> ast.stmt:
        return ast.Expr(self.expression(node.value))

    def pass_(self, node: cst.Pass) -> ast.stmt:
        self.take(4)
        return ast.Pass()

    def break_(self, node: cst.Break) -> ast.stmt:
        self.take(5)
        return ast.Break()

    def continue_(self, node: cst.Continue) -> ast.stmt:
        self.take(8)
        return ast.Continue()

    def return_(self, node: cst.Return) -> ast.stmt:
        self.take(6)
        return ast.Return(self.maybe(node.value))

    def delete(self, node: cst.Del) -> ast.stmt:
        self.take(3)
        target = node.target
        if isinstance(target, cst.Tuple) and not target.lpar:
            return ast.Delete([deleted(element) for element in self.elements(target.elements)])
        return ast.Delete([deleted(self.expression(target))])

    def assign(self, node: cst.Assign) -> ast.stmt:
        targets = []
        for target in node.targets:
            targets.append(stored(self.expression(target.target)))
            self.take(1)
        return ast.Assign(targets, self.expression(node.value))

    def annotated(self, node: cst.AnnAssign) -> ast.stmt:
        simple = int(isinstance(node.target, cst.Name) and not node.target.lpar)
        target = stored(self.expression(node.target))
        annotation = self.annotation(node.annotation, 1)
        if node.value is not None:
            self.take(1)
        return ast.AnnAssign(target, annotation, self.maybe(node.value), simple)

    def augmented(self, node: cst.AugAssign) -> ast.stmt:
        target = stored(self.expression(node.target))
        operator, width = AUGMENTED[node.operator.__class__]
        self.take(width)
        return ast.AugAssign(target, operator, self.expression(node.value))

    def raise_(self, node: cst.Raise) -> ast.stmt:
        self.take(5)
        raised = self.maybe(node.exc)
        if node.cause is None:
            return ast.Raise(raised, None)
        self.take(4)
        return ast.Raise(raised, self.expression(node.cause.item))

    def assert_(self, node: cst.Assert) -> ast.stmt:
        self.take(6)
        return ast.Assert(self.expression(node.test), self.maybe(node.msg))

    def global_(self, node: cst.Global) -> ast.stmt:
        self.take(6)
        return ast.Global([self.identifier(item.name) for item in node.names])

    def nonlocal_(self, node: cst.Nonlocal) -> ast.stmt:
        self.take(8)
        return ast.Nonlocal([self.identifier(item.name) for item in node.names])

    def import_(self, node: Any) -> ast.stmt:
        if node.__class__ is not cst.Import:
            self.take(4)
        self.take(6)
        return ast.Import([self._alias(alias) for alias in node.names])

    def import_from(self, node: Any) -> ast.stmt:
        if node.__class__ is not cst.ImportFrom:
            self.take(4)
        self.take(4)
        for _ in node.relative:
            self.take(1)
        module = None if node.module is None else self._dotted(node.module)
        self.take(6)
        if node.lpar is not None:
            self.take(1)
        if isinstance(node.names, cst.ImportStar):
            names = [self.place(ast.alias("*", None), self.take(1))]
        else:
            names = [self._alias(alias) for alias in node.names]
        if node.rpar is not None:
            self.take(1)
        return ast.ImportFrom(module, names, len(node.relative))

    def _alias(self, node: cst.ImportAlias) -> ast.alias:
        start = self.skip()
        name = self._dotted(node.name)
        asname = None
        if node.asname is not None:
            self.take(2)
            assert isinstance(node.asname.name, cst.Name)
            asname = self.identifier(node.asname.name)
        return self.place(ast.alias(name, asname), start)  # type: ignore[no-any-return]

    def _dotted(self, node: cst.Attribute | cst.Name) -> str:
        if isinstance(node, cst.Name):
            return self.identifier(node)
        assert isinstance(node.value, cst.Attribute | cst.Name)
        first = self._dotted(node.value)
        self.take(1)
        return f"{first}.{self.identifier(node.attr)}"

    def if_(self, node: cst.If) -> ast.stmt:
        # A chain of `elif` is nested as deep as it is long.
        chain: list[tuple[Any, int]] = []
        rest: Any = node
        while isinstance(rest, cst.If):
            start = self.take(4 if chain else 2)
            made = ast.If(self.expression(rest.test), self.suite(rest.body), [])
            chain.append((made, start))
            rest = rest.orelse
        chain[-1][0].orelse = self.otherwise(rest)
        for (outer, _), (inner, _) in pairwise(chain):
            outer.orelse = [inner]
        for made, start in chain:
            self.place(made, start)
        return chain[0][0]  # type: ignore[no-any-return]

    def while_(self, node: cst.While) -> ast.stmt:
        start = self.take(5)
        test, body = self.expression(node.test), self.suite(node.body)
        return self.place(ast.While(test, body, self.otherwise(node.orelse)), start)  # type: ignore[no-any-return]

    def for_(self, node: cst.For) -> ast.stmt:
        start = self.take(3) if node.asynchronous is None else self.take(5, 3)
        target = stored(self.expression(node.target))
        self.take(2)
        source = self.expression(node.iter)
        body = self.suite(node.body)
        made = ast.For if node.asynchronous is None else ast.AsyncFor
        return self.place(made(target, source, body, self.otherwise(node.orelse)), start)  # type: ignore[no-any-return]

    def with_(self, node: cst.With) -> ast.stmt:
        start = self.take(4) if node.asynchronous is None else self.take(5, 4)
        brackets = isinstance(node.lpar, cst.LeftParen)
        if brackets:
            self.take(1)
        items = []
        for item in node.items:
            context = self.expression(item.item)
            target = None
            if item.asname is not None:
                self.take(2)
                target = stored(self.expression(item.asname.name))
            items.append(ast.withitem(context, target))
        if brackets:
            self.take(1)
        made = ast.With if node.asynchronous is None else ast.AsyncWith
        return self.place(made(items, self.suite(node.body)), start)  # type: ignore[no-any-return]

    def try_(self, node: cst.Try | cst.TryStar) -> ast.stmt:
        start = self.take(3)
        body = self.suite(node.body)
        handlers = []
        for handler in node.handlers:
            begin = self.take(6) if isinstance(handler, cst.ExceptHandler) else self.take(6, 1)
            caught = self.maybe(handler.type)
            name = None
            if handler.name is not None:
                self.take(2)
                assert isinstance(handler.name.name, cst.Name)
                name = self.identifier(handler.name.name)
            handlers.append(self.place(ast.ExceptHandler(caught, name, self.suite(handler.body)), begin))
        orelse = self.otherwise(node.orelse)
        made = ast.Try if isinstance(node, cst.Try) else ast.TryStar
        new = made(body, handlers, orelse, self.otherwise(node.finalbody))
        return self.place(new, start)  # type: ignore[no-any-return]

    def _decorators(self, node: cst.FunctionDef | cst.ClassDef) -> list[Any]:
        decorators = []
        for each in node.decorators:
            self.take(1)
            decorators.append(self.expression(each.decorator))
        return decorators

    def function(self, node: cst.FunctionDef) -> ast.stmt:
        decorators = self._decorators(node)
        start = self.take(3) if node.asynchronous is None else self.take(5, 3)
        name = self.identifier(node.name)
        parameters = self._type_parameters(node.type_parameters)
        self.take(1)
        arguments = self.parameters(node.params)
        self.take(1)
        returns = self.annotation(node.returns, 2)
        made: Any = ast.FunctionDef if node.asynchronous is None else ast.AsyncFunctionDef
        if parameters:
            made = newer.GenericFunctionDef if node.asynchronous is None else newer.GenericAsyncFunctionDef
        new = made(name, arguments, self.suite(node.body), decorators, returns)
        if parameters or newer.HAS_TYPE_PARAMETERS:
            new.type_params = parameters
        return self.place(new, start)  # type: ignore[no-any-return]

    def class_(self, node: cst.ClassDef) -> ast.stmt:
        decorators = self._decorators(node)
        start = self.take(5)
        name = self.identifier(node.name)
        parameters = self._type_parameters(node.type_parameters)
        brackets = isinstance(node.lpar, cst.LeftParen)
        if brackets:
            self.take(1)
        bases, keywords = self.arguments([*node.bases, *node.keywords])
        if brackets:
            self.take(1)
        made: Any = newer.GenericClassDef if parameters else ast.ClassDef
        new = made(name, bases, keywords, self.suite(node.body), decorators)
        if parameters or newer.HAS_TYPE_PARAMETERS:
            new.type_params = parameters
        return self.place(new, start)  # type: ignore[no-any-return]

    def _type_parameters(self, node: cst.TypeParameters | None) -> list[Any]:
        if node is None:
            return []
        self.take(1)
        found = []
        for each in node.params:
            start = self.skip()
            param = each.param
            default = {} if each.default is None else {"default_value": None}
            if isinstance(param, cst.TypeVar):
                kind = newer.TypeVar if default else newer.without_default(newer.TypeVar)
                new = kind(name=self.identifier(param.name), bound=None, **default)
                if param.bound is not None:
                    self.take(1)
                    new.bound = self.expression(param.bound)
            else:
                self.take(1 if isinstance(param, cst.TypeVarTuple) else 2)
                kind = newer.TypeVarTuple if isinstance(param, cst.TypeVarTuple) else newer.ParamSpec
                kind = kind if default else newer.without_default(kind)
                new = kind(name=self.identifier(param.name), **default)
            if each.default is not None:
                self.take(1)
                begin = self.skip()
                if each.star:
                    self.at += 1
                value = self.expression(each.default)
                new.default_value = self.place(ast.Starred(value, LOAD), begin) if each.star else value
            found.append(self.place(new, start))
        self.take(1)
        return found

    def type_alias(self, node: cst.TypeAlias) -> ast.stmt:
        self.take(4)
        name = stored(self.expression(node.name))
        parameters = self._type_parameters(node.type_parameters)
        self.take(1)
        value = self.expression(node.value)
        return newer.TypeAlias(name=name, type_params=parameters, value=value)  # type: ignore[no-any-return]

    def match(self, node: cst.Match) -> ast.stmt:
        start = self.take(5)
        subject = self.expression(node.subject)
        self.take(1)
        cases = []
        for case in node.cases:
            self.take(4)
            pattern = self.pattern(case.pattern)
            guard = None
            if case.guard is not None:
                self.take(2)
                guard = self.expression(case.guard)
            cases.append(ast.match_case(pattern, guard, self.suite(case.body)))
        return self.place(ast.Match(subject, cases), start)  # type: ignore[no-any-return]


_STATEMENTS: dict[type, Callable[..., Any]] = {
    cst.Expr: Statements.expression_statement,
    cst.Pass: Statements.pass_,
    cst.Break: Statements.break_,
    cst.Continue: Statements.continue_,
    cst.Return: Statements.return_,
    cst.Del: Statements.delete,
    cst.Assign: Statements.assign,
    cst.AnnAssign: Statements.annotated,
    cst.AugAssign: Statements.augmented,
    cst.Raise: Statements.raise_,
    cst.Assert: Statements.assert_,
    cst.Global: Statements.global_,
    cst.Nonlocal: Statements.nonlocal_,
    cst.Import: Statements.import_,
    cst.LazyImport: Statements.import_,
    cst.ImportFrom: Statements.import_from,
    cst.LazyImportFrom: Statements.import_from,
    cst.TypeAlias: Statements.type_alias,
    cst.If: Statements.if_,
    cst.While: Statements.while_,
    cst.For: Statements.for_,
    cst.With: Statements.with_,
    cst.Try: Statements.try_,
    cst.TryStar: Statements.try_,
    cst.FunctionDef: Statements.function,
    cst.ClassDef: Statements.class_,
    cst.Match: Statements.match,
}
