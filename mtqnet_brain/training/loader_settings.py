"""Options of the DataLoaders, as SpeechBrain's recipes name them.

Authors
 * The mtqnet-brain developers 2026
"""

from typing import Any

from mtqnet_brain.utils import schema

ALL = "dataloader_opts"
PARTS = ("train", "valid", "test")
# Of one part; the second is what Brain.fit calls them.
NAMES = {p: (f"{p}_dataloader_opts", f"{p}_loader_kwargs") for p in PARTS}
_FLAG = schema.boolean
RULE = schema.mapping(
    {
        "batch_size": schema.optional(schema.integer(1, 10**6)),
        "num_workers": schema.integer(0, 1024),
        "prefetch_factor": schema.optional(schema.integer(1, 10**4)),
        "timeout": schema.real(0, 1e6),
        "shuffle": _FLAG,
        "drop_last": _FLAG,
        "pin_memory": _FLAG,
        "persistent_workers": _FLAG,
    }
)


def part_options(**hparams: Any) -> dict[str, dict[str, Any]]:
    """Return the options of each part's DataLoader.

    Arguments
    ---------
    **hparams
        ``batch_size`` and ``dataloader_opts`` for all parts, and those of one
        part, such as ``valid_dataloader_opts`` or ``valid_loader_kwargs``,
        which go before; all may be absent.

    Returns
    -------
    dict of str to dict
        Under ``train``, ``valid`` and ``test``: for `dataset.make_parts`.

    Raises
    ------
    ValueError
        If there is no such option, or its value is invalid.
    """
    shared = {"batch_size": hparams.get("batch_size")}
    options = {}
    for part, names in NAMES.items():
        options[part] = dict(shared)
        for name in (ALL, *names):
            given = hparams.get(name) or {}
            RULE(given, f"--{name}")
            options[part] |= given
    return options
