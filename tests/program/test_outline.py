"""The outline of a module: its functions, and which names they use."""

from __future__ import annotations

import ast
from textwrap import dedent

from looplint.program.outline import COMMON, Outline, calls_in, has_inner_functions, inner_imports, names_in


def outline(code: str) -> Outline:
    text = dedent(code)
    return Outline(ast.parse(text), text)


CODE = """
    def helper(x):
        x.backward()
    def unused():
        pass
    class Trainer:
        def fit(self):
            helper(self)
        def show(self):
            pass
    renamed = Trainer
    def main():
        Trainer().fit()
    """


def test_functions_that_others_name_come_last() -> None:
    names = [function.name for function, _ in outline(CODE).functions]
    assert set(names[-2:]) == {"helper", "fit"}
    assert set(names[:3]) == {"unused", "show", "main"}


def test_names_through_which_a_step_is_reached() -> None:
    found = outline(CODE)
    assert found.entry_names == {"helper"}
    assert found.exported_names == {"helper", "fit", "Trainer", "renamed", "main"}


def test_a_name_of_many_classes_says_nothing() -> None:
    classes = "".join(f"class A{i}:\n    def run(self): pass\n" for i in range(COMMON + 1))
    assert outline(classes).common == {"run"}
    assert outline("class A:\n    def run(self): pass\n    def __len__(self): pass\n").common == {"__len__"}


def test_what_may_hold_a_mistake_by_its_words() -> None:
    found = outline("def a(loss):\n    loss.backward()  # here\ndef b(x):\n    # loss.backward()\n    return x\n")
    assert [found.has_site(node) for node in found.tree.body] == [True, False]


def test_names_and_calls_of_a_piece_of_code() -> None:
    node = ast.parse("engine.backward(loss); self.net.eval(); loss.backward()")
    assert {"engine", "net", "loss", "eval"} <= names_in(node)
    assert calls_in(node) == {("engine", "backward(loss)"), ("net", "eval"), ("loss", "backward")}


def test_functions_within_a_function() -> None:
    plain, nested = (f for f, _ in outline("def a():\n    import os\ndef b():\n    return lambda: 1\n").functions)
    assert (has_inner_functions(plain), has_inner_functions(nested)) == (False, True)
    assert [ast.unparse(one) for one in inner_imports(plain)] == ["import os"]


def test_a_function_without_a_word_of_training_may_still_be_reported_in_a_file_that_trains() -> None:
    text = (
        "def fit(loss, optimizer):\n    optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n\n\n"
        "class Rows:\n    def __getitem__(self, i):\n        self.kept[i] /= 255\n        return self.kept[i]\n\n"
        "    def count(self):\n        return 3\n"
    )
    found = Outline(ast.parse(text), text)
    by_name = {function.name: function for function, _ in found.functions}
    assert found.trains
    assert not found.has_site(by_name["__getitem__"])
    assert {function.name for function in found.may_report} == {"fit", "__getitem__"}
