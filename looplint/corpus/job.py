"""The parameters that every worker of a run gets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """How units are linted. `options`, `config`: the settings, the same for all repositories; their own configuration
    is ignored. `timeout`: seconds per file. `memory`: bytes for the linting process. `scratch`: the folder, on every
    machine, in which units are unpacked."""

    options: Mapping[str, Any]
    config: str | None
    timeout: float
    memory: int
    scratch: str
