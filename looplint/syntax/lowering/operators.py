"""libcst's operators: those of `ast`, and the widths of their tokens in characters."""

from __future__ import annotations

import ast

import libcst as cst

BINARY: dict[type[cst.CSTNode], tuple[ast.operator, int]] = {
    cst.Add: (ast.Add(), 1),
    cst.Subtract: (ast.Sub(), 1),
    cst.Multiply: (ast.Mult(), 1),
    cst.Divide: (ast.Div(), 1),
    cst.FloorDivide: (ast.FloorDiv(), 2),
    cst.Modulo: (ast.Mod(), 1),
    cst.Power: (ast.Pow(), 2),
    cst.LeftShift: (ast.LShift(), 2),
    cst.RightShift: (ast.RShift(), 2),
    cst.BitOr: (ast.BitOr(), 1),
    cst.BitAnd: (ast.BitAnd(), 1),
    cst.BitXor: (ast.BitXor(), 1),
    cst.MatrixMultiply: (ast.MatMult(), 1),
}
AUGMENTED: dict[type[cst.CSTNode], tuple[ast.operator, int]] = {
    getattr(cst, f"{kind.__name__}Assign"): (operator, width + 1) for kind, (operator, width) in BINARY.items()
}
UNARY: dict[type[cst.CSTNode], tuple[ast.unaryop, int]] = {
    cst.Plus: (ast.UAdd(), 1),
    cst.Minus: (ast.USub(), 1),
    cst.BitInvert: (ast.Invert(), 1),
    cst.Not: (ast.Not(), 3),
}
BOOLEAN: dict[type[cst.CSTNode], tuple[ast.boolop, int]] = {cst.And: (ast.And(), 3), cst.Or: (ast.Or(), 2)}
COMPARE: dict[type[cst.CSTNode], tuple[ast.cmpop, tuple[int, ...]]] = {
    cst.LessThan: (ast.Lt(), (1,)),
    cst.GreaterThan: (ast.Gt(), (1,)),
    cst.Equal: (ast.Eq(), (2,)),
    cst.LessThanEqual: (ast.LtE(), (2,)),
    cst.GreaterThanEqual: (ast.GtE(), (2,)),
    cst.NotEqual: (ast.NotEq(), (2,)),
    cst.In: (ast.In(), (2,)),
    cst.NotIn: (ast.NotIn(), (3, 2)),
    cst.Is: (ast.Is(), (2,)),
    cst.IsNot: (ast.IsNot(), (2, 3)),
}
