"""The command line as people use it: real files, real rules, judged by what it prints and leaves behind."""

from __future__ import annotations

import dataclasses
import gc
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Never

import pytest

from looplint import check_source
from looplint.cli.commands import commands, lint, main
from looplint.cli.messages import COMMANDS
from looplint.findings import suppress
from looplint.findings.measured import measured
from looplint.project import catalog
from looplint.rule import HOME
from looplint.run import api as check
from looplint.run import ask_rules
from looplint.version import VERSION

WRONG = """\
import torch
from torch import nn


def train(loader):
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total = 0
    for x, y in loader:
        loss = nn.functional.mse_loss(model.forward(x), y)
        loss.backward()
        optimizer.step()
        total += loss
    return total
"""
RIGHT = (
    WRONG.replace("model.forward(x)", "model(x)")
    .replace("        loss.backward", "        optimizer.zero_grad()\n        loss.backward")
    .replace("total += loss", "total += loss.item()")
)

MADE_ANEW = """\
import torch


def train(model: torch.nn.Module, loader, loss_fn, epochs):
    for _ in range(epochs):
        optimizer = torch.optim.Adam(model.parameters())
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss_fn(model(inputs), targets).backward()
            optimizer.step()
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in an empty folder: exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "GITHUB_BASE_REF", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(arguments)
        out, err = capfd.readouterr()
        return status, out, err

    return call


def codes(out: str) -> list[str]:
    return re.findall(r"LOOP\d{3}", out)


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *identity, *arguments), check=True, capture_output=True)


def test_the_main_call(run: Run) -> None:
    Path("train.py").write_text(WRONG)
    Path("sub").mkdir()
    Path("sub/right.py").write_text(RIGHT)
    status, out, err = run("--output-format", "concise")
    assert status == 1
    assert [line.split(": ")[0] for line in out.splitlines()] == ["train.py:10:39", "train.py:11:9", "train.py:13:9"]
    assert codes(out) == ["LOOP301", "LOOP201", "LOOP701"]
    assert "Found 3 mistakes in 1 of 2 files, 2 training loops." in err
    assert "1 fixable with `--fix`. 2 more fixable with `--fix --unsafe-fixes`." in err
    status, out, err = run("sub")
    assert (status, out, err) == (0, "", "1 training loop in 1 file, nothing wrong\n")
    assert run("-q", "sub") == (0, "", "")
    assert run("--exit-zero", "-q")[0] == 0
    assert codes(run("--select", "LOOP2,LOOP7", "--ignore", "LOOP701", "--output-format=concise")[1]) == ["LOOP201"]


def test_a_preview_rule_is_on_by_its_own_word_and_a_prefix_that_is_not_enough_is_reported(run: Run) -> None:
    Path("v.py").write_text(MADE_ANEW)
    assert codes(run("--select", "LOOP609", "--output-format", "concise")[1]) == ["LOOP609"]
    assert codes(run("--select", "LOOP60", "--output-format", "concise")[1]) == []
    Path("looplint.toml").write_text('select = ["optimizer-created-in-loop"]')
    assert codes(run("--output-format", "concise")[1]) == ["LOOP609"]
    assert "has no effect" not in run("--select", "LOOP60,LOOP105")[2], "some of these rules are on"


def test_stdin_has_the_name_that_it_is_given(run: Run) -> None:
    Path("looplint.toml").write_text('per-file-ignores = { "gen*" = ["LOOP2", "LOOP3"] }')
    status, out, _ = run("-", "--stdin-filename", "gen/train.py", "--output-format", "json", stdin=WRONG.encode())
    [finding] = json.loads(out)
    assert (status, finding["filename"], finding["code"]) == (1, "gen/train.py", "LOOP701")
    assert run("-", "x.py")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.py"], "nowhere.py"),
        (["check", "nowhere.py"], "there is no command `check` either"),
        (["--fxi"], "No such option"),
        (
            ["--select", "mising-zero-grad"],
            "command line: there is no rule `mising-zero-grad`; did you mean `missing-zero",
        ),
        (["--select", "loop201"], "did you mean `LOOP201`?"),
        (["--show-files", "nowhere.py"], "nowhere.py: there is no such file or folder"),
        (["--show-settings", "nowhere.py"], "nowhere.py: there is no such file or folder"),
        (["--watch", "nowhere.py"], "nowhere.py: there is no such file or folder"),
        (["--stdin-filename", "train.py", "."], "`--stdin-filename` names the text on stdin"),
        (["--select", "LOOP499"], "there is no rule `LOOP499`; LOOP4 has LOOP401, LOOP402"),
        (["--output-format", "jsn"], "`--output-format` expects one of"),
        (["--per-file-ignores", "LOOP201"], "lacks its file pattern"),
        (["--config", "nowhere.toml"], "--config nowhere.toml: there is no such file"),
        (["--config", "preview = maybe"], "neither a file nor TOML `key = value`"),
        (["--config", "previw = true"], "command line: unknown key `previw`; did you mean `preview`?"),
        (["--baseline", "nowhere.json"], "nowhere.json: there is no such baseline"),
        (["--since", "HEAD"], "git"),
        (["--color", "blue"], "blue"),
        (["-j", "-1"], "-1"),
        (["rule", "mising-zero-grad"], "did you mean `missing-zero-grad`?"),
        (["graph", "nowhere.py"], "nowhere.py"),
        (["--add-ignore", "--fix"], "one at a time"),
    ],
)
def test_a_usage_error_is_reported_and_gives_2(run: Run, arguments: list[str], said: str) -> None:
    Path("right.py").write_text(RIGHT)
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_missing_path_does_not_hide_what_is_wrong_elsewhere(run: Run) -> None:
    Path("train.py").write_text(WRONG)
    status, out, err = run("nowhere.py", "train.py", "--output-format=concise")
    assert (status, len(codes(out))) == (2, 3)
    assert "nowhere.py" in err


def test_what_is_not_there_is_not_counted(run: Run) -> None:
    status, out, err = run("nowhere.py")
    assert (status, out) == (2, "")
    assert err == "looplint: nowhere.py: there is no such file or folder: check the spelling\n"


@pytest.mark.parametrize("arguments", [["pipe.py"], ["/dev/zero"], ["/dev/zero", "--fix"], ["."], ["graph", "pipe.py"]])
def test_what_never_ends_is_not_waited_for(run: Run, arguments: list[str]) -> None:
    os.mkfifo("pipe.py")
    Path("train.py").write_text(WRONG.replace("import torch\n", "import torch, pipe\n", 1))
    status, out, err = run(*arguments)
    assert status == (1 if arguments == ["."] else 2)
    assert "pipe.py: is a pipe, a device or a socket" in err or "/dev/zero" in arguments
    assert codes(out) or arguments != ["."]


def test_a_named_file_that_is_excluded_is_reported(run: Run) -> None:
    Path("train.py").write_text(WRONG)
    Path("looplint.toml").write_text('exclude = ["train.py"]\nforce-exclude = true\n')
    assert run("train.py") == (
        0,
        "",
        "Nothing to lint: everything named is excluded (`--show-settings` prints the patterns)\n",
    )
    assert "here that is not excluded" in run(".")[2]


def test_a_package_that_is_excluded_by_its_name_is_said_in_detail(run: Run) -> None:
    for folder in ("dist", "src/build", "ignored/dist", "env/venv"):
        Path(folder).mkdir(parents=True)
        Path(folder, "train.py").write_text(WRONG)
    Path("env/venv/pyvenv.cfg").touch()
    Path("ignored/.gitignore").write_text("dist/\n")
    _, _, err = run("-v")
    said = [row.split(":")[1].strip() for row in err.splitlines() if "is excluded by its name" in row]
    assert sorted(said) == ["dist", "src/build"]
    assert "is excluded by its name" not in run()[2]
    assert run("dist")[0] == 1


def test_a_folder_that_does_not_exist_is_reported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    os.chdir("gone")
    (tmp_path / "gone").rmdir()
    status, _, err = run(str(tmp_path))
    assert (status, "does not exist any more" in err) == (2, True)


def test_a_program_that_lints_keeps_its_garbage_collector(run: Run) -> None:
    Path("train.py").write_text(WRONG)
    run(".")
    check_source(WRONG)
    assert gc.isenabled()


def test_the_step_that_a_framework_calls_in_its_loop_counts_as_a_loop(run: Run) -> None:
    Path("lit.py").write_text(
        "import lightning, torch\n"
        "class Lit(lightning.LightningModule):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.net = torch.nn.Linear(2, 2)\n"
        "    def training_step(self, batch, index):\n"
        "        return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])\n"
    )
    assert run("lit.py")[2] == "1 training loop in 1 file, nothing wrong\n"


def test_the_step_that_a_framework_calls_counts_as_a_loop_where_it_clears_and_steps_by_hand(run: Run) -> None:
    Path("lit.py").write_text(
        "import lightning, torch\n"
        "class Lit(lightning.LightningModule):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.automatic_optimization = False\n"
        "        self.net = torch.nn.Linear(2, 2)\n"
        "    def training_step(self, batch, index):\n"
        "        optimizer = self.optimizers()\n"
        "        loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])\n"
        "        optimizer.zero_grad()\n"
        "        self.manual_backward(loss)\n"
        "        optimizer.step()\n"
        "    def configure_optimizers(self):\n"
        "        return torch.optim.Adam(self.parameters())\n"
    )
    assert run("lit.py")[2] == "1 training loop in 1 file, nothing wrong\n"


def test_a_page_about_something_else_that_cannot_be_read_is_nobody_s_loss(run: Run) -> None:
    Path("a.md").write_bytes(b"caf\xe9\n")
    assert run()[2] == "0 training loops in 1 file, nothing wrong\n"
    status, _, err = run("a.md")
    assert (status, "a.md: is not UTF-8" in err) == (2, True), "it was asked for"
    Path("a.md").write_bytes(b"caf\xe9\n```python\nimport torch\nloss.backward()\n```\n")
    assert "a.md: is not UTF-8" in run()[2]


def test_files_with_findings_beside_the_named_one_are_counted(run: Run) -> None:
    Path("meters.py").write_text("class Sum:\n    total = 0\n    def add(self, x):\n        self.total += x\n")
    Path("train.py").write_text(
        WRONG.replace("total += loss", "total.add(loss)").replace("total = 0", "total = meters.Sum()")
        + "\nimport meters\n"
    )
    status, out, err = run("train.py", "--output-format", "concise")
    assert (status, "meters.py:4:9" in out) == (1, True), out
    assert "in 2 files (1 file named)" in err


def test_training_loops_are_counted_once_and_other_loops_are_not(run: Run) -> None:
    epochs = WRONG.replace("    for x, y in loader:", "    for _ in range(3):\n      for x, y in loader:")
    epochs = epochs.replace("        loss", "          loss").replace("        opt", "          opt")
    Path("train.py").write_text(
        epochs.replace("        total +=", "          total +=") + "\nfor n in 1, 2:\n    print(n)\n"
    )
    assert "3 mistakes in 1 of 1 file, 1 training loop." in run()[2]


@pytest.mark.parametrize(
    ("one", "other"), [("--add-ignore", "--fix"), ("--write-baseline", "--add-ignore"), ("--write-baseline", "--diff")]
)
def test_one_thing_at_a_time(run: Run, one: str, other: str) -> None:
    Path("train.py").write_text(WRONG)
    status, _, err = run(one, other)
    assert status == 2
    assert "one at a time" in err
    assert Path("train.py").read_text() == WRONG


@pytest.mark.parametrize("breaks", ["rule", "graph", "comments"])
def test_an_error_inside_costs_one_file_and_asks_to_be_reported(
    run: Run, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    Path("other.py").write_text(WRONG)
    Path("tr ain.py").write_text(WRONG.replace("def train", "def unlucky"))

    def broken(*_: object) -> Never:
        raise ZeroDivisionError("in\x1bside")

    if breaks == "rule":
        step = catalog.rules()[[rule.code for rule in catalog.rules()].index("LOOP201")]
        unlucky = dataclasses.replace(step, ask=lambda loop: broken() if loop.name == "unlucky" else step.ask(loop))
        rules = tuple(unlucky if rule is step else rule for rule in catalog.rules())
        monkeypatch.setattr(catalog, "rules_with", lambda packs: rules)
    else:
        module, name = {"graph": (ask_rules, "read"), "comments": (suppress, "apply")}[breaks]
        right = getattr(module, name)

        def wrong(*given: Any) -> Any:
            source = given[1] if breaks == "comments" else given[1].source
            return broken() if "unlucky" in source.text else right(*given)

        monkeypatch.setattr(module, name, wrong)
    status, out, err = run("--no-cache", "--output-format=concise")
    assert status == 2
    assert [line.split(":")[0] for line in out.splitlines()].count("other.py") == 3
    assert len(codes(out)) == (5 if breaks == "rule" else 3)
    assert "tr ain.py: internal error: " in err
    assert ("LOOP201 missing-zero-grad failed on `unlucky`: ZeroDivisionError: in" in err) == (breaks == "rule")
    assert "\x1b" not in err
    assert f"{HOME}/issues" in err
    assert "looplint --no-cache --preview 'tr ain.py'" in err


def test_an_internal_error_gives_2_and_an_interruption_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("train.py").write_text(WRONG)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(check, "lint_in_order", broken)
    status, _, err = run()
    assert status == 2
    assert "ZeroDivisionError: inside" in err
    assert "internal error: please report" in err

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "lint_in_order", interrupted)
    status, out, err = run()
    assert (status, out) == (130, "")
    assert "interrupted after 0 of 1 file" in err
    status, out, err = run("--fix")
    assert (status, out) == (130, "")
    assert "interrupted" in err
    assert "Traceback" not in err


def test_a_run_that_is_stopped_leaves_what_it_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.py", "b.py", "c.py"):
        Path(name).write_text(WRONG)
    one_by_one = check._checked

    def stopped(files: list[str], *rest: Any) -> Iterator[Any]:
        # As where several processes are at work: the last one is done first, and then somebody has enough.
        yield from one_by_one(files[-1:], *rest)
        yield from one_by_one(files[:1], *rest)
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "_checked", stopped)
    status, out, err = run("--no-cache", "--output-format", "concise")
    assert (status, [line[:4] for line in out.splitlines()]) == (130, ["a.py"] * 3 + ["c.py"] * 3)
    assert "interrupted after 2 of 3 files" in err
    status, out, _ = run("--no-cache", "--output-format", "json")
    assert (status, out) == (130, ""), "half an array is none"


def test_findings_are_written_as_they_come(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.py", "b.py"):
        Path(name).write_text(WRONG)
    one_by_one = check._checked
    written: list[str] = []

    def watched(files: list[str], *rest: Any) -> Iterator[Any]:
        for file in files:
            written.append(Path("out").read_text())
            yield from one_by_one([file], *rest)

    monkeypatch.setattr(check, "_checked", watched)
    with Path("out").open("w") as out, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        assert main(["--no-cache", "--output-format", "concise", "a.py", "b.py"]) == 1
    assert [text.count("LOOP") for text in written] == [0, 3]


def test_a_report_is_replaced_whole_or_not_at_all(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("train.py").write_text(WRONG)
    Path("report.txt").write_text("the last one")

    def full(*_: object) -> Never:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        status, out, err = run("--no-cache", "-o", "report.txt")
    assert (status, out, "No space left" in err) == (2, "", True)
    assert Path("report.txt").read_text() == "the last one"
    assert run("--no-cache", "-o", "report.txt")[0] == 1
    assert codes(Path("report.txt").read_text())
    assert sorted(path.name for path in Path().iterdir()) == ["report.txt", "train.py"]


@pytest.mark.parametrize("named", ["latin.py", "loop.py", "nul.py", "pipe.py"])
def test_a_named_file_that_cannot_be_read_gives_2_and_one_in_a_folder_is_reported(run: Run, named: str) -> None:
    folder = Path("code")
    folder.mkdir()
    if named == "loop.py":
        Path("code/loop.py").symlink_to("loop.py")
    elif named == "pipe.py":
        os.mkfifo("code/pipe.py")
    else:
        Path("code", named).write_bytes(WRONG.encode() + (b"# caf\xe9\n" if named == "latin.py" else b"\0\n"))
    status, out, err = run("--no-cache", f"code/{named}")
    assert (status, out) == (2, "")
    assert err.startswith(f"looplint: code/{named}: ") and err.count("\n") == 1
    status, _, said = run("--no-cache", "code")
    assert status == 0
    assert err in said


def test_a_file_without_a_word_of_training_is_decoded_when_somebody_asks_for_it(run: Run) -> None:
    Path("latin.py").write_bytes(b"x = 1  # caf\xe9\n")
    status, _, err = run("--no-cache", "latin.py")
    assert (status, "latin.py: is not UTF-8" in err) == (2, True)
    assert run("--no-cache") == (0, "", "0 training loops in 1 file, nothing wrong\n")


def test_what_was_not_read_is_in_every_format_that_machines_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("latin.py").write_bytes(WRONG.encode() + b"# caf\xe9\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")

    def report(form: str) -> str:
        status, out, err = run("--no-cache", "--output-format", form)
        assert status == 0 and "is not UTF-8" in err
        return out

    [notice] = json.loads(report("json"))
    assert (notice["code"], notice["name"], notice["filename"]) == ("", "unreadable", "latin.py")
    assert json.loads(report("json-lines")) == notice
    assert notice["message"].startswith("is not UTF-8")
    [invocation] = json.loads(report("sarif"))["runs"][0]["invocations"]
    [notification] = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] and notification["level"] == "error"
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "latin.py"
    assert report("github").startswith("::notice title=looplint,file=latin.py,line=1::is not UTF-8")
    assert "- latin.py: is not UTF-8" in Path("summary.md").read_text()
    assert '<error type="unreadable" message="is not UTF-8' in report("junit")
    assert report("azure").startswith("##vso[task.logissue type=warning;sourcepath=latin.py")


def test_nobody_reads_on(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRONG)
    command = [sys.executable, "-m", "looplint", "train.py"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() == 1
    assert "Error" not in err
    assert "Found 3 mistakes" in err


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", [".", "-", "--fix .", "--diff .", "--show-files .", "rule", "--version"])
def test_streams_that_are_closed_lead_nowhere(closed: str, arguments: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRONG)
    command = f"{sys.executable} -m looplint {arguments} {closed}"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, input=b"", text=False)
    unread = arguments == "-" and "<&-" in closed
    assert done.returncode == (2 if unread else 1 if arguments in (".", "--fix .", "--diff .") else 0)
    assert not unread or "2>&-" in closed or b"standard input is closed" in done.stderr
    assert b"Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    "arguments", ["", "--diff", "--show-files", "--output-format json", "--version", "-o /dev/full"]
)
def test_a_report_for_which_the_disk_is_full_is_an_error(arguments: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRONG)
    command = f"{sys.executable} -m looplint {arguments} . > /dev/full"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr


def test_an_empty_path_is_not_the_current_folder(run: Run) -> None:
    Path("train.py").write_text(WRONG)
    status, out, err = run("--fix", "")
    assert (status, out, "is empty" in err) == (2, "", True)
    assert Path("train.py").read_text() == WRONG


def test_the_help_fits_one_screen_and_has_every_option(run: Run) -> None:
    status, out, _ = run("-h")
    lines = out.splitlines()
    assert status == 0
    assert 24 <= len(lines) <= 40
    assert max(map(len, lines)) <= 80
    for option in lint.params:
        names = [name for name in (*option.opts, *option.secondary_opts) if name.startswith("--")]
        assert not names or any(name in out for name in names), names
    assert run("--help")[1] == out
    assert run("--version")[1] == f"looplint {VERSION}\n"


@pytest.mark.parametrize("command", ["rule", "prove", "graph", "clean", "new-rule", "config-schema", "completion"])
def test_every_command_has_help(run: Run, command: str) -> None:
    status, out, _ = run(command, "-h")
    assert status == 0
    assert f"Usage: looplint {command}" in out


def test_a_path_named_like_a_command(run: Run) -> None:
    Path("rule").mkdir()
    Path("rule/train.py").write_text(WRONG)
    assert len(codes(run("./rule", "--output-format=concise")[1])) == 3
    assert "LOOP201  missing-zero-grad" in run("rule")[1]


def test_colour(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("train.py").write_text(WRONG)
    assert "\x1b[" not in run()[1]
    assert "\x1b[" in run("--color", "always")[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run()[1]
    assert "\x1b[" not in run("--color", "never")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run()[1]


def test_output_file_and_statistics(run: Run) -> None:
    Path("train.py").write_text(WRONG)
    status, out, _ = run("--output-format", "json", "-o", "deep/out.json")
    assert (status, out) == (1, "")
    assert len(json.loads(Path("deep/out.json").read_text())) == 3
    rows = [line.split() for line in run("--statistics")[1].splitlines()]
    assert [(row[0], row[-1]) for row in rows] == [
        ("1", "missing-zero-grad"),
        ("1", "direct-forward-call"),
        ("1", "loss-accumulated-with-graph"),
    ]
    Path("train.py").write_text(RIGHT)
    assert run("--output-format", "json")[1].strip() == "[]"
    assert run("--output-format", "json", "-o", "deep/out.json")[0] == 0
    assert json.loads(Path("deep/out.json").read_text()) == []


def test_what_is_configured_is_shown(run: Run) -> None:
    Path("pyproject.toml").write_text('[tool.looplint]\nextend-exclude = ["old"]\nseverity = { LOOP2 = "note" }\n')
    for name in ("a.py", "old/b.py"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("")
    assert run("--show-files")[1] == "a.py\n"
    assert run("--show-files", "--isolated")[1] == "a.py\nold/b.py\n"
    out = run("--show-settings", "--config", "preview = true")[1]
    assert f"# configuration: {Path('pyproject.toml').absolute()}; applies to 1 file here" in out
    assert 'extend-exclude = ["old"]' in out
    assert "preview = true" in out


def test_safe_fixes_then_all_of_them(run: Run) -> None:
    file = Path("train.py")
    file.write_text(WRONG)
    status, out, err = run("--diff", "--unsafe-fixes")
    assert status == 1
    assert "-        total += loss\n+        total += loss.item()\n" in out
    assert file.read_text() == WRONG
    assert "Would fix 3 mistakes in 1 file." in err
    status, out, err = run("--fix", "--show-fixes", "--output-format=concise")
    assert file.read_text() == WRONG.replace("model.forward(x)", "model(x)")
    assert (status, codes(out)) == (1, ["LOOP201", "LOOP701"])
    assert "train.py:10: LOOP301 direct-forward-call" in err
    status, out, _ = run("--fix-only", "--unsafe-fixes")
    assert (status, out) == (0, "")
    assert file.read_text() == RIGHT
    assert run("--diff", "--unsafe-fixes")[:2] == (0, "")


def test_a_file_elsewhere_is_fixed_and_a_link_to_elsewhere_is_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("outside.py").write_text(WRONG)
    Path("project").mkdir()
    monkeypatch.chdir("project")
    Path("link.py").symlink_to("../outside.py")
    status, _, err = run("--fix", "link.py", "-q")
    assert status == 1
    assert "link.py is a symbolic link out of the folder" in err
    assert Path("../outside.py").read_text() == WRONG
    run("--fix", "../outside.py", "-q")
    assert Path("../outside.py").read_text() == WRONG.replace("model.forward(x)", "model(x)")


def test_fixing_stdin_prints_the_fixed_text_alone(run: Run) -> None:
    status, out, err = run("-", "--fix", "--unsafe-fixes", stdin=WRONG.encode())
    assert (status, out) == (0, RIGHT)
    status, out, err = run("-", "--fix", "--output-format=concise", stdin=WRONG.encode())
    assert (status, out) == (1, WRONG.replace("model.forward(x)", "model(x)"))
    assert "LOOP201" in err
    assert run("-", "--fix", stdin=RIGHT.encode())[:2] == (0, RIGHT)


def test_add_ignore_silences_everything_and_the_fix_of_unused_ones_takes_it_back(run: Run) -> None:
    file = Path("train.py")
    file.write_text(WRONG)
    status, out, err = run("--add-ignore")
    assert (status, out) == (0, "")
    assert "3 findings suppressed" in err
    assert "loss.backward()  # looplint: ignore[LOOP201]\n" in file.read_text()
    assert run()[0] == 0
    file.write_text(file.read_text().replace("model.forward(x)", "model(x)"))
    status, out, _ = run("--output-format=concise")
    assert (status, codes(out)[0]) == (1, "LOOP001")
    assert run("--fix")[0] == 0
    assert "model(x), y)\n" in file.read_text()


def test_adopting_a_project_by_a_baseline(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    file, known = Path("train.py"), Path("looplint-baseline.json")
    file.write_text(WRONG)
    status, out, err = run("--write-baseline")
    assert (status, out) == (0, "")
    assert 'baseline = "looplint-baseline.json" in [tool.looplint]' in err
    Path("pyproject.toml").write_text('[tool.looplint]\nbaseline = "looplint-baseline.json"\n')
    written = known.read_text()
    file.write_text(WRONG.replace("import torch\n", "import os\nimport torch\n", 1))
    status, out, err = run()
    assert (status, out) == (0, "")
    assert "nothing new besides 3 findings in the baseline" in err
    assert known.read_text() == written
    status, out, err = run("--no-baseline", "--output-format=concise")
    assert (status, len(codes(out))) == (1, 3)
    assert known.read_text() == written
    assert len(codes(run("--no-baseline", "--fix", "--diff")[1])) == 0

    file.write_text(WRONG + WRONG.replace("def train", "def again"))
    assert run("--output-format=concise")[1].count("LOOP") == 3
    assert known.read_text() == written

    file.write_text(WRONG.replace("model.forward(x)", "model(x)"))
    monkeypatch.setenv("CI", "true")
    assert run()[0] == 0
    assert known.read_text() == written
    monkeypatch.delenv("CI")
    status, _, err = run()
    assert status == 0
    assert "1 finding fixed and removed" in err
    file.write_text(WRONG)
    assert codes(run("--output-format=concise")[1]) == ["LOOP301"]

    Path("other.py").write_text(WRONG)
    assert run("--write-baseline", "other.py")[0] == 0
    assert {path: len(items) for path, items in json.loads(known.read_text())["findings"].items()} == {
        "train.py": 2,
        "other.py": 3,
    }


def test_each_project_has_its_own_baseline_also_from_outside(run: Run) -> None:
    for name in ("one", "two"):
        Path(name).mkdir()
        Path(name, "train.py").write_text(WRONG)
        Path(name, "looplint.toml").write_text('baseline = "known.json"')
    assert run("--write-baseline", "one")[0] == 0
    assert run("-q", "one")[0] == 0
    status, _, err = run("one", "two")
    assert status == 2
    assert "two/known.json: there is no such baseline" in err
    assert run("--write-baseline", "one", "two")[0] == 0
    Path("two/train.py").write_text(WRONG + WRONG.replace("def train", "def again"))
    status, out, _ = run("--output-format=concise")
    assert status == 1
    assert {line.split(":")[0] for line in out.splitlines()} == {"two/train.py"}
    assert len(codes(out)) == 3


def test_since_a_revision_tells_new_findings_from_old_ones_in_moved_code(run: Run) -> None:
    Path("pkg").mkdir()
    Path("pkg/__init__.py").write_text("")
    Path("pkg/old.py").write_text(WRONG)
    helper = "def clear(optimizer):\n    optimizer.zero_grad()\n"
    Path("pkg/helper.py").write_text(helper)
    calling = RIGHT.replace("optimizer.zero_grad()", "clear(optimizer)")
    Path("pkg/calling.py").write_text("from pkg.helper import clear\n" + calling)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "before")
    assert run("--since", "HEAD", "-q")[0] == 0
    # Moved and renamed code is old; the finding in a file that nobody touched is new.
    git("mv", "pkg/old.py", "pkg/moved.py")
    Path("pkg/moved.py").write_text("\n\n" + WRONG)
    Path("pkg/helper.py").write_text(helper.replace("optimizer.zero_grad()", "pass"))
    status, out, _ = run("--since", "HEAD", "--output-format=concise")
    assert status == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["pkg/calling.py"]
    assert codes(out) == ["LOOP201"]
    status, _, err = run("--since", "no-such-branch")
    assert status == 2
    assert "`no-such-branch` is not a revision of this repository" in err


def test_callers_of_named_files_show_what_is_new_since_the_last_commit(run: Run) -> None:
    helper = "def clear(optimizer):\n    optimizer.zero_grad()\n"
    Path("helper.py").write_text(helper)
    calling = "from helper import clear\n" + RIGHT.replace("optimizer.zero_grad()", "clear(optimizer)")
    Path("calling.py").write_text(calling)
    Path("known.py").write_text("from helper import clear\n" + WRONG)
    Path("apart.py").write_text(WRONG)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "before")
    assert run("--callers", "helper.py", "-q")[:2] == (0, "")
    Path("helper.py").write_text(helper.replace("optimizer.zero_grad()", "pass"))
    status, out, _ = run("--callers", "helper.py", "--output-format=concise")
    assert (status, codes(out)) == (1, ["LOOP201"])
    assert out.startswith("calling.py:")
    status, out, _ = run("--callers", "helper.py", "known.py", "--output-format=concise")
    assert {line.split(":")[0] for line in out.splitlines()} == {"calling.py", "known.py"}
    assert run("--callers", "-")[0] == 2


def test_fixes_leave_callers_of_the_named_files_alone(run: Run) -> None:
    net = "from torch import nn\n\n\nclass Net(nn.Linear):\n    pass\n"
    calling = "from net import Net\n" + RIGHT.replace("nn.Linear(2, 2)", "Net(2, 2)").replace(
        "model(x)", "model.forward(x)"
    )
    Path("net.py").write_text(net.replace("nn.Linear", "object"))
    Path("calling.py").write_text(calling)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "before")
    Path("net.py").write_text(net)
    status, out, _ = run("--callers", "--fix", "net.py", "--output-format=concise")
    assert (status, codes(out)) == (1, ["LOOP301"])
    assert Path("calling.py").read_text() == calling
    run("--fix", "calling.py")
    assert Path("calling.py").read_text() == calling.replace(".forward", "")


def test_rules_for_people_and_for_tools(run: Run) -> None:
    status, out, _ = run("rule", "missing_zero_grad")
    assert status == 0
    assert out.startswith("LOOP201 missing-zero-grad")
    assert "Use instead" in out
    effect, picture, _, _, url = out.splitlines()[-5:]
    assert effect == f"{measured('missing-zero-grad')} (looplint prove missing-zero-grad)"
    assert Path(picture.replace(f"{HOME}/blob/main", str(Path(__file__).parents[1]))).is_file()
    assert url == f"{HOME}/blob/main/reference/pages/missing-zero-grad.md"
    assert run("rule", "LOOP201")[1] == out
    rules = json.loads(run("rule", "--all", "--output-format", "json")[1])
    names = [rule["name"] for rule in rules]
    assert {"missing-zero-grad", "unused-suppression"} <= set(names)
    assert all(rule["summary"] and rule["sections"]["What it does"] for rule in rules)
    listed = run("rule")[1].splitlines()
    assert [line.split()[1] for line in listed] == names
    assert all(rule["url"] in run("rule", rule["code"])[1] for rule in rules[:2])


def test_words_of_other_tools_lead_to_the_right_one(run: Run) -> None:
    assert sorted(commands.commands) == list(COMMANDS)
    for word, right in (
        ("explain", "`looplint rule RULE`"),
        ("check", "`looplint PATHS`"),
        ("serve", "`looplint server`"),
        ("chek", "`looplint -h`"),
        ("grahp", "did you mean `graph`?"),
    ):
        status, _, err = run(word, "LOOP201")
        assert status == 2 and f"there is no command `{word}` either: {right}" in err


def test_letters_in_a_code_are_read_as_the_digits_that_they_resemble(run: Run) -> None:
    for word in ("LOOP2O1", "loop2Ol", "LOOP20l"):
        status, _, err = run("--select", word, ".")
        assert status == 2 and "did you mean `LOOP201`?" in err


def test_the_graph_of_a_method_that_creates_optimizers_has_no_back_edge(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lit.py").write_text(
        "import torch\nimport lightning\n\n\nclass Lit(lightning.LightningModule):\n"
        "    def configure_optimizers(self):\n        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)\n"
        "        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 3)]\n",
        encoding="utf-8",
    )
    shown = run("graph", str(tmp_path / "lit.py"))[1]
    assert "MAKE optimizer" in shown and "the framework:\n" in shown and "SCHEDULE" in shown
    assert "repeatedly" not in shown and "again" not in shown and "<module>" not in shown


def test_the_graph_names_the_place_of_an_object_in_another_file(run: Run, tmp_path: Path) -> None:
    made = "import torch\n\n\ndef make(model):\n    return torch.optim.SGD(model.parameters(), lr=0.1)\n"
    (tmp_path / "makers.py").write_text(made, encoding="utf-8")
    loop = "from makers import make\n\noptimizer = make(model)\nfor _ in data:\n    optimizer.step()\n"
    (tmp_path / "run.py").write_text(loop, encoding="utf-8")
    shown = run("graph", str(tmp_path / "run.py"))[1]
    assert "created by torch.optim.SGD, " in shown and "makers.py:5" in shown and "line " not in shown


def test_a_diff_without_safe_fixes_says_what_there_is(run: Run) -> None:
    Path("train.py").write_text(WRONG.replace("model.forward(x)", "model(x)"))
    status, out, err = run("--diff", "--isolated", "--no-cache", "train.py")
    assert (status, out) == (0, "")
    assert err == "Would fix 0 mistakes in 0 files. 2 more with `--diff --unsafe-fixes`.\n"


def test_statistics_are_json_with_output_format_json(run: Run) -> None:
    Path("train.py").write_text(WRONG)
    out = run("--statistics", "--output-format", "json", "--isolated", "--no-cache", "train.py")[1]
    assert {row["code"]: row["count"] for row in json.loads(out)} == {"LOOP201": 1, "LOOP301": 1, "LOOP701": 1}


def test_the_pages_of_rules_as_markdown(run: Run) -> None:
    status, _, err = run("rule", "--all", "--output-format", "markdown", "docs/rules")
    assert status == 0 and "docs/rules/README.md" in err
    page = Path("docs/rules/missing-zero-grad.md").read_text(encoding="utf-8")
    assert run("rule", "LOOP201", "--output-format", "markdown")[1] == page.replace(" · [all rules](README.md)", "")
    assert f"]({HOME}/raw/main/reference/pictures/missing-zero-grad.svg)" in page
    Path("taken").write_text("")
    status, _, err = run("rule", "--all", "--output-format", "markdown", "taken")
    assert (status, err) == (2, "looplint: taken: cannot be written: File exists\n")
    assert "leave out one of them" in run("rule", "--all", "LOOP201")[2]


def test_prove_without_torch_says_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    status, _, err = run("prove", "missing-zero-grad")
    assert status == 2
    assert "pip install 'looplint[reference]'" in err


def old_file(name: str, content: str) -> None:
    """A file that was not written just now: what was is not kept in a cache."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(content)
    os.utime(name, (0, 0))


def contents(folder: str = ".") -> list[str]:
    return sorted(str(path) for path in Path(folder).rglob("*"))


def test_clean_removes_caches_and_nothing_else(run: Run) -> None:
    old_file("a/train.py", WRONG)
    old_file("a/looplint.toml", "")
    old_file("b/train.py", WRONG)
    Path("looplint.toml").write_text('cache-dir = "cache"')
    before = contents()
    assert run(".")[0] == 1
    assert Path("a/.looplint_cache/CACHEDIR.TAG").is_file()
    assert Path("cache/CACHEDIR.TAG").is_file()
    assert run("clean")[0] == 0
    assert contents() == before


@pytest.mark.parametrize("cache", ["kept", "a/.looplint_cache", "."])
def test_clean_leaves_what_others_put_beside_the_results(cache: str, run: Run) -> None:
    old_file("a/train.py", WRONG)
    Path("a/looplint.toml").write_text("" if cache.startswith("a/") else f'cache-dir = "../{cache}"')
    Path(".git").mkdir()
    Path("precious").write_text("")
    for name in ("notes", "looplint-notes/x", "looplint-0123456789abcdef/x", "0123456789abcdef.json"):
        Path(cache, name).parent.mkdir(parents=True, exist_ok=True)
        Path(cache, name).write_text("not looplint's")
    Path(cache, "looplint-0123456789abcdee").symlink_to(Path("a").resolve())
    before = contents()
    assert run("a")[0] == 1
    assert contents() != before
    status, out, _ = run("clean", "a")
    assert (status, out.split()[0]) == (0, "Emptied")
    marks = [f"{cache}/{name}" for name in ("CACHEDIR.TAG", ".gitignore")] if cache.startswith("a/") else []
    assert contents() == sorted([*before, *marks])


def test_clean_removes_what_a_killed_run_left(run: Run) -> None:
    old_file("train.py", WRONG)
    run(".")
    [kept] = Path(".looplint_cache").rglob("*.json")
    kept.with_name(kept.name + ".0123456789abcdef").write_text('{"ch')
    Path(".looplint_cache/CACHEDIR.TAG.0123456789abcdef").write_text("Sign")
    assert run("clean")[0] == 0
    assert contents() == ["train.py"]


@pytest.mark.parametrize("command", [("clean",), ("--fix", "--no-cache", ".")])
def test_what_a_fix_that_was_killed_left_is_removed(run: Run, command: tuple[str, ...]) -> None:
    Path("a").mkdir()
    Path("a/train.py").write_text(RIGHT)
    for name in (".train.py.abcd_123.looplint", f".train.py.{2**22 + 1}-abcd1234.looplint"):
        Path("a", name).write_text("half a fi")
    at_work = f".train.py.{os.getpid()}-abcd1234.looplint"
    for name in (at_work, "train.py.looplint", ".looplint"):
        Path("a", name).write_text("somebody's")
    assert run(*command)[0] == 0
    assert {path.name for path in Path("a").iterdir()} == {at_work, "train.py.looplint", ".looplint", "train.py"}


def test_the_schema_is_printed(run: Run) -> None:
    status, out, _ = run("config-schema")
    assert status == 0
    assert "missing-zero-grad" in json.loads(out)["definitions"]["rule"]["anyOf"][0]["enum"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("looplint ru", ["rule"]),
        ("looplint --fi", ["--fix", "--fix-only"]),
        ("looplint tra", ["tra"]),
        ("looplint --output-format json", ["json", "json-lines"]),
        ("looplint --fix --select LOOP2,missing-zero", ["LOOP2,missing-zero-grad"]),
        ("looplint rule zero-grad-w", []),
    ],
)
def test_completion(words: str, offered: list[str]) -> None:
    environment = {"_LOOPLINT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    command = [sys.executable, "-m", "looplint"]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    assert [line.split(",", 1)[1] for line in done.stdout.splitlines() if line] == offered
    script = subprocess.run([*command, "completion", "zsh"], capture_output=True, text=True, check=True)
    assert "_LOOPLINT_COMPLETE=zsh_complete" in script.stdout


def test_a_clean_file_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text("import os\n")
    heavy = {"torch", "libcst", "rich", "pathspec", "tomllib", "subprocess", "difflib", "importlib.metadata", "xml"}
    heavy |= {"looplint.events", "looplint.interpreter", "looplint.library", "looplint.rule", "looplint.program"}
    script = (
        f"import sys; from looplint.cli.commands import main; main(['.']); print(sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", _WITH_SITE + script], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr


# Without `site`, whose own imports depend on how the packages were installed.
_WITH_SITE = f"import sys; sys.path[:] = {[str(Path(check.__file__).parents[1]), *sys.path]!r}; "
