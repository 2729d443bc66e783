"""A program: the files that are read, each once."""

from __future__ import annotations

from pathlib import Path

from looplint.program.program import Program


def test_a_file_that_changed_is_parsed_again(tmp_path: Path) -> None:
    program, path = Program(), str(tmp_path / "c.py")
    (tmp_path / "c.py").write_text("")
    first = program.load(path)
    assert first is not None and program.load(path) is first
    (tmp_path / "c.py").write_text("x = 1\n")
    program.drop(path)
    second = program.load(path)
    assert second is not None and "x" in second.bindings
