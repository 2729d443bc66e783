"""looplint inside a notebook: `%load_ext looplint`, then `%%looplint` at the top of a cell, or `%looplint`.

`%%looplint` lints its cell as one program with the cells that ran before it, and then runs it. `%looplint` lints
everything that ran so far, in the order in which it ran; a cell that ran again counts once, with its last text. Both
take `--preview`, `--select RULES` and `--ignore RULES`, as the command line does.
"""

from __future__ import annotations

import argparse
import dataclasses
import html
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from looplint.finding import Finding, TraceStep
from looplint.notice import DETAILS
from looplint.sources.notebook import notebook_text

if TYPE_CHECKING:
    from looplint.run.result import Result

NAME = "notebook.ipynb"
"""The file name of the cells: a notebook in the current folder, whose configuration applies."""

_STYLE = {
    "row": "white-space:pre;font-family:monospace;padding:0 .5em",
    "mark": "white-space:pre;font-family:monospace;padding:0 .5em;background:#f5c51833;border-left:3px solid #d9822b",
    "note": "color:#b35900;font-style:italic",
    "error": "color:#c0392b;font-weight:bold",
    "warning": "color:#b35900;font-weight:bold",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """Findings in the cells of a notebook, as the notebook shows them. `cells`: the text of each cell that ran;
    `numbers`: the numbers that the notebook gives them (`In [3]`)."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    cells: tuple[str, ...]
    numbers: tuple[int, ...]

    def _repr_html_(self) -> str:
        """The findings with their paths: the code, and what happens on each row."""
        if not self.findings and not self.notes:
            return "<p>looplint: nothing wrong</p>"
        parts = [self._finding(finding) for finding in self.findings]
        parts += [f"<p>looplint: {html.escape(note)}</p>" for note in self.notes]
        return f"<div>{''.join(parts)}</div>"

    def __repr__(self) -> str:
        """The findings as a terminal shows them."""
        if not self.findings and not self.notes:
            return "looplint: nothing wrong"
        rows = []
        for finding in self.findings:
            rows.append(f"{self._place(finding)}: {finding.code} {finding.name}: {finding.message}")
            rows += [f"  {n}. {self._place(step)}: {step.message}" for n, step in enumerate(finding.trace, 1)]
        return "\n".join([*rows, *self.notes])

    def _place(self, place: Finding | TraceStep) -> str:
        if place.cell is None:
            return f"{place.filename}:{place.location.row}"
        return f"In [{self.numbers[place.cell]}], line {place.location.row}"

    def _finding(self, finding: Finding) -> str:
        severity = _STYLE.get(str(finding.severity), "font-weight:bold")
        code = html.escape(finding.code)
        if finding.url:
            code = f'<a href="{html.escape(finding.url)}" target="_blank">{code}</a>'
        message = f"{html.escape(finding.name)}: {html.escape(finding.message)}"
        head = f'<p><span style="{severity}">{code}</span> {message}</p>'
        helped = "".join(f"<p>{html.escape(text)}</p>" for text in (finding.help, _fix(finding)) if text)
        return f"{head}{''.join(self._block(*block) for block in self._blocks(finding))}{helped}"

    def _blocks(self, finding: Finding) -> list[tuple[Finding | TraceStep, dict[int, list[str]]]]:
        """The cells and files that the path passes, each with the notes on its rows."""
        blocks: dict[tuple[str, int | None], tuple[Finding | TraceStep, dict[int, list[str]]]] = {}
        steps = ((step, [f"{number}. {step.message}"]) for number, step in enumerate(finding.trace, 1))
        places: list[tuple[Finding | TraceStep, list[str]]] = [(finding, []), *steps]
        for place, row_notes in places:
            _, rows = blocks.setdefault((place.filename, place.cell), (place, {}))
            rows.setdefault(place.location.row, []).extend(row_notes)
        return list(blocks.values())

    def _block(self, place: Finding | TraceStep, row_notes: dict[int, list[str]]) -> str:
        if place.cell is None:
            notes = "; ".join(f"{row}: {', '.join(texts)}" for row, texts in sorted(row_notes.items()))
            return f'<p>{html.escape(place.filename)} <span style="{_STYLE["note"]}">{html.escape(notes)}</span></p>'
        lines = self.cells[place.cell].split("\n")
        rows = []
        for row in range(max(1, min(row_notes) - 1), min(len(lines), max(row_notes) + 1) + 1):
            style = _STYLE["mark" if row in row_notes else "row"]
            text = html.escape(lines[row - 1])
            notes = (
                f'  <span style="{_STYLE["note"]}">{html.escape("; ".join(row_notes[row]))}</span>'
                if row_notes.get(row)
                else ""
            )
            rows.append(f'<div style="{style}">{row:>4}  {text}{notes}</div>')
        return f"<p>In [{self.numbers[place.cell]}]</p>{''.join(rows)}"


class Cells:
    """The cells that ran, in the order in which they ran."""

    def __init__(self) -> None:
        self._cells: list[tuple[str, int, str]] = []

    def ran(self, text: str, number: int, identity: str | None = None) -> None:
        """Record a cell that runs. `number`: its execution count. `identity`: recognises it when it runs again; by
        default its text."""
        key = identity or text.strip()
        self._cells = [cell for cell in self._cells if cell[0] != key]
        self._cells.append((key, number, text))

    def report(self, only_last: bool = False, options: str = "") -> Report:
        """The findings in all cells. `only_last`: only those in the last one, which the others precede. `options`: of
        the magic, as it was written."""
        from looplint.project.config import Configuration
        from looplint.project.settings import WrongUse
        from looplint.run.api import lint

        texts = [text for _, _, text in self._cells]
        data = notebook_text(texts).encode("utf-8", "replace")
        try:
            configuration = Configuration(options=_chosen(options))
            result: Result = lint(["-"], configuration, stdin=data, stdin_filename=NAME)
        except WrongUse as error:
            return Report((), (str(error),), (), ())
        found = [f for f in result.findings if f.filename == NAME and (not only_last or f.cell == len(texts) - 1)]
        notes = tuple(map(str, (*(note for note in result.notes if note.kind not in DETAILS), *result.errors)))
        return Report(tuple(found), notes, tuple(texts), tuple(number for _, number, _ in self._cells))


def load(shell: Any) -> None:
    """Register `%%looplint` and `%looplint` with an IPython shell; cells that ran before count, too."""
    from IPython.display import display as show

    display: Callable[[Report], None] = show

    cells = Cells()
    history = shell.history_manager
    for number, text in enumerate(history.input_hist_raw[1:], 1):
        if text.strip():
            cells.ran(text, number)

    def before(info: Any) -> None:
        if info.store_history:
            cells.ran(info.raw_cell, len(history.input_hist_raw), getattr(info, "cell_id", None))

    def line_magic(line: str) -> None:
        """Lint everything that ran so far in this notebook."""
        display(cells.report(options=line))

    def cell_magic(line: str, cell: str) -> None:
        """Lint this cell, as a program with the cells that ran before it, and run it."""
        display(cells.report(only_last=True, options=line))
        _run(shell, cell)

    shell.events.register("pre_run_cell", before)
    shell.register_magic_function(line_magic, "line", "looplint")
    shell.register_magic_function(cell_magic, "cell", "looplint")


def _chosen(line: str) -> dict[str, Any]:
    """The options of a magic as keys of the configuration. Raises WrongUse."""
    from looplint.project.settings import WrongUse

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--preview", action="store_true", default=argparse.SUPPRESS)
    for name in ("--select", "--ignore"):
        parser.add_argument(name, type=lambda words: words.split(","), default=argparse.SUPPRESS)
    try:
        known, others = parser.parse_known_args(shlex.split(line))
    except (argparse.ArgumentError, ValueError) as error:
        raise WrongUse(f"`%looplint {line}` cannot be read: {error}") from None
    if others:
        takes = "it takes `--preview`, `--select RULES` and `--ignore RULES`"
        raise WrongUse(f"`%looplint` has no option `{others[0]}`: {takes}")
    return vars(known)


def _run(shell: Any, cell: str) -> None:
    """Run a cell's code as the cell itself would: an exception is shown once and ends the cell."""
    rows: list[str] = []

    def keep(shell: Any, kind: type, error: Exception, trace: Any, tb_offset: int | None = None) -> list[str]:
        rows.extend(shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset))
        return rows

    before = shell.custom_exceptions, shell.CustomTB
    shell.set_custom_exc((Exception,), keep)
    try:
        result = shell.run_cell(cell, store_history=False)
    finally:
        shell.custom_exceptions, shell.CustomTB = before
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        # IPython calls this method of an exception to display it: leave out the frames of the magic.
        error._render_traceback_ = lambda: rows
        raise error


def _fix(finding: Finding) -> str:
    if finding.fix is None:
        return ""
    return f"fix: {finding.fix.message}{' (unsafe: read it first)' if finding.fix.applicability == 'unsafe' else ''}"
