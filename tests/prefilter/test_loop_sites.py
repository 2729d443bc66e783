"""Forms of code at which a rule about loops may report something: what has them, and what only looks like it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from looplint.prefilter import loop_sites as sites


@pytest.mark.parametrize(
    ("form", "there", "not_there"),
    [
        (sites.calls_forward, b"y = model.forward(x)\n", b"y = super().forward(x)\n"),
        (sites.names_state_dict, b"save(model.state_dict)\n", b"save(model.state_dict())\n"),
        (sites.drops_context, b"torch.no_grad()\n", b"with torch.no_grad():\n"),
        (
            sites.drops_moved,
            b"for x, y in loader:\n    x.to(device)\n",
            b"for x, y in loader:\n    x = x.to(device)\n",
        ),
        (sites.drops_moved, b"x = f()\nx.to(device)\n", b"x.to(device)\n"),
        (sites.takes_first_batch, b"x = next(iter(loader))\n", b"x = next(iter(model.parameters()))\nloader\n"),
        (sites.names_method, b"loss.backward\n", b"f = loss.backward\n"),
        (sites.sets_training_flag, b"model.training = True\n", b"self.training = True\n"),
        (
            sites.keeps_generator,
            b"def __init__(self):\n    self.rng = default_rng(0)\ndef __getitem__(self, i): pass",
            b"def __init__(self):\n    self.rng = default_rng(0)\n",
        ),
        (sites.sets_requires_grad, b"model.requires_grad = False\n", b"param.requires_grad = False\n"),
        (sites.makes_criterion_of_tensors, b"nn.MSELoss(output, target)\n", b"nn.MSELoss()\n"),
        (sites.rebinds_to_loaded, b"m = m.load_state_dict(s)\n", b"m.load_state_dict(s)\n"),
        (sites.loads_state_of, b"a.load_state_dict(b.state_dict())\n", b"a.load_state_dict(saved)\n"),
        (
            sites.grades_activations,
            b"y = F.softmax(x)\nF.cross_entropy(y, t)",
            b"class A:\n    def f():\n        F.softmax(x)\n    def g():\n        F.cross_entropy(y, t)",
        ),
        (
            sites.changes_samples,
            b"def __getitem__(self, i):\n    self.kept[i] += 1",
            b"def __getitem__(self, i):\n    return self.kept[i] + 1",
        ),
        (
            sites.gives_parameters_twice,
            b"a = optim.SGD(n.parameters())\nb = optim.SGD(n.parameters())\n",
            b"a = optim.SGD(n.parameters())\nb = optim.SGD(m.parameters())\n",
        ),
        (sites.waits_on_one_rank, b"if args.local_rank in [-1, 0]: dist.barrier()", b"rank = 0; dist.barrier()"),
        (sites.waits_on_one_rank, b"if get_rank(g) == 0: all_gather(x)", b"if get_rank(g) == 0: print(x)"),
        (sites.waits_on_one_rank, b"if is_main_process(): broadcast(x)", b"in_process = 1; broadcast(x)"),
        (
            sites.compares_best,
            b"epoch; optim.SGD\nif loss < self.best_loss - delta: pass",
            b"epoch; optim.SGD\nself.best_loss = loss",
        ),
        (sites.compares_best, b'epoch; optim.SGD\nif best["loss"] > loss: pass', b"if loss < best: pass"),
        (sites.adds_tiny_number, b"torch.log(x) + self.eps", b"torch.log(x + self.eps)"),
        (sites.rebinds_parameter, b"params\n    p = p - r * p.grad", b"params\n    p -= r * p.grad"),
        (
            sites.uses_generator_twice,
            b"\nps = net.parameters()\nclip(ps)\nSGD(ps, lr=1)",
            b"\nps = list(net.parameters())\nclip(ps)\nSGD(ps, lr=1)",
        ),
        (
            sites.evaluates_with_gradients,
            b"net.eval()\nfor i, (batch, _) in enumerate(held_out_iter):\n    net(batch)\n",
            b"net.eval()\nwith no_grad():\n    for i, (batch, _) in enumerate(held_out_iter):\n        net(batch)\n",
        ),
        (
            sites.evaluates_with_gradients,
            b"net.eval()\nfor part in batches:\n    net(part)\n",
            b"net.eval()\nfor name in names:\n    print(name)\n",
        ),
    ],
)
def test_forms_of_code(form: Callable[[bytes, bytes], bool], there: bytes, not_there: bytes) -> None:
    assert form(there, there)
    assert not form(not_there, not_there)


def test_what_need_not_stand_in_the_part_is_looked_for_in_the_whole_file() -> None:
    assert sites.waits_on_one_rank(b"dist.barrier()", b"if rank == 0: f()\ndist.barrier()")
    assert not sites.waits_on_one_rank(b"f()", b"if rank == 0: f()\ndist.barrier()")
