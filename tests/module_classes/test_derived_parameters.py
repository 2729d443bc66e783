"""Tensors that a class keeps in place of a parameter."""

from __future__ import annotations

import pytest
from class_text import module


@pytest.mark.parametrize(
    ("value", "operation", "mended"),
    [
        ("nn.Parameter(w).cuda()", ".cuda()", "nn.Parameter(w.cuda())"),
        ("nn.Parameter(w) * 0.1", "*", "nn.Parameter(w * 0.1)"),
        ("0.1 * nn.Parameter(w + b)", "*", "nn.Parameter(0.1 * (w + b))"),
        ("torch.exp(nn.Parameter(w))", "torch.exp()", None),
        ("nn.Parameter(w)[0]", "[...]", None),
    ],
)
def test_an_operation_is_applied_to_a_parameter(value: str, operation: str, mended: str | None) -> None:
    (found,) = module(init=(f"self.a = {value}",)).derived_parameters
    assert (found.attribute, found.operation, found.mended) == ("a", operation, mended)


@pytest.mark.parametrize(
    "value",
    [
        "nn.Parameter(w)",
        "nn.Parameter(w, requires_grad=False).cuda()",
        "nn.Parameter(w).to('cpu')",
        "nn.Parameter(w).fill_(0)",
        "nn.Parameter(w.cuda())",
        "other(w).cuda()",
    ],
)
def test_what_is_a_parameter_still_or_was_none(value: str) -> None:
    assert module(init=(f"self.a = {value}",)).derived_parameters == ()


def test_what_is_registered_later() -> None:
    (found,) = module(init=("self.a = nn.Parameter(w) * 2", "self.register_parameter('a', p)")).derived_parameters
    assert found.registered
