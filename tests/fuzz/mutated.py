"""Real files with mutations, run by hand: `python tests/fuzz/mutated.py FOLDER ... [--count 100000] [--out FOLDER]`.

The files below the folders that train something are mutated one to four times each (lines and tokens deleted, doubled,
moved, taken from other files; indentation, comments, line ends, bytes), some are put into a notebook or a Markdown
page, and each has to keep the promises. Of notebooks and pages in the folders the code is taken. Every fourth run also
changes a file in ways that mean the same (comments, blank rows, line ends, a notebook, a page, a function with a syntax
error behind it): nothing that was found before may be lost without a word. Run N of a seed is the same wherever it is
run. What breaks a promise is written to `--out`, three files for each kind of failure (its type and the innermost line
of looplint); made small, it becomes a seed of the tests.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from promises import keeps_its_findings, keeps_its_promises

SAID = re.compile(
    r"fixing twice|something fixable|parses|lost without a word: [\w, ]+|an edit \w+ \w+"
    r"|(syntax error|unreadable) without|fixable is not"
)
WORDS = re.compile(rb"\.backward\(|\.step\(|zero_grad|no_grad|\.train\(\)|\.eval\(\)")
TOKENS = re.compile(r"\w+|[^\w\s]+|[ \t]+")
LINES = """\
optimizer.zero_grad()
loss.backward()
optimizer.step()
model.eval()
model.train()
with torch.no_grad():
if step % 4 == 0:
else:
for x, y in loader:
while True:
try:
except ValueError:
finally:
continue
break
return loss
yield loss
raise
pass
total += loss
losses.append(loss)
del loss
global model
async def f(self):
def train(*args, **kwargs):
class A(nn.Module):
@torch.no_grad()
scheduler.step()
scaler.scale(loss).backward()
scaler.step(optimizer)
model = Net().cuda()
out = model.forward(x)
match x:
case 'a' | 'b':
loss = F.cross_entropy(F.softmax(out, 1), y)
lambda: loss.backward()
(loss := model(x)).backward()
[o.step() for o in optimizers]
x = f'{model.forward(x)!r:>{w}}'
# looplint: ignore
x = 1  # noqa: LOOP1
...
from .a import *
import torch as t
type X = int
assert (yield)
await loader
print 'x'
\\""".splitlines()
PIECES = re.findall(
    r"\S+",
    """
( ) [ ] : , = := == * ** @ -> . ... ; ' # 0 None self super() lambda not in is if else for await async yield
del é 変数 model optimizer loss loader torch nn F
""",
)
PIECES += ['"""', "\\", "\t", " ", "\ufeff", "\u2028", "\r", "\x00"]


def corpus(folders: list[str], largest: int) -> Iterator[bytes]:
    """The code of each file below the folders that trains something and is not too large."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix in (".py", ".ipynb", ".md") and path.is_file() and 0 < path.stat().st_size <= 40 * largest:
                raw = b"\n".join(_code(path))
                if 0 < len(raw) <= largest and WORDS.search(raw):
                    yield raw


def _code(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    if path.suffix == ".py":
        yield raw
    elif path.suffix == ".md":
        yield from re.findall(rb"^```python\n(.*?)^```", raw, re.MULTILINE | re.DOTALL)
    else:
        try:
            cells = json.loads(raw)["cells"]
            yield from ("".join(cell["source"]).encode() for cell in cells if cell["cell_type"] == "code")
        except (ValueError, KeyError, TypeError):
            return


def mutated(raw: bytes, others: list[bytes], chance: random.Random) -> tuple[bytes, str]:
    """A mutation of a file, and the suffix of its kind."""
    lines = raw.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")
    for _ in range(chance.randint(1, 4)):
        chance.choice(MUTATIONS)(lines, others, chance)
    text = "\n".join(lines)
    kind = chance.random()
    if kind < 0.06:
        return _notebook(lines, chance), ".ipynb"
    if kind < 0.1:
        text = f"Text\n\n```python\n{text}\n```\n"
    encoded = text.encode("utf-8", "surrogateescape" if chance.random() < 0.02 else "replace")
    if chance.random() < 0.05:
        encoded = encoded.replace(b"\n", b"\r\n")
    if chance.random() < 0.02 and encoded:
        at = chance.randrange(len(encoded))
        encoded = encoded[:at] + bytes([chance.randrange(256)]) + encoded[at + 1 :]
    return encoded, ".md" if 0.06 <= kind < 0.1 else ".py"


def the_same(raw: bytes, chance: random.Random) -> tuple[bytes, str]:
    """The file changed in a way that means the same, and the suffix of its kind."""
    text = raw.decode("utf-8", "replace").replace("\r\n", "\n").rstrip() + "\n"
    kind = chance.randrange(8)
    if kind == 0:
        text = "".join(f"# {'row ' * 5}\n" for _ in range(chance.randint(1, 300))) + text
    elif kind == 1:
        text += "\n\ndef broken(:\n    pass\n"
    elif kind == 2:
        return text.replace("\n", "\r\n").encode("utf-8-sig"), ".py"
    elif kind == 3:
        text = f"Text\n\n```python\n{text}```\n"
    elif kind == 4:
        text = f"- Text\n\n{re.sub('^', '  ', f'```python{chr(10)}{text}```', flags=re.MULTILINE)}\n"
    elif kind == 5:
        return _cells([text.splitlines(keepends=True)]), ".ipynb"
    elif kind == 6:
        text = text.replace("    ", "\t") if '"""' not in text and not re.search(r"^ {1,3}\S", text, re.M) else text
    else:
        text += "\n\nclass Unrelated:\n    def value(self):\n        return 1\n"
    return text.encode(), ".md" if kind in (3, 4) else ".py"


def _notebook(lines: list[str], chance: random.Random) -> bytes:
    cells: list[list[str]] = []
    while lines:
        size = chance.randint(1, 25)
        source = [line + "\n" for line in lines[:size]]
        if chance.random() < 0.1:
            source.insert(
                0,
                chance.choice(("%%time\n", "%matplotlib inline\n", "!pip install x\n", "    # indented\n", "%%bash\n")),
            )
        cells.append(source)
        lines = lines[size:]
    return _cells(cells)


def _cells(sources: list[list[str]]) -> bytes:
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for source in sources
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode("utf-8", "replace")


def _delete(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    del lines[at : at + chance.choice((1, 1, 1, 2, 5))]
    lines[:] = lines or [""]


def _double(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    at, many = chance.randrange(len(lines)), chance.choice((1, 1, 3, 8))
    lines[at:at] = lines[at : at + many]


def _move(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    line = lines.pop(chance.randrange(len(lines)))
    lines.insert(chance.randint(0, len(lines)), line)


def _indent(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    at, many = chance.randrange(len(lines)), chance.choice((1, 3, 10, len(lines)))
    for row in range(at, min(at + many, len(lines))):
        lines[row] = lines[row].removeprefix("    ") if many % 2 else f"    {lines[row]}"


def _insert(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines.insert(at, margin + chance.choice(LINES))


def _take(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    other = chance.choice(others).decode("utf-8", "replace").split("\n")
    at, here = chance.randrange(len(other)), chance.randrange(len(lines))
    lines[here:here] = other[at : at + chance.choice((1, 4, 12))]


def _token(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    tokens = TOKENS.findall(lines[at])
    if tokens:
        place = chance.randrange(len(tokens))
        pool = (chance.choice(PIECES), "", tokens[place] * 2, chance.choice(tokens), chance.choice(LINES))
        tokens[place] = chance.choice(pool)
        lines[at] = "".join(tokens)


def _join(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    if at + 1 < len(lines):
        lines[at : at + 2] = [
            lines[at] + chance.choice(("; ", " ", "  # ", ", ", " if x else ")) + lines[at + 1].lstrip()
        ]


def _rename(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    names = re.findall(r"\b[a-z_]\w*\b", "\n".join(lines))
    if names:
        old, new = chance.choice(names), chance.choice((*names, "model", "optimizer", "loss"))
        lines[:] = re.sub(rf"\b{old}\b", new, "\n".join(lines)).split("\n")


def _comment(lines: list[str], others: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] += chance.choice(("  # why", "  # type: ignore", "  # looplint: ignore", " \\", "  # noqa"))


MUTATIONS: tuple[Callable[[list[str], list[bytes], random.Random], None], ...] = (
    _delete,
    _delete,
    _double,
    _move,
    _indent,
    _insert,
    _insert,
    _take,
    _token,
    _token,
    _token,
    _join,
    _rename,
    _comment,
)


class TooLong(BaseException):
    """One file took longer than allowed; no `except Exception` on the way keeps it."""


def _stop(*_: object) -> None:
    raise TooLong


def kind_of(error: BaseException) -> str:
    """What tells failures apart: the type, and the innermost place of looplint or of the promises."""
    text = "".join(traceback.format_exception(error))
    inside = re.findall(r'File ".*?((?:looplint|rules|fuzz)/[\w/]+\.py)", line (\d+)', str(error) + text)
    place = ":".join(inside[-1]) if inside else "?"
    if match := SAID.search(str(error)):
        place = match.group()
    return f"{type(error).__name__} {place}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--largest", type=int, default=3500, help="bytes of the largest file that is taken")
    parser.add_argument("--seconds", type=int, default=30, help="what one file may take")
    parser.add_argument("--out", default="fuzz-failures")
    arguments = parser.parse_args()
    files = list(corpus([str(Path(folder).resolve()) for folder in arguments.folders], arguments.largest))
    out = Path(arguments.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    # In a folder of its own: nothing of a project takes part.
    os.chdir(tempfile.mkdtemp(prefix="looplint-fuzz-"))
    signal.signal(signal.SIGVTALRM, _stop)
    kinds: collections.Counter[str] = collections.Counter()
    suffixes: collections.Counter[str] = collections.Counter()
    started, done = time.monotonic(), 0
    for number in range(arguments.first, arguments.first + arguments.count):
        chance = random.Random(f"{arguments.seed}:{number}")
        raw, suffix = mutated(files[number % len(files)], files, chance)
        suffixes[suffix] += 1
        # Of the processor: a busy machine changes nothing.
        signal.setitimer(signal.ITIMER_VIRTUAL, arguments.seconds)
        try:
            keeps_its_promises(raw, suffix)
            if number % 4 == 0:
                python = raw if suffix == ".py" else files[number % len(files)]
                raw, suffix = the_same(python, chance)
                keeps_its_findings(python, raw, suffix)
        except (Exception, TooLong) as error:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            kind = kind_of(error)
            kinds[kind] += 1
            if kinds[kind] <= 3:
                name = re.sub(r"\W+", "-", kind)
                (out / f"{name}-{number}{suffix}").write_bytes(raw)
                (out / f"{name}-{number}.txt").write_text("".join(traceback.format_exception(error))[-6000:])
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        done += 1
        if done % 500 == 0:
            took = time.monotonic() - started
            print(f"{done} of {arguments.count} ({len(files)} files; {took:.0f} s): {dict(kinds)}", flush=True)
    print(f"{done} mutated files, {dict(suffixes)}: {sum(kinds.values())} failures {dict(kinds)}")
    sys.exit(bool(kinds))


if __name__ == "__main__":
    main()
