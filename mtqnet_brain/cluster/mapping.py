"""One function over many items, on a Ray cluster.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from mtqnet_brain.cluster.session import connect, limit_threads, run_workers

if TYPE_CHECKING:
    import pyarrow

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
BLOCK_ITEMS = 16  # at most; repeated if a worker is killed


class FunctionWorker:
    """Calls a function with pickled items.

    Arguments
    ---------
    function : callable
        Takes one item.
    """

    def __init__(self, function: Callable[[Any], object]) -> None:
        limit_threads()
        self.function = function

    def __call__(self, table: pyarrow.Table) -> dict[str, list[bytes | None]]:
        """Call the function with the ``item`` in a table of one row.

        Returns
        -------
        dict of str to list
            ``result`` and ``error``, pickled, one of which is None.
        """
        item = pickle.loads(table["item"][0].as_py())
        try:
            return {
                "result": [pickle.dumps(self.function(item))],
                "error": [None],
            }
        except Exception as err:  # raised again in the command's process
            return {"result": [None], "error": [pickle.dumps(err)]}


def run_on_cluster(
    function: Callable[[Item], Outcome],
    items: Sequence[Item],
    workers: int | None = None,
    gpu: bool | None = None,
) -> Iterator[Outcome]:
    """Yield the results of a function over items, as they are ready.

    Arguments
    ---------
    function : callable
        Takes one item; defined in a module, so that it can be pickled.
    items : list
        The items.
    workers, gpu
        As for `session.connect`.

    Yields
    ------
    object
        One result per item, in any order.

    Raises
    ------
    Exception
        Whatever the function raises.
    """
    if not items:
        return
    resources = connect(workers, gpu)
    import ray.data

    n_blocks = max(-(-len(items) // BLOCK_ITEMS), 4 * resources.size)
    rows = [{"item": pickle.dumps(item)} for item in items]
    dataset = ray.data.from_items(
        rows, override_num_blocks=min(n_blocks, len(items))
    )
    for row in run_workers(
        dataset,
        FunctionWorker,
        {"function": function},
        resources,
        batch_size=1,
    ):
        if row["error"] is not None:
            raise pickle.loads(row["error"])
        yield pickle.loads(row["result"])
