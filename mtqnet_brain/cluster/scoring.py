"""``mtqnet score --engine ray``: scores any number of clips into Parquet.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from mtqnet_brain.cluster.addresses import absolute, is_address
from mtqnet_brain.cluster.clip_rows import Clip, find_clips
from mtqnet_brain.cluster.fetching import fetch_clips
from mtqnet_brain.cluster.session import (
    Resources,
    connect,
    limit_threads,
    run_workers,
)
from mtqnet_brain.cluster.shards import ShardFolder
from mtqnet_brain.inference.clips import Result
from mtqnet_brain.inference.score_tables import make_row
from mtqnet_brain.utils.sealed_rows import Stamp, stamp_of

if TYPE_CHECKING:
    import pyarrow

SHARD_ROWS = 512  # at most; repeated if a worker is killed
SHARDS_PER_WORKER = 4  # at least, if there are enough clips


class ScoringWorker:
    """Scores tables of clips and writes a shard of each.

    Arguments
    ---------
    model : str
        Folder or name on the hub.
    trust : bool
        Whether the model's code may run.
    shards : ShardFolder
        Folder for the scores.
    settings : dict
        Settings of `inference.engine.Engine`.
    gpu : bool
        Whether the worker has a GPU.
    """

    def __init__(
        self,
        model: str,
        trust: bool,
        shards: ShardFolder,
        settings: dict[str, Any],
        gpu: bool,
    ) -> None:
        from mtqnet_brain.inference.predictor import SpeechQualityPredictor

        limit_threads()
        predictor = SpeechQualityPredictor.from_hparams(
            model,
            trust=trust,
            run_opts={"device": "cuda:0"} if gpu else None,
        )
        self.engine = predictor.engine(**settings)
        self.shards = shards

    def __call__(self, table: pyarrow.Table) -> dict[str, list[int]]:
        """Score a table of clips; count them and those that were refused."""
        rows: list[Clip] = table.to_pylist()
        failed: dict[str, str] = {}
        cells: dict[object, dict[str, Any]] = {}
        with tempfile.TemporaryDirectory() as folder:
            paths = fetch_clips(rows, folder, failed)
            for result in self.engine.score_paths(paths, workers=1):
                path = str(result.path)
                if os.path.dirname(path) == folder:
                    os.unlink(path)
                cells[result.key] = make_row(result, self.engine.tasks)
        for name, error in failed.items():
            result = Result(name, error=error)
            cells[name] = make_row(result, self.engine.tasks)
        written = [cells[row["path"]] for row in rows]
        stamps = {row["path"]: json.loads(row["read"]) for row in rows}
        self.shards.write(written, stamps)
        refused = sum(bool(row["error"]) for row in written)
        return {"clips": [len(written)], "refused": [refused]}


def score_on_cluster(
    paths: list[str],
    output: str,
    model: str,
    recursive: bool = False,
    workers: int | None = None,
    gpu: bool | None = None,
    restart: bool = False,
    trust: bool = False,
    **settings: Any,
) -> tuple[int, int]:
    """Score clips on a Ray cluster into a folder of Parquet shards.

    Arguments
    ---------
    paths : list of str
        As for ``mtqnet score``, also fsspec addresses; or Parquet files or
        folders: `clip_rows.find_clips`.
    output : str
        Folder, or its address.
    model : str
        Folder that every machine sees, or name on the hub.
    recursive : bool
        Whether subfolders are searched too.
    workers, gpu
        As for `session.connect`.
    restart : bool
        Whether shards of an earlier run are discarded.
    trust : bool
        Whether the model's code may run.
    **settings
        ``window``, ``batch_size``, ``precision`` of `Engine`.

    Returns
    -------
    n_refused : int
        Number of clips that were refused.
    n_clips : int
        Number of clips.

    Raises
    ------
    ValueError
        If there is nothing to score, or the output has other settings.
    """
    from mtqnet_brain.inference.predictor import SpeechQualityPredictor

    with ShardFolder(output, []).claim():  # before a model is loaded
        predictor = SpeechQualityPredictor.from_hparams(model, trust=trust)
        tasks = predictor.engine(**settings).tasks  # refuses bad settings
        kept = {"model": predictor.hparams.weights_sha256, **settings}
        clips = find_clips(paths, recursive)
        stamps = _stamp(clips)
        shards = ShardFolder(output, tasks)
        shards.open(kept, restart)
        done = shards.keep_current(stamps)
        left = [clip for name, clip in clips.items() if name not in done]
        arguments: dict[str, Any] = {
            "model": absolute(model) if os.path.isdir(model) else model,
            "trust": trust,
            "shards": shards,
            "settings": settings,
        }
        n_refused = _score_left(left, len(clips), arguments, workers, gpu)
    return n_refused, len(clips)


def _stamp(clips: dict[str, Clip]) -> dict[str, Stamp]:
    """Set and return the stamp of each clip's file.

    Empty for a remote address; for bytes it is that of the Parquet file.
    """
    seen: dict[str, Stamp] = {}
    stamps = {}
    for name, clip in clips.items():
        path = clip["table"] or clip["address"] or ""
        if path not in seen:
            seen[path] = [] if is_address(path) else stamp_of(path)
        stamps[name] = seen[path]
        clip["read"] = json.dumps(stamps[name])
    return stamps


def _score_left(
    left: list[Clip],
    n_clips: int,
    arguments: dict[str, Any],
    workers: int | None,
    gpu: bool | None,
) -> int:
    """Score the clips that are left; return how many were refused."""
    n_refused = 0
    bar = tqdm(
        total=n_clips,
        initial=n_clips - len(left),
        desc="scoring",
        unit="file",
        file=sys.stderr,
    )
    with bar:
        if left:
            resources = connect(workers, gpu)
            arguments["gpu"] = resources.num_gpus > 0
            for counts in _counts(left, arguments, resources):
                n_refused += counts["refused"]
                bar.update(counts["clips"])
    return n_refused


def _counts(
    clips: list[Clip], arguments: dict[str, Any], resources: Resources
) -> Iterator[dict[str, int]]:
    """Yield the counts of scored clips, shard by shard."""
    import ray.data

    rows = -(-len(clips) // (SHARDS_PER_WORKER * resources.size))
    rows = min(SHARD_ROWS, rows)
    dataset = ray.data.from_items(
        clips, override_num_blocks=-(-len(clips) // rows)
    )
    yield from run_workers(
        dataset, ScoringWorker, arguments, resources, batch_size=rows
    )
