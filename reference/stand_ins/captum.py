"""What captum 0.9.0 does with the mode of a model, as it was run: nothing."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Saliency:
    """Attributes a result to inputs by the size of their gradients."""

    def __init__(self, forward_func: nn.Module) -> None:
        self.forward_func = forward_func

    def attribute(self, inputs: Tensor, target: Tensor) -> Tensor:
        """The size of the gradient of each target's output by each input."""
        inputs = inputs.detach().requires_grad_()
        outputs = self.forward_func(inputs).gather(1, target[:, None]).sum()
        (gradient,) = torch.autograd.grad(outputs, inputs)
        return gradient.abs()
