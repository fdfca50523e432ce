"""Spectra for enhancement, on SpeechBrain's STFT and its inverse.

Authors
 * The mtqnet-brain developers 2026
"""

import torch
from speechbrain.processing.features import ISTFT, STFT

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.model.frames import HOP, N_FFT

WINDOW_MS, HOP_MS = 1000 * N_FFT / SAMPLE_RATE, 1000 * HOP / SAMPLE_RATE
TINY = 1e-8


class Spectra(torch.nn.Module):
    """Complex spectra of wavs (frames of 512, hop 256) and their inverse."""

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

    def forward(self, wavs: torch.Tensor) -> torch.Tensor:
        """Return spectra (batch, 1 + samples // 256, 257) of wavs."""
        return torch.view_as_complex(self.stft(wavs).contiguous())

    def inverse(self, spectra: torch.Tensor, n_samples: int) -> torch.Tensor:
        """Return wavs (batch, n_samples) of complex spectra."""
        return self.istft(torch.view_as_real(spectra), sig_length=n_samples)


def with_magnitude(
    magnitude: torch.Tensor, spectra: torch.Tensor
) -> torch.Tensor:
    """Give complex spectra another magnitude and keep their phase."""
    return magnitude * spectra / (spectra.abs() + TINY)
