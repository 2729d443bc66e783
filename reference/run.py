"""One observed execution of a fixture function: the function runs unchanged, callbacks observe it.

`before_step`, `after_step`: around every optimizer's `step`. `on_batch`: at the end of each iteration over any
`DataLoader`, so that everything it keeps is counted before the next begins. `on_forward`, `on_output`: around each call
of a module. `on_backward`: each `Tensor.backward`. Callbacks are removed when the run ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import random
import warnings
from collections.abc import Callable, Generator, Iterator
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.utils.data import DataLoader

from .workload import Workload

Watch = Generator[None, None, list[float]]
Observable = Callable[["Run"], Watch]

MODELS = ("model", "plain_model", "perfect_model", "regressor", "recurrent_model", "generator", "discriminator")


class Run:
    """A fixture function, its workload, and after the run its results.

    `result`: its return value. `error`: the exception it raised, or None. `memory`: on CUDA, bytes allocated after each
    iteration over a loader.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        device: torch.device | str = "cpu",
        like: Callable[..., Any] | None = None,
    ) -> None:
        """`like`: of its optional parameters, `function` gets only those that this other function has, too."""
        self.function = function
        self.device = torch.device(device)
        self.workload = Workload(self.device)
        self.arguments = self.workload.arguments(function, like)
        self.result: Any = None
        self.error: Exception | None = None
        self.error_wanted = False
        self.memory: list[float] = []
        self._hooks = contextlib.ExitStack()

    @property
    def model(self) -> nn.Module:
        """The first model among the function's parameters. Raises LookupError if there is none."""
        models = self.workload.made(MODELS)
        if not models:
            raise LookupError(
                f"{self.function.__name__} has none of the parameters {', '.join(MODELS)}: no model to measure"
            )
        model: nn.Module = models[0]
        return model

    def parameters(self) -> Tensor:
        """All parameters of `model` now, as one vector (a copy, on the CPU)."""
        return torch.cat([p.detach().flatten().cpu() for p in self.model.parameters()])

    def before_step(self, look: Callable[[torch.optim.Optimizer], None]) -> None:
        """Call `look(optimizer)` before every update: its parameters' `.grad` are what the update uses."""
        handle = register_optimizer_step_pre_hook(lambda optimizer, *_: look(optimizer))
        self._hooks.callback(handle.remove)

    def after_step(self, look: Callable[[torch.optim.Optimizer], None]) -> None:
        """Call `look(optimizer)` after every update."""
        handle = register_optimizer_step_post_hook(lambda optimizer, *_: look(optimizer))
        self._hooks.callback(handle.remove)

    def on_batch(self, look: Callable[[], None]) -> None:
        """Call `look()` at the end of each iteration over a `DataLoader`: before the next fetch, at the end."""
        iterate = DataLoader.__iter__

        def watched(loader: DataLoader[Any]) -> Iterator[Any]:
            try:
                for number, batch in enumerate(iterate(loader)):
                    if number:
                        look()
                    yield batch
            finally:
                look()

        self._hooks.enter_context(mock.patch.object(DataLoader, "__iter__", watched))

    def on_forward(self, look: Callable[[nn.Module, tuple[Any, ...]], None]) -> None:
        """Call `look(module, positional arguments)` before each call of any module (not of a bare `.forward`)."""
        self._hooks.callback(nn.modules.module.register_module_forward_pre_hook(look).remove)

    def on_output(self, look: Callable[[nn.Module, tuple[Any, ...], Any], None]) -> None:
        """Call `look(module, arguments, output)` after each call of any module (not of a bare `.forward`)."""
        self._hooks.callback(nn.modules.module.register_module_forward_hook(look).remove)

    def on_backward(self, look: Callable[[Tensor], None]) -> None:
        """Call `look(tensor)` at each `tensor.backward()`, before it runs."""
        backward = Tensor.backward

        def watched(tensor: Tensor, *args: Any, **kwargs: Any) -> None:
            look(tensor)
            backward(tensor, *args, **kwargs)  # type: ignore[no-untyped-call]

        self._hooks.enter_context(mock.patch.object(Tensor, "backward", watched))

    def during(self, context: contextlib.AbstractContextManager[Any]) -> None:
        """Run the function inside `context`."""
        self._hooks.enter_context(context)

    def take_error(self) -> Exception | None:
        """The exception that ended the run, if any; it is raised if nobody takes it."""
        self.error_wanted = True
        return self.error

    def watch(self, observable: Observable) -> list[float]:
        """Run the function under `observable`; return its series. Raises the function's exception, unless taken."""
        with _quiet(), self._hooks:
            watching = observable(self)
            next(watching)
            if self.device.type == "cuda":
                gc.collect()  # what earlier runs left is not this run's memory
                self.on_batch(lambda: self.memory.append(float(torch.cuda.memory_allocated())))
            torch.manual_seed(self.workload.seed)
            random.seed(self.workload.seed)
            try:
                self.result = self.function(**self.arguments)
                if inspect.iscoroutine(self.result):
                    self.result = asyncio.run(self.result)
            except Exception as error:
                self.error = error
        series = _end(watching)
        if self.error and not self.error_wanted:
            raise self.error
        return series


def _end(watching: Watch) -> list[float]:
    try:
        next(watching)
    except StopIteration as stop:
        series: list[float] = stop.value
        return series
    raise TypeError(f"the observable {watching} yields more than once")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """One thread (fastest for so little work), no output, no warnings; everything is restored afterwards."""
    threads, recording = torch.get_num_threads(), torch.is_grad_enabled()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(None):
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_grad_enabled(recording)
        torch.set_num_threads(threads)
