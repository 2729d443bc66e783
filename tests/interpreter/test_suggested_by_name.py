"""What names suggest."""

from __future__ import annotations

import pytest

from looplint.events import Type
from looplint.interpreter.suggested_by_name import hint, is_loss, may_clear


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("self.optimizer", Type.OPTIMIZER),
        ("optimizers[...]", Type.OPTIMIZER),
        ("options", Type.UNKNOWN),
        ("lr_scheduler", Type.SCHEDULER),
        ("netG", Type.MODULE),
        ("make_model", Type.UNKNOWN),
        ("val_loader", Type.LOADER),
        ("loaders[...]", Type.UNKNOWN),
        ("criterion", Type.CRITERION),
        ("scaler", Type.SCALER),
        ("thing", Type.UNKNOWN),
    ],
)
def test_the_last_part_of_a_name_suggests_a_type(name: str, kind: Type) -> None:
    assert hint(name) is kind


def test_names_of_losses_and_of_what_clears() -> None:
    assert is_loss("self.loss_g") and is_loss("errD") and not is_loss("loss.shape")
    assert may_clear("grad") and may_clear("zero_grads") and not may_clear("gradient_norm")
