"""What of the README is made, not written: the table of the first rules, the records of the proofs, and the picture."""

from __future__ import annotations

import html
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from looplint.findings.measured import records
from looplint.pages.rule_markdown import table
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
SHOWN = (ROOT / "reference" / "first_example.py").read_text(encoding="utf-8")
RESULTS = ROOT / "tests" / "bench" / "RESULTS.md"


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


def accuracy() -> str:
    """What `RESULTS.md` says of repositories that looplint had not met: the columns "at first" of its tables, summed.

    The first table is about the repositories that looplint was developed on, and is left out.
    """
    _, _, measured = RESULTS.read_text(encoding="utf-8").partition("17 other repositories")
    planted = [(int(a), int(b)) for a, b in re.findall(r"^\| \w+ \| (\d+) of (\d+), [\d.]+ % \|", measured, re.M)]
    found, mutants = map(sum, zip(*planted, strict=True))
    rows = {
        kind: list(map(sum, zip(*(map(int, row) for row in counts), strict=True)))
        for kind in ("default", "in preview only")
        if (counts := re.findall(rf"^\| {kind} \| (\d+) \| (\d+) \|", measured, re.M))
    }
    places = re.findall(r"^\| [\w-]+ \| (\d+) of (\d+) \| ?(?:(\d+) of (\d+))? ?\|$", measured, re.M)
    real, bugs = (sum(int(place[i]) for place in places) for i in (0, 1))
    beside = re.search(r"^\| all of these \| (\d+) of (\d+) \| (\d+) of (\d+) \|", measured, re.M)
    assert beside, "RESULTS.md has no row `all of these`"
    read = re.search(r"^\| all of these \| (\d+) \| (\d+) \| (\d+) \| \d+ \|", measured, re.M)
    assert read, "RESULTS.md has no row `all of these` for the findings that were read"
    findings, meant, harmless = map(int, read.groups())
    _, _, unseen = measured.partition("repositories that were never seen")
    sets = re.findall(r"^\| all of these \| \d+ \| (\d+) \| (\d+) \| (\d+) \|", unseen, re.M)
    assert len(sets) == 14, "RESULTS.md has no row `all of these` for each set of repositories that were never seen"
    true, no_harm, wrong = map(int, sets[0])
    later_true, later_no_harm, later_wrong = (sum(int(one[i]) for one in sets[1:]) for i in range(3))
    mine, all_mine, theirs, all_theirs = map(int, beside.groups())
    lines = [
        "| measured on repositories that looplint had not met | |",
        "|---|---|",
        f"| mistakes planted in correct loops that it reported | {_share(found, mutants)} |",
        f"| findings of the default rules on the unchanged code that were true | {_share(*rows['default'][::-1])} |",
        f"| findings of the preview rules there that were true | {_share(*rows['in preview only'][::-1])} |",
        "| findings of all rules in 119 repositories that were right, before the wrong ones were fixed "
        f"| {_share(meant + harmless, findings)}, {harmless} of them harmless |",
        "| findings of the default rules in 85 further repositories that were right, before wrong ones were fixed "
        f"| {_share(true + no_harm, true + no_harm + wrong)}, {no_harm} of them harmless |",
        "| the same in 1,099 other repositories, read afterwards "
        f"| {_share(later_true + later_no_harm, later_true + later_no_harm + later_wrong)}, "
        f"{later_no_harm} of them harmless |",
        f"| real mistakes at listed public places that are reported today, preview rules on | {_share(real, bugs)} |",
        f"| of those of them that dslinter looks for, found by looplint | {_share(mine, all_mine)} |",
        f"| the same, found by dslinter | {_share(theirs, all_theirs)} |",
    ]
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({part / whole:.0%})"


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
