"""SGD as heavyball 3.2.1 has it, as short as can be: `step()` takes the gradients away, unless it is told not to."""

from __future__ import annotations

from typing import Any

import torch


class SGD(torch.optim.SGD):
    def __init__(self, params: Any, lr: float, consume_grad: bool = True) -> None:
        super().__init__(params, lr=lr)
        self.consume_grad = consume_grad

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        super().step()
        for group in self.param_groups if self.consume_grad else ():
            for p in group["params"]:
                p.grad = None
