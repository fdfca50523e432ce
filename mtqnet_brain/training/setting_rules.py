"""What each setting of a recipe may be.

Authors
 * The mtqnet-brain developers 2026
"""

from mtqnet_brain.checkpoints.model_files import TASK_TAG
from mtqnet_brain.data.splits import SPLITS
from mtqnet_brain.evaluation.metrics import HIGHER_IS_BETTER
from mtqnet_brain.model.network_settings import SSLSettings
from mtqnet_brain.training.loader_settings import ALL, NAMES, RULE
from mtqnet_brain.training.losses import KINDS
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.untrusted_json import Tagged

FOLDERS = ("data_folder", "output_folder", "save_folder", "manifest_folder")
PARTS = ("train_csv", "valid_csv", "test_csv")


def _path(value, where):
    """Check that a value is a path."""
    if not isinstance(value, str) or not value or "\0" in value:
        schema.fail(value, where, "a path; write ./NAME where it is a number")
    return value


def _teacher(value, where):
    """Check that a value names one teacher or several."""
    for name in value if isinstance(value, list) and value else [value]:
        _path(name, where)


def _gradient_norm(value, where):
    """Check the largest gradient norm; a negative one would flip gradients."""
    if type(value) not in (int, float) or not value > 0:
        schema.fail(value, where, "a number above 0; .inf for no limit")
    return value


def _label(value, where):
    """Check that labels and columns are strings."""
    words = list(value.values()) if isinstance(value, dict) else value
    if not all(isinstance(word, str) for word in words or ()):
        schema.fail(value, where, "LABEL=COLUMN ...")


def _tasks(value, where):
    """Check that a value is a list of tasks."""
    if not isinstance(value, list) or not all(map(_is_task, value)):
        schema.fail(value, where, f"a list of {TASK_TAG}")


def _modules(value, where):
    """Check that modules are networks that the hyperparameter file makes."""
    for name, module in value.items():
        if not isinstance(module, Tagged):
            schema.fail(module, f"{where}: {name}", "a network (!new:CLASS)")


def _is_task(value):
    """Whether a value is a task to be made."""
    return isinstance(value, Tagged) and value.tag == TASK_TAG


_COUNT = schema.integer(0, 10**6)
_WORKERS = schema.integer(0, 1024)
_RATE = schema.real(1e-12, 10)
_SECONDS = schema.real(0.025, 1e6)  # the network needs 400 samples
_FRACTION = schema.real(1e-6, 0.999)
_COLUMN = schema.optional(schema.text)
# Settings of the recipes, and those of SpeechBrain that it does not check.
RULES: dict[str, schema.Rule] = {
    "seed": schema.integer(0, 2**32 - 1),
    "split": schema.choice(*SPLITS),
    "score": schema.choice("s_mos", "n_mos", "g_mos"),
    "prepare_workers": schema.optional(_WORKERS),
    "measure_workers": schema.optional(_WORKERS),
    "num_workers": _WORKERS,
    "wav_column": schema.text,
    "split_column": _COLUMN,
    "group_column": _COLUMN,
    "system_column": _COLUMN,
    "label_source": _COLUMN,
    "valid_share": _FRACTION,
    "test_share": _FRACTION,
    "max_train_clips": schema.optional(schema.integer(1, 10**9)),
    "number_of_epochs": _COUNT,
    "dropout_epochs": schema.optional(_COUNT),
    "patience": _COUNT,
    "select_by": schema.choice(*HIGHER_IS_BETTER),
    "loss_kind": schema.choice(*KINDS),
    "delta": schema.real(1e-6, 1e6),
    "lr": _RATE,
    "ssl_lr": _RATE,
    "encoder_lr": _RATE,
    "momentum": schema.real(0, 0.9999),
    "final_lr_share": schema.real(0, 10),
    "channel_db": schema.optional(schema.real(0, 60)),
    **dict.fromkeys(
        ("joined_fraction", "cropped_fraction"),
        schema.optional(schema.real(0, 1)),
    ),
    "speeds": schema.optional(schema.sequence(schema.integer(25, 400), 1, 100)),
    "max_batch_seconds": _SECONDS,
    "batch_size": schema.optional(schema.integer(1, 10**6)),
    **dict.fromkeys((ALL, *sum(NAMES.values(), ())), schema.optional(RULE)),
    "segment_seconds": _SECONDS,
    "ssl": schema.optional(
        schema.mapping(
            SSLSettings.rules() | {"save_path": _path}, needed=("source",)
        )
    ),
    "ckpt_interval_minutes": schema.real(0, 1e6),
    "ckpt_interval_steps": schema.integer(0, 10**9),
    "debug_batches": schema.integer(1, 10**6),
    "grad_accumulation_factor": schema.integer(1, 10**6),
    "max_grad_norm": _gradient_norm,
    "nonfinite_patience": _COUNT,
    "optimizer_step_limit": schema.optional(schema.integer(1, 10**12)),
    **dict.fromkeys(
        ("resample", "skip_prep", "adopt_settings", "freeze_encoder"),
        schema.boolean,
    ),
    "label": _label,
    "tasks": _tasks,
    "modules": _modules,
    **dict.fromkeys((*FOLDERS, *PARTS, "train_log", "csv"), _path),
    **dict.fromkeys(
        ("label_csv", "quest_csv", "pretrained", "ssl_cache", "teacher_cache"),
        schema.optional(_path),
    ),
    "teacher": schema.optional(_teacher),
}
