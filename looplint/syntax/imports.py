"""Import resolution within a file: `nn.Linear` is `torch.nn.Linear`, however the file imports `nn`."""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
from collections.abc import Mapping

from looplint.knowledge.layers import LAYERS
from looplint.syntax.newer_nodes import TypeAlias
from looplint.syntax.walk import statements

_HOMES = tuple(
    (re.compile(pattern), home)
    for pattern, home in (
        (r"torch\.nn\.(?:modules(?:\.\w+)?|parameter)\.(?=[A-Z])", "torch.nn."),
        (r"torch\.nn\.parallel\.(?:data_parallel\.)?(?=DataParallel$)", "torch.nn."),
        (r"torch\.nn\.parallel\.distributed\.(?=[A-Z])", "torch.nn.parallel."),
        (r"torch\.nn\.utils\.clip_grad\.", "torch.nn.utils."),
        (r"torch\.optim\.lr_scheduler\._(?=LRScheduler$)", "torch.optim.lr_scheduler."),
        (r"torch\.optim\.(?!lr_scheduler|swa_utils)[a-z_]+\.(?=[A-Z])", "torch.optim."),
        (r"torch\.utils\.data\.[a-z_]+\.(?=[A-Z])", "torch.utils.data."),
        (r"torch\.(?:cuda\.|cpu\.)?amp\.(?:grad_scaler\.)?(?=GradScaler$)", "torch.amp."),
        (r"torch\.(?:cuda\.|cpu\.)?amp\.(?:autocast_mode\.)?(?=autocast$)", "torch."),
        (r"torch\.autograd\.(?:grad_mode\.)?(?=(?:no_grad|enable_grad|set_grad_enabled|inference_mode)$)", "torch."),
        (r"torch\.random\.", "torch."),
        (r"accelerate\.accelerator\.", "accelerate."),
        (r"(?:pytorch_lightning\.fabric|lightning_fabric)\.", "lightning.fabric."),
    )
)
"""Names that a package exports from several modules, by the documented one."""


@functools.lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """The documented name of a dotted name (`torch.nn.modules.linear.Linear` -> `torch.nn.Linear`)."""
    for pattern, home in _HOMES:
        if match := pattern.match(name):
            return home + name[match.end() :]
    return name


@dataclasses.dataclass(frozen=True, slots=True)
class Imports:
    """The imports of a file, at any depth.

    `names`: the dotted name behind each imported name; relative imports keep their dots (`.models.Net`). If a name is
    imported twice (`try`/`except ImportError`), the one of torch counts, else the first. A module-level `Linear =
    nn.Linear` counts as an import. `stars`: the modules of `from M import *`; their layers of `torch.nn` are known by
    name.
    """

    names: Mapping[str, str]
    stars: tuple[str, ...] = ()

    @classmethod
    def of(cls, tree: ast.Module) -> Imports:
        """The imports of a parsed file."""
        names: dict[str, str] = {}
        stars: list[str] = []
        for statement in statements(tree.body):
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    root = alias.name if alias.asname else alias.name.partition(".")[0]
                    _bind(names, alias.asname or root, root)
            elif isinstance(statement, ast.ImportFrom):
                module = "." * statement.level + (statement.module or "")
                for alias in statement.names:
                    if alias.name == "*":
                        stars.append(module)
                    else:
                        joint = "" if module.endswith(".") else "."
                        _bind(names, alias.asname or alias.name, f"{module}{joint}{alias.name}")
        found = cls(names, tuple(stars))
        for statement in tree.body:
            targets = [statement.name] if isinstance(statement, TypeAlias) else getattr(statement, "targets", ())
            value = getattr(statement, "value", None)
            if targets and isinstance(value, ast.Attribute | ast.Name):
                meant = found.dotted(value)
                for target in targets:
                    if meant is not None and isinstance(target, ast.Name):
                        names.setdefault(target.id, meant)
        return found

    def dotted(self, expression: ast.expr) -> str | None:
        """The dotted, canonical name of `a`, `a.b`, `a.b.c` ... if `a` is imported; None for anything else."""
        attributes: list[str] = []
        while isinstance(expression, ast.Attribute):
            attributes.append(expression.attr)
            expression = expression.value
        if not isinstance(expression, ast.Name):
            return None
        root = self.names.get(expression.id) or self._starred(expression.id)
        if root is None:
            return None
        return canonical(".".join((root, *reversed(attributes))) if attributes else root)

    def _starred(self, name: str) -> str | None:
        return next((f"{star}.{name}" for star in self.stars if f"{star}.{name}" in LAYERS), None)


def _bind(names: dict[str, str], name: str, meant: str) -> None:
    if name not in names or (meant.partition(".")[0] == "torch" and names[name].partition(".")[0] != "torch"):
        names[name] = meant
