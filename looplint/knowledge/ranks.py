"""Processes that train together: how code distinguishes them, and what all of them have to call.

Sources: the reference pages of torch 2.13 (torch.distributed, DistributedDataParallel) and of accelerate.
"""

from __future__ import annotations

import re

RANK = re.compile(r"(?i)(?:^|_)rank$|^process_index$")
"""Names of the number of a process."""

FIRST_PROCESS = re.compile(
    r"(?i)^(?:is_)?(?:local_|global_)?(?:main|master|first|root)_process$|^is_(?:main|master|rank_?zero|rank_?0|global_zero)$"
)
"""Names of what holds in one process only."""

DISTRIBUTED = re.compile(r"(?i)distributed|is_initialized|world_size|(?:^|_)ddp$|num_processes|multi_?gpu|n_?gpus?$")
"""Names of what says whether there are several processes."""

COLLECTIVES = frozenset(
    f"torch.distributed.{name}"
    for name in (
        "all_gather",
        "all_gather_into_tensor",
        "all_gather_object",
        "all_reduce",
        "all_to_all",
        "all_to_all_single",
        "barrier",
        "broadcast",
        "broadcast_object_list",
        "gather",
        "gather_object",
        "monitored_barrier",
        "reduce",
        "reduce_scatter",
        "reduce_scatter_tensor",
        "scatter",
        "scatter_object_list",
    )
)
"""Functions that return when every process of the group has called them."""

SYNCHRONISED = ("torch.nn.parallel.DistributedDataParallel", "apex.parallel.DistributedDataParallel")
"""Modules that speak with the other processes when they are called."""
