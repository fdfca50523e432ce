"""Fills a store with the embeddings of a frozen SSL model, once.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from speechbrain.utils.distributed import ddp_barrier, run_on_main
from speechbrain.utils.logger import get_logger
from tqdm import tqdm

from mtqnet_brain.audio.io import SAMPLE_RATE, load_audio
from mtqnet_brain.data.embedding_store import EmbeddingStore, audio_key
from mtqnet_brain.training.distributed import n_ranks, this_rank
from mtqnet_brain.utils.batches import batches_by_length

if TYPE_CHECKING:
    from mtqnet_brain.model.mtqnet import MTQNet
    from mtqnet_brain.model.ssl import SSLEncoder

logger = get_logger(__name__)

BYTES = 2  # of float16
SHARD_BYTES = 64e6
BATCH_SECONDS = 40
RESERVE = 1e9  # bytes that must stay free on the disk
READERS = 4  # threads


def open_cache(
    folder: str | Path,
    network: MTQNet,
    rows: Iterable[dict],
    resample: bool,
    device: torch.device,
    changed: bool = False,
) -> EmbeddingStore | None:
    """Return the embeddings of all utterances of manifest rows.

    What is missing is computed, by every rank of a distributed run its share.

    Arguments
    ---------
    folder : str or Path
        Of embeddings; None for no cache.
    network : MTQNet
        With or without an SSL stream.
    rows : iterable of dict
        Manifest rows.
    resample : bool
        As for `dataset.make_dataset`.
    device : torch.device
        Where the SSL model runs.
    changed : bool
        Whether training changes the wavs, so that they cannot be cached.

    Returns
    -------
    EmbeddingStore
        None if there is nothing to cache: no folder, no SSL stream, or one
        that is fine-tuned.

    Raises
    ------
    OSError
        If the disk has too little room, with both sizes.
    """
    ssl = getattr(getattr(network, "encoder", None), "ssl", None)
    if folder is None or ssl is None or not ssl.freeze:
        return None
    if changed:
        logger.info("ssl_cache is not used: training changes the wavs")
        return None
    model = describe_model(ssl)
    run_on_main(EmbeddingStore, args=[folder, model])  # one makes the folder
    store = EmbeddingStore(folder, model)
    clips = _missing(store, ssl, _own_paths(rows), resample)
    _check_room(store, ssl, clips)
    _fill(store, ssl, clips, resample, device)
    store.remove_partial()
    ddp_barrier()
    store.refresh()
    return store


def describe_model(ssl: SSLEncoder) -> dict:
    """Return what embeddings depend on.

    Arguments
    ---------
    ssl : SSLEncoder
        Frozen.

    Returns
    -------
    dict
        Name, revision, a hash of the weights and the configuration, layer,
        precision.
    """
    digest = hashlib.sha256(ssl.encoder.config.to_json_string().encode())
    for name, weight in sorted(ssl.encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.detach().cpu().contiguous().numpy())
    return {
        "source": ssl.source,
        "revision": ssl.revision,
        "normalize": ssl.normalize,
        "layer": "last",
        "dtype": "float16",
        "sha256": digest.hexdigest(),
    }


def _own_paths(rows):
    """Return this rank's part of the wavs."""
    return sorted({row["wav"] for row in rows})[this_rank() :: n_ranks()]


def _missing(store, ssl, paths, resample):
    """Return (frames, samples, path) of the wavs without embeddings."""

    def look_up(path):
        """Return key and length of one wav."""
        samples = load_audio(path, resample=resample)
        return audio_key(samples), len(samples), path

    with ThreadPoolExecutor(READERS) as pool:
        found = tqdm(
            pool.map(look_up, paths), "looking for embeddings", len(paths)
        )
        missing = {k: (n, p) for k, n, p in found if k not in store}
    return sorted((ssl.n_frames(n), n, p) for n, p in missing.values())


def _check_room(store, ssl, clips):
    """Say how much will be written; refuse if the disk lacks room."""
    if not clips:
        return
    frames = n_ranks() * sum(frames for frames, _, _ in clips)
    need = frames * ssl.n_channels * BYTES
    free = shutil.disk_usage(store.folder).free
    logger.info(
        f"Embeddings of {len(clips)} utterances take {need / 1e9:.2f} GB in "
        f"{store.folder}"
    )
    if need + RESERVE > free:
        raise OSError(
            f"{store.folder}: embeddings of {len(clips)} utterances take "
            f"{need / 1e9:.1f} GB, the disk has {free / 1e9:.1f} GB free; give "
            "another place (--ssl_cache FOLDER) or none (--ssl_cache null)"
        )


def _fill(store, ssl, clips, resample, device):
    """Compute and write embeddings, shard by shard."""
    shard, size = {}, 0
    with tqdm(total=len(clips), desc="embeddings", unit="wav") as progress:
        for batch in _batches(clips):
            computed = _encode(ssl, batch, resample, device)
            progress.update(len(batch))
            shard |= computed
            size += sum(BYTES * e.numel() for e in computed.values())
            if size > SHARD_BYTES:
                store.write(shard)
                shard, size = {}, 0
    if shard:
        store.write(shard)


def _batches(clips):
    """Group clips of rising length up to BATCH_SECONDS with padding."""
    limit = BATCH_SECONDS * SAMPLE_RATE
    return batches_by_length(clips, lambda clip: clip[1], limit)


def _encode(ssl, batch, resample, device):
    """Return the embeddings of a batch by key, float16 on the CPU."""
    waves = [load_audio(path, resample=resample) for *_, path in batch]
    counts = [len(wave) for wave in waves]
    padded = torch.nn.utils.rnn.pad_sequence(
        [torch.from_numpy(wave) for wave in waves], batch_first=True
    )
    with torch.no_grad():
        hidden = ssl(padded.to(device), counts).half().cpu()  # (B, T, C)
    return {
        audio_key(wave): one[: ssl.n_frames(n)].contiguous()
        for wave, n, one in zip(waves, counts, hidden)
    }
