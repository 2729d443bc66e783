"""The discriminator learns by its own loss and, in part, by the generator's, which works against it."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ..observables import gradient_norm
from ..proof import Proof


def told_apart(
    generator: nn.Module, discriminator: nn.Module, loader: Iterable[tuple[Tensor, Tensor]], device: torch.device
) -> None:
    """Each loss goes back to the parameters that it is for, and to no others."""
    optimizer_g = torch.optim.SGD(generator.parameters(), lr=0.05)
    optimizer_d = torch.optim.SGD(discriminator.parameters(), lr=0.05)
    for real, _ in loader:
        fake = generator(torch.ones(len(real), 4, device=device))
        _leave(softplus(-discriminator(fake)).mean(), generator)
        optimizer_g.step()
        _leave(softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean(), discriminator)
        optimizer_d.step()


def _leave(loss: Tensor, module: nn.Module) -> None:
    parameters = list(module.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient


PROOF = Proof(
    rule="gradient-leak",
    observable=gradient_norm,
    mistaken="cleared_together_at_the_top",
    fixed="each_cleared_before_its_own_backward",
    reference=told_apart,
    margin=0.1,
    effect="the discriminator's gradient has norm {mistaken} where {reference} is right",
)
