"""torchrl: a loss module returns losses, with a graph, beside values to log, without one."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchrl==0.14.1"]
# ///

import inspect

import torch
import torchrl.objectives
from tensordict import TensorDict
from tensordict.nn import TensorDictModule
from torch import nn
from torchrl.modules import OneHotCategorical, ProbabilisticActor, QValueActor, ValueOperator
from torchrl.objectives import ClipPPOLoss, DQNLoss

LOSSES = """A2CLoss ClipPPOLoss CQLLoss CrossQLoss DDPGLoss DiscreteCQLLoss DiscreteIQLLoss DiscreteSACLoss DQNLoss
IQLLoss KLPENPPOLoss PPOLoss REDQLoss ReinforceLoss SACLoss TD3Loss TD3BCLoss"""


def transitions():
    torch.manual_seed(0)
    step = {"observation": torch.randn(8, 4), "reward": torch.randn(8, 1)}
    step |= {name: torch.zeros(8, 1, dtype=torch.bool) for name in ("done", "terminated")}
    return TensorDict({"observation": torch.randn(8, 4), "next": TensorDict(step, [8])}, [8])


def new_ppo():
    torch.manual_seed(0)
    logits = TensorDictModule(nn.Linear(4, 2), in_keys=["observation"], out_keys=["logits"])
    actor = ProbabilisticActor(logits, in_keys=["logits"], distribution_class=OneHotCategorical, return_log_prob=True)
    return actor, ClipPPOLoss(actor, ValueOperator(nn.Linear(4, 1), in_keys=["observation"]))


def entropy_is_logged():
    actor, objective = new_ppo()
    data = actor(transitions()).detach()
    optimizer = torch.optim.Adam(objective.parameters())
    logged = []
    for _ in range(3):
        optimizer.zero_grad()
        values = objective(data)
        loss = values["loss_objective"] + values["loss_critic"] + values["loss_entropy"]
        loss.backward()
        optimizer.step()
        logged.append(values["kl_approx"])  # ok: loss-accumulated-with-graph, outputs-kept-with-graph
    return values, logged


def loss_is_logged():
    policy = QValueActor(nn.Linear(4, 2), in_keys=["observation"], action_space="one-hot")
    objective = DQNLoss(policy, action_space="one-hot")
    data = policy(transitions()).detach()
    optimizer = torch.optim.Adam(objective.parameters())
    logged = []
    for _ in range(3):
        optimizer.zero_grad()
        values = objective(data)
        values["loss"].backward()
        optimizer.step()
        logged.append(values["loss"])  # expect: loss-accumulated-with-graph
    return logged


if __name__ == "__main__":
    for name in LOSSES.split():
        assert issubclass(getattr(torchrl.objectives, name), torchrl.objectives.LossModule), name
        assert "loss" in inspect.getdoc(getattr(torchrl.objectives, name)), name
    values, logged = entropy_is_logged()
    for key, value in values.items():
        assert value.requires_grad == key.startswith("loss"), key
    assert not any(value.requires_grad for value in logged)
    assert all(value.requires_grad for value in loss_is_logged())
