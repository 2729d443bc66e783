"""One run over files: its findings, and what could not be read."""

from __future__ import annotations

import dataclasses
import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from looplint.notice import Notice
from looplint.project.config import Configuration
from looplint.run.result import Result

if TYPE_CHECKING:
    from looplint.run.check_file import Checked

ALONE = 12
"""Files up to which one process is faster than starting several."""


def lint_each(
    files: Iterable[str], configuration: Configuration, *, alone: bool = False
) -> Iterator[tuple[str, Checked]]:
    """Yield each file with its result, in the order given and as soon as it is known, in this process. What several
    files need is parsed once; nothing is cached for another run. `alone`: files that call these may be missing from
    `files`."""
    from looplint.run.check_file import Checker

    checker = Checker(configuration, alone=alone)
    for path in files:
        yield path, checker.check_file(path)


def lint(
    files: Sequence[str],
    configuration: Configuration,
    *,
    stdin: bytes | None = None,
    stdin_filename: str | None = None,
    jobs: int = 1,
    cache: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Lint files, or the text on stdin, and collect everything to report.

    `jobs`: the maximum number of processes. `cache`: reuse the results of unchanged files, where their settings allow
    it. Neither changes the findings.
    """
    result = Result()
    if stdin is not None:
        for part in _without_collecting(_stdin(stdin, configuration, stdin_filename or "<stdin>")):
            result.add(part)
    else:
        for part in lint_in_order(files, configuration, jobs=jobs, cache=cache, progress=progress):
            result.add(part)
        result.findings.sort(key=lambda finding: finding.sort_key)
    return result


def lint_in_order(
    files: Sequence[str],
    configuration: Configuration,
    *,
    jobs: int = 1,
    cache: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Result]:
    """As `lint`, but yields the result of each file, in the order of the files, as soon as it and those before it are
    known; the last result is about the run as a whole. On an interrupt, the results of all finished files come
    before the KeyboardInterrupt."""
    return _without_collecting(_lint_in_order(files, configuration, jobs, cache, progress))


def _without_collecting(results: Iterator[Result]) -> Iterator[Result]:
    collecting = gc.isenabled()
    # A syntax tree is large and has hardly any cycles: looking for them takes longer than the linting.
    gc.disable()
    try:
        yield from results
    finally:
        if collecting:
            gc.enable()
            gc.unfreeze()


def _stdin(data: bytes, configuration: Configuration, name: str) -> Iterator[Result]:
    from looplint.run.check_file import Checker

    yield Checker(configuration).check_bytes(data, name)


def _lint_in_order(
    files: Sequence[str],
    configuration: Configuration,
    jobs: int,
    cache: bool,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Result]:
    # In a large run the callers of a file are most likely linted, too.
    alone = len(files) <= ALONE
    if cache:
        from looplint.run.cache import Cache

        kept = Cache(configuration, alone)
        known = {path: found for path in files if (found := kept.get(path)) is not None}
    else:
        kept, known = None, {}
    rest = [path for path in files if path not in known]
    done = len(known)
    waiting = deque(files)
    reported: set[tuple[object, ...]] = set()
    try:
        while waiting and waiting[0] in known:
            yield without_repeats(known.pop(waiting.popleft()), reported)
        for path, checked in _checked(rest, configuration, jobs, alone):
            known[path] = checked.result
            if kept is not None:
                kept.put(path, checked)
            done += 1
            if progress is not None:
                progress(done, len(files))
            while waiting and waiting[0] in known:
                yield without_repeats(known.pop(waiting.popleft()), reported)
    except KeyboardInterrupt:
        yield from (without_repeats(known[path], reported) for path in waiting if path in known)
        raise
    if kept is not None and (note := kept.write()):
        yield Result(notes=[Notice(note)])


def without_repeats(result: Result, reported: set[tuple[object, ...]]) -> Result:
    """The result without findings that another file has already reported."""
    findings = []
    for finding in result.findings:
        key = os.path.abspath(finding.filename), finding.cell, finding.location, finding.code, finding.message
        if key not in reported:
            reported.add(key)
            findings.append(finding)
    return dataclasses.replace(result, findings=findings)


def _checked(
    files: Sequence[str], configuration: Configuration, jobs: int, alone: bool
) -> Iterator[tuple[str, Checked]]:
    """Each file with its result."""
    if jobs > 1 and len(files) > ALONE:
        from looplint.run.processes import check_all

        yield from check_all(files, configuration, jobs)
    else:
        yield from lint_each(files, configuration, alone=alone)
