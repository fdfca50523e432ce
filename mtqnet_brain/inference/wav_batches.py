"""Checks of batches of wavs, as SpeechBrain passes them.

Authors
 * The mtqnet-brain developers 2026
"""

import torch


def check_batch(wavs: torch.Tensor) -> None:
    """Refuse what is not a batch of wavs.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples), floats.

    Raises
    ------
    ValueError
        With the type or shape, and what is needed.
    """
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

    Raises
    ------
    ValueError
        If there is not one length above 0 and at most 1 per item.
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
            f"wav_lens {lengths.tolist()} of {len(wavs)} wavs: need one length "
            "each, relative to the longest, above 0, at most 1"
        )
    return (lengths * wavs.shape[1]).round().long()
