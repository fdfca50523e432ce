"""Processes that train together: ranks, their batches, what they gather.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Iterator
from typing import Any, Protocol

from speechbrain.utils.distributed import get_rank, is_distributed_initialized
from torch import distributed
from torch.utils.data import BatchSampler as TorchBatches

from mtqnet_brain.utils.process_exit import leave_now


def n_ranks() -> int:
    """Return how many processes train together; 1 without ``torchrun``."""
    together = is_distributed_initialized()
    return distributed.get_world_size() if together else 1


def this_rank() -> int:
    """Return this process's number, from 0."""
    return get_rank() or 0 if n_ranks() > 1 else 0


def gather(content: Any) -> list[Any]:
    """Return the content of every rank, in their order, on every rank."""
    if n_ranks() == 1:
        return [content]
    gathered: list[Any] = [None] * n_ranks()
    distributed.all_gather_object(gathered, content)
    return gathered


def leave_together() -> None:
    """Wait for all ranks, then end this process; alone, do nothing.

    The last call of a script: with several ranks it does not return.
    """
    if n_ranks() > 1:
        distributed.barrier()
        distributed.destroy_process_group()
        # gloo's threads outlive its group. When the interpreter shuts down
        # around them, about one process in 500 aborts (SIGABRT) after all its
        # work, and torchrun reports a failed run.
        leave_now(0)


class BatchSampler(Protocol):
    """What yields lists of indices and knows how many."""

    def __iter__(self) -> Iterator[list[int]]:
        """Yield batches."""

    def __len__(self) -> int:
        """Return their number."""


class RankBatches:
    """This rank's part of the batches of a sampler: every n-th.

    Unlike a DistributedSampler it repeats none to make the parts equal.

    Arguments
    ---------
    batches : BatchSampler
        Yields the same batches on every rank.
    rank : int
        This process, from 0.
    n : int
        Number of processes.
    """

    def __init__(self, batches: BatchSampler, rank: int, n: int) -> None:
        self.batches, self.rank, self.n = batches, rank, n

    def __iter__(self) -> Iterator[list[int]]:
        """Yield this rank's batches."""
        for i, batch in enumerate(self.batches):
            if i % self.n == self.rank:
                yield batch

    def __len__(self) -> int:
        """Return their number."""
        return len(range(self.rank, len(self.batches), self.n))


def rank_options(options: dict[str, Any], n_items: int) -> dict[str, Any]:
    """Return options of a DataLoader that reads this rank's batches.

    Arguments
    ---------
    options : dict
        With a ``batch_sampler``, or a ``batch_size`` and maybe ``drop_last``.
    n_items : int
        Length of the data set.

    Returns
    -------
    dict
        With this rank's ``batch_sampler``.
    """
    options = dict(options)
    size, drop = options.pop("batch_size", 1), options.pop("drop_last", False)
    options.pop("shuffle", None)  # the order of an evaluation is all one
    batches = options.get("batch_sampler")
    if batches is None:
        batches = TorchBatches(range(n_items), size, drop)
    own = RankBatches(batches, this_rank(), n_ranks())
    return {**options, "batch_sampler": own}
