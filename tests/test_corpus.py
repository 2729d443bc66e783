"""`looplint corpus` without Ray: what it reads, how a repository is linted and watched, the tables and the summary."""

from __future__ import annotations

import importlib.util
import io
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import corpus_samples
import pytest

from looplint.cli.commands import main
from looplint.corpus.columns import Columns, choose
from looplint.corpus.inputs import Item, find
from looplint.corpus.job import Job
from looplint.corpus.lint_process import lint_repository
from looplint.corpus.supervise import Linter
from looplint.corpus.unpack import Damaged, unpack, write_files
from looplint.project.settings import WrongUse

TREES = corpus_samples.repositories()
JOB = Job({}, None, 60.0, 2 << 30, "")


# What is asked for wrongly


@pytest.mark.parametrize(
    ("arguments", "missing"), [(["here", "--output", "there"], "pyarrow, ray, aiohttp"), (["--report", "."], "pyarrow")]
)
def test_without_the_extra_one_sentence_says_what_to_install(
    arguments: list[str], missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["corpus", *arguments]) == 2
    said = capsys.readouterr().err
    assert said == f"looplint: `corpus` needs {missing}, not installed here: pip install 'looplint[corpus]'\n"


def test_the_other_commands_load_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "fit.py").write_text(corpus_samples.SCORE, encoding="utf-8")
    script = "import sys; from looplint.cli.commands import main; main(['fit.py']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert [name for name in loaded if name.split(".")[0] in ("ray", "pyarrow") or "corpus" in name] == []


def test_inputs_and_output_or_a_report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert main(["corpus", "somewhere"]) == 2
    assert capsys.readouterr().err == "looplint: `corpus` needs INPUTs and --output DIR, or --report DIR alone\n"


# Inputs


def test_a_folder_holds_repositories_owners_of_repositories_archives_and_rows(tmp_path: Path) -> None:
    corpus_samples.lay_out({"plain": TREES["sample0"], "owner/one": TREES["sample1"]}, tmp_path)
    parts = {f"parts/{name}/fit.py": TREES["sample0"]["fit.py"] for name in ("a", "b")}
    corpus_samples.lay_out({"project": {"src/fit.py": b"", "tests/check.py": b"", **parts}}, tmp_path)
    corpus_samples.archive(TREES, tmp_path / "more.tar.gz")
    for name in ("rows.parquet", "lines.jsonl", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    found = find([str(tmp_path)])
    assert sorted((item.kind, item.name) for item in found.items) == [
        ("archive", "more"),
        ("folder", "owner/one"),
        ("folder", "plain"),
        ("folder", "project"),
    ]
    assert found.parquet == [str(tmp_path / "rows.parquet")]
    assert found.json_lines == [str(tmp_path / "lines.jsonl")]
    assert found.passed_over == [str(tmp_path / "notes.txt")]


def test_a_folder_with_code_in_it_is_a_repository(tmp_path: Path) -> None:
    corpus_samples.lay_out({"plain": TREES["sample0"]}, tmp_path)
    assert [item.name for item in find([str(tmp_path / "plain")]).items] == ["plain"]


def test_the_largest_come_first_and_equal_names_are_distinguished(tmp_path: Path) -> None:
    large = {**TREES["sample0"], "long.py": b"x = 1\n" * 9000}
    corpus_samples.lay_out({"same": TREES["sample0"], "large": large}, tmp_path / "a")
    corpus_samples.lay_out({"same": TREES["sample1"]}, tmp_path / "b")
    names = [item.name for item in find([str(tmp_path / "a"), str(tmp_path / "b")]).items]
    assert names[0] == "large"
    assert set(names) == {"large", str(tmp_path / "a" / "same"), str(tmp_path / "b" / "same")}


@pytest.mark.parametrize(("name", "why"), [("absent", "there is no such"), ("notes.txt", "is neither a folder")])
def test_what_is_nothing_of_this_is_wrong_use(name: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"")
    with pytest.raises(WrongUse, match=why):
        find([str(tmp_path / name)])


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (["repo_name", "path", "copies", "code", "license"], Columns("repo_name", "path", "code")),
        (["hexsha", "max_stars_repo_path", "max_stars_repo_name", "content"], None),
        (["repository", "file_path", "text"], Columns("repository", "file_path", "text")),
    ],
)
def test_the_columns_of_public_data_sets_are_known(present: list[str], expected: Columns | None) -> None:
    stars = Columns("max_stars_repo_name", "max_stars_repo_path", "content")
    assert choose(present, {}, "file") == (expected or stars)


def test_columns_that_cannot_be_guessed_have_to_be_given() -> None:
    with pytest.raises(
        WrongUse, match=r"file: no column has a known name for the content .* --content-column; .* repo, path"
    ):
        choose(["repo", "path"], {}, "file")
    with pytest.raises(WrongUse, match="there is no column `body`"):
        choose(["repo", "path"], {"content": "body"}, "file")
    assert choose(["a", "b", "c"], {"repository": "c", "path": "b", "content": "a"}, "file") == Columns("c", "b", "a")


# Unpacking


@pytest.mark.parametrize("name", ["all.tar", "all.tar.gz", "all.zip"])
def test_an_archive_gives_the_files_that_it_holds(name: str, tmp_path: Path) -> None:
    file = corpus_samples.archive(TREES, tmp_path / name)
    (tmp_path / "out").mkdir()
    with file.open("rb") as opened:
        assert unpack(str(file), opened, str(tmp_path / "out")) == []
    for repository, files in TREES.items():
        for path, data in files.items():
            assert (tmp_path / "out" / repository / path).read_bytes() == data


def test_members_that_lead_out_of_an_archive_and_links_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in ("../up.py", "/root.py", "in/../../up.py", "in/kept.py"):
            info = tarfile.TarInfo(path)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"1"))
        link = tarfile.TarInfo("in/link.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    packed.seek(0)
    left_out = unpack("x.tar", packed, str(tmp_path / "out"))
    assert [sentence.partition(":")[0] for sentence in left_out] == ["../up.py", "/root.py", "in/../../up.py"]
    assert [path.name for path in (tmp_path / "out").rglob("*") if not path.is_dir()] == ["kept.py"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["all.tar", "all.tar.gz", "all.zip"])
def test_damaged_archives_say_so(name: str, tmp_path: Path) -> None:
    file = corpus_samples.archive(TREES, tmp_path / name)
    data = file.read_bytes()
    half = b"\0" * 40 + data[40 : len(data) // 2]
    (tmp_path / "out").mkdir()
    with pytest.raises(Damaged, match="damaged"):
        unpack(name, io.BytesIO(half), str(tmp_path / "out"))


def test_rows_are_laid_out_and_those_that_cannot_be_are_reported(tmp_path: Path) -> None:
    rows = [("a/b.py", b"1"), ("../c.py", b"2"), ("a/b.py", b"3"), ("a/b.py/d.py", b"4"), ("e.py", b"5")]
    left_out = write_files(rows, str(tmp_path))
    assert sorted(left_out) == ["../c.py", "a/b.py", "a/b.py/d.py"]
    assert (tmp_path / "a" / "b.py").read_bytes() == b"1" and (tmp_path / "e.py").read_bytes() == b"5"


# The process that lints


@pytest.fixture
def linter() -> Any:
    made = Linter(JOB)
    yield made
    made.stop()


def long_tree(folder: Path) -> str:
    files = {f"fit{number}.py": TREES["sample1"]["fit.py"] for number in range(300)}
    corpus_samples.lay_out({"long": files}, folder)
    return str(folder / "long")


def when_it_works(linter: Linter, act: Callable[[int], None], times: int) -> threading.Thread:
    """Do something to the process that lints, to as many as there will be."""

    def wait() -> None:
        seen: set[int] = set()
        while len(seen) < times:
            process = linter._process
            if process is not None and process.pid not in seen and linter.reading:
                seen.add(process.pid)
                act(process.pid)
            time.sleep(0.01)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_a_repository_is_linted_as_looplint_does(linter: Linter, tmp_path: Path) -> None:
    corpus_samples.lay_out(TREES, tmp_path)
    expected = corpus_samples.by_looplint(tmp_path)
    found = set()
    for name in TREES:
        row = linter.lint(name, str(tmp_path / name), "folder:x")
        assert row["unit"]["state"] == "done" and row["unit"]["attempts"] == 1
        assert row["unit"]["files"] == len(row["files"]) == len(TREES[name]) - 1
        assert row["unit"]["peak_memory"] > 10 << 20
        found |= {(f["repository"], f["path"], f["cell"], f["row"], f["code"]) for f in row["findings"]}
    assert found == {(f[0], f[1], f[2], f[3], f[7]) for f in expected}
    assert len(found) > 6


def test_a_mistake_in_a_file_that_several_others_call_is_one_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = "def graded(net, loss_fn, x, y):\n    return loss_fn(net.forward(x), y)\n"
    (tmp_path / "grading.py").write_text(helper)
    for name in ("first", "second"):
        code = (
            "import torch\nfrom torch import nn\nfrom grading import graded\n\n\n"
            f"def {name}(loader):\n    {name}_net = nn.Linear(2, 2)\n"
            f"    optimizer = torch.optim.SGD({name}_net.parameters(), lr=0.1)\n"
            "    for x, y in loader:\n        optimizer.zero_grad()\n"
            f"        graded({name}_net, nn.MSELoss(), x, y).backward()\n        optimizer.step()\n"
        )
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    rows = [row for message in lint_repository("r", JOB) for row in message.get("findings", ())]
    assert [(row["path"], row["row"], row["code"]) for row in rows] == [("grading.py", 2, "LOOP301")]


def test_a_process_that_is_killed_is_replaced(linter: Linter, tmp_path: Path) -> None:
    folder = long_tree(tmp_path)
    whole = linter.lint("long", folder, "folder:x")
    when_it_works(linter, lambda pid: os.kill(pid, signal.SIGKILL), 1).join(0)
    row = linter.lint("long", folder, "folder:x")
    assert (row["unit"]["state"], row["unit"]["attempts"]) == ("done", 2)
    assert "SIGKILL" in row["unit"]["error"]
    assert row["findings"] == whole["findings"]


def test_a_process_that_is_always_killed_is_recorded_and_the_next_unit_is_linted(
    linter: Linter, tmp_path: Path
) -> None:
    folder = long_tree(tmp_path)
    when_it_works(linter, lambda pid: os.kill(pid, signal.SIGKILL), 2)
    row = linter.lint("long", folder, "folder:x")
    assert (row["unit"]["state"], row["unit"]["attempts"]) == ("died", 2)
    assert "SIGKILL at fit" in row["unit"]["error"]
    corpus_samples.lay_out({"next": TREES["sample1"]}, tmp_path)
    assert linter.lint("next", str(tmp_path / "next"), "folder:x")["unit"]["state"] == "done"


def test_a_process_that_hangs_is_stopped(tmp_path: Path) -> None:
    linter = Linter(Job({}, None, 1.0, 2 << 30, ""))
    folder = long_tree(tmp_path)
    when_it_works(linter, lambda pid: os.kill(pid, signal.SIGSTOP), 2)
    row = linter.lint("long", folder, "folder:x")
    assert (row["unit"]["state"], row["unit"]["attempts"]) == ("hung", 2)
    assert row["unit"]["error"].startswith("finished no file within 1 seconds at fit")
    linter.stop()


def test_a_process_that_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    linter = Linter(Job({}, None, 60.0, 1 << 20, ""))
    row = linter.lint("long", long_tree(tmp_path), "folder:x")
    assert (row["unit"]["state"], row["unit"]["attempts"]) == ("memory", 2)
    assert row["unit"]["error"].startswith("took more than 1 MiB of memory")
    linter.stop()


STEPS = "\nloss.backward()\noptimizer.step()\n"
POISON = {
    "nested deeply": ("x = " + "(" * 5000 + ")" * 5000 + STEPS, "done"),
    "many functions": (
        "".join(f"def f{n}(loss, opt):\n    loss.backward()\n    opt.step()\n\n\n" for n in range(2_000)),
        "done",
    ),
    "a line of 10 MB": ("x = [" + "1, " * 3_500_000 + "]" + STEPS, "memory"),
}


@pytest.mark.parametrize("kind", POISON)
def test_a_poisoned_repository_is_linted_or_noted(kind: str, tmp_path: Path) -> None:
    """What is too large for the memory that it may take is named; what was finished before is kept."""
    linter = Linter(Job({}, None, 120.0, 600 << 20, ""))
    text, state = POISON[kind]
    corpus_samples.lay_out({"poison": {"zz.py": text.encode(), **TREES["sample1"]}}, tmp_path)
    row = linter.lint("poison", str(tmp_path / "poison"), "folder:x")
    linter.stop()
    assert row["unit"]["state"] == state, row["unit"]
    assert any(finding["path"] == "fit.py" for finding in row["findings"])
    if state != "done":
        assert row["unit"]["attempts"] == 2 and row["unit"]["error"].endswith("at zz.py")


def test_what_a_repository_configures_is_not_read(linter: Linter, tmp_path: Path) -> None:
    files = {**TREES["sample1"], "looplint.toml": b'ignore = ["ALL"]\nrule-packs = ["packs"]\n'}
    files["packs/own.py"] = b"raise SystemExit('was run')\n"
    corpus_samples.lay_out({"own": files}, tmp_path)
    row = linter.lint("own", str(tmp_path / "own"), "folder:x")
    assert row["unit"]["state"] == "done" and row["findings"]


def test_the_inputs_of_an_unfinished_run_are_known_by_their_place() -> None:
    assert Item("folder", "a", "/x/a", 1).source == "folder:/x/a"
