"""Changed Python text back into its file; unchanged parts stay the same, byte for byte."""

from __future__ import annotations

import codecs
import dataclasses
import json
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial

from looplint.sources import kind_of
from looplint.sources.decode import decode, decode_as, encoding, split_rows
from looplint.sources.embedded import PROMPT, Block, Row
from looplint.sources.magics import without_magics
from looplint.sources.markdown import has_training_words, python_blocks
from looplint.sources.notebook import code_cells, spans
from looplint.sources.source import Unwritable
from looplint.syntax.in_part import read_in_part
from looplint.syntax.parse import parse


def editable_segments(raw: bytes, path: str) -> list[tuple[int, str]]:
    """(index in `Source.segments`, Python text) of every part of a file that can be changed by itself.

    Row i of a text is row i of its segment. A plain file has one part, with the index 0. `path`: its suffix says what
    the file is. Raises Unreadable.
    """
    if kind_of(path) == "python":
        return [(0, _readable(decode(raw, path)))]
    return list(enumerate(block.text for block in _blocks(raw, path)))


def write_back(raw: bytes, path: str, texts: Mapping[int, str]) -> bytes:
    """The bytes of the file with new texts, by index, for some of its `editable_segments(raw, path)`.

    Magics, prompts, outputs, indentation, encoding, newlines and the notebook's JSON around the code are kept. Reading
    the result gives the texts as passed. Raises Unreadable, and Unwritable if a text cannot be written: characters that
    the file's encoding lacks, a magic that the new text lost, a text that would end its own block. Raises IndexError
    for an unknown index.
    """
    before = editable_segments(raw, path)
    if unknown := set(texts) - {index for index, _ in before}:
        raise IndexError(f"{path} has no segment {min(unknown)}")
    texts = {index: text for index, text in texts.items() if text != before[index][1]}
    if not texts:
        return raw
    kind = kind_of(path)
    if kind == "python":
        written = _into_python(raw, path, texts[0])
    elif kind == "notebook":
        written = _into_notebook(raw, path, texts)
    else:
        written = _into_markdown(raw, path, texts)
    meant = [texts.get(index, text) for index, text in before]
    came_out = [text for _, text in editable_segments(written, path)]
    if kind == "markdown":
        # An unlabelled block is no longer read once its last training word is gone.
        meant, came_out = list(filter(has_training_words, meant)), list(filter(has_training_words, came_out))
    if came_out != meant:
        raise Unwritable(path, "a fix would be changed when written back: apply it by hand")
    return written


def _readable(text: str) -> str:
    return read_in_part(without_magics(text))[0]


def _blocks(raw: bytes, path: str) -> list[Block]:
    text = decode_as("utf-8-sig", raw, path)
    return code_cells(text, path)[0] if kind_of(path) == "notebook" else python_blocks(text, path)[0]


def _into_python(raw: bytes, path: str, text: str) -> bytes:
    name = encoding(raw, path)
    mark = codecs.BOM_UTF8 if name == "utf-8-sig" else b""
    name = "utf-8" if mark else name
    raw = raw.removeprefix(mark)
    written = split_rows(decode_as(name, raw, path))
    harmless = _readable("\n".join(row for row, _ in written)).split("\n")
    rows = [Row(text, row, newline=newline) for text, (row, newline) in zip(harmless, written, strict=True)]
    # Row by row, since not every encoding round-trips its bytes (Shift JIS).
    lines = re.split(rb"\r\n|\r|\n", raw)
    if len(lines) != len(rows):
        raise Unwritable(path, f"its encoding, {name}, hides the ends of lines: save it as UTF-8")
    try:
        return mark + b"".join(
            (row.original.encode(name) if index is None else lines[index]) + row.newline.encode("ascii")
            for row, index in _weave(rows, text, path)
        )
    except UnicodeEncodeError:
        raise Unwritable(path, f"a fix needs characters that its encoding, {name}, lacks: save it as UTF-8") from None


def _into_markdown(raw: bytes, path: str, texts: Mapping[int, str]) -> bytes:
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    lines = [row + newline for row, newline in split_rows(raw.removeprefix(mark).decode("utf-8"))]
    blocks = _blocks(raw, path)
    for index in sorted(texts, reverse=True):
        block = blocks[index]
        start = block.origin_row - 1
        lines[start : start + len(block.rows)] = _lines(block, texts[index], path)
    return mark + "".join(lines).encode("utf-8")


def _into_notebook(raw: bytes, path: str, texts: Mapping[int, str]) -> bytes:
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    document = raw.removeprefix(mark).decode("utf-8")
    where = spans(document)
    blocks = _blocks(raw, path)
    # A notebook with an escaped non-ASCII character, and none unescaped, was written with `ensure_ascii`.
    escaped = re.search(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])", document) is not None
    dumps = partial(json.dumps, ensure_ascii=document.isascii() and escaped)
    for index in sorted(texts, key=lambda index: where[blocks[index].key], reverse=True):
        key = blocks[index].key
        start, end = where[key]
        code = "".join(_lines(blocks[index], texts[index], path))
        if document[start] == "[":
            # Of a duplicate key JSON takes the last.
            items = [span for place, span in where.items() if place[:-1] == key and start < span[0] < end]
            value = _json_list(document, (start, end), items, code, dumps)
        else:
            value = dumps(code)
        document = document[:start] + value + document[end:]
    return mark + document.encode("utf-8")


def _json_list(
    document: str, span: tuple[int, int], items: Sequence[tuple[int, int]], code: str, dumps: Callable[[str], str]
) -> str:
    """A list of strings that make up `code`, formatted like the list at `span`; unchanged strings are copied."""
    if not items or not code:
        return f"[{dumps(code)}]" if code else "[]"
    tokens = [document[start:end] for start, end in items]
    values = [json.loads(token) for token in tokens]
    parts = _parts(values, code)
    known: dict[str, deque[str]] = defaultdict(deque)
    for value, token in zip(values, tokens, strict=True):
        known[value].append(token)
    head = document[span[0] + 1 : items[0][0]]
    tail = document[items[-1][1] : span[1] - 1]
    between = document[items[0][1] : items[1][0]] if len(items) > 1 else "," + (head or " ")
    return (
        "[" + head + between.join(known[part].popleft() if known[part] else dumps(part) for part in parts) + tail + "]"
    )


def _parts(values: Sequence[str], code: str) -> list[str]:
    """The code, split into strings where the code that it replaces was."""
    # nbformat splits with `str.splitlines`, other programs only at newlines, and some (Sphinx-Gallery) not at all.
    for cut in (lambda text: text.splitlines(keepends=True), lambda text: re.findall(r"[^\n]*\n|[^\n]+", text)):
        if cut("".join(values)) == values:
            return cut(code)
    head, tail = list[str](), list[str]()
    rest = list(values)
    while rest and code.startswith(rest[0]):
        code = code[len(rest[0]) :]
        head.append(rest.pop(0))
    while rest and code.endswith(rest[-1]):
        code = code[: len(code) - len(rest[-1])]
        tail.insert(0, rest.pop())
    return [*head, *([code] if code else []), *tail]


def _lines(block: Block, text: str, path: str) -> list[str]:
    """The rows of the file or cell for a block's new text, with their newlines."""
    return [row.prefix + row.original + row.newline for row, _ in _weave(block.rows, text, path)]


def _weave(rows: Sequence[Row], text: str, path: str) -> list[tuple[Row, int | None]]:
    """The rows for a new text: the old ones, with their index, where unchanged, else new ones formatted alike."""
    texts = text.split("\n")
    woven: list[tuple[Row, int | None]] = []
    newline = Counter(row.newline for row in rows if row.newline).most_common(1)
    starts = _statement_starts(text) if any(PROMPT.search(row.prefix) for row in rows) else frozenset()
    for same, old, new in _changes([row.text for row in rows], texts):
        if same:
            woven += [(rows[index], index) for index in old]
            continue
        magics = deque(row for index in old if (row := rows[index]).text and row.text != row.original)
        prefix = _prefix(rows, old)
        for index in new:
            original = _restored(magics[0], texts[index]) if magics else None
            if original is not None:
                magics.popleft()
            prefix_here = _prompted(prefix, index + 1 in starts)
            if not texts[index]:
                prefix_here = prefix_here.rstrip(" \t")
            woven.append((Row(texts[index], texts[index] if original is None else original, prefix_here, ""), None))
        if magics:
            raise Unwritable(path, f"a fix would lose the line `{magics[0].original.strip()}`: apply it by hand")
    last = len(woven) - 1
    usual = newline[0][0] if newline else "\n"
    return [
        (dataclasses.replace(row, newline=rows[-1].newline if number == last else row.newline or usual), origin)
        for number, (row, origin) in enumerate(woven)
    ]


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, range, range]]:
    """(same, indices in old, indices in new), in order. Common ends are stripped first: most changes are small."""
    shorter = min(len(old), len(new))
    head = next((index for index in range(shorter) if old[index] != new[index]), shorter)
    tail = next((index for index in range(shorter - head) if old[-1 - index] != new[-1 - index]), shorter - head)
    yield True, range(head), range(head)
    matcher = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail])
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        yield tag == "equal", range(head + old_start, head + old_end), range(head + new_start, head + new_end)
    yield True, range(len(old) - tail, len(old)), range(len(new) - tail, len(new))


def _restored(row: Row, text: str) -> str | None:
    """The row of the file for a changed row with a magic; None if the text does not belong to that row."""
    shared = 0
    while shared < min(len(row.text), len(row.original)) and row.text[-1 - shared] == row.original[-1 - shared]:
        shared += 1
    stand_in = row.text[: len(row.text) - shared]
    if not stand_in or not text.startswith(stand_in):
        return None
    return row.original[: len(row.original) - shared] + text[len(stand_in) :]


def _prefix(rows: Sequence[Row], old: range) -> str:
    """The prefix of new rows: that of the rows they replace, or of their nearest neighbour."""
    neighbours = [*old, *range(old.start - 1, -1, -1), *range(old.stop, len(rows))]
    return next((rows[index].prefix for index in neighbours if rows[index].text), "")


_PROMPT_END = re.compile(r"(?:>>>|\.\.\.) ?$")
_CELL_PROMPT_END = re.compile(r"In ?\[[ \d]*\]: ?$")


def _prompted(prefix: str, starts: bool) -> str:
    if doctest := _PROMPT_END.search(prefix):
        return prefix[: doctest.start()] + (">>> " if starts else "... ")
    if (cell := _CELL_PROMPT_END.search(prefix)) and not starts:
        return prefix[: cell.start()] + "...: ".rjust(len(cell[0].rstrip()) + 1)
    return prefix


def _statement_starts(text: str) -> frozenset[int]:
    try:
        body = parse(text).body
    except SyntaxError:
        return frozenset()
    return frozenset(
        min([statement.lineno, *(decorator.lineno for decorator in getattr(statement, "decorator_list", ()))])
        for statement in body
    )
