"""FCN, DDAE and Transformer: noisy wavs in, enhanced wavs out.

Their methods are those of `network_base`.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from speechbrain.lobes.models.transformer.TransformerSE import (
    CNNTransformerSE,
)
from speechbrain.lobes.models.VanillaNN import VanillaNN
from speechbrain.nnet.CNN import Conv1d
from speechbrain.nnet.linear import Linear
from torch import nn

from mtqnet_brain.corpus.enhancement.network_base import (
    EnhancementNetwork,
    WaveformNetwork,
)
from mtqnet_brain.corpus.enhancement.stft import Spectra, with_magnitude
from mtqnet_brain.model.frames import N_BINS

# 33 dB below the mean |X|^2 at RMS one. With a lower floor, silence would
# dominate the loss at the expense of speech.
POWER_FLOOR = 0.1
LOG_SPREAD = 4.0


class FCN(WaveformNetwork):
    """Fully convolutional network on the waveform.

    Dilated filters in place of the paper's long ones: the same receptive
    field (81 ms with the defaults) for a fraction of the work. The layers
    estimate the noise, which is subtracted from the noisy wav: at high SNRs
    it is small, whereas copying speech through eight layers costs PESQ.

    Arguments
    ---------
    channels : int
        Filters per layer.
    kernel_size : int
        Taps per filter.
    dilations : sequence of int
        One per layer; a last layer without dilation makes the wav.

    Source: Fu et al., "Raw waveform-based speech enhancement by fully
    convolutional networks", APSIPA ASC 2017.
    """

    def __init__(
        self,
        channels: int = 32,
        kernel_size: int = 11,
        dilations: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
    ) -> None:
        super().__init__(
            channels=channels,
            kernel_size=kernel_size,
            dilations=list(dilations),
        )
        layers: list[nn.Module] = []
        width = 1
        for dilation in dilations:
            layers += [
                _conv(width, channels, kernel_size, dilation),
                nn.BatchNorm1d(channels),
                nn.LeakyReLU(),
            ]
            width = channels
        layers.append(_conv(width, 1, kernel_size, 1))
        self.layers = nn.Sequential(*layers)

    def estimate(self, noisy: torch.Tensor) -> torch.Tensor:
        """Return enhanced wavs, shape (batch, samples)."""
        noise = self.layers(noisy.unsqueeze(1)).squeeze(1)  # (B, samples)
        return noisy - noise.float()


class DDAE(EnhancementNetwork):
    """Deep denoising autoencoder on log power spectra.

    Maps a noisy frame and its neighbours to the difference from the clean
    frame; the noisy phase is kept.

    Arguments
    ---------
    layers, units : int
        Number of hidden layers, and units of each.
    context : int
        Neighbouring frames on each side.

    Source: Lu et al., "Speech enhancement based on deep denoising
    autoencoder", Interspeech 2013.
    """

    def __init__(
        self, layers: int = 3, units: int = 1024, context: int = 5
    ) -> None:
        super().__init__(layers=layers, units=units, context=context)
        self.context = context
        self.spectra = Spectra()
        self.hidden = VanillaNN(
            input_shape=(None, None, N_BINS * (2 * context + 1)),
            dnn_blocks=layers,
            dnn_neurons=units,
        )
        self.output = Linear(N_BINS, input_size=units)

    def estimate(self, noisy: torch.Tensor) -> torch.Tensor:
        """Return clean log powers, scaled, shape (batch, frames, 257)."""
        log_power = self.represent(noisy).transpose(1, 2)  # (B, 257, T)
        size = 2 * self.context + 1
        padded = F.pad(log_power, (self.context, self.context), "replicate")
        x = padded.unfold(2, size, 1)  # (B, 257, T, size)
        x = x.permute(0, 2, 1, 3).flatten(2)  # (B, T, 257 * size)
        correction = self.output(self.hidden(x)).float()  # (B, T, 257)
        return log_power.transpose(1, 2) + correction

    def represent(self, clean: torch.Tensor) -> torch.Tensor:
        """Return log power spectra, scaled, shape (batch, frames, 257)."""
        power = self.spectra(clean).abs() ** 2
        return torch.log(power + POWER_FLOOR) / LOG_SPREAD

    def waveform(
        self, estimate: torch.Tensor, noisy: torch.Tensor
    ) -> torch.Tensor:
        """Return wavs with the noisy phase, shape (batch, samples)."""
        power = torch.exp(LOG_SPREAD * estimate) - POWER_FLOOR
        magnitude = power.clamp(min=0.0).sqrt()
        spectra = with_magnitude(magnitude, self.spectra(noisy))
        return self.spectra.inverse(spectra, noisy.shape[1])


class Transformer(EnhancementNetwork):
    """SpeechBrain's transformer for enhancement, which masks magnitudes.

    Arguments
    ---------
    layers, heads : int
        Number of layers and of attention heads.
    d_model, d_ffn : int
        Channels, and units of the feed-forward layers.
    dropout : float
        Probability of a zero.

    Source: Kim et al., "T-GSA: Transformer with Gaussian-weighted
    self-attention for speech enhancement", ICASSP 2020; here SpeechBrain's
    `CNNTransformerSE`, whose attention has no Gaussian weighting.
    """

    def __init__(
        self,
        layers: int = 4,
        heads: int = 8,
        d_model: int = 256,
        d_ffn: int = 512,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(
            layers=layers,
            heads=heads,
            d_model=d_model,
            d_ffn=d_ffn,
            dropout=dropout,
        )
        self.spectra = Spectra()
        embedding = nn.Sequential(
            _frame_conv(N_BINS, d_model),
            nn.LeakyReLU(),
            _frame_conv(d_model, d_model),
        )
        self.network = CNNTransformerSE(
            d_model,
            N_BINS,
            output_activation=nn.Sigmoid,
            nhead=heads,
            num_layers=layers,
            d_ffn=d_ffn,
            dropout=dropout,
            causal=False,
            custom_emb_module=embedding,
        )

    def estimate(self, noisy: torch.Tensor) -> torch.Tensor:
        """Return log(1 + |X|) of the enhanced wavs, (batch, frames, 257)."""
        magnitude = self.spectra(noisy).abs()  # (B, T, 257)
        mask = self.network(torch.log1p(magnitude)).float()  # (B, T, 257)
        return torch.log1p(mask * magnitude)

    def represent(self, clean: torch.Tensor) -> torch.Tensor:
        """Return log(1 + |X|), shape (batch, frames, 257)."""
        return torch.log1p(self.spectra(clean).abs())

    def waveform(
        self, estimate: torch.Tensor, noisy: torch.Tensor
    ) -> torch.Tensor:
        """Return wavs with the noisy phase, shape (batch, samples)."""
        spectra = with_magnitude(torch.expm1(estimate), self.spectra(noisy))
        return self.spectra.inverse(spectra, noisy.shape[1])


def _conv(n_inputs, n_outputs, kernel_size, dilation):
    """Convolution over (batch, channels, samples) that keeps the length."""
    return Conv1d(
        n_outputs,
        kernel_size,
        in_channels=n_inputs,
        dilation=dilation,
        padding_mode="constant",
        skip_transpose=True,
    )


def _frame_conv(n_inputs, n_outputs):
    """Convolution over three frames of (batch, frames, channels)."""
    return Conv1d(n_outputs, 3, in_channels=n_inputs, padding_mode="constant")
