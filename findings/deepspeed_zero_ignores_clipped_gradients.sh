#!/usr/bin/env bash
# deepspeed: `clip_grad_norm_` between `engine.backward()` and `engine.step()` works without ZeRO and does nothing with ZeRO
# 1 and 2, where `p.grad` is not what the step uses. And `zero_grad()` before each micro-batch drops those before it without
# ZeRO and with ZeRO 1, but not with ZeRO 2.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 deepspeed==0.19.8
export DS_ACCELERATOR=cpu MASTER_ADDR=127.0.0.1 MASTER_PORT=29537 RANK=0 WORLD_SIZE=1 LOCAL_RANK=0
python -W ignore - 2>/dev/null <<'P' | grep '^ZeRO'
import deepspeed
import torch

deepspeed.init_distributed(dist_backend="gloo", verbose=False)


def moved(stage, limit=None, micro_batches=1, clears=False):
    torch.manual_seed(0)
    model = torch.nn.Linear(6, 3)
    before = model.weight.detach().clone()
    config = {
        "train_micro_batch_size_per_gpu": 8,
        "gradient_accumulation_steps": micro_batches,
        "gradient_clipping": 0.0,
        "zero_optimization": {"stage": stage},
        "zero_allow_untested_optimizer": True,
    }
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    engine, *_ = deepspeed.initialize(model=model, optimizer=optimizer, config=config)
    for inputs in torch.randn(2, 8, 6):
        if clears:
            engine.zero_grad()
        engine.backward(engine(inputs).square().mean())
        if limit is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), limit)
        engine.step()
    return round(float((model.weight - before).norm()), 4)


for stage in (0, 1, 2):
    plain, clipped = moved(stage), moved(stage, limit=1e-9)
    both, last = moved(stage, micro_batches=2), moved(stage, micro_batches=2, clears=True)
    print(f"ZeRO {stage}: moved by {plain}, clipped to 1e-9 by {clipped}; of two micro-batches {both}, cleared before each {last}")
    assert (clipped == 0) == (stage == 0) and (clipped == plain) == (stage != 0)
    assert (last == both) == (stage == 2)
P
