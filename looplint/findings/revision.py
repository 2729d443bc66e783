"""The code at a git revision, for `--since`: old findings are found by linting the old code.

A finding can be new in a file that nobody touched (a helper in another file stopped clearing gradients), and old in a
line that moved, so the rows of a diff are not enough. Git is run as a command.
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

from looplint.project.config import Configuration
from looplint.project.settings import Settings, WrongUse
from looplint.sources.discover import DEFAULT_EXTENSIONS

# Files that mark a project's root and name its packages.
_PROJECT_FILES = frozenset(("pyproject.toml", "setup.cfg", "looplint.toml", ".looplint.toml"))


class RevisionError(WrongUse):
    """Git cannot show a revision; the message says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class OldCode:
    """The code at a revision, checked out in a folder. `top`: its work tree. `renamed`: old name of each file renamed
    since, both relative to the top, with forward slashes."""

    folder: Path
    top: Path
    renamed: dict[str, str]

    def before(self, filename: str) -> Path | None:
        """The checked-out old version of a file of the work tree; None if it did not exist."""
        now = Path(os.path.realpath(filename))
        if not now.is_relative_to(self.top):
            return None
        name = now.relative_to(self.top).as_posix()
        old = self.folder / self.renamed.get(name, name)
        return old if old.is_file() else None


class NowThere(Configuration):
    """Current settings for the old code: those of the file that replaced it."""

    def __init__(self, configuration: Configuration, code: OldCode) -> None:
        super().__init__(isolated=True)
        self._today, self._code = configuration, code

    def for_folder(self, folder: str | Path) -> Settings:
        """The settings of the folder that the old one corresponds to, with the old folder as root."""
        old, top = self._code.folder, self._code.top
        place = Path(os.path.realpath(folder))
        settings = self._today.for_folder(top / place.relative_to(old) if place.is_relative_to(old) else folder)
        root = Path(os.path.realpath(settings.root))
        return dataclasses.replace(
            settings, root=str(old / root.relative_to(top) if root.is_relative_to(top) else root), force_exclude=False
        )


@contextlib.contextmanager
def old_code(revision: str) -> Iterator[OldCode]:
    """Check out the files that looplint reads, at a revision of the repository around the current folder, in a
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
        # Files in Git LFS are no code, and their filter would contact a server.
        no_filter = ("-c", "filter.lfs.smudge=", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false")
        checkout = ("checkout-index", "-z", "--stdin", f"--prefix={folder}/")
        _git("-C", str(top), *no_filter, *checkout, env=index, stdin="\0".join(names))
        # The old tree needs a repository, too: findings depend on the project root.
        (folder / ".git").mkdir(parents=True, exist_ok=True)
        yield OldCode(folder, top, dict(zip(changes[2::3], changes[1::3], strict=False)))


def changed_rows(filename: str, revision: str) -> Collection[int] | None:
    """Rows of a file that have changed since the revision; None if git cannot tell."""
    try:
        diff = _git("diff", "--unified=0", "--no-color", "--no-ext-diff", commit(revision), "--", filename)
    except RevisionError:
        return None
    hunks = re.findall(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", diff, re.MULTILINE)
    return {row for start, count in hunks for row in range(int(start), int(start) + int(count or 1))}


def commit(revision: str) -> str:
    """The commit of a revision. Raises RevisionError if there is none, and outside a repository."""
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
        lines = os.fsdecode(error.stderr).strip().splitlines()
        raise RevisionError(
            f"git {arguments[0]}: {lines[-1] if lines else f'exit status {error.returncode}'}"
        ) from None
    return os.fsdecode(done.stdout)
