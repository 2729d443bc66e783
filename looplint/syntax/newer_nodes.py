"""Node types of newer Pythons: those of `ast` where the running Python has them, else equivalent ones.

Functions and classes with type parameters are instances of `ast.FunctionDef`, ... on every Python: before 3.12 of a
subclass with the same name and one more field.
"""

from __future__ import annotations

import ast
from typing import Any


def _of_ast(name: str, base: type[ast.AST], *fields: str) -> Any:
    known = getattr(ast, name, None)
    if known is not None and set(fields) <= set(known._fields):
        return known
    # A field that is left out is None, as it is for the types that Python has itself.
    return type(name, (base,), {"_fields": fields, "__module__": "ast", **dict.fromkeys(fields)})


TypeAlias = _of_ast("TypeAlias", ast.stmt, "name", "type_params", "value")
type_param: Any = getattr(ast, "type_param", None) or type("type_param", (ast.expr,), {"_fields": ()})
TypeVar = _of_ast("TypeVar", type_param, "name", "bound", "default_value")
ParamSpec = _of_ast("ParamSpec", type_param, "name", "default_value")
TypeVarTuple = _of_ast("TypeVarTuple", type_param, "name", "default_value")
TemplateStr = _of_ast("TemplateStr", ast.expr, "values")
Interpolation = _of_ast("Interpolation", ast.expr, "value", "str", "conversion", "format_spec")


def _generic(plain: type[ast.AST]) -> Any:
    if "type_params" in plain._fields:
        return plain
    return type(plain.__name__, (plain,), {"_fields": (*plain._fields, "type_params"), "__module__": "ast"})


HAS_TYPE_PARAMETERS = "type_params" in ast.FunctionDef._fields
"""Whether every function and class of the running Python's `ast` has a list of type parameters, empty or not."""


def without_default(kind: Any) -> Any:
    """The type of a type parameter that has no default: on Python 3.12, whose own type knows no defaults, that one."""
    return getattr(ast, kind.__name__, kind)


GenericFunctionDef = _generic(ast.FunctionDef)
GenericAsyncFunctionDef = _generic(ast.AsyncFunctionDef)
GenericClassDef = _generic(ast.ClassDef)
