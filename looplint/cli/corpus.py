"""`looplint corpus`: options to a request, results to a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from looplint.cli.failure import Failure
from looplint.cli.terminal import say
from looplint.corpus.run import Request, report
from looplint.corpus.run import run as run_corpus
from looplint.corpus.summary_markdown import counted
from looplint.project.settings import WrongUse

_STOPPED = 20
"""Repositories that were not linted completely and are named."""

_KEYS = ("select", "ignore", "extend_select", "preview")


def run(inputs: tuple[str, ...], output: str | None, made: str | None, options: Mapping[str, Any]) -> int:
    """Run the command; returns the exit status. `made`: the folder of an earlier run, to write its summary again."""
    try:
        if made is not None:
            report(made)
            say(f"{made}: summary.md and summary.html are written")
            return 0
        assert output is not None
        request = Request(
            inputs,
            output,
            options["address"],
            options["workers"],
            options["timeout"],
            options["memory"],
            {part: options[f"{part}_column"] for part in ("repository", "path", "content")},
            options["config"],
            {key.replace("_", "-"): options[key] for key in _KEYS if options[key] is not None},
        )
        summary = run_corpus(request, lambda text: say(f"looplint: {text}"))
    except WrongUse as error:
        raise Failure(str(error)) from None
    except KeyboardInterrupt:
        say(f"looplint: {output}: finished work is kept; run the same command again to continue")
        raise
    findings, repositories = counted(summary.findings, "finding"), counted(summary.repositories, "repository")
    say(f"{findings} in {repositories}: {output}/summary.md, summary.html")
    for name, state, why in summary.stopped[:_STOPPED]:
        say(f"looplint: {name}: {state}: {why}")
    if len(summary.stopped) > _STOPPED:
        say(f"looplint: {len(summary.stopped) - _STOPPED} more were not read to their end: the table `units` has them")
    return 0
