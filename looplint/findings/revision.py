"""The code as it was at a git revision, for `--since`: old findings are found by linting the old code.

A finding can be new in a file that nobody touched (a helper in another file stopped clearing gradients), and old in a
line that moved, so rows of a diff cannot tell. Git is asked through its command line.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from looplint.project.config import Configuration, Settings, WrongUse
from looplint.sources.discover import DEFAULT_EXTENSIONS

# Files that say where a project begins and what its packages are.
_PROJECT_FILES = frozenset(("pyproject.toml", "setup.cfg", "looplint.toml", ".looplint.toml"))


class RevisionError(WrongUse):
    """Git cannot show a revision; the text says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class OldCode:
    """The code at a revision, laid out in a folder. `top`: the work tree it belongs to. `renamed`: old name of each
    file that was renamed since, both relative to the top, with forward slashes."""

    folder: Path
    top: Path
    renamed: dict[str, str]

    def before(self, filename: str) -> Path | None:
        """Where the old text of a file of the work tree lies; None when it did not exist."""
        now = Path(os.path.realpath(filename))
        if not now.is_relative_to(self.top):
            return None
        name = now.relative_to(self.top).as_posix()
        old = self.folder / self.renamed.get(name, name)
        return old if old.is_file() else None


class NowThere(Configuration):
    """The settings of today for the old code, as if it lay where the new code lies."""

    def __init__(self, configuration: Configuration, code: OldCode) -> None:
        super().__init__(isolated=True)
        self._today, self._code = configuration, code

    def for_folder(self, folder: str | Path) -> Settings:
        old, top = self._code.folder, self._code.top
        place = Path(os.path.realpath(folder))
        settings = self._today.for_folder(top / place.relative_to(old) if place.is_relative_to(old) else folder)
        root = Path(os.path.realpath(settings.root))
        return dataclasses.replace(
            settings, root=str(old / root.relative_to(top) if root.is_relative_to(top) else root), force_exclude=False
        )


@contextlib.contextmanager
def old_code(revision: str) -> Iterator[OldCode]:
    """The files that looplint reads, as they were at a revision of the repository around the current folder, in a
    temporary folder. Raises RevisionError."""
    top = Path(os.path.realpath(_git("rev-parse", "--show-toplevel").strip()))
    base = commit(revision)
    tracked = _git("ls-tree", "-r", "-z", "--name-only", "--full-tree", base).split("\0")
    names = [n for n in tracked if n.endswith(DEFAULT_EXTENSIONS) or n.rsplit("/", 1)[-1] in _PROJECT_FILES]
    changes = _git("-C", str(top), "diff", "--name-status", "-z", "--diff-filter=R", "-M", base).split("\0")
    with tempfile.TemporaryDirectory(prefix="looplint-") as place:
        index = {"GIT_INDEX_FILE": str(Path(place, "index"))}
        folder = Path(os.path.realpath(place), "tree")
        _git("-C", str(top), "read-tree", base, env=index)
        # Large files kept elsewhere are no code: their filter would ask a server for them.
        no_filter = ("-c", "filter.lfs.smudge=", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false")
        checkout = ("checkout-index", "-z", "--stdin", f"--prefix={folder}/")
        _git("-C", str(top), *no_filter, *checkout, env=index, stdin="\0".join(names))
        # The old tree is a repository's, too: what is found depends on where a project begins.
        (folder / ".git").mkdir(parents=True, exist_ok=True)
        yield OldCode(folder, top, dict(zip(changes[2::3], changes[1::3], strict=False)))


def changed_rows(filename: str, revision: str) -> Collection[int] | None:
    """Rows of a file that are not as they were at the revision; None when git cannot tell."""
    try:
        diff = _git("diff", "--unified=0", "--no-color", "--no-ext-diff", commit(revision), "--", filename)
    except RevisionError:
        return None
    hunks = re.findall(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", diff, re.MULTILINE)
    return {row for start, count in hunks for row in range(int(start), int(start) + int(count or 1))}


def commit(revision: str) -> str:
    """The commit that a revision means. Raises RevisionError when there is none, and outside a repository."""
    _git("rev-parse", "--git-dir")
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except RevisionError:
        raise RevisionError(
            f"`{revision}` is not a revision of this repository; a shallow clone may lack it (`git fetch --unshallow`)"
        ) from None


def _git(*arguments: str, env: dict[str, str] | None = None, stdin: str = "") -> str:
    try:
        done = subprocess.run(
            ("git", *arguments),
            input=os.fsencode(stdin),
            capture_output=True,
            check=True,
            env={**os.environ, **(env or {})},
        )
    except FileNotFoundError:
        raise RevisionError("git is not installed, or not on the PATH") from None
    except subprocess.CalledProcessError as error:
        said = os.fsdecode(error.stderr).strip().splitlines()
        raise RevisionError(f"git {arguments[0]}: {said[-1] if said else f'exit status {error.returncode}'}") from None
    return os.fsdecode(done.stdout)
