"""What is certain of the shape of a tensor or an array."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """`rank`: the number of dimensions. `last`: the size of the last one, where it is written out. `open`: there may be
    more dimensions than `rank`, in front of the last one. `samples`: it holds one number of each sample of a batch."""

    rank: int
    last: int | None = None
    open: bool = False
    samples: bool = False

    def __str__(self) -> str:
        """As PyTorch's documentation writes shapes: `(N, 1)`, `(N, ..., D1)`."""
        sizes = ["N", *(f"D{index}" for index in range(1, self.rank))][: self.rank]
        if self.last is not None and self.rank > 1:
            sizes[-1] = str(self.last)
        if self.open:
            sizes.insert(1, "...")
        return f"({', '.join(sizes)}{',' if self.rank == 1 else ''})"

    def broadcasts_along(self, other: Shape) -> bool:
        """Whether one is (N, 1) and the other (N,), so that an elementwise operation on both gives (N, N)."""
        column, row = (self, other) if self.rank > other.rank else (other, self)
        if row.open or (column.open and row.rank != 1):
            return False
        return row.rank >= 1 and column.rank == row.rank + 1 and column.last == 1 and row.last != 1

    def spreads_along(self, other: Shape) -> bool:
        """Whether (N, 1) meets (N, K), with K written out."""
        if self.open or other.open or self.rank != other.rank or self.rank < 2:
            return False
        return 1 in (self.last, other.last) and any(one.last is not None and one.last > 1 for one in (self, other))
