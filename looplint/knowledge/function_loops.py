"""The words of a loop that a library runs around a function: `ignite.engine.Engine`, Ignite 0.5.

Source: https://docs.pytorch.org/ignite/generated/ignite.engine.engine.Engine.html, run by
reference/libraries/with_ignite.py.
"""

STEP = "process_function"
"""The parameter for the function that runs for each batch."""

STORED_STEP = "_process_function"
"""The attribute in which the engine keeps it."""

SUPERVISED = ("model", "optimizer", "loss_fn")
"""The parameters of `create_supervised_trainer` for what its function is made of."""

TRANSFORM = "output_transform"
"""Its parameter for what makes the output of inputs, targets, predictions and loss; without one it is a number."""

DATA = "data"
"""The parameter of `run` for what the loop goes over."""

EPOCHS = "max_epochs"
"""The parameter of `run` for the number of epochs; without one there is one."""

STATE = "state"
"""The attribute of the engine that its functions read."""

OUTPUT = "output"
"""The attribute of the state that holds what the function for a batch returned."""

ATTACHES = "on"
"""The method whose result decorates a function to be run at an event."""

ITERATION, EPOCH = "ITERATION", "EPOCH"
"""Parts of the names of events of each batch and of each epoch: `Events.ITERATION_COMPLETED`."""

STARTED = "STARTED"
"""Part of the names of events at the beginning, as in `Events.EPOCH_STARTED`; other events are at the end."""
