#!/usr/bin/env bash
# accelerate: each `with accelerator.accumulate(...)` counts a micro-batch, not each pass of the loader. With two blocks in one
# pass, for a generator and a discriminator, and `gradient_accumulation_steps=2`, the first network is never updated and the
# second one in each pass; with 3 steps both are, in turn.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 accelerate==1.15.0
python -W ignore - <<'P'
import torch
from accelerate import Accelerator

def updates(steps, together):
    torch.manual_seed(0)
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=steps)
    networks = [torch.nn.Linear(6, 1), torch.nn.Linear(6, 1)]
    prepared = accelerator.prepare(*networks, *(torch.optim.SGD(one.parameters(), lr=0.1) for one in networks))
    networks, optimizers, counts = prepared[:2], prepared[2:], [0, 0]

    def update(index, batch):
        before = networks[index].weight.detach().clone()
        accelerator.backward(networks[index](batch).square().mean())
        optimizers[index].step()
        optimizers[index].zero_grad()
        counts[index] += not torch.equal(before, networks[index].weight)

    for batch in torch.randn(12, 8, 6):
        if together:
            with accelerator.accumulate(*networks):
                update(0, batch)
                update(1, batch)
        else:
            for index in (0, 1):
                with accelerator.accumulate(networks[index]):
                    update(index, batch)
    return counts

print("updates of two networks in 12 passes of the loader:")
for steps in (1, 2, 3):
    print(f"gradient_accumulation_steps={steps}: one block {updates(steps, True)}, a block for each {updates(steps, False)}")
assert updates(2, True) == [6, 6] and updates(2, False) == [0, 12] and updates(1, False) == [12, 12]
P
