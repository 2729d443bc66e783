"""`looplint prove`: run the proofs on the available devices, and print, record or plot the measurements."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from looplint.cli.terminal import filled, width

if TYPE_CHECKING:
    from .proof import Outcome, Proof

RECORDS = Path(__file__).parent / "records"

WITHOUT_TORCH = "looplint prove runs PyTorch, which is not installed here: pip install 'looplint[reference]'"
WITHOUT_MATPLOTLIB = "--plot draws with matplotlib, which is not installed here: pip install 'looplint[reference]'"


class WrongUse(Exception):
    """A usage error; the message names the remedy."""


def run(
    rules: Sequence[str] = (),
    device: Literal["cpu", "cuda", "all"] = "all",
    output_format: Literal["text", "json"] = "text",
    plot: str | Path | None = None,
    record: bool = False,
) -> int:
    """Run the proofs of `rules` (names or codes; none: all) and print the outcome.

    device: "all" is the CPU and each GPU. plot: an SVG file for one rule, a folder for several. record: write the
    measurements to `records/` if these proofs hold; those of other rules stay. Returns the exit status: 0 all hold, 1
    some do not, 2 usage error.
    """
    try:
        if importlib.util.find_spec("torch") is None:
            raise WrongUse(WITHOUT_TORCH)
        if plot is not None and importlib.util.find_spec("matplotlib") is None:
            raise WrongUse(WITHOUT_MATPLOTLIB)
        proofs, devices = _chosen(rules), _devices(device)
        if plot is not None and len(proofs) > 1 and Path(plot).suffix == ".svg":
            raise WrongUse(f"--plot {plot} is one file, for several rules: name a folder, or one rule")
    except WrongUse as wrong:
        print(f"looplint: {wrong}", file=sys.stderr)
        return 2

    start = time.perf_counter()
    trials = [_try(proof, device) for device in devices for proof in proofs]
    if output_format == "json":
        print(json.dumps([trial.to_json() for trial in trials], indent=2))
    else:
        print(_table(trials, width(sys.stdout)))
        print(_verdict(trials, devices, time.perf_counter() - start))
    if plot is not None:
        _draw(trials, Path(plot))
    if not all(trial.holds for trial in trials):
        if record:
            print("looplint: nothing is recorded, since not all of these proofs hold", file=sys.stderr)
        return 1
    if record:
        for file in write_records(trials, every=not rules):
            print(f"wrote {file}", file=sys.stderr)
    return 0


@dataclasses.dataclass(frozen=True)
class Trial:
    """A proof on a device: its outcome, or the error that prevented one."""

    proof: Proof
    device: str
    outcome: Outcome | None = None
    error: str = ""

    @property
    def holds(self) -> bool:
        """Whether the proof ran and holds."""
        return self.outcome is not None and self.outcome.holds

    @property
    def problems(self) -> list[str]:
        """Why it does not hold, one sentence each."""
        return [self.error] if self.outcome is None else self.outcome.problems

    def to_json(self) -> dict[str, Any]:
        """The trial as JSON-ready data: the compared numbers, the margins, the results."""
        data: dict[str, Any] = {
            "rule": self.proof.rule,
            "device": self.device,
            "device_name": device_name(self.device),
            "torch": _torch_version(),
            "observable": self.proof.quantity,
            "holds": self.holds,
            "problems": self.problems,
            "margin": self.proof.margin,
            "tolerance": self.proof.tolerance,
        }
        if self.outcome is not None:
            data |= {"effect": self.outcome.effect, **_numbers(self.outcome)}
        return data


def _numbers(outcome: Outcome) -> dict[str, Any]:
    runs = {
        "reference": outcome.reference,
        "mistaken": outcome.mistaken,
        "fixed": outcome.fixed,
        "rewritten": outcome.rewritten,
    }
    return {
        name: {
            "number": _plain(run.number),
            "series": [_plain(value) for value in run.values],
            **({"error": run.error} if run.error else {}),
            **({"memory": [int(size) for size in run.memory]} if run.memory else {}),
        }
        for name, run in runs.items()
        if run is not None
    }


def _plain(value: float) -> float | None:
    """Readers need six digits; JSON has no infinity and no not-a-number."""
    return float(f"{value:.6g}") if abs(value) < float("inf") else None


def _try(proof: Proof, device: str) -> Trial:
    from .proof import carry_out

    try:
        return Trial(proof, device, carry_out(proof, device))
    except Exception as error:  # one broken sample must not hide the other proofs
        reason = error.args[0] if isinstance(error, KeyError) and error.args else error
        return Trial(proof, device, error=f"{type(error).__name__}: {reason}")


def _chosen(rules: Sequence[str]) -> list[Proof]:
    from looplint.project import catalog
    from looplint.project.selection import matching
    from looplint.project.settings import ConfigError

    from .proof import proofs

    known = proofs()
    if not rules:
        return list(known.values())
    chosen: dict[str, Proof] = {}
    for given in rules:
        word = given.upper() if given[:4].upper() == "LOOP" else given.lower().replace("_", "-")
        try:
            found = matching(word, catalog.rules())
        except ConfigError as error:
            raise WrongUse(str(error)) from None
        proved = {rule.name: known[rule.name] for rule in found if rule.name in known}
        if not proved:
            raise WrongUse(f"no proof for {given}: the rule is not about code that can be run")
        chosen |= proved
    return list(chosen.values())


def _devices(device: str) -> list[str]:
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    gpus = ["cuda"] if count == 1 else [f"cuda:{number}" for number in range(count)]
    if device == "cuda" and not gpus:
        raise WrongUse("no CUDA device that PyTorch can use here; --device cpu needs none")
    return {"cpu": ["cpu"], "cuda": gpus, "all": ["cpu", *gpus]}[device]


def device_name(device: str) -> str:
    """The name of the device: "NVIDIA H100", or the processor's architecture."""
    import platform

    import torch

    return torch.cuda.get_device_name(device) if device.startswith("cuda") else f"CPU ({platform.machine()})"


def _torch_version() -> str:
    import torch

    return str(torch.__version__)


COLUMNS = (
    "mistaken, right, fixed: measurements of the sample with the mistake, of the reference loop, and of the "
    "corrected sample; --fix: of the mistake after looplint's own fix; holds: the mistake is far from right, and the "
    "rest is not"
)


def _table(trials: Sequence[Trial], columns: int | None = None) -> str:
    """A row for each trial, with the measurement below it if a terminal of `columns` is too narrow."""
    header = ["rule", "device", "mistaken", "right", "fixed", "--fix", "holds"]
    rows = [(header, "measured")]
    for trial in trials:
        outcome = trial.outcome
        cells = ["-"] * 4 if outcome is None else [f"{outcome.mistaken}", f"{outcome.reference}", f"{outcome.fixed}"]
        if outcome is not None:
            cells.append("-" if outcome.rewritten is None else f"{outcome.rewritten}")
        effect = "; ".join(trial.problems) or (outcome.effect if outcome else "")
        rows.append(([trial.proof.rule, trial.device, *cells, "yes" if trial.holds else "NO"], effect))
    widths = [max(len(cells[column]) for cells, _ in rows) for column in range(len(header))]
    heads = ["  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) for cells, _ in rows]
    if columns is None or all(
        len(head) + 2 + len(effect) <= columns for head, (_, effect) in zip(heads, rows, strict=True)
    ):
        return "\n".join(f"{head}  {effect}".rstrip() for head, (_, effect) in zip(heads, rows, strict=True))
    lines = [heads[0].rstrip()]
    for head, (_, effect) in zip(heads[1:], rows[1:], strict=True):
        lines += [head.rstrip(), filled(f"    {effect}", columns, "    ")]
    return "\n".join([*lines, "", filled(COLUMNS, columns)])


def _verdict(trials: Sequence[Trial], devices: Sequence[str], seconds: float) -> str:
    hold = sum(trial.holds for trial in trials)
    where = ", ".join(f"{device_name(device)}" for device in devices)
    return f"\n{hold} of {len(trials)} proofs hold on {where} with torch {_torch_version()} ({seconds:.1f} s)"


def _draw(trials: Sequence[Trial], target: Path) -> None:
    from .picture import svg

    for trial in trials:
        if trial.outcome is None:
            continue
        file = target
        if target.suffix != ".svg":
            kind = "" if trial.device == "cpu" else "." + trial.device.replace(":", "")
            file = target / f"{trial.proof.rule}{kind}.svg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(svg(trial.outcome), encoding="utf-8")
        print(f"wrote {file}", file=sys.stderr)


def write_records(trials: Sequence[Trial], folder: Path = RECORDS, *, every: bool = True) -> list[Path]:
    """Write one JSON file per kind of device, `cpu.json` and `cuda.json`; returns the files.

    `every`: these are the trials of all rules. Otherwise they replace those of their rules in the files that exist, and
    name torch and the device where the other measurements were made with other ones.
    """
    import datetime

    files = []
    for kind in ("cpu", "cuda"):
        file = folder / f"{kind}.json"
        mine = [trial for trial in trials if trial.device in (kind, f"{kind}:0") and trial.outcome is not None]
        if not mine or not (every or file.is_file()):
            continue
        here = {"device": device_name(mine[0].device), "torch": _torch_version()}
        measured = {trial.proof.rule: _measurement(trial) for trial in mine}
        if every:
            data = {**here, "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "rules": measured}
        else:
            data = json.loads(file.read_text(encoding="utf-8"))
            other = {key: value for key, value in here.items() if data[key] != value}
            rules = data["rules"] | {rule: {**other, **numbers} for rule, numbers in measured.items()}
            data["rules"] = dict(sorted(rules.items()))
        file.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        files.append(file)
    return files


def _measurement(trial: Trial) -> dict[str, Any]:
    assert trial.outcome is not None
    return {"effect": trial.outcome.effect, "observable": trial.proof.quantity, **_numbers(trial.outcome)}
