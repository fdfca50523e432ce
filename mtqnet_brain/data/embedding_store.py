"""Embeddings on disk: shards of safetensors, found by a hash of the audio.

::

    FOLDER/MODEL/model.json            which model, layer and precision
    FOLDER/MODEL/HASH.safetensors      embeddings of some utterances

A shard is written as a whole or not at all, so a killed process loses only its
last shard. Any number of processes may read and write at the same time.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from time import time

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from mtqnet_brain.utils.files import PARTIAL, whole_file, write_json

MODEL, SUFFIX = "model.json", ".safetensors"
ABANDONED = 3600  # seconds after which nobody is still writing a shard
OPEN_SHARDS = 256  # per process; systems allow 1024 open files


def audio_key(samples: np.ndarray) -> str:
    """Return a hash of an utterance's samples, shape (n_samples,)."""
    content = np.ascontiguousarray(samples, dtype="<f4")
    return hashlib.blake2b(content.data, digest_size=16).hexdigest()


class EmbeddingStore:
    """The embeddings of one model.

    Arguments
    ---------
    folder : str or Path
        Folder of the embeddings of all models.
    model : dict
        Everything the embeddings depend on besides the audio.
    """

    def __init__(self, folder: str | Path, model: dict) -> None:
        name = hashlib.sha256(repr(sorted(model.items())).encode()).hexdigest()
        self.folder = Path(folder) / name[:16]
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / MODEL).exists():
            write_json(self.folder / MODEL, model)
        self.shards: dict[str, str] = {}  # path by key
        self.refresh()

    def refresh(self) -> None:
        """Find shards that other processes have written."""
        known = set(self.shards.values())
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            if str(path) in known:
                continue
            if not path.is_file():
                raise ValueError(f"{path}: not a file; delete it")
            try:
                self.shards |= dict.fromkeys(_open(str(path)).keys(), str(path))
            except (SafetensorError, OSError) as err:
                raise ValueError(
                    f"{path}: damaged file of embeddings ({err}); delete it"
                ) from err

    def __contains__(self, key: str) -> bool:
        """Return whether there are embeddings of a key."""
        return key in self.shards

    def load(self, samples: np.ndarray) -> torch.Tensor:
        """Return an utterance's embeddings.

        Arguments
        ---------
        samples : np.ndarray
            As for `audio_key`.

        Returns
        -------
        torch.Tensor
            Shape (frames, channels), float16.

        Raises
        ------
        KeyError
            If the store has none.
        ValueError
            If they are no embeddings.
        """
        key = audio_key(samples)
        path = self.shards[key]
        found = _open(path).get_tensor(key)
        if found.dtype != torch.float16 or found.dim() != 2:
            raise ValueError(
                f"{path}: {key} has type {found.dtype} and shape "
                f"{tuple(found.shape)}, no embeddings; delete it"
            )
        if not torch.isfinite(found).all():
            raise ValueError(f"{path}: {key} has NaN or infinity; delete it")
        return found

    def write(self, embeddings: dict[str, torch.Tensor]) -> None:
        """Add a shard.

        Arguments
        ---------
        embeddings : dict of str to torch.Tensor
            By key, each of shape (frames, channels).
        """
        name = hashlib.sha256("".join(sorted(embeddings)).encode()).hexdigest()
        # Two processes may write the same at once, and both are right.
        path = self.folder / f"{name[:16]}-{os.getpid()}{SUFFIX}"
        with whole_file(path, "wb") as file:
            file.write(save(embeddings))
        self.shards |= dict.fromkeys(embeddings, str(path))

    def remove_partial(self) -> None:
        """Remove what killed writers have left; living ones are quicker."""
        for path in self.folder.glob(f"*{SUFFIX}{PARTIAL}"):
            if time() - path.stat().st_mtime > ABANDONED:
                path.unlink(missing_ok=True)


@lru_cache(maxsize=OPEN_SHARDS)
def _open(path):
    """Map a shard into memory, once per process."""
    return safe_open(path, framework="pt")
