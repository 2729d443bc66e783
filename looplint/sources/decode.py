"""From a file's bytes to Python text: encoding (PEP 263, byte order mark), newlines, and error messages."""

from __future__ import annotations

import codecs
import re
import tokenize
import warnings

from looplint.sources.source import Unreadable

# Characters that must have their ASCII bytes in every encoding of source code (PEP 263, "Concepts").
_SYNTAX = bytes([9, 10, 12, 13]) + bytes(range(32, 92)) + bytes(range(93, 126))


def encoding(raw: bytes, path: str) -> str:
    """The codec of Python source: "utf-8-sig" with a byte order mark, the one that PEP 263's comment declares, or
    "utf-8".

    Raises Unreadable if the declared one is unknown to Python or no text encoding.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable(path, "is UTF-16, which Python does not read: save it as UTF-8")
    if b"\0" in raw:
        raise Unreadable(path, "contains NUL bytes, so it is not Python source: exclude it, or save it as UTF-8 text")
    lines = iter([line + b"\n" for line in re.split(rb"\r\n|\r|\n", raw, maxsplit=2)[:2]])
    try:
        name, _ = tokenize.detect_encoding(lambda: next(lines))
    except SyntaxError as error:
        reason = str(error)
        if "invalid or missing encoding" in reason:
            raise Unreadable(path, _not_utf8(raw)) from None
        raise Unreadable(
            path, f"its encoding is unclear ({reason}): correct the coding comment on its first two lines"
        ) from None
    if not _reads_syntax(name):
        raise Unreadable(path, f"declares the encoding {name}, which is none for source code: save it as UTF-8")
    return name


def _reads_syntax(name: str) -> bool:
    if name.startswith("utf-8"):
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _SYNTAX.decode(name) == _SYNTAX.decode("ascii")
        except (UnicodeError, LookupError):
            return False


def decode(raw: bytes, path: str) -> str:
    """Python source as text with `\\n` newlines and without byte order mark. Raises Unreadable."""
    return normalise(decode_as(encoding(raw, path), raw, path))


def decode_as(name: str, raw: bytes, path: str) -> str:
    """The bytes decoded with this codec, newlines unchanged. Raises Unreadable."""
    try:
        return raw.decode(name)
    except (UnicodeError, LookupError, ValueError):
        if name.startswith("utf-8"):
            raise Unreadable(path, _not_utf8(raw)) from None
        raise Unreadable(
            path, f"is not in the encoding that it declares, {name}: correct its coding comment, or save it as UTF-8"
        ) from None


def normalise(text: str) -> str:
    """Newlines as Python reads them: CRLF and lone CR become LF, and nothing else ends a line; no byte order mark."""
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def split_rows(text: str) -> list[tuple[str, str]]:
    """Rows as (text, newline), newlines unchanged. The last newline is "": the text after the last line end."""
    parts = re.split(r"(\r\n|\r|\n)", text)
    return list(zip(parts[::2], [*parts[1::2], ""], strict=True))


def _not_utf8(raw: bytes) -> str:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        row = len(re.findall(rb"\r\n|\r|\n", raw[: error.start])) + 1
        place = f"byte 0x{raw[error.start]:02x} on line {row}"
    else:
        place = "its first line"
    return f"is not UTF-8 ({place}) and declares no other encoding: save it as UTF-8"
