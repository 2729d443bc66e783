"""The only use of libcst's parser: text to a concrete tree, with one kind of error, and protected against crashes."""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst

DEPTH = 500
"""Operators, dots and brackets without a comma between them. libcst's parser recurses without a limit, so that a sum of
a few thousand terms crashes the process; its time grows with the square of the depth, and a thousand take a second."""

_NESTS = re.compile(r"[-+*/%@&|^~<>.(\[{]|\b(?:and|or|not|in|is|if|lambda|await)\b")
_PLACE = re.compile(r"error at (\d+):(\d+)")


def concrete(text: str) -> libcst.Module:
    """The concrete tree of Python text with `\\n` newlines. Raises SyntaxError if libcst cannot parse it."""
    import libcst

    if too_deep(text):
        raise SyntaxError("it is nested too deeply to be read")
    try:
        return libcst.parse_module(text)
    except libcst.ParserSyntaxError as error:
        raise _as_syntax_error(error.message, error.raw_line) from None
    except (libcst.CSTLogicError, libcst.CSTValidationError):
        raise SyntaxError("invalid syntax") from None
    except UnicodeEncodeError:
        raise SyntaxError("it contains a lone surrogate, half of a character") from None


def _as_syntax_error(message: str, row: int) -> SyntaxError:
    """libcst's message lists every token that could have followed; the position it reached is in it, too."""
    place = _PLACE.search(message)
    found = SyntaxError("invalid syntax")
    found.lineno, found.offset = (int(place[1]), int(place[2]) or 1) if place else (row, 1)
    return found


def too_deep(text: str) -> bool:
    """Whether code may be nested deeper than DEPTH anywhere."""
    if all(len(_NESTS.findall(part)) <= DEPTH for part in re.split("[,;]", text) if len(part) > DEPTH):
        return False
    # More precisely: many statements without a comma between them are not nested.
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NEWLINE or token.string in (",", ";"):
                depth = 0
            elif token.type in (tokenize.OP, tokenize.NAME) and _NESTS.fullmatch(token.string):
                depth += 1
                if depth > DEPTH:
                    return True
    except (tokenize.TokenError, SyntaxError):
        return True
    return False
