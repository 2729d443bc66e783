"""The library of one reader: every part of the interface that the interpreter calls is there."""

from __future__ import annotations

import inspect

from hand_made import value
from with_library import reading

from looplint.events import Kind
from looplint.interpreter import library as interface
from looplint.interpreter.values import Class
from looplint.knowledge.effect import Effect


def test_each_method_of_the_interface_is_there() -> None:
    library = reading("pass").library
    wanted = [name for name, _ in inspect.getmembers(interface.Library, inspect.isfunction) if name[0] != "_"]
    assert len(wanted) > 20
    assert [name for name in wanted if not callable(getattr(library, name, None))] == []


def test_the_projects_rows_name_a_function_or_a_method_of_anything() -> None:
    reader = reading("pass")
    clear = Effect(Kind.CLEAR)
    reader.program.known = {"own.reset": clear, "*.reset_grads": clear}
    assert reader.library.known("own.reset") == (clear,)
    assert reader.library.known("anything.at.all.reset_grads") == (clear,)
    assert reader.library.known("own.other") is None


def test_modules_of_some_libraries_have_no_mode() -> None:
    reader = reading("import keras\nclass Own(keras.Model):\n    pass\nclass Other(nn.Module):\n    pass")
    own, other = value(reader, "Own"), value(reader, "Other")
    assert isinstance(own, Class) and isinstance(other, Class)
    assert (reader.library.mode_free(own), reader.library.mode_free(other)) == (True, False)
