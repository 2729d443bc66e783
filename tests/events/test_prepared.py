"""What a framework was given to prepare for training, and what was left out."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import EventGraph
from looplint.events.queries.ownership import prepared as queries


def prepared(*names: str, how: str = "gradient_accumulation_steps=2") -> EventGraph:
    listed = ", ".join(names)
    return graph_of(f"""
        from accelerate import Accelerator
        from torch.utils.data import DataLoader, TensorDataset

        accelerator = Accelerator({how})
        loader = DataLoader(TensorDataset(torch.rand(8, 6), torch.rand(8, 3)), batch_size=2)
        {listed} = accelerator.prepare({listed})
        for x, y in loader:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    """)


@pytest.mark.parametrize(("names", "number"), [(("model", "loader"), 1), (("model", "optimizer", "loader"), 0)])
def test_an_optimizer_that_was_left_out(names: tuple[str, ...], number: int) -> None:
    assert len(list(queries.steps_of_micro_batches(prepared(*names)))) == number
    scaled = prepared(*names, how='mixed_precision="fp16"')
    assert len(list(queries.steps_with_scaled_gradients(scaled))) == number


@pytest.mark.parametrize(("names", "number"), [(("optimizer", "loader"), 1), (("model", "optimizer", "loader"), 0)])
def test_a_model_that_was_left_out(names: tuple[str, ...], number: int) -> None:
    assert len(list(queries.trainings_left_out(prepared(*names)))) == number


@pytest.mark.parametrize(("names", "number"), [(("model", "optimizer"), 1), (("model", "optimizer", "loader"), 0)])
def test_a_loader_that_was_left_out(names: tuple[str, ...], number: int) -> None:
    found = [make.subject.name for make, _ in queries.loaders_left_out(prepared(*names))]
    assert found == ["loader"] * number
