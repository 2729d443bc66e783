"""What every worker of a run is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """How units are linted. `options`, `config`: the settings, for all repositories alike; what a repository configures
    itself is not read. `timeout`: seconds within which one more file has to be finished. `memory`: bytes that the
    process which lints may take. `scratch`: the folder, on every machine, in which units are unpacked."""

    options: Mapping[str, Any]
    config: str | None
    timeout: float
    memory: int
    scratch: str
