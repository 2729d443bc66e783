"""What one evaluation has encountered."""

from __future__ import annotations

from hand_made import reading


def names(found: object) -> set[str]:
    assert isinstance(found, set)
    return {getattr(node, "name", "") for node in found}


def test_functions_that_were_called_defined_and_passed_on() -> None:
    code = """
        def called():
            pass
        def passed():
            pass
        def neither():
            pass
        called()
        own.start(passed)
        """
    reader = reading(code)
    reader.unknown_calls.escape([reader.names.lookup("passed", reader.now.module.tree)], reader.now.module.tree, "f")
    record = reader.record
    assert (names(record.inlined), names(record.passed)) == ({"called"}, {"passed"})
    assert names(record.tried) == {"passed"}
    assert {function.name for function in record.defined} == {"called", "passed", "neither"}


def test_what_is_called_in_a_loop_is_not_only_tried() -> None:
    reader = reading("def f():\n    pass\nfor x in y:\n    f()")
    (node,) = reader.record.inlined
    reader.record.passed.add(node)
    assert reader.record.tried == set()


def test_classes_of_which_there_are_objects() -> None:
    reader = reading("class A:\n    pass\nclass B:\n    pass\na = A()")
    assert [cls.name for cls in reader.record.instances] == ["A"]
