"""pytorch-lightning 2.6.6, run: `fit` trains a module, and each part of it, in the mode in which it finds it.

Before 2.2 it called `train()`.
"""

from __future__ import annotations

from looplint.events import How, Kind, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import LibraryRows

BEFORE_2 = frozenset(
    [
        "amp_backend",
        "amp_level",
        "auto_lr_find",
        "auto_scale_batch_size",
        "auto_select_gpus",
        "checkpoint_callback",
        "distributed_backend",
        "flush_logs_every_n_steps",
        "gpus",
        "ipus",
        "log_gpu_memory",
        "move_metrics_to_cpu",
        "multiple_trainloader_mode",
        "num_processes",
        "prepare_data_per_node",
        "process_position",
        "progress_bar_refresh_rate",
        "reload_dataloaders_every_epoch",
        "replace_sampler_ddp",
        "resume_from_checkpoint",
        "stochastic_weight_avg",
        "terminate_on_nan",
        "tpu_cores",
        "track_grad_norm",
        "truncated_bptt_steps",
        "weights_save_path",
        "weights_summary",
        "training_epoch_end",
        "validation_epoch_end",
        "test_epoch_end",
    ]
)
"""Arguments of `Trainer` and methods of a module that 2.0 does not know any more, nor any version since."""

_FIT = (Effect(Kind.RUN, 0, keyword="model", how=How.TRAINED, older=BEFORE_2),)

ROWS = LibraryRows(
    effects={"lightning.*.Trainer.fit": _FIT, "pytorch_lightning.*.Trainer.fit": _FIT},
    types={"lightning.*.Trainer": Type.OTHER, "pytorch_lightning.*.Trainer": Type.OTHER},
)
