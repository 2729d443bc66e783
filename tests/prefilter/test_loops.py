"""What of a file shows that its loops have to be analysed: each row alone, and what it needs beside it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from looplint.prefilter import loops
from looplint.prefilter.words import Row, Site

ALONE = [
    b"loss.backward()",
    b"scheduler.step()\noptimizer = None",
    b"model.eval()\nfor x in loader: pass",
    b"model.zero_grad()",
    b"sampler = DistributedSampler(data)",
    b"from timm.utils import NativeScaler",
    b"scheduler.load_state_dict(saved)\nscheduler = StepLR(o, 1)",
    b"s = LambdaLR(o, f)",
    b"class A(IterableDataset): pass\nmake(A(), num_workers=2)",
    b"make(data, persistent_workers=True)",
    b"import torchmetrics\nmetric.compute()",
    b"torch.no_grad\nmake(data, drop_last=True)",
    b"def val_dataloader(self): return make(drop_last=True)",
    b"total / len(batches.dataset)\nloss = 0",
    b"a, b = random_split(data, [1, 2])\na.dataset.transform = t",
    b"def training_step(self, batch): pass",
    b"import fastai\ndef after_loss(self): losses.append(loss)",
    b"trainer = create_supervised_trainer(network, updates, loss_fn)",
    b"import lightning\nmodel.eval()\ntrainer.fit(model)",
    b"import captum\nmethod.attribute(x)",
    b"p.require_grad = False; p.requires_grad",
    b"with accelerator.accumulate(model): pass",
    b"scaler.unscale_(o)",
    b"y = model.forward(x)",
    b"save(model.state_dict)",
    b"torch.no_grad()\n",
    b"for x, y in loader:\n    x.to(device)\n",
    b"x = next(iter(loader))",
    b"loss.backward\n",
    b"model.training = True",
    b"class A:\n    def __init__(self):\n        self.rng = default_rng(0)\n    def __getitem__(self, i): pass",
    b"layer.requires_grad = False",
    b"nn.MSELoss(output, target)",
    b"model = model.load_state_dict(saved)",
    b"target.load_state_dict(model.state_dict())",
    b"F.cross_entropy(F.softmax(x, 1), y)",
    b"def __getitem__(self, i):\n    self.kept[i] /= 255",
    b"a = optim.SGD(n.parameters())\nb = optim.SGD(n.parameters())",
    b"if rank == 0: dist.barrier()",
    b"for epoch in epochs:\n    if score > best_score: pass\noptimizer = None",
    b"y = torch.sqrt(x) + 1e-8",
    b"for p in params:\n    p = p - rate * p.grad\n",
    b"\nps = model.parameters()\ncount(ps)\noptimize(ps)",
    b"\nnet.eval()\nfor part in held_out_iter:\n    net(part)\n",
]
"""For each row and form, in their order, code that shows its events and no other ones."""


@pytest.mark.parametrize(
    ("row", "code"),
    list(zip((*loops.ROWS, *loops.SITES), ALONE, strict=True)),
    ids=lambda value: value.decode() if isinstance(value, bytes) else "-".join(value.shows),
)
def test_each_row_is_what_lets_some_code_through(row: Row | Site, code: bytes) -> None:
    found = [*(r for r in loops.ROWS if r.stands_in(code)), *(s for s in loops.SITES if s.stands_in(code, code))]
    assert found == [row]
    assert (bool(loops.words(code)), bool(loops.forms(code))) == (isinstance(row, Row), isinstance(row, Site))


@pytest.mark.parametrize(
    "code",
    [
        b"env.step()",
        b"model.eval()",
        b"metric.compute()",
        b"make(data, drop_last=True)",
        b"make(data, num_workers=2)",
        b"trainer.fit(model)",
        b"len(batches.dataset)",
    ],
)
def test_a_word_needs_those_beside_it(code: bytes) -> None:
    assert loops.words(code) == ()


def test_words_are_those_of_the_rows_that_stand_in_the_code() -> None:
    assert loops.words(b"model.zero_grad()\nenv.step()") == (b".zero_grad",)


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[2] / "fixtures").glob("*.py")), ids=lambda path: path.stem
)
def test_what_a_function_has_the_whole_file_has(path: Path) -> None:
    text = path.read_text("utf-8")
    whole, rows = text.encode(), text.splitlines(keepends=True)
    forms, words = loops.forms(whole), loops.words(whole)
    for function in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)):
        part = "".join(rows[function.lineno - 1 : function.end_lineno]).encode()
        assert {site.stands_in for site in loops.SITES if site.stands_in(part, whole)} <= {f.stands_in for f in forms}
        assert set(loops.words(part)) <= set(words)
