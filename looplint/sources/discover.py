"""File discovery: walks folders, skips what is excluded or ignored by git, lists every file once."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

DEFAULT_EXTENSIONS = (".py", ".pyw", ".ipynb", ".md", ".markdown", ".mdx", ".qmd", ".Rmd", ".rst")

# Ruff's list (https://docs.astral.sh/ruff/settings/#exclude), and further caches and tool folders.
DEFAULT_EXCLUDE = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".git-rewrite",
    ".hg",
    ".ipynb_checkpoints",
    ".looplint_cache",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vscode",
    "__pycache__",
    "__pypackages__",
    "_build",
    "buck-out",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)

_MAY_BE_A_PACKAGE = frozenset({"build", "dist", "venv"})
"""Names of this list that a package of the project may have as well."""

# A folder that contains one of these is a virtual environment, whatever its name; `env` alone is often reinforcement
# learning.
_ENVIRONMENT = frozenset({"pyvenv.cfg", "conda-meta"})


def discover(
    paths: Sequence[str | Path] = (),
    *,
    exclude: Collection[str] = DEFAULT_EXCLUDE,
    respect_gitignore: bool = True,
    extensions: Collection[str] = DEFAULT_EXTENSIONS,
    root: str | Path = ".",
    force_exclude: bool = False,
    left_out: list[Path] | None = None,
) -> Iterator[Path]:
    """The files to read, each once, sorted by path. No paths: the current folder.

    A path that is not a folder is returned whatever its suffix and the excludes, even if it does not exist: reading it
    reports why it cannot be read. So are a folder that cannot be listed, and a pipe, device or socket with one of the
    suffixes. A folder that is passed explicitly is entered
    even if it is excluded or ignored.

    `exclude`: glob patterns; without a slash for any file or folder of that name, with one as in a `.gitignore` in the
    folder `root`. `force_exclude`: they also apply to explicit paths and to files in an excluded folder below `root`,
    for hooks that pass every changed file. Links to folders are not followed, as in git and ruff; links to files are,
    and a file found under several names keeps the one that is no link. `left_out`: folders are added to it that
    are excluded by their name, are not ignored by git, and may be packages of the project.
    """
    excluded = _Excluded(exclude, os.path.realpath(root))
    search = _Search(excluded, respect_gitignore, extensions, left_out)
    for path in paths or (".",):
        if force_exclude and excluded.holds(os.path.realpath(path)):
            continue
        if Path(path).is_dir():
            search.walk(os.path.realpath(path), Path(path))
        else:
            search.name(Path(path))
    return iter(sorted(search.files()))


class _Excluded:
    """The patterns of `exclude`, callable with a name and a real path."""

    def __init__(self, patterns: Collection[str], root: str) -> None:
        patterns = [pattern.removeprefix("./").rstrip("/") for pattern in patterns]
        self.root = Path(root)
        self.names = frozenset(pattern for pattern in patterns if not re.search(r"[/*?\[]", pattern))
        globs = [pattern for pattern in patterns if "/" not in pattern and pattern not in self.names]
        self.globs = re.compile("|".join(map(fnmatch.translate, globs)) or r"(?!)")
        anchored = [pattern.removeprefix(root + "/") for pattern in patterns if "/" in pattern]
        self.anchored = _Ignored(root, anchored) if anchored else None

    def __call__(self, name: str, real: str, folder: bool) -> bool:
        if name in self.names or self.globs.match(name):
            return True
        return self.anchored is not None and self.anchored.decides(real, folder) is True

    def holds(self, real: str) -> bool:
        """Whether a path, or a folder above it below the root, is excluded."""
        path = Path(real)
        above = [folder for folder in path.parents if self.root in folder.parents]
        return self(path.name, real, path.is_dir()) or any(self(folder.name, str(folder), True) for folder in above)


_STARS = re.compile(r"\[\^/\]\*((?:\\.|[^\\\[\]()*+?{}|^$.])+)(?=\[\^/\]\*)")
"""A `*` of a pattern followed by plain characters and another `*`. The first match of these characters is as good as
any later one, so that the search never has to backtrack: without this, a row of stars takes exponential time."""


class _Ignored:
    """The patterns of one `.gitignore`, relative to its folder."""

    def __init__(self, folder: str, lines: Iterable[str]) -> None:
        # Most trees have no pattern to match, and the import takes as long as a few hundred files.
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

        self.above = folder.rstrip("/") + "/"
        # The last pattern that matches decides, so they are tried in reverse.
        self.patterns: list[tuple[bool, re.Pattern[str]]] = []
        for line in reversed(list(lines)):
            try:
                pattern = GitIgnoreSpecPattern(line)
            except ValueError:
                continue
            if pattern.include is not None and pattern.regex is not None:
                # pathspec's patterns also match everything below a folder. Here an ignored folder is not entered, and
                # what is below one that is not (`!*/`) has to be matched by itself, as in git.
                regex = pattern.regex.pattern.replace("(?P<ps_d>/)", r"/\Z")
                self.patterns.append((pattern.include, re.compile(_STARS.sub(r"(?>[^/]*?\1)", regex))))

    @classmethod
    def of(cls, folder: str, file: str) -> tuple[_Ignored, ...]:
        """The patterns of a file in a folder; as in git, none if it cannot be read or is a link or a pipe."""
        path = Path(folder, file)
        try:
            if path.is_symlink() or not path.is_file():
                return ()
            lines = path.read_text("utf-8", errors="surrogateescape").splitlines()
        except OSError:
            return ()
        return (cls(folder, lines),)

    def decides(self, real: str, folder: bool) -> bool | None:
        """True: ignored, False: included again (`!pattern`), None: no pattern matches this path."""
        if not real.startswith(self.above):
            return None
        path = real[len(self.above) :] + "/" * folder
        return next((include for include, regex in self.patterns if regex.search(path)), None)


def _ignores(stack: Sequence[_Ignored], real: str, folder: bool) -> bool:
    """The nearest file with a matching pattern decides."""
    return next((decision for rules in reversed(stack) if (decision := rules.decides(real, folder)) is not None), False)


def _ignored_above(real: str) -> tuple[_Ignored, ...]:
    """The patterns in the folders above an explicit one, up to the root of its git repository.

    None if they ignore the explicit folder: the user wants it read.
    """
    above = Path(real).parents
    root = next((index for index, folder in enumerate(above) if (folder / ".git").exists()), None)
    if root is None or Path(real, ".git").exists():
        return ()
    stack: tuple[_Ignored, ...] = ()
    for index in range(root, -1, -1):
        folder = str(above[index])
        stack += _ignored_in(folder, index == root)
        child = real if index == 0 else str(above[index - 1])
        if _ignores(stack, child, True):
            return ()
    return stack


def _ignored_in(folder: str, repository: bool) -> tuple[_Ignored, ...]:
    exclude = _Ignored.of(folder, ".git/info/exclude") if repository else ()
    return exclude + _Ignored.of(folder, ".gitignore")


def _is_package(folder: str, ignored: Sequence[_Ignored]) -> bool:
    """Whether git does not ignore a folder, and it holds Python files and is no environment."""
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    mine = any(name.endswith(".py") for name in names) and _ENVIRONMENT.isdisjoint(names)
    return mine and not _ignores(ignored, folder, True)


class _Search:
    """One walk over all paths passed. Files are identified by their real path."""

    def __init__(
        self, excluded: _Excluded, gitignore: bool, extensions: Collection[str], left_out: list[Path] | None
    ) -> None:
        self.excluded = excluded
        self.left_out = left_out
        self.gitignore = gitignore
        self.extensions = tuple(extension.lower() for extension in extensions)
        self.found: dict[str, Path] = {}
        self.links: dict[str, Path] = {}

    def files(self) -> Iterator[Path]:
        """The paths to show to the user."""
        yield from self.found.values()
        yield from (shown for real, shown in self.links.items() if real not in self.found)

    def name(self, shown: Path) -> None:
        """Add a file that the user passed."""
        (self.links if shown.is_symlink() else self.found).setdefault(os.path.realpath(shown), shown)

    def walk(self, real: str, shown: Path) -> None:
        """Walk a folder that the user passed."""
        pending = [(real, shown, _ignored_above(real) if self.gitignore else ())]
        named = True
        while pending:
            real, shown, ignored = pending.pop()
            try:
                with os.scandir(real) as listing:
                    entries = {entry.name: entry for entry in listing}
            except OSError:
                self.found.setdefault(real, shown)
                continue
            if not named and not _ENVIRONMENT.isdisjoint(entries):
                continue
            named = False
            if self.gitignore and ".git" in entries:
                ignored = _ignored_in(real, True)
            elif self.gitignore and ".gitignore" in entries:
                ignored += _ignored_in(real, False)
            for name, entry in entries.items():
                path = entry.path
                folder = entry.is_dir(follow_symlinks=False)
                if not folder and not name.lower().endswith(self.extensions):
                    continue
                if self.excluded(name, path, folder) or _ignores(ignored, path, folder):
                    if self.left_out is not None and folder and name in _MAY_BE_A_PACKAGE:
                        self.left_out += [shown / name] if _is_package(path, ignored) else []
                    continue
                if folder:
                    pending.append((path, shown / name, ignored))
                elif entry.is_symlink():
                    self.link(path, shown / name)
                else:
                    self.found.setdefault(path, shown / name)

    def link(self, path: str, shown: Path) -> None:
        """A link found in a folder: to anything but a folder, or dangling, which is reported (Emacs creates such links
        as locks)."""
        target = Path(path)
        if not target.is_dir() if target.exists() else not target.name.startswith(".#"):
            self.links.setdefault(os.path.realpath(path), shown)
