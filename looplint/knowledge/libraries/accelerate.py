"""accelerate 1.15.0, run: with `gradient_accumulation_steps=2` its `backward` halves the loss, in and out of
`accumulate`; with fp16 it multiplies it by the scale (its page on mixed precision)."""

from __future__ import annotations

from looplint.events import Fact
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_ACCUMULATES = frozenset((Fact.ACCUMULATES,))

ROWS = LibraryRows(
    facts={
        "accelerate.Accelerator": (
            Known(_ACCUMULATES, unless=((Argument(3, "gradient_accumulation_steps", 1), (1, None)),)),
            Known(_ACCUMULATES, unless=((Argument(14, "gradient_accumulation_plugin", None), (None,)),)),
            Known(
                frozenset((Fact.OWN_BACKWARD, Fact.SCALES_LOSSES)),
                ((Argument(2, "mixed_precision", None), ("fp16",)),),
            ),
        )
    },
)
