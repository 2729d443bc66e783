"""Schedule-free SGD (https://arxiv.org/abs/2405.15682) as schedulefree 1.4.1 has it, as short as can be."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

MOMENTUM = 0.9


class SGDScheduleFree(torch.optim.SGD):
    """Between the steps the parameters hold y, where gradients are taken; `eval()` puts their average x there, and
    `train()` y again. z makes the steps: y is 0.9 x + 0.1 z."""

    def __init__(self, params: Any, lr: float) -> None:
        super().__init__(params, lr=lr)
        self.steps = 0
        self.parameters: list[Tensor] = [p for group in self.param_groups for p in group["params"]]
        self.x, self.z = ([p.detach().clone() for p in self.parameters] for _ in range(2))

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        self.steps += 1
        for p, x, z in zip(self.parameters, self.x, self.z, strict=True):
            if p.grad is not None:
                z.sub_(p.grad, alpha=self.param_groups[0]["lr"])
                x.lerp_(z, 1 / self.steps)
                p.copy_(x.lerp(z, 1 - MOMENTUM))

    @torch.no_grad()
    def eval(self) -> None:
        for p, x in zip(self.parameters, self.x, strict=True):
            p.copy_(x)

    @torch.no_grad()
    def train(self) -> None:
        for p, x, z in zip(self.parameters, self.x, self.z, strict=True):
            p.copy_(x.lerp(z, 1 - MOMENTUM))
