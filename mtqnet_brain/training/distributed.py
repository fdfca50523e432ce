"""What several processes that train together share out and gather.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Iterable

from speechbrain.utils.distributed import get_rank, is_distributed_initialized
from torch import distributed

from mtqnet_brain.utils.process_exit import leave_now


def n_ranks():
    """Return how many processes train together; 1 without ``torchrun``."""
    together = is_distributed_initialized()
    return distributed.get_world_size() if together else 1


def this_rank():
    """Return this process's number, from 0."""
    return get_rank() or 0 if n_ranks() > 1 else 0


def gather(content: object) -> list:
    """Return what each rank has, on every rank.

    Arguments
    ---------
    content : object
        Can be pickled.

    Returns
    -------
    list
        One per rank, in their order.
    """
    if n_ranks() == 1:
        return [content]
    gathered = [None] * n_ranks()
    distributed.all_gather_object(gathered, content)
    return gathered


def leave_together() -> None:
    """End the work of several processes; none leaves while others write.

    The last call of a script: with several processes it does not return.
    """
    if n_ranks() > 1:
        distributed.barrier()
        distributed.destroy_process_group()
        # Threads of gloo outlive its group; where the interpreter takes itself
        # apart around them, about one process in 500 aborts (SIGABRT) with all
        # its work done, and torchrun calls the run failed.
        leave_now(0)


class RankBatches:
    """This rank's share of the batches of a sampler: every n-th.

    Unlike a DistributedSampler it repeats none to make the shares equal.

    Arguments
    ---------
    batches : iterable of list
        A batch sampler that gives the same on every rank.
    rank, n : int
        Number of this process, and of all.
    """

    def __init__(self, batches: Iterable[list], rank: int, n: int) -> None:
        self.batches, self.rank, self.n = batches, rank, n

    def __iter__(self):
        """Yield this rank's batches."""
        for i, batch in enumerate(self.batches):
            if i % self.n == self.rank:
                yield batch

    def __len__(self):
        """Return their number."""
        return len(range(self.rank, len(self.batches), self.n))
