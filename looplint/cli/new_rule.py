"""`looplint new-rule`: the skeleton of a rule with its fixture and its proof; the tests say what is missing."""

from __future__ import annotations

import re
from pathlib import Path

from looplint.project.catalog import folder as home
from looplint.project.catalog import rules
from looplint.project.config import Configuration
from looplint.project.settings import ConfigError

NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
CODE = r"[A-Z]{2,}[0-9]{3}"

RULE = '''\
"""{code}: see `{function}`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind
from looplint.rule import WARNING, Mistake, rule


@rule("{code}", severity=WARNING{status}, needs=[Kind.STEP])
def {function}(loop: EventGraph) -> Iterator[Mistake]:
    """One sentence that says what goes wrong.

    What it does
    ------------
    Looks for ...

    Why is this bad?
    ----------------
    What it does to training, with the numbers measured.

    Example
    -------
    ```python
    for inputs, targets in loader:
        ...
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        ...
    ```

    Known limits
    ------------
    What it does not see, and what it leaves alone on purpose.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/...
    """
    for step in loop.all(Kind.STEP):
        if path := loop.path(step, to=Kind.STEP, avoiding=Kind.BACKWARD, about=step.subject):
            yield Mistake(step, f"`{{step.name}}` ...", path)
'''

FIXTURE = '''\
"""One sentence that says what these functions show. Each asks for what it needs by parameter name."""


def mistaken(model, optimizer, loader, loss_fn):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()  # expect: {name}


def fixed(model, optimizer, loader, loss_fn):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()  # ok: {name}
'''

PROOF = '''\
"""One sentence that says what is measured. `looplint prove {name}` carries it out."""

from ..observables import parameter_distance
from ..proof import Proof

PROOF = Proof(
    rule="{name}",
    observable=parameter_distance,
    mistaken="mistaken",
    fixed="fixed",
    margin=0.1,
    effect="distance to the right parameters: {{mistaken}} instead of {{fixed}}",
)
'''


def new_rule(name: str, *, code: str | None = None, folder: str | None = None) -> list[Path]:
    """Write the skeleton of the rule `name` ("missing-zero-grad") and return the files written.

    In looplint itself or, with `folder`, the rule there and its fixture in the folder `fixtures` beside it: only
    looplint's own rules have proofs. `code`: an unused one; default: LOOP1xx for looplint, OWN0xx elsewhere.

    Raises ValueError for a name or code that is malformed or taken, FileExistsError for a file that exists already.
    """
    if not re.fullmatch(NAME, name):
        raise ValueError(f"`{name}` cannot be a rule's name: expected words in lower case, as in `missing-zero-grad`")
    taken = {rule.code for rule in rules()} | _codes_in(folder)
    code = code or _free(taken, "LOOP1" if folder is None else "OWN0")
    if not re.fullmatch(CODE, code):
        raise ValueError(f"`{code}` cannot be a rule's code: expected capitals and three digits, as in `LOOP199`")
    if code in taken:
        raise ValueError(f"the code {code} is taken; leave out --code for one that is free")
    if any(rule.name == name for rule in rules()):
        raise ValueError(f"there is a rule `{name}` already")
    if folder is None and home("rules").parent == Path(__file__).parents[1]:
        raise ValueError("looplint is installed here, not checked out: name a --folder for a rule of your own")
    # A new rule of looplint is opt-in; a project that writes its own wants it on.
    status = ", preview=True" if folder is None else ""
    words = {"name": name, "code": code, "function": name.replace("-", "_"), "status": status}
    place = home("rules") if folder is None else Path(folder)
    texts = {place: RULE, (home("fixtures") if folder is None else place.parent / "fixtures"): FIXTURE}
    if folder is None:
        texts[home("reference") / "proofs"] = PROOF
    wanted = {where / f"{words['function']}.py": text.format(**words) for where, text in texts.items()}
    for file in wanted:
        if file.exists():
            raise FileExistsError(f"{file} is there already; choose another name or remove it")
    for file, text in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(wanted)


def next_steps(name: str, files: list[Path], folder: str) -> list[str]:
    """The next steps for a project's own rule, a line each. looplint's own rules need none: its tests name them."""
    rule, fixture = files
    try:
        named = str(Path(folder).absolute()) in Configuration().for_folder(".").rule_packs
    except ConfigError:
        named = False  # A wrong configuration is reported when it is used.
    steps = [] if named else [f'put `rule-packs = ["{Path(folder).as_posix()}"]` into looplint.toml or [tool.looplint]']
    steps += [
        f"write the question in {rule}, and code that it should and should not find in {fixture}",
        f"see what it can ask: `looplint graph {fixture}`",
        f"see what it finds: `looplint --preview --select {name} {fixture}`",
    ]
    return [f"Next {number}: {step}" for number, step in enumerate(steps, 1)]


def _codes_in(folder: str | None) -> set[str]:
    """The codes of the rules in a folder, read without running them."""
    files = Path(folder).glob("*.py") if folder else ()
    return {code for file in files for code in re.findall(rf"^@rule\(\s*\"({CODE})\"", file.read_text("utf-8"), re.M)}


def _free(taken: set[str], prefix: str) -> str:
    return next(code for number in range(1, 100) if (code := f"{prefix}{number:02d}") not in taken)
