"""From manifests to batches.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from speechbrain.dataio.dataset import DynamicItemDataset
from speechbrain.dataio.sampler import DynamicBatchSampler
from speechbrain.utils.data_pipeline import provides, takes

from mtqnet_brain.audio.io import SAMPLE_RATE, load_audio
from mtqnet_brain.data.manifest import parse_label
from mtqnet_brain.data.validation import validate_rows

if TYPE_CHECKING:
    from mtqnet_brain.data.embedding_store import EmbeddingStore
    from mtqnet_brain.tasks import Task

OUTPUT_KEYS = ["id", "sig", "n_samples", "labels"]
# Clips of one batch differ in length by this factor at most.
BUCKET_RATIO = 1.2


def make_dataset(
    rows: list[dict],
    tasks: list[Task],
    resample: bool = True,
    embeddings: EmbeddingStore | None = None,
) -> DynamicItemDataset:
    """Make a dataset of waveforms and labels from manifest rows.

    Arguments
    ---------
    rows : list of dict
        Rows of `manifest.read_manifest`.
    tasks : list of Task
        Tasks whose columns become the labels, in this order.
    resample : bool
        Whether wavs of another rate than 16 kHz are resampled.
    embeddings : EmbeddingStore
        Embeddings of the SSL stream; they add an item ``embeddings``, shape
        (frames, channels), float16.

    Returns
    -------
    DynamicItemDataset
        Items ``id``, ``sig`` (n_samples,) float32, ``n_samples`` int and
        ``labels`` (tasks,) float32, NaN where missing.
    """
    data = {row["ID"]: _item(row, tasks) for row in rows}

    @takes("wav")
    @provides("sig", "n_samples")
    def audio_pipeline(wav):
        """Load a waveform, shape (n_samples,), and count its samples."""
        sig = torch.from_numpy(load_audio(wav, resample=resample))
        yield sig
        yield len(sig)

    @takes("label_values")
    @provides("labels")
    def label_pipeline(label_values):
        """Return the labels, shape (tasks,)."""
        return torch.tensor(label_values)

    pipelines, keys = [audio_pipeline, label_pipeline], OUTPUT_KEYS
    if embeddings is not None:

        @takes("sig")
        @provides("embeddings")
        def embedding_pipeline(sig):
            """Read the embeddings of a waveform, (frames, channels)."""
            return embeddings.load(sig.numpy())

        pipelines.append(embedding_pipeline)
        keys = [*OUTPUT_KEYS, "embeddings"]
    return DynamicItemDataset(data, pipelines, keys)


def _item(row, tasks):
    """Return what training needs of a manifest row."""
    labels = [parse_label(row.get(task.column, "")) for task in tasks]
    return {
        "wav": row["wav"],
        "duration": float(row["duration"]),
        "label_values": labels,
    }


def loader_options(
    dataset: DynamicItemDataset,
    max_batch_seconds: float,
    shuffle: bool,
    seed: int = 0,
    num_workers: int = 0,
    batch_size: int | None = None,
    drop_last: bool = False,
    **others: Any,
) -> dict:
    """Choose batches of bounded length from clips of similar length.

    Arguments
    ---------
    dataset : DynamicItemDataset
        Dataset of `make_dataset`.
    max_batch_seconds : float
        Seconds per batch, padding included; a longer clip gets a batch of
        its own.
    shuffle : bool
        Whether clips and batches change order from epoch to epoch.
    seed : int
        Seed of the shuffling.
    num_workers : int
        Processes that load audio.
    batch_size : int, optional
        So many clips per batch, whatever their lengths, instead of
        ``max_batch_seconds``.
    drop_last : bool, optional
        Whether to leave out batches that are not full.
    **others
        Further options of a DataLoader.

    Returns
    -------
    dict
        Keyword arguments for a DataLoader.
    """
    durations = [dataset.data[key]["duration"] for key in dataset.data_ids]
    ends = _bucket_ends(min(durations), max(durations))
    if batch_size is not None:
        ends = ends[-1:]
        max_batch_seconds = (batch_size + 0.5) * ends[0]
    sampler = DynamicBatchSampler(
        dataset,
        max_batch_length=max_batch_seconds,
        max_batch_ex=batch_size,
        bucket_boundaries=ends,
        lengths_list=durations,
        shuffle=shuffle,
        batch_ordering="random" if shuffle else "descending",
        seed=seed,
        drop_last=drop_last,
    )
    options = {"batch_sampler": sampler, "num_workers": num_workers, **others}
    if num_workers:
        # The default since Python 3.14 would have to pickle the pipelines.
        options["multiprocessing_context"] = "fork"
    return options


def make_parts(
    parts: dict[str, list[dict]],
    tasks: list[Task],
    resample: bool,
    max_batch_seconds: float,
    seed: int,
    num_workers: int,
    embeddings: EmbeddingStore | None = None,
    options: dict[str, dict] | None = None,
) -> tuple[dict[str, DynamicItemDataset], dict[str, dict]]:
    """Make the datasets of a recipe and the options of their loaders.

    Arguments
    ---------
    parts : dict of str to list of dict
        Manifest rows by part; ``train`` is shuffled.
    tasks, resample, embeddings
        As for `make_dataset`.
    max_batch_seconds, seed, num_workers
        As for `loader_options`.
    options : dict of str to dict, optional
        Arguments of `loader_options` by part, which go before.

    Returns
    -------
    datasets : dict of str to DynamicItemDataset
        Dataset by part.
    loaders : dict of str to dict
        Keyword arguments of a DataLoader by part.

    Raises
    ------
    ManifestError
        As `validation.validate_rows` raises: with ``skip_prep`` the manifests
        have not been checked before.
    """
    validate_rows(parts, tasks)
    datasets, loaders = {}, {}
    for part, rows in parts.items():
        datasets[part] = make_dataset(rows, tasks, resample, embeddings)
        settings: dict[str, Any]
        settings = {"shuffle": part == "train", "num_workers": num_workers}
        settings |= (options or {}).get(part, {})
        loaders[part] = loader_options(
            datasets[part], max_batch_seconds, seed=seed, **settings
        )
    return datasets, loaders


def _bucket_ends(shortest, longest):
    """Return clip lengths that differ by at most BUCKET_RATIO."""
    n_buckets = 1 + math.ceil(
        math.log(max(longest / shortest, 1.0)) / math.log(BUCKET_RATIO)
    )
    # Half a sample more, so that rounding keeps the longest clip inside.
    top = longest + 0.5 / SAMPLE_RATE
    return [top * BUCKET_RATIO**-i for i in reversed(range(n_buckets))]
