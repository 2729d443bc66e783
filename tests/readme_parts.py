"""What of the README is made, not written: the table of the first rules, the records of the proofs, and the picture."""

from __future__ import annotations

import html
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from looplint.cli.rule_markdown import table
from looplint.findings.measured import records
from looplint.project.catalog import rules
from looplint.rule import HOME

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PICTURE = ROOT / ".github" / "terminal.svg"

# The rules that the README shows: what goes wrong most often in code as people write it, and costs most.
FIRST = (
    "missing-set-epoch",
    "missing-zero-grad",
    "missing-train-mode",
    "softmax-before-cross-entropy",
    "clip-before-unscale",
    "scheduler-before-optimizer",
    "loss-accumulated-with-graph",
    "missing-eval-mode",
    "missing-no-grad",
    "best-state-aliased",
)
SHOWN = """\
import torch
from torch import nn


def train(model, loader, epochs):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(epochs):
        optimizer.zero_grad()
        running = 0.0
        for images, labels in loader:
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            running += loss
        print(f"epoch {epoch}: {running / len(loader):.3f}")
"""


def looplint(*arguments: str, folder: Path = ROOT) -> str:
    """What looplint prints on stdout."""
    command = [sys.executable, "-m", "looplint", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def part(name: str, text: str | None = None) -> str:
    """The part of the README between `<!-- name -->` and `<!-- end -->`; with `text` it is written there first."""
    readme = README.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", re.DOTALL)
    found = pattern.search(readme)
    assert found, f"README.md has no `<!-- {name} -->` ... `<!-- end -->`"
    if text is None:
        return found[0].removeprefix(found[1]).removesuffix(found[2])
    README.write_text(pattern.sub(lambda m: m[1] + text + m[2], readme), encoding="utf-8")
    return text


def rule_table() -> str:
    """The rules that matter most, in the order of the loop; all of them stand in the index of the pages."""
    chosen = [rule for rule in rules() if rule.name in FIRST]
    assert len(chosen) == len(FIRST)
    return table(chosen, "reference/pages/", None).replace(f"{HOME}/raw/main/", "")


def record_table() -> str:
    """Where and when the proofs were measured, a line for each kind of device."""
    lines = ["| device | torch | date | rules proved |", "|---|---|---|---|"]
    for record in records().values():
        lines.append(f"| {record['device']} | {record['torch']} | {record['date']} | {len(record['rules'])} |")
    return "\n".join(lines)


def output(folder: Path) -> str:
    """What looplint prints about the sample program on a terminal with colours."""
    (folder / "train.py").write_text(SHOWN, encoding="utf-8")
    return looplint("--isolated", "--no-cache", "--color", "always", "train.py", folder=folder)


def picture(printed: str) -> str:
    """The printed text, colours included, as an SVG image of a terminal."""
    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    text = Text.from_ansi(f"$ looplint train.py\n{printed.rstrip()}")
    console = Console(record=True, file=io.StringIO(), width=128)
    console.print(text, soft_wrap=False)
    svg = console.export_svg(title="looplint", theme=MONOKAI)
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())


def words(svg: str) -> str:
    """What an image of a terminal says, without its spaces and line ends."""
    return "".join("".join(html.unescape(found)) for found in _texts(svg)).translate({32: None, 160: None, 10: None})


def _texts(svg: str) -> Iterator[str]:
    for match in re.finditer(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL):
        yield match[1]
