"""The report of a run, in the format and at the place that were asked for."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from looplint.cli.failure import Failure
from looplint.cli.terminal import close_stdout, colored, width
from looplint.notice import Notice
from looplint.profile import timed
from looplint.sources.atomic_write import write_whole

if TYPE_CHECKING:
    from looplint.cli.lint import Run
    from looplint.finding import Finding
    from looplint.findings.source_texts import Texts


def write_report(run: Run, findings: Iterable[Finding], texts: Texts, notices: Iterable[Notice] = ()) -> None:
    """Write the findings in the requested format. `notices`: iterated after the findings."""
    from looplint.findings.measured import measured, picture
    from looplint.project.built_in_rules import BUILT_IN
    from looplint.report import Context, statistics, write
    from looplint.version import VERSION

    with timed("report"), _output(run) as stream:
        if run.request.statistics:
            statistics(list(findings), stream, run.settings.output_format)
            return
        codes = {finding.code for finding in findings} if isinstance(findings, Sequence) else ()
        built_in = [rule for rule in BUILT_IN if rule.code in codes]
        context = Context(
            version=VERSION,
            rules=sorted({*run.rules(), *built_in}, key=lambda rule: rule.code),
            base=Path.cwd(),
            color=colored(run.request.color, stream),
            width=width(stream),
            lines=texts.lines,
            edits=texts.edits,
            measured=measured,
            picture=picture,
            changed=_changed(run),
            file_row=texts.file_row,
            notices=notices,
        )
        write(run.settings.output_format, findings, stream, context)


def _changed(run: Run) -> Callable[[str], Any]:
    """The rows under review: changed since the revision, or since the target branch of a pull request on GitHub."""
    base = os.environ.get("GITHUB_BASE_REF")
    revision = run.request.since or (f"origin/{base}" if base else None)
    if revision is None:
        return lambda filename: None
    from looplint.findings.revision import changed_rows

    return lambda filename: changed_rows(filename, revision)


@contextmanager
def _output(run: Run) -> Iterator[TextIO]:
    """The output file, or stdout (stderr if stdout is for the fixed text)."""
    name = run.request.output_file
    if name is None:
        stream = sys.stderr if run.stdin is not None and run.request.fix else sys.stdout
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        try:
            yield stream
            stream.flush()
        except BrokenPipeError:
            close_stdout()
        return
    try:
        place = Path(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists() and not place.is_file():
            with place.open("w", encoding="utf-8", errors="backslashreplace") as file:
                yield file
            return
        text = io.StringIO()
        yield text
        write_whole(place.resolve(), text.getvalue().encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise Failure(f"--output-file {name}: cannot be written: {error.strerror}") from None
