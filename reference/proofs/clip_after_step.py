"""A clip that comes after the step: the update is as large as it was."""

from typing import Any

from torch.nn.utils import clip_grad_norm_

from ..observables import update_size
from ..proof import Proof


def clipped(model: Any, optimizer: Any, loader: Any, loss_fn: Any) -> None:
    """The loop with its gradients clipped to a norm of 1 before each update."""
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = 100 * loss_fn(model(inputs), targets)
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


PROOF = Proof(
    rule="clip-after-step",
    observable=update_size,
    mistaken="clipped_after_the_step",
    fixed="clipped_before_the_step",
    reference=clipped,
    of=max,
    margin=1.0,
    effect="largest update {mistaken} instead of {fixed}",
)
