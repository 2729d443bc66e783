"""Words that a file needs for its loops to be analysed."""

from __future__ import annotations

import pytest

from looplint.prefilter import loops


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (b"loss.backward()", True),
        (b"optimizer.step()", True),
        (b"env.step()", False),
        (b"model.eval()\nfor x in loader: pass", True),
        (b"model.eval()", False),
        (b"p.requires_grads = False", True),
        (b"dist.barrier()", False),
        (b"if rank == 0: dist.barrier()", True),
    ],
)
def test_a_word_needs_those_beside_it(code: bytes, found: bool) -> None:
    assert bool(loops.words(code)) is found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (b"y = model.forward(x)\n", True),
        (b"y = super().forward(x)\n", False),
        (b"torch.no_grad()\n", True),
        (b"with torch.no_grad():\n", False),
        (b"for x, y in loader:\n    x.to(device)\n", True),
        (b"for x, y in loader:\n    x = x.to(device)\n", False),
        (b"model.to(device)\n", False),
        (b"loss.backward\n", True),
        (b"save(model.state_dict)\n", True),
        (b"save(model.state_dict())\n", False),
        (b"model.training = True\n", True),
        (b"self.training = True\n", False),
        (b"x = next(iter(loader))\n", True),
        (b"x = next(iter(model.parameters()))\nloader\n", False),
        (b"nn.MSELoss(output, target)\n", True),
        (b"nn.MSELoss()\n", False),
        (b"a = optim.SGD(n.parameters())\nb = optim.SGD(n.parameters())\n", True),
        (b"a = optim.SGD(n.parameters())\nb = optim.SGD(m.parameters())\n", False),
    ],
)
def test_further_conditions_on_words(code: bytes, found: bool) -> None:
    assert loops.has_site(code, code) is found
