"""What the predictor takes and gives: paths, batches of wavs, plain dicts.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from mtqnet_brain.audio.io import AudioError
from mtqnet_brain.inference.calibration import interval_columns
from mtqnet_brain.inference.clips import Result

MAX_NAME = 300  # characters of a name in an error message


def check_path(path: str | Path) -> None:
    """Refuse bytes and open files, with the code that scores them."""
    if isinstance(path, (bytes, bytearray, memoryview)) or hasattr(
        path, "read"
    ):
        raise TypeError(
            f"{type(path).__name__} is not a path; decode it, use score_array:"
            " samples, rate = soundfile.read(io.BytesIO(data))"
        )


def check_batch(wavs: torch.Tensor) -> None:
    """Refuse what is not a batch of wavs: floats of shape (batch, samples)."""
    if not isinstance(wavs, torch.Tensor):
        kind = type(wavs).__name__
        raise ValueError(f"wavs: {kind}, need a tensor (torch.as_tensor)")
    if wavs.ndim != 2 or not len(wavs):
        raise ValueError(
            f"wavs of shape {tuple(wavs.shape)}: need 2-D, (batch, samples), "
            "at least one wav"
        )
    if not wavs.is_floating_point():
        raise ValueError(
            f"wavs of type {wavs.dtype}: need floats of full scale 1"
        )


def count_samples(
    wavs: torch.Tensor, wav_lens: torch.Tensor | None
) -> torch.Tensor:
    """Return the true samples of each item.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples).
    wav_lens : torch.Tensor or None
        Length of each item relative to the longest, shape (batch,).

    Returns
    -------
    torch.Tensor
        Shape (batch,), int64, on the CPU.
    """
    if wav_lens is None:
        return torch.full((len(wavs),), wavs.shape[1])
    lengths = torch.as_tensor(wav_lens).detach().cpu().double()
    # NaN is in no range.
    valid = lengths.shape == wavs.shape[:1] and bool(
        ((lengths > 0) & (lengths <= 1)).all()
    )
    if not valid:
        raise ValueError(
            "wav_lens must hold one relative length in (0, 1] per wav; got "
            f"{lengths.tolist()} for {len(wavs)} wavs"
        )
    return (lengths * wavs.shape[1]).round().long()


def describe(result: Result) -> dict[str, Any]:
    """Return scores, intervals, warning and frames as a plain dict."""
    described: dict[str, Any] = dict(result.scores or {})
    for task, ends in (result.intervals or {}).items():
        described |= zip(interval_columns(task), ends)
    described["warning"] = "; ".join(result.warnings)
    if result.frames is not None:
        described["frames"] = result.frames
    return described


def describe_file(result: Result) -> dict[str, Any]:
    """Return the result of a file, scored or refused, as a plain dict."""
    path = result.path
    name = os.fsdecode(path) if isinstance(path, bytes) else str(path)
    return {"file": name, **describe(result), "error": result.error}


def describe_scored(result: Result) -> dict[str, Any]:
    """Return a result as a plain dict; raise if the clip was refused."""
    if result.error:
        name = str(result.key)
        if len(name) > MAX_NAME:
            name = f"{name[: MAX_NAME // 2]}...{name[-MAX_NAME // 2 :]}"
        raise AudioError(f"{name}: {result.error}")
    return describe(result)
