"""One function over many items, on a Ray cluster.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mtqnet_brain.cluster.session import connect, limit_threads, run_workers

if TYPE_CHECKING:
    import pyarrow

BLOCK_ITEMS = 16  # most; what a killed worker has to do again


class FunctionWorker:
    """Calls a function with pickled items.

    Arguments
    ---------
    function : callable
        Of one item.
    """

    def __init__(self, function: Callable) -> None:
        limit_threads()
        self.function = function

    def __call__(self, table: pyarrow.Table) -> dict[str, list]:
        """Call the function with one item.

        Arguments
        ---------
        table : pyarrow.Table
            One row of ``item``.

        Returns
        -------
        dict of str to list
            ``result`` and ``error``, pickled, one of which is None.
        """
        item = pickle.loads(table["item"][0].as_py())
        try:
            result, error = pickle.dumps(self.function(item)), None
        except Exception as err:  # raised again where the command runs
            result, error = None, pickle.dumps(err)
        return {"result": [result], "error": [error]}


def run_on_cluster(
    function: Callable,
    items: list,
    workers: int | bool | None = None,
    gpu: int | bool | None = None,
) -> Iterator[object]:
    """Yield the results of a function over items, as they are ready.

    Arguments
    ---------
    function : callable
        Of one item; a module's own function, so that it can be pickled.
    items : list
        What it is called with.
    workers, gpu : int, bool
        As of `session.connect`.

    Yields
    ------
    object
        One result per item, in any order.

    Raises
    ------
    Exception
        What the function raises.
    """
    if not items:
        return
    resources = connect(workers, gpu)
    import ray.data

    n_blocks = max(-(-len(items) // BLOCK_ITEMS), 4 * resources["size"])
    rows = [{"item": pickle.dumps(item)} for item in items]
    dataset = ray.data.from_items(
        rows, override_num_blocks=min(n_blocks, len(items))
    )
    for row in run_workers(
        dataset,
        FunctionWorker,
        {"function": function},
        batch_size=1,
        **resources,
    ):
        if row["error"] is not None:
            raise pickle.loads(row["error"])
        yield pickle.loads(row["result"])
