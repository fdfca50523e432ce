"""GRUMask and CRN: recurrent masks of magnitudes and of complex spectra.

The methods are those of `network_base`.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Sequence

import torch
from speechbrain.nnet.linear import Linear
from speechbrain.nnet.RNN import GRU
from torch import nn

from mtqnet_brain.corpus.enhancement.network_base import EnhancementNetwork
from mtqnet_brain.corpus.enhancement.stft import Spectra
from mtqnet_brain.model.frames import N_BINS

KERNEL = (3, 5)  # frames, bins
PADDING = (1, 2)
STRIDE = (1, 2)  # halves 257 bins to 129, 65, 33
TINY = 1e-8


class GRUMask(EnhancementNetwork):
    """A recurrent network that masks magnitudes, frame by frame.

    It is causal unless bidirectional, as noise suppression in calls is.

    Arguments
    ---------
    layers, units : int
        Number of GRU layers, and units of each.
    bidirectional : bool
        Whether as many units read the clip backwards.

    Source: Xia et al., "Weighted speech distortion losses for
    neural-network-based real-time speech enhancement", ICASSP 2020, with
    other sizes and features.
    """

    def __init__(
        self, layers: int = 2, units: int = 256, bidirectional: bool = False
    ) -> None:
        super().__init__(
            layers=layers, units=units, bidirectional=bidirectional
        )
        self.spectra = Spectra()
        self.recurrent = GRU(
            units,
            input_size=N_BINS,
            num_layers=layers,
            bidirectional=bidirectional,
        )
        width = units * (1 + bidirectional)
        self.output = Linear(N_BINS, input_size=width)

    def estimate(self, noisy: torch.Tensor) -> torch.Tensor:
        """Return |X|^0.3 of the enhanced wavs, shape (batch, frames, 257)."""
        compressed = self.represent(noisy)  # (B, T, 257)
        hidden, _ = self.recurrent(compressed)  # (B, T, width)
        mask = torch.sigmoid(self.output(hidden).float())  # (B, T, 257)
        return mask * compressed

    def represent(self, clean: torch.Tensor) -> torch.Tensor:
        """Return |X|^0.3, shape (batch, frames, 257)."""
        return (self.spectra(clean).abs() + TINY) ** 0.3

    def waveform(
        self, estimate: torch.Tensor, noisy: torch.Tensor
    ) -> torch.Tensor:
        """Return wavs for the estimate, shape (batch, samples)."""
        spectra = self.spectra(noisy)
        gain = (estimate / self.represent(noisy)) ** (1 / 0.3)
        return self.spectra.inverse(gain * spectra, noisy.shape[1])


class CRN(EnhancementNetwork):
    """A convolutional recurrent network that masks complex spectra.

    Its mask changes the phase too.

    Arguments
    ---------
    channels : sequence of int
        Channels of the encoder's convolutions, each of which halves the bins;
        the decoder mirrors them.
    units : int
        Units of the GRU between encoder and decoder.

    Source: Tan and Wang, "Learning complex spectral mapping with gated
    convolutional recurrent networks for monaural speech enhancement",
    IEEE/ACM TASLP 28, 2020; here smaller, without gates and with a mask.
    """

    def __init__(
        self, channels: Sequence[int] = (16, 32, 48), units: int = 256
    ) -> None:
        super().__init__(channels=list(channels), units=units)
        self.spectra = Spectra()
        widths = [2, *channels]
        pairs = list(zip(widths, widths[1:]))
        self.encoder = nn.ModuleList(_halve(n, m) for n, m in pairs)
        self.decoder = nn.ModuleList(_double(m, n) for n, m in pairs[::-1])
        bins = N_BINS
        for _ in channels:
            bins = (bins + 1) // STRIDE[1]
        size = channels[-1] * bins
        self.recurrent = GRU(units, input_size=size)
        self.output = Linear(size, input_size=units)

    def estimate(self, noisy: torch.Tensor) -> torch.Tensor:
        """Return spectra of magnitude |X|^0.5, (batch, frames, 514)."""
        compressed = self.represent(noisy)  # (B, T, 514)
        mask = torch.complex(*self._mask(compressed).unbind(1))  # (B, T, 257)
        real, imaginary = compressed.chunk(2, dim=2)
        masked = mask * torch.complex(real, imaginary)
        return torch.cat((masked.real, masked.imag), dim=2)

    def _mask(self, compressed):
        """Return the mask, real and imaginary, (batch, 2, frames, 257)."""
        x = torch.stack(compressed.chunk(2, dim=2), dim=1)  # (B, 2, T, 257)
        skipped = []
        for layer in self.encoder:
            x = layer(x)
            skipped.append(x)
        batch, channels, frames, bins = x.shape
        flat = x.transpose(1, 2).flatten(2)  # (B, T, channels * bins)
        flat = self.output(self.recurrent(flat)[0])
        x = flat.unflatten(2, (channels, bins)).transpose(1, 2)
        for layer, skip in zip(self.decoder, reversed(skipped)):
            x = layer(x + skip)
        return 2 * torch.tanh(x.float())

    def represent(self, clean: torch.Tensor) -> torch.Tensor:
        """Return spectra of magnitude |X|^0.5: real parts, then imaginary."""
        spectra = self.spectra(clean)  # (B, T, 257)
        spectra = spectra / (spectra.abs() + TINY).sqrt()
        return torch.cat((spectra.real, spectra.imag), dim=2)  # (B, T, 514)

    def waveform(
        self, estimate: torch.Tensor, noisy: torch.Tensor
    ) -> torch.Tensor:
        """Return wavs for the estimate, shape (batch, samples)."""
        spectra = torch.complex(*estimate.chunk(2, dim=2))  # (B, T, 257)
        return self.spectra.inverse(spectra * spectra.abs(), noisy.shape[1])


def _halve(n_inputs, n_outputs):
    """Convolution over (batch, channels, frames, bins) that halves the bins."""
    return nn.Sequential(
        nn.Conv2d(n_inputs, n_outputs, KERNEL, STRIDE, PADDING),
        nn.BatchNorm2d(n_outputs),
        nn.PReLU(),
    )


def _double(n_inputs, n_outputs):
    """Mirror image of `_halve`; the last one has no norm: it makes the mask."""
    convolution = nn.ConvTranspose2d(
        n_inputs, n_outputs, KERNEL, STRIDE, PADDING
    )
    if n_outputs == 2:
        return convolution
    return nn.Sequential(convolution, nn.BatchNorm2d(n_outputs), nn.PReLU())
