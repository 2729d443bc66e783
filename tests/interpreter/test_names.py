"""Names: where they are looked up, and what binds them."""

from __future__ import annotations

from hand_made import reading, value

from looplint.events import AbstractObject
from looplint.interpreter.values import Const, Function, Symbol


def test_a_name_is_looked_up_in_the_functions_around_it_and_in_the_file() -> None:
    reader = reading("""
        here = 1
        def outer():
            there = 2
            def inner():
                return here, there
            return inner()
        found = outer()
        """)
    assert value(reader, "found[0]") == Const(1)
    assert value(reader, "found[1]") == Const(2)


def test_global_binds_the_name_of_the_file() -> None:
    reader = reading("""
        count = 1
        def f():
            global count
            count = 2
        f()
        """)
    assert value(reader, "count") == Const(2)


def test_what_nothing_binds_is_external_and_always_the_same() -> None:
    reader = reading("pass")
    found = value(reader, "unheard_of")
    assert isinstance(found, AbstractObject)
    assert found.external
    assert value(reader, "unheard_of") is found
    assert value(reader, "len") == Symbol("builtins.len")


def test_an_import_of_unknown_code_is_its_dotted_name() -> None:
    reader = reading("import package.part as p\nfrom package import thing as other")
    assert value(reader, "p") == Symbol("package.part")
    assert value(reader, "other") == Symbol("package.thing")
    assert value(reader, "p.inner") == Symbol("package.part.inner")


def test_a_value_has_the_first_name_that_it_is_given() -> None:
    reader = reading("first = make()\nsecond = first\ndef f(): pass")
    found = value(reader, "second")
    assert isinstance(found, AbstractObject)
    assert found.name == "first"
    assert isinstance(value(reader, "f"), Function)
