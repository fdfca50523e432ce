"""The first stream, the magnitude spectrum, and the levels of its wavs.

Each stream is exact in a batch: an item's frames do not depend on the padding
after it. The other streams are in filter_banks.py and ssl.py.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import partial

import torch
import torch.nn.functional as F
from speechbrain.processing.features import STFT, spectral_magnitude
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.audio.rumble_removal import remove_unheard
from mtqnet_brain.model.frames import (
    HOP,
    N_FFT,
    length_mask,
    spectrum_frames,
)

LEVEL = 0.1  # RMS of waveform_norm: level, -20 dBFS
LEVEL_FLOOR = 1e-5  # -100 dBFS; below -90 dBFS a clip is refused as silence


def normalize_waveform(
    wavs: torch.Tensor, n_samples: list[int], kind: str
) -> torch.Tensor:
    """Set the padding to zero and normalise the level of each item.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples), float32.
    n_samples : list of int
        True samples of each item.
    kind : str
        ``none``; ``level``: `remove_unheard`, then an RMS of `LEVEL`, far less
        near silence; ``peak``: divide by the item's largest |x|, as the
        original MOSA-Net does. An all-zero item stays as it is.

    Returns
    -------
    torch.Tensor
        Shape (batch, samples), zero after each item.
    """
    mask = length_mask(n_samples, wavs.shape[1], wavs.device)
    wavs = wavs.masked_fill(~mask, 0.0)  # (batch, samples)
    if kind == "none":
        return wavs
    if kind == "level":
        counts = torch.tensor(n_samples, device=wavs.device)[:, None]
        with torch.autocast(wavs.device.type, enabled=False):
            wavs = remove_unheard(wavs, mask.to(wavs))
        return scale_level(wavs, counts)
    return scale_peak(wavs)


def scale_peak(wavs: torch.Tensor) -> torch.Tensor:
    """Divide each item (batch, samples) by its largest |x|, zeros excepted."""
    peaks = wavs.abs().amax(dim=1, keepdim=True)  # (batch, 1)
    return wavs / torch.where(peaks > 0, peaks, torch.ones_like(peaks))


def scale_level(
    wavs: torch.Tensor, n_samples: torch.Tensor | int
) -> torch.Tensor:
    """Bring each item to an RMS of `LEVEL`.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples), zero after each item.
    n_samples : torch.Tensor or int
        True samples of each item, shape (batch, 1).

    Returns
    -------
    torch.Tensor
        Shape (batch, samples); 3 dB below at an RMS of `LEVEL_FLOOR`.
    """
    power = (wavs * wavs).sum(dim=1, keepdim=True) / n_samples  # (batch, 1)
    return wavs * (LEVEL / (power + LEVEL_FLOOR**2).sqrt())


class MagnitudeSpectrum(nn.Module):
    """STFT magnitude, 512-sample Hamming frames every 256 samples.

    MOSA-Net's |X|, not the power.

    Arguments
    ---------
    compression : str
        ``none`` for |X|, or ``power`` for (|X|^2 + floor^2)^(exponent / 2):
        without the floor, |X|^0.3 would amplify rounding near silence by a
        thousand.
    exponent : float
        Exponent of the compressed magnitude.
    floor : float
        Magnitude below which compression fades out; full scale sine: 138.
    ends : str
        Padding before an item's first sample and after its last: ``zeros``,
        or ``reflect`` for its mirror image and a symmetric window, as in the
        published MOSA-Net.
    """

    def __init__(
        self,
        compression: str = "none",
        exponent: float = 0.3,
        floor: float = 0.01,
        ends: str = "zeros",
    ) -> None:
        super().__init__()
        milliseconds = 1000 / SAMPLE_RATE
        self.ends = ends
        self.stft = STFT(
            sample_rate=SAMPLE_RATE,
            win_length=N_FFT * milliseconds,
            hop_length=HOP * milliseconds,
            n_fft=N_FFT,
            window_fn=partial(torch.hamming_window, periodic=ends == "zeros"),
            center=ends == "zeros",
        )
        if compression == "power":
            self.power = {"power": exponent / 2, "eps": floor**2}
        else:
            self.power = {"power": 0.5}

    def n_frames(self, n_samples: int) -> int:
        """Return the frames of an item of ``n_samples``."""
        return spectrum_frames(n_samples)

    def forward(self, wavs: torch.Tensor, n_samples: list[int]) -> torch.Tensor:
        """Return the magnitudes.

        Arguments
        ---------
        wavs : torch.Tensor
            Shape (batch, samples), zero after each item.
        n_samples : list of int
            True samples of each item.

        Returns
        -------
        torch.Tensor
            Shape (batch, frames, 257).
        """
        if self.ends == "reflect":
            wavs = pad_sequence(
                [self._mirror(wav[:n]) for wav, n in zip(wavs, n_samples)],
                batch_first=True,
            )  # (batch, samples + 512)
        spectrum = self.stft(wavs)  # (batch, frames, 257, 2)
        return spectral_magnitude(spectrum, **self.power)

    def _mirror(self, wav):
        """Reflect one item, without the padding after it, at both ends."""
        half = N_FFT // 2
        return F.pad(wav[None, None], (half, half), "reflect")[0, 0]
