"""A rule's proof: the mistaken function must measurably differ from the correct result, the fixed one must agree with
it."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import fixture
from .loop import train
from .run import Observable, Run

Summary = Callable[[Sequence[float]], float]


def last(series: Sequence[float]) -> float:
    """The value after the last iteration."""
    return series[-1]


@dataclasses.dataclass(frozen=True)
class Measured:
    """A series from one run and the one number that is compared.

    In `Proof.effect`: `{mistaken}` is the number, `{mistaken:bytes}` as kB or MB, `{mistaken:%}` as percent,
    `{mistaken:int}` rounded, `{mistaken.series}` the first few of the series, `{mistaken.error}` the exception's name.
    """

    number: float
    values: tuple[float, ...] = ()
    error: str = ""
    memory: tuple[float, ...] = ()

    @property
    def series(self) -> str:
        """The series as text: the first four values."""
        return ", ".join(_digits(value) for value in self.values[:4])

    def __format__(self, kind: str) -> str:
        match kind:
            case "bytes":
                return f"{self.number / 1e6:.1f} MB" if self.number >= 1e6 else f"{self.number / 1e3:.3g} kB"
            case "int":
                return f"{self.number:.0f}"
            case "%":
                return f"{self.number:.0%}"
            case _:
                return _digits(self.number)


def _digits(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if abs(value) < 1e-12:
        return "0"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.3f}".rstrip("0") if 0.1 <= abs(value) < 10 else f"{value:.3g}"


@dataclasses.dataclass(frozen=True)
class Proof:
    """The experiment that shows the harm of a mistake.

    rule: its name. mistaken, fixed: functions of `fixtures/<rule_name>.py`. observable: what is measured, one of
    `observables`. of: reduces its series to one number (last; or max, min, sum). reference: the correct number, or the
    function that returns it on the same workload (`loop.train`, called with only those of its optional parameters that
    the fixture function has, too). margin: |mistaken - reference| is at least this. tolerance: |fixed - reference| is
    at most this, on any device. effect: the mistake's effect in one line, with `{mistaken}`, `{fixed}` and
    `{reference}` as in `Measured`. label: the name of the number in the plot, if it is not the observable's.
    """

    rule: str
    observable: Observable
    mistaken: str
    fixed: str
    margin: float
    effect: str
    tolerance: float = 1e-4
    reference: float | Callable[..., Any] = train
    of: Summary = last
    label: str = ""

    @property
    def quantity(self) -> str:
        """The name of the number: "gradient norm"."""
        return self.label or self.observable.__name__.replace("_", " ")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The result of a proof on one device. `rewritten`: that of *mistaken* after `--fix`, if it has a fix."""

    proof: Proof
    device: str
    mistaken: Measured
    fixed: Measured
    reference: Measured
    rewritten: Measured | None = None

    @property
    def problems(self) -> list[str]:
        """The reasons why the proof does not hold, one sentence each; empty if it holds."""
        proof, right, found = self.proof, self.reference.number, []
        if not abs(self.mistaken.number - right) >= proof.margin:
            margin = _digits(proof.margin)
            found.append(f"`{proof.mistaken}` gives {self.mistaken}, less than {margin} away from {self.reference}")
        for name, run in ((proof.fixed, self.fixed), (f"{proof.mistaken} after --fix", self.rewritten)):
            if run is not None and not abs(run.number - right) <= proof.tolerance:
                found.append(f"`{name}` gives {run}, more than {_digits(proof.tolerance)} away from {self.reference}")
        return found

    @property
    def holds(self) -> bool:
        """Whether *mistaken* is off by the margin and everything fixed agrees with the reference."""
        return not self.problems

    @property
    def effect(self) -> str:
        """The mistake's effect in one line, with the measured numbers."""
        return self.proof.effect.format(mistaken=self.mistaken, fixed=self.fixed, reference=self.reference)


def carry_out(proof: Proof, device: str = "cpu") -> Outcome:
    """Run a proof's functions on `device` ("cpu", "cuda", "cuda:1").

    Raises FileNotFoundError or KeyError for a missing fixture or function, TypeError for a parameter that the workload
    does not have, and any exception of a function that its observable does not take.
    """
    # Files that a function writes, such as its best weights, must not end up in the user's current folder.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return _carried_out(proof, device)


def _carried_out(proof: Proof, device: str) -> Outcome:
    file, golden = (fixture.path(proof.rule, rewritten=after) for after in (False, True))
    functions = fixture.functions(file)
    mistaken = _function(functions, proof.mistaken, proof)
    rewritten = fixture.functions(file, golden).get(proof.mistaken) if golden.exists() else None
    if rewritten is not None and fixture.text(rewritten) == fixture.text(mistaken):
        rewritten = None
    if callable(proof.reference):
        reference = measure(proof, Run(proof.reference, device, like=mistaken))
    else:
        reference = Measured(float(proof.reference))
    return Outcome(
        proof,
        device,
        mistaken=measure(proof, Run(mistaken, device)),
        fixed=measure(proof, Run(_function(functions, proof.fixed, proof), device)),
        reference=reference,
        rewritten=None if rewritten is None else measure(proof, Run(rewritten, device)),
    )


def measure(proof: Proof, run: Run) -> Measured:
    """Measure one run with the proof's observable; a run without any measurement counts as not a number."""
    series = run.watch(proof.observable)
    return Measured(
        number=float(proof.of(series)) if series else math.nan,
        values=tuple(series),
        error="" if run.error is None else type(run.error).__name__,
        memory=tuple(run.memory),
    )


def _function(functions: dict[str, fixture.Function], name: str, proof: Proof) -> fixture.Function:
    if name not in functions:
        raise KeyError(f"{fixture.path(proof.rule)} has no function `{name}`, which the proof of {proof.rule} runs")
    if missing := fixture.unknown(functions[name]):
        raise TypeError(f"`{name}` asks for {', '.join(missing)}, which reference/workload.py does not have")
    return functions[name]


def proofs() -> dict[str, Proof]:
    """The proof of every rule that has one, by rule name. Raises ValueError for a file that breaks the naming."""
    package = "looplint.reference.proofs"
    found = {}
    for file in sorted((Path(__file__).parent / "proofs").glob("[!_]*.py")):
        module = importlib.import_module(f"{package}.{file.stem}")
        inside = [value for value in vars(module).values() if isinstance(value, Proof)]
        if len(inside) != 1 or inside[0].rule.replace("-", "_") != file.stem:
            raise ValueError(f"{file} must hold exactly one Proof, that of {file.stem.replace('_', '-')}")
        found[inside[0].rule] = inside[0]
    return found
