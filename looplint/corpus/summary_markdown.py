"""The summary as Markdown."""

from __future__ import annotations

from looplint.corpus.summary import Share, Summary


def markdown(summary: Summary) -> str:
    """The page."""
    lines = ["# Training loops in many repositories", "", *map(_sentence, facts(summary)), ""]
    lines += ["## Findings by rule", "", *_rules(summary), ""]
    if summary.shapes:
        lines += ["## The most frequent shapes", ""]
    for number, shape in enumerate(summary.shapes, 1):
        lines += [
            f"### {number}. {shape.code} {shape.name}: {counted(shape.findings, 'finding')} in "
            f"{counted(shape.repositories, 'repository')}",
            "",
            _inline(shape.text),
            "",
            f"In {_inline(shape.example)}:",
            "",
            *(f"    {line}" for line in shape.picture.split("\n")),
            "",
        ]
    if summary.stopped:
        lines += ["## Not read to their end", "", "| repository | state | why |", "|---|---|---|"]
        lines += [f"| {_inline(name)} | {state} | {_inline(why)} |" for name, state, why in summary.stopped]
        lines += [""]
    return "\n".join(lines)


def facts(summary: Summary) -> list[str]:
    """The linted inputs, one sentence each."""
    states = ", ".join(f"{number} {state}" for state, number in sorted(summary.states.items()))
    found = [
        f"looplint {', '.join(summary.versions)} linted {counted(summary.repositories, 'repository')} ({states}), "
        f"{counted(summary.files, 'file')} with {counted(summary.lines, 'line')}, in {summary.seconds:,.0f} seconds of "
        "processor time.",
        f"{counted(summary.with_loop, 'repository')} and {counted(summary.files_with_loop, 'file')} hold a training "
        f"loop, {counted(summary.loops, 'training loop')} in all; {counted(summary.findings, 'finding')}.",
    ]
    if summary.copies:
        found.append(f"{counted(summary.copies, 'file')} with findings are copies of others.")
    if summary.retried:
        found.append(f"{counted(summary.retried, 'repository')} needed a second process.")
    if summary.noted or summary.cut_off or summary.defects:
        found.append(
            f"{counted(summary.noted, 'file')} could not be read whole, {counted(summary.cut_off, 'file')} took too "
            f"long, {counted(summary.defects, 'defect')} of looplint (columns `notes`, `cut_off`, `errors` of `files`)."
        )
    return found


EXPLAINED = (
    "Shares are of the repositories and of the files that hold a training loop, with Wilson's 95 % interval; findings "
    "elsewhere (in a file that only defines a network) count as findings alone."
)


def percent(share: Share) -> str:
    """`2.1 % (1.4 to 3.2)`."""
    low, high = share.interval
    return f"{100 * share.value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def counted(number: int, noun: str) -> str:
    """`1 file`, `2,000 files`."""
    plural = noun if number == 1 else f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {plural}"


def _rules(summary: Summary) -> list[str]:
    if not summary.rules:
        return ["Nothing was found."]
    rows = [
        f"| {rule.code} | {rule.name}{' (preview)' if rule.preview else ''} | {rule.findings:,} | "
        f"{rule.findings * 1000 / summary.loops if summary.loops else 0:.1f} | {rule.repositories.part:,} | "
        f"{percent(rule.repositories)} | {rule.files.part:,} | {percent(rule.files)} |"
        for rule in summary.rules
    ]
    head = "| | rule | findings | for 1,000 loops | repositories | share | files | share |"
    return [EXPLAINED, "", head, "|---" * 8 + "|", *rows]


def _sentence(text: str) -> str:
    return f"- {text}"


def _inline(text: str) -> str:
    """External text in one row, with Markdown's characters escaped except in code between backticks."""
    text = " ".join(text.split())
    return "".join(f"\\{char}" if char in "\\|<>*_[]" else char for char in text)
