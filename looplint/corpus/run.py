"""`looplint corpus`, step by step: inputs, what is already done, the rest with Ray, the tables, the summary."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from looplint.corpus.inputs import find
from looplint.corpus.job import Job
from looplint.corpus.summary import Summary, summary_of
from looplint.corpus.summary_html import html
from looplint.corpus.summary_markdown import counted, markdown
from looplint.corpus.supervise import part
from looplint.corpus.tables import Output
from looplint.project.catalog import rules_with
from looplint.project.config import Configuration
from looplint.project.selection import rules_on
from looplint.project.settings import WrongUse
from looplint.sources.atomic_write import write_whole


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """The parsed command line. `columns`: named columns, by content; `memory`: MiB for each linting process; `timeout`:
    seconds per file."""

    inputs: tuple[str, ...]
    output: str
    address: str | None = None
    workers: int | None = None
    timeout: float = 300.0
    memory: int = 4096
    columns: Mapping[str, str | None] = dataclasses.field(default_factory=dict)
    config: str | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def run(request: Request, say: Callable[[str], None]) -> Summary:
    """Run the request. Raises WrongUse for a usage error, and if the run cannot be completed; the same request resumes
    it."""
    config = None if request.config is None else os.path.abspath(request.config)
    settings = Configuration(config, isolated=config is None, options=request.options).for_folder(".")
    rules_on(settings, rules_with(settings.rule_packs))
    inputs = find(request.inputs)
    inputs.items = [item for item in inputs.items if item.path != os.path.abspath(request.output)]
    for path in inputs.passed_over:
        say(f"{path}: is no repository, archive or file of rows; it was left out")
    wanted = dict(request.columns)
    same = {"columns": wanted, "config": _content(config), "options": dict(request.options)}
    try:
        output = Output(request.output, [*(i.source for i in inputs.items), *inputs.parquet, *inputs.json_lines], same)
    except OSError as error:
        raise WrongUse(f"{request.output}: cannot be written ({error.strerror}): pass another --output") from None
    scratch = os.path.join(tempfile.gettempdir(), f"looplint-corpus-{os.urandom(6).hex()}")
    try:
        if output.finished:
            say(f"{request.output}: the run is already finished; its summary is written again")
        else:
            _lint(
                request,
                inputs,
                wanted,
                output,
                Job(dict(request.options), config, request.timeout, request.memory << 20, scratch),
                say,
            )
        return report(request.output)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        output.close()


def report(folder: str) -> Summary:
    """Write `summary.md` and `summary.html` of a finished run. Raises WrongUse."""
    summary = summary_of(folder)
    try:
        write_whole(os.path.join(folder, "summary.md"), markdown(summary).encode())
        write_whole(os.path.join(folder, "summary.html"), html(summary).encode())
    except OSError as error:
        raise WrongUse(f"{folder}: the summary cannot be written: {error.strerror}") from None
    return summary


def _lint(
    request: Request,
    inputs: Any,
    wanted: Mapping[str, str | None],
    output: Output,
    job: Job,
    say: Callable[[str], None],
) -> None:
    # Ray is imported as late as possible: it takes a second.
    from looplint.corpus import pipeline, rows

    parquet = rows.read_footers(inputs.parquet, wanted)
    rows.first_columns(inputs.json_lines, wanted)
    sizes = {path: _unpacked_size(path) for path in inputs.json_lines}
    done = output.done()
    already = len(done.items) + len(done.repositories)
    if already:
        say(f"{counted(already, 'unit')} were done before; going on from there")
    unreadable = {path: why for path, why in parquet.unreadable.items() if f"file:{path}" not in done.items}
    try:
        if unreadable:
            noted = [part(path, f"file:{path}", "unreadable", error=why) for path, why in unreadable.items()]
            output.add(noted, "unreadable.parquet")
        with pipeline.cluster(request.address, request.workers) as workers:
            pipeline.check_shared(output.folder)
            pipeline.lint_items(inputs.items, done, job, workers, output.parts)
            pipeline.lint_rows(parquet, sizes, wanted, done, job, workers, output.parts)
            made = tempfile.mkdtemp(prefix="tables-", dir=output.parts)
            pipeline.write_tables(output.done(), made)
        output.finish(made)
    except Exception as error:
        why = _why(error)
        if why is None:
            raise
        kept = "finished work is kept; run the same command again to continue"
        raise WrongUse(f"{request.output}: {why}; {kept}") from error


def _why(error: BaseException) -> str | None:
    """Why a run could not be completed, None for an internal error: Ray wraps the original exception."""
    from ray.exceptions import RayError

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return "the disk is full: make room"
        if isinstance(seen, WrongUse):
            return str(seen)
        seen = seen.__cause__ or seen.__context__
    text = str(error)
    if any(os.strerror(number) in text for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)):
        return "the disk is full: make room"
    if isinstance(error, RayError | OSError):
        return f"the run ended early ({text.strip().rpartition(chr(10))[2]})"
    return None


def _content(path: str | None) -> str:
    if path is None:
        return ""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        raise WrongUse(f"--config {path}: cannot be read: {error.strerror}") from None


def _unpacked_size(path: str) -> int:
    """Bytes of a file of rows, estimated for a compressed one."""
    from looplint.corpus.inputs import filesystem

    system, place = filesystem(path)
    size = system.get_file_info(place).size or 0
    return size * 5 if path.endswith((".gz", ".zst")) else size
