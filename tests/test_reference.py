"""The reference loop trains, and the fixtures are what they say: they run, and their labels hold when executed."""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import itertools
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs looplint[reference]")

from devices import CUDA, DEVICES  # noqa: E402
from looplint.reference import fixture, observables  # noqa: E402
from looplint.reference.loop import resume, train, validate  # noqa: E402
from looplint.reference.run import Run, Watch  # noqa: E402
from looplint.reference.workload import Workload, known  # noqa: E402

FILES = sorted(file for file in fixture.folder().glob("*.py") if not file.name.endswith(".fixed.py"))


def can_run(node: ast.stmt) -> bool:
    """Whether it is a function of a fixture whose parameters the workload has; the others are only linted."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
        return False
    positional = [*node.args.posonlyargs, *node.args.args]
    required = positional[: len(positional) - len(node.args.defaults)]
    required += [each for each, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if not default]
    return all(known(each.arg) for each in required)


FUNCTIONS = [
    pytest.param(file, node.name, id=f"{file.stem}-{node.name}")
    for file in FILES
    for node in ast.parse(file.read_bytes()).body
    if can_run(node)
]


@pytest.mark.skipif(not CUDA, reason="no CUDA device: the loop, the fixtures and the proofs ran on the CPU alone")
def test_what_runs_on_the_cpu_runs_on_cuda_too() -> None:
    assert DEVICES == ["cpu", "cuda"]


@pytest.mark.parametrize("device", DEVICES)
def test_the_reference_loop_learns_and_resumes_exactly(device: str, tmp_path: Path) -> None:
    def made() -> dict[str, Any]:
        names = ("plain_model", "loader", "loss_fn", "val_loader", "device")
        workload = Workload(device)
        model, loader, loss_fn, val_loader, where = (workload[name] for name in names)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        return {
            "model": model,
            "optimizer": optimizer,
            "loader": loader,
            "loss_fn": loss_fn,
            "val_loader": val_loader,
            "device": where,
        }

    whole, first, second = made(), made(), made()
    history = train(**whole, epochs=12)
    assert history[-1]["train"] < 0.3 * history[0]["train"]
    assert history[-1]["validation"] < history[0]["validation"]

    train(**first, epochs=5, checkpoint=tmp_path / "checkpoint.pt")
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]
    done = resume(tmp_path / "checkpoint.pt", second["model"], second["optimizer"])
    assert done == 5
    for again, right in zip(train(**second, epochs=12 - done), history[5:], strict=True):
        assert again == pytest.approx(right, rel=1e-5)
    for mine, wanted in zip(second["model"].parameters(), whole["model"].parameters(), strict=True):
        torch.testing.assert_close(mine, wanted)


@pytest.mark.parametrize("training", [True, False])
def test_validation_leaves_no_trace(training: bool) -> None:
    workload = Workload()
    model, loader, loss_fn = workload["model"].train(training), workload["val_loader"], workload["loss_fn"]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    validate(model, loader, loss_fn)
    assert all(module.training is training for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_the_workload_is_one_graph_of_objects_whatever_is_requested_first() -> None:
    one, other = Workload(), Workload()
    names = ["scheduler", "criterion", "optimizer", "net", "dataset", "generator"]
    mine, theirs = {n: one[n] for n in names}, {n: other[n] for n in reversed(names)}
    assert mine["scheduler"].optimizer is mine["optimizer"] is one["opt"]
    parameters = mine["optimizer"].param_groups[0]["params"]
    assert all(a is b for a, b in zip(parameters, one["model"].parameters(), strict=True))
    for name in ("net", "generator"):
        for a, b in zip(mine[name].parameters(), theirs[name].parameters(), strict=True):
            assert torch.equal(a, b)
    assert torch.equal(mine["dataset"].tensors[0], theirs["dataset"].tensors[0])


def test_the_first_example_runs_and_makes_the_mistake_that_is_reported() -> None:
    """The two findings of the README's first command: old gradients are used again, graphs of losses are kept."""
    from looplint.reference.first_example import train

    assert any(Run(train).watch(observables.old_gradients))
    nodes = Run(train).watch(observables.kept_nodes)
    assert nodes[1] > nodes[0]


# Fixtures


def loaded(file: Path, name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = fixture.functions(file)[name]
    return function


def expected_rules(file: Path, rows: set[int]) -> set[str]:
    """Names of the rules whose finding is expected on one of `rows`."""
    lines = file.read_text(encoding="utf-8").splitlines()
    marks = (re.search(r"# (?:todo-)?expect: ([\w, -]+)", lines[row - 1]) for row in rows)
    return {name for mark in marks if mark for name in re.split(r"[ ,]+", mark[1].strip())}


def traced(function: Callable[..., Any]) -> tuple[Callable[..., Any], set[int]]:
    """`function`, and the rows of its file that will have been executed after it was called."""
    rows: set[int] = set()
    file = function.__code__.co_filename

    def look(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != file:
            return None
        rows.add(frame.f_lineno)
        return look

    @functools.wraps(function)
    def call(**arguments: Any) -> Any:
        sys.settrace(look)
        try:
            return function(**arguments)
        finally:
            sys.settrace(None)

    return call, rows


def nothing(run: Run) -> Watch:
    """An observable that sees whether the function ran to its end."""
    yield
    return [1.0]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(("file", "name"), FUNCTIONS)
def test_a_fixture_runs_unless_it_is_mistaken(file: Path, name: str, device: str) -> None:
    function, rows = traced(loaded(file, name))
    try:
        # Some save what they train.
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            assert Run(function, device).watch(nothing) == [1.0]
    except ModuleNotFoundError as missing:
        pytest.skip(f"only linted: {missing.name} is not installed")
    except Exception:
        if not expected_rules(file, rows):
            raise


def labelled(rule: str, *, without: tuple[str, ...] = ()) -> list[Any]:
    """The functions of a rule's fixture. `without`: names of functions, and of parameters, to leave out."""
    file = fixture.path(rule)
    return [
        pytest.param(file, name, id=name)
        for name, function in fixture.functions(file).items()
        if not fixture.unknown(function) and not set(without) & {name, *inspect.signature(function).parameters}
    ]


def measured(file: Path, name: str, observable: Any) -> tuple[list[float], set[str]]:
    """What `observable` gives when the function is called twice, and the rules that its executed rows expect."""
    function, rows = traced(loaded(file, name))

    @functools.wraps(function)
    def twice(**arguments: Any) -> Any:
        function(**arguments)
        return function(**arguments)

    return Run(twice).watch(observable), expected_rules(file, rows)


# A scaler divides the gradients, which hides from the observable what was added to what. After a step that is undone,
# gradients are added on purpose.
@pytest.mark.parametrize(("file", "name"), labelled("missing-zero-grad", without=("scaler", "trial_step_undone")))
def test_old_gradients_are_used_again_exactly_where_a_clear_is_missing(file: Path, name: str) -> None:
    reused, expected = measured(file, name, observables.old_gradients)
    assert any(reused) == ("missing-zero-grad" in expected)


@pytest.mark.parametrize(("file", "name"), labelled("zero-grad-before-step"))
def test_updates_move_nothing_exactly_where_gradients_are_cleared_before(file: Path, name: str) -> None:
    sizes, expected = measured(file, name, observables.update_size)
    assert sizes
    assert all(size == 0 for size in sizes) == ("zero-grad-before-step" in expected)
    assert any(size == 0 for size in sizes) == ("zero-grad-before-step" in expected)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    ("name", "agrees"),
    [
        ("cleared_before_backward", True),
        ("cleared_after_the_step", True),
        ("model_cleared", True),
        ("gradients_zeroed_in_place", True),
        ("gradients_replaced_by_zeros", True),
        ("cleared_in_a_method", True),
        ("never_cleared", False),
        ("cleared_once_per_epoch", False),
    ],
)
def test_each_kind_of_clear_gives_the_parameters_of_the_reference_loop(name: str, agrees: bool, device: str) -> None:
    function = loaded(fixture.path("missing-zero-grad"), name)
    distances = Run(function, device).watch(observables.parameter_distance)
    assert distances[0] == pytest.approx(0, abs=1e-6)  # the first update has nothing old to use
    assert all(distance < 1e-5 for distance in distances) == agrees


BACK_PROPAGATED_AT_THE_END = {
    "sum_back_propagated",
    "list_back_propagated",
    "back_propagated_one_by_one_afterwards",
    "concatenated_and_back_propagated",
    "validated_or_back_propagated_afterwards",
    "summed_over_a_generator_for_one_update",
}


OF_ONE_BATCH = {"one_loss_for_each_head": 2}
"""Functions that keep as many losses at once, of one batch."""


@pytest.mark.parametrize(("file", "name"), labelled("loss-accumulated-with-graph"))
def test_the_graph_grows_exactly_where_a_loss_is_accumulated(file: Path, name: str) -> None:
    nodes, expected = measured(file, name, observables.kept_nodes)
    grows = any(later > earlier for earlier, later in itertools.pairwise(nodes))
    if name in BACK_PROPAGATED_AT_THE_END:
        assert grows
    elif name in OF_ONE_BATCH:
        assert max(nodes) == max(nodes[: OF_ONE_BATCH[name]]) and not expected
    else:
        assert grows == bool(expected & {"loss-accumulated-with-graph", "outputs-kept-with-graph"})


# What the pages say of the torch version in use


def series(rule: str, name: str, observable: Any) -> list[float]:
    values: list[float] = Run(fixture.functions(fixture.path(rule))[name]).watch(observable)
    return values


def test_after_backward_a_kept_loss_holds_nodes_and_in_validation_the_activations_too() -> None:
    rule = "loss-accumulated-with-graph"
    training = series(rule, "loss_summed", observables.kept_nodes)
    assert training[-1] - training[0] == 3 * 10  # per batch: the nodes of one graph, without the shared leaves
    assert series(rule, "loss_summed", observables.kept_bytes) == [0, 0, 0, 0]
    first, *_, last = series(rule, "loss_kept_in_validation", observables.kept_bytes)
    assert last > 3 * first > 3000
    assert series(rule, "summed_under_no_grad", observables.kept_bytes) == [0, 0, 0, 0]


def test_forward_skips_hooks_and_with_them_what_hooks_compute() -> None:
    rule = "direct-forward-call"
    (stale,) = series(rule, "weight_norm_goes_stale", observables.returned)
    (renewed,) = series(rule, "weight_norm_is_renewed", observables.returned)
    assert renewed > 1.5 * stale
    assert series(rule, "feature_hook_never_runs", observables.returned) == [0]
    assert series(rule, "feature_hook_runs", observables.returned) == [1]


def test_forward_does_not_skip_parametrizations_compilation_or_gradient_averaging(tmp_path: Path) -> None:
    inputs = torch.randn(4, 4)

    normed = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(4, 4))
    with torch.no_grad():
        normed.parametrizations.weight.original0.mul_(2.0)
    torch.testing.assert_close(normed.forward(inputs), normed(inputs))

    compiled_graphs = []

    def backend(graph: Any, _: Any) -> Any:
        compiled_graphs.append(graph)
        return graph.forward

    torch.compile(torch.nn.Linear(4, 4), backend=backend).forward(inputs)
    assert len(compiled_graphs) == 1

    buckets = []

    def average(bucket: Any) -> Any:
        buckets.append(bucket)
        future = torch.futures.Future()
        future.set_result(bucket.buffer())
        return future

    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        ddp = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(4, 4))
        ddp.register_comm_hook(None, lambda _, bucket: average(bucket))
        ddp.forward(inputs).sum().backward()
        assert len(buckets) == 1
    finally:
        torch.distributed.destroy_process_group()
