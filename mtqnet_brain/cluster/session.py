"""The connection to Ray, and how a dataset is worked through.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.utils.installation import require

if TYPE_CHECKING:
    import ray


def connect(workers: int | None = None, gpu: bool | None = None) -> dict:
    """Connect to a Ray cluster, or start one on this machine.

    The cluster of the environment variable ``RAY_ADDRESS`` is used where that
    is set.

    Arguments
    ---------
    workers : int
        Number of workers. Default: one per GPU, else one per core.
    gpu : bool
        Whether workers get a GPU each. Default: if the cluster has any.

    Returns
    -------
    dict
        ``size`` and ``num_cpus``, ``num_gpus`` of `run_workers`.

    Raises
    ------
    ImportError
        If Ray is missing, with the command that installs it.
    ValueError
        If the cluster has no GPU, or fewer than the workers need.
    """
    # Nothing is reported to anybody unless the user says so.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # What dies is reported by the cluster itself, on standard error.
    logging.getLogger("ray").setLevel(logging.ERROR)
    ray = require("ray", "ray", "ray.data")[0]
    if not ray.is_initialized():
        # Workers look for modules where the driver stood: not among clips.
        with contextlib.chdir(Path(__file__).parents[2]):
            ray.init(logging_level=logging.ERROR, log_to_driver=False)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    found = ray.cluster_resources()
    n_gpus = int(found.get("GPU", 0))
    gpu = n_gpus > 0 if gpu is None else gpu
    available = n_gpus if gpu else max(1, int(found.get("CPU", 1)))
    kind = "GPUs" if gpu else "cores"
    size = workers or available
    if size < 1 or size > available:
        raise ValueError(
            f"--workers {size}: this Ray cluster has {available} {kind}, each "
            "worker takes one"
        )
    return {"size": size, "num_cpus": 1, "num_gpus": int(gpu)}


def run_workers(
    dataset: ray.data.Dataset,
    worker: type,
    arguments: dict,
    size: int,
    batch_size: int,
    num_cpus: int,
    num_gpus: int,
) -> Iterator[dict]:
    """Work through a dataset; what a killed worker had is done again.

    Arguments
    ---------
    dataset : ray.data.Dataset
        Rows.
    worker : type
        Made once per worker process; called with a ``pyarrow.Table`` of rows.
    arguments : dict
        Of the worker's constructor.
    size : int
        Workers.
    batch_size : int
        Rows per call.
    num_cpus, num_gpus : int
        Of each worker.

    Yields
    ------
    dict
        Rows that the worker returns, in any order.
    """
    from ray.data import ActorPoolStrategy

    results = dataset.map_batches(
        worker,
        fn_constructor_kwargs=arguments,
        compute=ActorPoolStrategy(size=size),
        batch_size=batch_size,
        batch_format="pyarrow",
        num_cpus=num_cpus,
        num_gpus=num_gpus,
    )
    yield from results.iter_rows()


def limit_threads() -> None:
    """Let this worker compute with one thread: its neighbours have the rest."""
    import torch

    torch.set_num_threads(1)
