"""The command line: commands and options. Their implementations are in other modules, imported only when needed.

`looplint [OPTIONS] [PATHS]...` lints; the first argument may be a command instead. Exit status: 0 no findings, 1
findings, 2 usage error or internal error, 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from looplint.cli.failure import Failure
from looplint.cli.options import complete_formats, complete_rules, flags, ignores, rules_option, words
from looplint.cli.terminal import close_stdout, say, shown, width

HELP = """\
Usage: looplint [OPTIONS] [PATHS]...    (default: the current folder; -: stdin)

Find the mistakes in PyTorch training loops that run without an error.

Rules       RULES: codes (LOOP201), prefixes (LOOP2), names, or ALL
  --select RULES, --ignore RULES, --extend-select RULES
  --per-file-ignores GLOB:RULES    rules that are off in some files
  --preview                        also rules that are still being evaluated
Files
  --exclude GLOBS, --extend-exclude GLOBS
                                   skip these; --force-exclude: also named ones
  --no-respect-gitignore           also what git ignores, --no-markdown
  --stdin-filename PATH            file name of the text on stdin
  --parser auto|libcst             libcst parses newer syntax than this Python;
                                   auto: only if this Python's parser fails
Findings
  --since REVISION                 only those new since a git revision
  --callers                        also new ones in files that import these
  --baseline FILE                  not those in FILE; --write-baseline makes it,
                                   --no-baseline also shows those in it
  --add-ignore                     suppress all of them by comments
Fixes
  --fix, --unsafe-fixes            apply the safe fixes; the unsafe ones too
  --diff, --fix-only, --show-fixes print a diff; no report; list applied fixes
Output
  --output-format FORMAT           full concise grouped html json json-lines
                                   github gitlab junit sarif rdjson pylint azure
  -o, --output-file FILE, --statistics, --color auto|always|never
  --watch                          lint again whenever a file changes
  --profile                        say which part, and which rule, took how long
  -q, --quiet / -v, --verbose, --exit-zero, -V, --version, -h, --help
Configuration ([tool.looplint] in pyproject.toml, looplint.toml)
  --config FILE or "key = value", --isolated, --show-settings, --show-files
  -j, --jobs N, --no-cache, --cache-dir FOLDER

Commands (looplint COMMAND -h; a file of that name is passed as ./rule)
  rule    print the page of a rule      graph     print a file's event graph
  prove   run the proof of a rule       clean     remove the cache
  corpus  lint many repositories        new-rule  write a rule's skeleton
  server  start the language server     config-schema, completion
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit status."""
    _open_streams()
    try:
        os.getcwd()
    except OSError:
        say("looplint: the current folder does not exist any more: change to one that does")
        return 2
    command: click.Command = lint
    if "_LOOPLINT_COMPLETE" in os.environ or (arguments and arguments[0] in commands.commands):
        command = commands
    try:
        status = command.main(list(arguments), "looplint", standalone_mode=False) or 0
        sys.stdout.flush()
        return status
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("looplint: interrupted", err=True)
        return 130
    except BrokenPipeError:
        close_stdout()
        return 0
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _internal_error(arguments)
        close_stdout()
        say(f"looplint: cannot write the output: {error.strerror}")
        return 2
    except Exception:
        return _internal_error(arguments)


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _open_streams() -> None:
    """A closed output stream is replaced by the null device, and is no reason to stop."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def _internal_error(arguments: Sequence[str]) -> int:
    """Report an internal error, and how to file it; call it from an `except` block."""
    import shlex
    import traceback

    from looplint.rule import HOME

    traceback.print_exc()
    command_line = shlex.join(("looplint", *arguments))
    say(
        "looplint: internal error: please report the lines above, and the code that triggers them, at "
        f"{HOME}/issues ; the command was `{command_line}`"
    )
    return 2


class Lint(click.Command):
    """The main command; its help is written by hand to fit one screen."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(HELP)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS] [PATHS]..."]


class Commands(click.Group):
    """The commands; completion also proposes the options and paths of the main command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "looplint", lint, args

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        words = [*super().shell_complete(ctx, incomplete), *lint.shell_complete(ctx, incomplete)]
        # A shell completes file names where nothing else fits.
        return words or [CompletionItem(incomplete, type="file")]


@click.command(cls=Lint, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path(allow_dash=True))
@rules_option("--select")
@rules_option("--ignore")
@rules_option("--extend-select")
@click.option("--per-file-ignores", multiple=True, metavar="GLOB:RULES", callback=ignores)
@flags("--preview/--no-preview")
@click.option("--exclude", multiple=True, metavar="GLOBS", callback=words)
@click.option("--extend-exclude", multiple=True, metavar="GLOBS", callback=words)
@flags("--force-exclude/--no-force-exclude")
@flags("--respect-gitignore/--no-respect-gitignore")
@flags("--markdown/--no-markdown")
@click.option("--parser", metavar="PARSER")
@click.option("--stdin-filename", type=click.Path(), metavar="PATH")
@click.option("--since", metavar="REVISION")
@click.option("--callers", is_flag=True)
@click.option("--baseline", type=click.Path(), metavar="FILE")
@click.option("--write-baseline", is_flag=True)
@click.option("--no-baseline", is_flag=True)
@click.option("--add-ignore", is_flag=True)
@click.option("--fix", is_flag=True)
@click.option("--unsafe-fixes", is_flag=True)
@click.option("--diff", is_flag=True)
@click.option("--fix-only", is_flag=True)
@click.option("--show-fixes", is_flag=True)
@click.option("--output-format", metavar="FORMAT", shell_complete=complete_formats)
@click.option("--output-file", "-o", type=click.Path(), metavar="FILE")
@click.option("--statistics", is_flag=True)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
@click.option("--quiet", "-q", is_flag=True)
@click.option("--verbose", "-v", is_flag=True)
@click.option("--exit-zero", is_flag=True)
@click.option("--config", multiple=True, type=click.Path(), metavar="FILE")
@click.option("--isolated", is_flag=True)
@click.option("--show-settings", is_flag=True)
@click.option("--show-files", is_flag=True)
@click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, metavar="N")
@click.option("--watch", is_flag=True)
@click.option("--profile", is_flag=True)
@click.option("--cache/--no-cache", default=None)
@click.option("--cache-dir", type=click.Path(), metavar="FOLDER")
@click.option("--version", "-V", is_flag=True, is_eager=True)
def lint(**options: Any) -> int:
    """Find the mistakes in PyTorch training loops that run without an error."""
    if options.pop("version"):
        from looplint.version import VERSION

        click.echo(f"looplint {VERSION}")
        return 0
    from looplint.cli.lint import run
    from looplint.cli.request import Request

    return run(Request.of(options))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True})
def commands() -> None:
    """Find the mistakes in PyTorch training loops that run without an error."""


@commands.command(short_help="Print the page of a rule.")
@click.argument("rule", required=False, metavar="[RULE | FOLDER]", shell_complete=complete_rules)
@click.option("--all", "every", is_flag=True, help="The pages of all rules.")
@click.option(
    "--output-format", type=click.Choice(["text", "json", "markdown"]), default="text", help="For people or for tools."
)
@click.option("--config", type=click.Path(), metavar="FILE", help="Configuration with the project's own rules.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def rule(rule: str | None, every: bool, output_format: str, config: str | None, color: str) -> int:
    """Print the page of RULE, given by name or code; without RULE a list of all rules.

    \b
    looplint rule missing-zero-grad
    looplint rule --all --output-format markdown FOLDER
                     writes a page for each rule, and an index, into FOLDER
    """
    from looplint.cli.rule_page import run

    return run(rule, every=every, output_format=output_format, config=config, color=color)


@commands.command(short_help="Run the proof of a rule.")
@click.argument("rules", nargs=-1, shell_complete=complete_rules)
@click.option("--device", type=click.Choice(["cpu", "cuda", "all"]), default="all", help="Where to run it.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", help="For people or for tools.")
@click.option("--plot", type=click.Path(), metavar="FILE", help="Plot it: an SVG file, or a folder for several rules.")
@click.option("--record", is_flag=True, help="Save the measurements of these rules in looplint's own records.")
def prove(rules: tuple[str, ...], **options: Any) -> int:
    """Run the proof of RULES (names or codes; none: all): it measures what the mistake does, and that the fix
    cures it."""
    import importlib.util

    if importlib.util.find_spec("torch") is None:
        raise Failure("`prove` runs PyTorch, which is not installed here: pip install 'looplint[reference]'")
    from looplint.reference.prove import run

    status: int = run(rules, **options)
    return status


@commands.command(short_help="Print a file's event graph.")
@click.argument("place", metavar="FILE[:FUNCTION]")
@click.option("--format", "form", type=click.Choice(["text", "dot"]), default="text", help="For people or Graphviz.")
def graph(place: str, form: str) -> int:
    """Print the event graph of a file: the events of its training loops and module classes, and the edges between
    them."""
    from looplint.cli.graph_dot import graph_dot
    from looplint.cli.graph_text import files_with_loops, graph_text
    from looplint.sources import Unreadable

    path, colon, function = place.rpartition(":")
    if not colon or Path(place).exists():
        path, function = place, ""
    if Path(path).is_dir():
        there = files_with_loops(path)
        known = f"training code here is in {', '.join(map(shown, there))}" if there else "no training code is in it"
        raise Failure(f"{path}: is a folder, and `graph` shows one file: {known}")
    try:
        text = graph_text(path, function or None, width(sys.stdout)) if form == "text" else ""
        text = text or graph_dot(path, function or None)
        click.echo("\n".join(map(shown, text.split("\n"))))
    except (Unreadable, LookupError, SyntaxError) as error:
        raise Failure(str(error.args[0]) if isinstance(error, LookupError) else str(error)) from None
    return 0


@commands.command(short_help="Remove the cache.")
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False))
def clean(folders: tuple[str, ...]) -> int:
    """Remove looplint's cache from the current folder, or from FOLDERS, and from all folders below."""
    from looplint.cli.clean import run

    return run(folders or (".",))


@commands.command(short_help="Lint many repositories, on Ray.")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option("--output", type=click.Path(file_okay=False), metavar="DIR", help="Folder for tables and summary.")
@click.option("--report", type=click.Path(exists=True, file_okay=False), metavar="DIR", help="Write the summary again.")
@click.option("--address", metavar="ADDRESS", help="A Ray cluster to join, or `auto`; default: start Ray here.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Repositories linted in parallel.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, help="Time limit for a file, in seconds.")
@click.option("--memory", type=click.IntRange(min=64), default=4096, help="Memory limit for a repository, in MiB.")
@click.option("--repository-column", metavar="NAME", help="In Parquet and JSON lines: the repository.")
@click.option("--path-column", metavar="NAME", help="The path of the file there.")
@click.option("--content-column", metavar="NAME", help="The content of the file there.")
@rules_option("--select")
@rules_option("--ignore")
@rules_option("--extend-select")
@flags("--preview/--no-preview")
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False), metavar="FILE", help="Settings for all repositories."
)
def corpus(inputs: tuple[str, ...], output: str | None, report: str | None, **options: Any) -> int:
    """Lint every repository in INPUTs: folders of repositories, archives (.tar, .tar.gz, .zip), and Parquet or JSON
    lines with one file per row. DIR gets Parquet tables, summary.md and summary.html. The same command resumes an
    interrupted run. Configuration files in the repositories are ignored."""
    import importlib.util

    needed = ["pyarrow"] if report else ["pyarrow", "ray", "aiohttp"]
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise Failure(f"`corpus` needs {', '.join(missing)}, not installed here: pip install 'looplint[corpus]'")
    if (report is None) != bool(inputs) or (report is None) != bool(output):
        raise Failure("`corpus` needs INPUTs and --output DIR, or --report DIR alone")
    from looplint.cli.corpus import run

    return run(inputs, output, report, options)


@commands.command(short_help="Start the language server.")
@click.option("--stdio", is_flag=True, help="Accepted, since many editors pass it: there is no other transport.")
def server(stdio: bool) -> int:
    """Speak the Language Server Protocol over stdin and stdout: findings, fixes and rule pages in an editor."""
    import importlib.util

    if importlib.util.find_spec("pygls") is None:
        raise Failure("`server` needs pygls, which is not installed here: pip install 'looplint[server]'")
    if sys.stdin is not None and sys.stdin.isatty():
        say("looplint: waiting for an editor: `looplint server` is started by one, and speaks with it over stdin")
    from looplint.server.language_server import run

    return run()


@commands.command("new-rule", short_help="Write the skeleton of a rule.")
@click.argument("name")
@click.option("--code", help="Its code, such as LOOP799; default: the next free one.")
@click.option("--folder", type=click.Path(file_okay=False), help="Folder for it, in a rule pack of your own.")
def new_rule(name: str, code: str | None, folder: str | None) -> int:
    """Write the skeleton of rule NAME: the rule, its fixture and its proof."""
    from looplint.cli.new_rule import new_rule as write
    from looplint.cli.new_rule import next_steps

    try:
        files = write(name, code=code, folder=folder)
    except (ValueError, OSError) as error:
        raise Failure(str(error)) from None
    for file in files:
        click.echo(file)
    for line in next_steps(name, files, folder) if folder else ():
        say(line, indent="  ")
    return 0


@commands.command("config-schema", short_help="The configuration as JSON Schema.")
def config_schema() -> int:
    """Print the JSON Schema of looplint.toml and [tool.looplint], for editors that complete and check them."""
    import json

    from looplint.project.schema import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0


@commands.command(short_help="Print shell completion.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the script that completes looplint's words in SHELL.

    \b
    bash: looplint completion bash >> ~/.bashrc
    zsh:  looplint completion zsh >> ~/.zshrc
    fish: looplint completion fish > ~/.config/fish/completions/looplint.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(commands, {}, "looplint", "_LOOPLINT_COMPLETE").source())
    return 0
