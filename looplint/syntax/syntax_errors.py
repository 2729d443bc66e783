"""One sentence for the user about a syntax error: Python 2, another version's syntax, or broken code."""

from __future__ import annotations

import re
import sys

from looplint.syntax.newer_syntax import newer_syntax
from looplint.syntax.parse import parses

_PYTHON_2 = (
    (r"\s*print\s+[\"'\w%`]|\s*print\s*>>", "the print statement"),
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
)


def reason(error: SyntaxError, text: str) -> str:
    """The cause of a syntax error, as the end of a sentence. `error`: raised by `parse`."""
    row = error.lineno or 1
    if sign := _sign_of_python_2(error, text, row):
        return f"Python 2 code ({sign}), and looplint reads Python 3"
    if error.lineno is None:
        return error.msg
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    lines = text.split("\n")
    newer = newer_syntax(lines[row - 1] if row <= len(lines) else "")
    # Many rows look like newer syntax; what libcst, which reads all versions, rejects as well is none.
    if newer and parses(text, "libcst"):
        version = ".".join(map(str, newer.since))
        return f"{newer.name} may need Python {version}, and looplint runs on {running}"
    if re.match(r"[^#'\"]*\basync\s*=(?!=)", lines[row - 1] if row <= len(lines) else ""):
        return "`async` has been a keyword since Python 3.7; PyTorch now calls this argument `non_blocking`"
    # The parser counts lines from where it began to read, and some of its messages quote the code: control characters
    # stay off the terminal.
    message = re.sub(r" \(detected at line \d+\)| on line \d+", "", error.msg or "invalid syntax")
    return "".join(char if char.isprintable() else "\ufffd" for char in message)


def is_python_2(error: SyntaxError, text: str) -> bool:
    """Whether the row of an error is Python 2."""
    return _sign_of_python_2(error, text, error.lineno or 1) is not None


def syntax_note(path: str, error: Exception, text: str, *, cell: int | None = None, origin_row: int = 1) -> str:
    """One sentence on text that `parse` rejected: where, why, and that it was skipped.

    `error`: raised by it, or by `ast.parse`. `text`: its argument. `cell`: the notebook's cell; `origin_row`: the first
    row of the text in the file or cell.
    """
    part = "cell" if cell is not None else "block" if origin_row > 1 else "file"
    where = path if cell is None else f"{path}:cell {cell + 1}"
    if isinstance(error, SyntaxError) and error.lineno is not None:
        where = f"{where}:{origin_row - 1 + error.lineno}:{max(error.offset or 1, 1)}"
    if not isinstance(error, SyntaxError) or error.lineno is None:
        deep = isinstance(error, RecursionError | MemoryError)
        why = "nested too deeply" if deep else getattr(error, "msg", None) or error
        return f"{where}: {why}; the {part} was skipped"
    if sign := _sign_of_python_2(error, text, error.lineno):
        return f"{where}: Python 2 code ({sign}); the {part} was skipped: looplint reads Python 3"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{where}: not valid Python {version} ({reason(error, text)}); the {part} was skipped"


def _sign_of_python_2(error: SyntaxError, text: str, row: int) -> str | None:
    for message, sign in _MESSAGES_OF_2:
        if (error.msg or "").startswith(message):
            return sign
    lines = text.split("\n")
    line = lines[row - 1] if row <= len(lines) else ""
    return next((sign for pattern, sign in _PYTHON_2 if re.match(pattern, line)), None)
