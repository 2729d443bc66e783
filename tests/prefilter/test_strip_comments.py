"""The code of a file without comments and docstrings."""

from __future__ import annotations

import pytest

from looplint.prefilter.strip_comments import code


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (b"x = 1  # backward\n", b"x = 1\n"),
        (b'"""a\nb"""\nx\n', b'""\n\nx\n'),
        (b"'''a'''\n", b'""\n'),
        (b"x = '# no comment'\n", b"x = '# no comment'\n"),
        (b'x = "a\\"# b"  # c\n', b'x = "a\\"# b"\n'),
        (b"# only\n", b"\n"),
        (b'x = "open\n# c', b'x = "open\n'),
    ],
)
def test_comments_and_long_strings_are_left_out_and_rows_stay(text: bytes, left: bytes) -> None:
    assert code(text) == left
    assert left.count(b"\n") == text.count(b"\n")
