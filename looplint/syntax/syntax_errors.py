"""One sentence for the user about text that does not parse: Python 2, another version's syntax, or broken."""

from __future__ import annotations

import re
import sys

_PYTHON_2 = (
    (r"\s*print\s+[\"'\w%`]|\s*print\s*>>", "the print statement"),
    (r"\s*except\s+[\w.()\s,]+,\s*\w+\s*:", "`except X, e:`"),
    (r"\s*raise\s+[\w.]+\s*,", "`raise X, message`"),
    (r"\s*exec\s+[\"'\w]", "the exec statement"),
    (r"[^#'\"]*\b0\d+\b|[^#'\"]*\b(?:0x[\da-fA-F]+|\d+)[lL]\b", "its form of numbers"),
    (r"[^#'\"]*<>", "`<>`"),
    (r"[^#'\"]*`[^`]+`", "backquotes"),
    (r"[^#]*\b[uU][rR][\"']", "`ur''`"),
    (r"\s*def\s+\w+\s*\((?:[^()=:]*,)?\s*\(", "a tuple as a parameter"),
)
_MESSAGES_OF_2 = (
    ("Missing parentheses in call to 'print'", "the print statement"),
    ("Missing parentheses in call to 'exec'", "the exec statement"),
    ("multiple exception types must be parenthesized", "`except X, e:`"),
)


def syntax_note(path: str, error: BaseException, text: str, *, cell: int | None = None, origin_row: int = 1) -> str:
    """One sentence on text that `ast.parse` refused: where, why, and that it was skipped.

    `error`: what it raised (SyntaxError, ValueError, RecursionError, MemoryError). `text`: what it was given.
    `cell`: the notebook's cell; `origin_row`: the row of the file or cell in which the text begins.
    """
    part = "cell" if cell is not None else "block" if origin_row > 1 else "file"
    where = path if cell is None else f"{path}:cell {cell}"
    if not isinstance(error, SyntaxError):
        if isinstance(error, UnicodeEncodeError):
            return f"{where}: holds a half of a character (a lone surrogate); the {part} was skipped"
        if isinstance(error, ValueError):
            return f"{where}: {error}; the {part} was skipped"
        return f"{where}: nested too deeply to be read; the {part} was skipped"
    row = error.lineno or 1
    where = f"{where}:{origin_row - 1 + row}:{max(error.offset or 1, 1)}"
    if sign := _sign_of_python_2(error, text, row):
        return f"{where}: Python 2 code ({sign}); the {part} was skipped: looplint reads Python 3"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    # Some messages of the parser quote the code: control characters stay out of the terminal.
    reason = "".join(char if char.isprintable() else "\ufffd" for char in error.msg or "invalid syntax")
    return f"{where}: not valid Python {version} ({reason}); the {part} was skipped"


def _sign_of_python_2(error: SyntaxError, text: str, row: int) -> str | None:
    for message, sign in _MESSAGES_OF_2:
        if (error.msg or "").startswith(message):
            return sign
    lines = text.split("\n")
    line = lines[row - 1] if row <= len(lines) else ""
    return next((sign for pattern, sign in _PYTHON_2 if re.match(pattern, line)), None)
