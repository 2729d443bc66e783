"""Which columns of a data set contain the repository, the path and the content of each file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from looplint.project.settings import WrongUse

NAMES: Mapping[str, Sequence[str]] = {
    "repository": (
        "repository",
        "repo",
        "repo_name",
        "repository_name",
        "max_stars_repo_name",
        "sample_repo_name",
        "repo_full_name",
        "full_name",
        "project",
    ),
    "path": (
        "path",
        "file_path",
        "filepath",
        "max_stars_repo_path",
        "sample_path",
        "filename",
        "file_name",
        "file",
    ),
    "content": ("content", "contents", "code", "text", "source", "source_code", "file_content", "data"),
}
"""Their names in public data sets of code, the most certain first: the-stack and starcoderdata (`max_stars_repo_name`,
`max_stars_repo_path`, `content`), github-code (`repo_name`, `path`, `code`), codeparrot-clean (`repo_name`, `path`,
`content`), BigQuery's github_repos (`sample_repo_name`, `sample_path`, `content`)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Columns:
    """The columns by name."""

    repository: str
    path: str
    content: str


def choose(present: Sequence[str], wanted: Mapping[str, str | None], where: str) -> Columns:
    """The columns of a file, as requested or else guessed. `where`: the file, for the message. Raises WrongUse."""
    chosen = {}
    for part, known in NAMES.items():
        name = wanted.get(part)
        if name is not None and name not in present:
            raise WrongUse(f"{where}: there is no column `{name}`; its columns: {', '.join(present)}")
        chosen[part] = name or next((each for each in known if each in present), "")
        if not chosen[part]:
            raise WrongUse(
                f"{where}: no column has a known name for the {part} of a file: name it with --{part}-column; "
                f"its columns: {', '.join(present)}"
            )
    return Columns(**chosen)
