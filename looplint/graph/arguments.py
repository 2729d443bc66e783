"""What a call is given."""

from __future__ import annotations

import dataclasses

from looplint.values import Const, Value


@dataclasses.dataclass(slots=True)
class Arguments:
    """What a call is given. `open`: there is a `*` or `**` among it."""

    args: list[Value]
    keywords: dict[str, Value]
    open: bool = False

    def get(self, position: int, name: str = "") -> Value | None:
        if position < len(self.args):
            return self.args[position]
        return self.keywords.get(name) if name else None

    @property
    def values(self) -> list[Value]:
        return [*self.args, *self.keywords.values()]

    @property
    def options(self) -> dict[str, object]:
        """The plain ones, by position and name."""
        plain: dict[str, object] = {}
        for index, value in enumerate(self.args):
            if isinstance(value, Const):
                plain[str(index)] = value.value
        for name, value in self.keywords.items():
            plain[name] = value.value if isinstance(value, Const) else Ellipsis
        return plain
