"""Connects to Ray and maps a worker over a dataset.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mtqnet_brain.utils.installation import require

if TYPE_CHECKING:
    import ray


class Resources(NamedTuple):
    """Number of workers, and what each of them takes."""

    size: int
    num_cpus: int
    num_gpus: int


def connect(workers: int | None = None, gpu: bool | None = None) -> Resources:
    """Connect to a Ray cluster, or start one on this machine.

    The cluster of the environment variable ``RAY_ADDRESS`` is used where that
    is set.

    Arguments
    ---------
    workers : int, optional
        Number of workers. Default: one per GPU, else one per core.
    gpu : bool, optional
        Whether each worker gets a GPU. Default: if the cluster has any.

    Returns
    -------
    Resources
        For `run_workers`.

    Raises
    ------
    ImportError
        If Ray is missing, with the command that installs it.
    ValueError
        If the cluster has no GPU, or fewer than the workers need.
    """
    # No usage statistics unless the user asks for them.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # The cluster itself reports workers that die, on standard error.
    logging.getLogger("ray").setLevel(logging.ERROR)
    ray = require("ray", "ray", "ray.data")[0]
    if not ray.is_initialized():
        # Workers look for modules in the driver's folder: not among clips.
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
    return Resources(size, 1, int(gpu))


def run_workers(
    dataset: ray.data.Dataset,
    worker: type,
    arguments: dict[str, Any],
    resources: Resources,
    batch_size: int,
) -> Iterator[dict[str, Any]]:
    """Map a worker over a dataset; Ray repeats the work of a killed one.

    Arguments
    ---------
    dataset : ray.data.Dataset
        The rows.
    worker : type
        Made once per worker process; called with a ``pyarrow.Table`` of rows.
    arguments : dict
        Arguments of its constructor.
    resources : Resources
        From `connect`.
    batch_size : int
        Rows per call.

    Yields
    ------
    dict
        Rows that the worker returns, in any order.
    """
    from ray.data import ActorPoolStrategy

    results = dataset.map_batches(
        worker,
        fn_constructor_kwargs=arguments,
        compute=ActorPoolStrategy(size=resources.size),
        batch_size=batch_size,
        batch_format="pyarrow",
        num_cpus=resources.num_cpus,
        num_gpus=resources.num_gpus,
    )
    yield from results.iter_rows()


def limit_threads() -> None:
    """Compute with one thread, since there is a worker on each core."""
    import torch

    torch.set_num_threads(1)
