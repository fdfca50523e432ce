"""Spectra for enhancement, on SpeechBrain's STFT and its inverse.

Authors
 * The mtqnet-brain developers 2026
"""

import torch
from speechbrain.processing.features import ISTFT, STFT

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.model.frames import HOP, N_FFT

WINDOW_MS, HOP_MS = 1000 * N_FFT / SAMPLE_RATE, 1000 * HOP / SAMPLE_RATE
N_BINS = N_FFT // 2 + 1
TINY = 1e-8


class Spectra(torch.nn.Module):
    """Complex spectra of wavs, 512/256 samples, and back."""

    def __init__(self) -> None:
        super().__init__()
        sizes = {
            "sample_rate": SAMPLE_RATE,
            "win_length": WINDOW_MS,
            "hop_length": HOP_MS,
            "n_fft": N_FFT,
        }
        self.stft = STFT(**sizes)
        self.istft = ISTFT(**sizes)

    def forward(self, wavs: torch.Tensor):
        """Return complex spectra, shape (batch, 1 + samples // 256, 257).

        Arguments
        ---------
        wavs : torch.Tensor
            Shape (batch, samples).
        """
        return torch.view_as_complex(self.stft(wavs).contiguous())

    def inverse(self, spectra: torch.Tensor, n_samples: int):
        """Return wavs, shape (batch, n_samples).

        Arguments
        ---------
        spectra : torch.Tensor
            Complex, shape (batch, frames, 257).
        n_samples : int
            Samples of each wav.
        """
        return self.istft(torch.view_as_real(spectra), sig_length=n_samples)


def with_magnitude(
    magnitude: torch.Tensor, spectra: torch.Tensor
) -> torch.Tensor:
    """Give complex spectra another magnitude; the phase stays.

    Arguments
    ---------
    magnitude : torch.Tensor
        Shape (batch, frames, 257).
    spectra : torch.Tensor
        Complex, of the same shape.

    Returns
    -------
    torch.Tensor
        Complex, of the same shape.
    """
    return magnitude * spectra / (spectra.abs() + TINY)
