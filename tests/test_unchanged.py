"""The statements that did not change keep their nodes, and the tree is that of the new text."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from looplint.syntax.unchanged import keep_unchanged, parse_again

BEFORE = """\
import math


class Model:
    def __init__(self):
        self.size = 1

    @property
    def twice(self):
        return 2 * self.size


def fit(model):
    return model.twice; x = 1
"""


def kept(before: str, after: str) -> tuple[ast.Module, ast.Module]:
    old, new = ast.parse(before), ast.parse(after)
    keep_unchanged(new, after, old, before)
    return old, new


def dump(tree: ast.Module) -> str:
    return ast.dump(tree, include_attributes=True)


def test_statements_on_the_same_rows_keep_their_nodes() -> None:
    old, new = kept(BEFORE, BEFORE.replace("self.size = 1", "self.size = 2"))
    assert new.body[0] is old.body[0] and new.body[2] is old.body[2]
    (init, twice), (old_init, old_twice) = new.body[1].body, old.body[1].body  # type: ignore[attr-defined]
    assert new.body[1] is not old.body[1] and init is not old_init and twice is old_twice


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("@property", "@cached__"),
        BEFORE.replace("x = 1", "x = 2"),
        BEFORE.replace("import math\n", "import math, os\n"),
        "\n" + BEFORE,
        BEFORE.replace("class Model", "class Mode"),
        BEFORE[: BEFORE.index("def fit")],
        "",
    ],
)
def test_the_tree_is_that_of_the_new_text(after: str) -> None:
    _, new = kept(BEFORE, after)
    assert dump(new) == dump(parse_again(after, ast.parse(BEFORE), BEFORE)) == dump(ast.parse(after))


@pytest.mark.parametrize("seed", range(5))
def test_after_random_edits_of_real_code_as_well(seed: int) -> None:
    chance = random.Random(seed)
    files = sorted((Path(__file__).parents[1] / "fixtures").glob("missing_*.py"))
    text = chance.choice(files).read_text(encoding="utf-8")
    tree = ast.parse(text)
    reused = 0
    for _ in range(30):
        rows = text.split("\n")
        at = chance.randrange(len(rows))
        rows[at : at + chance.choice((0, 1, 1, 2))] = chance.choice(
            (["pass"], ["    x = 1"], [], [rows[at] + "  # ..."])
        )
        after = "\n".join(rows)
        try:
            new = ast.parse(after)
        except SyntaxError:
            with pytest.raises(SyntaxError):
                parse_again(after, tree, text)
            continue
        keep_unchanged(new, after, tree, text)
        assert dump(parse_again(after, tree, text)) == dump(new)
        assert dump(new) == dump(ast.parse(after))
        reused += any(one in tree.body for one in new.body)
        text, tree = after, new
    assert reused


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("if a:\n    b\nc = 1\nd", "if a:\n    b\nelse: c\nd"),  # joins the statement above
        ("a = 1\nb = 2", "a = (\nb = 2"),  # is not complete by itself
        ("a = 1\n(b)\n", "a = 1\\\n(b)\n"),  # goes on in the row below
        ("a = 1; b = 2\nc", "a = 1; b = 3\nc"),  # shares a row
        ("x = '''\na\n'''\nb", "x = '''\na\n''' \nb"),
        ("x = 1\nb", "x = '''\nb"),
        ("def f():\n    a\n    b\nc", "def f():\n    a\n#   b\nc"),
        ("@a\ndef f():\n    b\nc", "@a.b\ndef f():\n    b\nc"),
        ("@a\ndef f():\n    b\nc", "x=1\ndef f():\n    b\nc"),
        ("a\nb", " a\nb"),
        ("# a\nb", "a\nb"),
        ("a\r\nb", "a\r\nc"),
    ],
)
def test_a_statement_that_is_parsed_alone_is_as_in_the_whole(old: str, new: str) -> None:
    try:
        whole = dump(ast.parse(new))
    except SyntaxError:
        with pytest.raises(SyntaxError):
            parse_again(new, ast.parse(old), old)
    else:
        assert dump(parse_again(new, ast.parse(old), old)) == whole
