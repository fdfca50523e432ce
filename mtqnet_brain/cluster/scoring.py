"""``mtqnet score --engine ray``: clips of any number into Parquet shards.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import TYPE_CHECKING

from tqdm import tqdm

from mtqnet_brain.cluster.addresses import absolute, is_address
from mtqnet_brain.cluster.clip_rows import NAME, find_clips
from mtqnet_brain.cluster.fetching import fetch_clips
from mtqnet_brain.cluster.session import connect, limit_threads, run_workers
from mtqnet_brain.cluster.shards import ShardFolder
from mtqnet_brain.inference.clips import Result
from mtqnet_brain.inference.score_files import make_row
from mtqnet_brain.utils.sealed_rows import stamp_of

if TYPE_CHECKING:
    import pyarrow

STAMP = "read"  # of a clip: path, size and time of its file, as JSON
SHARD_ROWS = 512  # most; what a killed worker has to do again
SHARDS_PER_WORKER = 4  # at least, where there are clips enough


class ScoringWorker:
    """Scores tables of clips and writes a shard of each.

    Arguments
    ---------
    model : str
        Folder or name on the hub.
    trust : bool
        Whether the model's code may run.
    shards : ShardFolder
        Where scores go.
    settings : dict
        Of `scoring.engine.Engine`.
    gpu : bool
        Whether the worker has a GPU.
    """

    def __init__(
        self,
        model: str,
        trust: bool,
        shards: ShardFolder,
        settings: dict,
        gpu: bool,
    ) -> None:
        from mtqnet_brain.inference.predictor import SpeechQualityPredictor

        limit_threads()
        options = {"run_opts": {"device": "cuda:0"}} if gpu else {}
        predictor = SpeechQualityPredictor.from_hparams(
            model, trust=trust, **options
        )
        self.engine = predictor.engine(**settings)
        self.shards = shards

    def __call__(self, table: pyarrow.Table) -> dict[str, list]:
        """Score a table.

        Arguments
        ---------
        table : pyarrow.Table
            Clips of `source_files.find_clips`.

        Returns
        -------
        dict of str to list
            ``clips``, ``refused``: one number each.
        """
        rows = table.to_pylist()
        failed, cells = {}, {}
        with tempfile.TemporaryDirectory() as folder:
            paths = fetch_clips(rows, folder, failed)
            for result in self.engine.score_paths(paths, workers=1):
                if os.path.dirname(result.path) == folder:
                    os.unlink(result.path)
                cells[result.key] = make_row(result, self.engine.tasks)
        for name, error in failed.items():
            result = Result(name, error=error)
            cells[name] = make_row(result, self.engine.tasks)
        written = [cells[row[NAME]] for row in rows]
        stamps = {row[NAME]: json.loads(row[STAMP]) for row in rows}
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
    **settings,
) -> tuple[int, int]:
    """Score clips on a Ray cluster into a folder of Parquet shards.

    Arguments
    ---------
    paths : list of str
        As of ``mtqnet score``, also fsspec addresses; or Parquet files or
        folders: `source_files.find_clips`.
    output : str
        Folder, or its address.
    model : str
        Folder that every machine sees, or name on the hub.
    recursive : bool
        Whether subfolders are meant too.
    workers : int
        As of `session.connect`.
    gpu : bool
        As of `session.connect`.
    restart : bool
        Whether shards of an earlier run are discarded.
    trust : bool
        Whether the model's code may run.
    **settings
        ``window``, ``batch_size``, ``precision`` of `Engine`.

    Returns
    -------
    int
        Number of clips that were refused.
    int
        Number of clips.

    Raises
    ------
    ValueError
        If there is nothing to score, or the output is of other settings.
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
        arguments = {
            "model": absolute(model) if os.path.isdir(model) else model,
            "trust": trust,
            "shards": shards,
            "settings": settings,
        }
        n_refused = _score_left(left, len(clips), arguments, workers, gpu)
    return n_refused, len(clips)


def _stamp(clips):
    """Give each clip what tells whether its file has changed; return them.

    Nothing does behind an address; for bytes it is the Parquet file.
    """
    seen = {}
    stamps = {}
    for name, clip in clips.items():
        path = clip["table"] or clip["address"]
        if path not in seen:
            seen[path] = [] if is_address(path) else stamp_of(path)
        stamps[name] = seen[path]
        clip[STAMP] = json.dumps(stamps[name])
    return stamps


def _score_left(left, n_clips, arguments, workers, gpu):
    """Score what is left, with a progress bar; return how many failed."""
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
            arguments["gpu"] = resources["num_gpus"] > 0
            for counts in _counts(left, arguments, resources):
                n_refused += counts["refused"]
                bar.update(counts["clips"])
    return n_refused


def _counts(clips, arguments, resources):
    """Yield counts of clips, shard by shard."""
    import ray.data

    rows = -(-len(clips) // (SHARDS_PER_WORKER * resources["size"]))
    rows = min(SHARD_ROWS, rows)
    dataset = ray.data.from_items(
        clips, override_num_blocks=-(-len(clips) // rows)
    )
    yield from run_workers(
        dataset, ScoringWorker, arguments, batch_size=rows, **resources
    )
