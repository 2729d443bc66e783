"""Classes of the program: bases, members, methods and what their instances hold."""

from __future__ import annotations

from hand_made import reading, value

from looplint.interpreter.values import Class, Const, Function, Instance, Member, Symbol

CODE = """
import enum
from package import Outside
class Base(Outside):
    rate = 1
    def step(self): return "base"
class Thing(Base):
    def __init__(self): self.part = 3
    def step(self): return "thing"
    def late(self): self.found = 4
class Mode(enum.Enum):
    TRAIN = "train"
thing = Thing()
"""


def test_the_lineage_of_a_class_ends_where_its_source_is_unknown() -> None:
    reader = reading(CODE)
    thing = value(reader, "Thing")
    assert isinstance(thing, Class)
    names = [base.name if isinstance(base, Class) else base.dotted for base in reader.classes.lineage(thing)]
    assert names == ["Thing", "Base", "package.Outside"]


def test_a_method_is_that_of_the_nearest_class() -> None:
    reader = reading(CODE)
    thing = value(reader, "Thing")
    assert isinstance(thing, Class)
    found, after = reader.classes.find_method(thing, "step"), reader.classes.find_method(thing, "step", after=thing)
    assert found is not None and after is not None
    assert (found[1].name, after[1].name) == ("Thing", "Base")
    assert reader.classes.find_method(thing, "missing") is None


def test_an_instance_has_its_own_attributes_those_of_its_class_and_those_that_another_method_sets() -> None:
    reader = reading(CODE)
    assert isinstance(value(reader, "thing"), Instance)
    assert value(reader, "thing.part") == Const(3)
    assert value(reader, "thing.rate") == Const(1)
    assert value(reader, "thing.found") == Const(4)
    assert isinstance(value(reader, "thing.step"), Function)


def test_a_member_of_an_enumeration_is_a_constant_of_its_own() -> None:
    found = value(reading(CODE), "Mode.TRAIN")
    assert isinstance(found, Const)
    assert isinstance(found.value, Member)
    assert value(reading(CODE), "Mode.TRAIN.value") == Const("train")
    assert value(reading(CODE), "Outside") == Symbol("package.Outside")
