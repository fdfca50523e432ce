"""FCN, DDAE and Transformer: noisy wavs in, enhanced wavs out.

Each is one class with three methods: what it estimates of the noisy wavs,
what that should have been for the clean ones, and the wavs it makes of its
estimate::

    noisy --estimate--> estimate --waveform--> enhanced
    clean --represent-> target        loss: level of estimate - target

The wavs of all have an RMS of one (`rms_gain`), so that no network
depends on the level.

Authors
 * The mtqnet-brain developers 2026
"""

import torch
import torch.nn.functional as F
from speechbrain.lobes.models.transformer.TransformerSE import (
    CNNTransformerSE,
)
from speechbrain.lobes.models.VanillaNN import VanillaNN
from speechbrain.nnet.CNN import Conv1d
from speechbrain.nnet.linear import Linear
from torch import nn

from mtqnet_brain.corpus.enhancement.sizes import SIZES
from mtqnet_brain.corpus.enhancement.stft import N_BINS, Spectra, with_magnitude
from mtqnet_brain.model.frames import spectrum_frames
from mtqnet_brain.utils import schema

# 33 dB below the mean |X|^2 at RMS one. Below it the loss would be ruled by
# silence, and speech be sacrificed to it.
POWER_FLOOR = 0.1
LOG_SPREAD = 4.0


class EnhancementNetwork(nn.Module):
    """What the networks have in common: settings that can be saved.

    Arguments
    ---------
    **network_settings
        The constructor's arguments, as plain values.
    """

    def __init__(self, **network_settings) -> None:
        super().__init__()
        self.network_settings = network_settings

    @classmethod
    def setting_rules(cls) -> dict[str, schema.Rule]:
        """Return the rule of each setting, by name."""
        return SIZES[cls.__name__]

    def settings(self) -> dict:
        """Return what `trained.plan_enhancer` checks and builds, for JSON.

        Returns
        -------
        dict
            ``kind``, the name of the class, and the constructor's arguments.
        """
        return {"kind": type(self).__name__, **self.network_settings}

    def forward(self, noisy: torch.Tensor):
        """Return the estimate, as a wrapper for several processes wants it.

        Arguments
        ---------
        noisy : torch.Tensor
            Wavs, shape (batch, samples).
        """
        return self.estimate(noisy)

    def n_outputs(self, n_samples: int) -> int:
        """Return the true length of an estimate: one per frame.

        Arguments
        ---------
        n_samples : int
            Of the wav.

        Returns
        -------
        int
            Frames; other networks say otherwise.
        """
        return spectrum_frames(n_samples)


class WaveformNetwork(EnhancementNetwork):
    """A network whose estimate is the enhanced wav itself."""

    def represent(self, clean):
        """Return the clean wavs themselves, shape (batch, samples)."""
        return clean

    def waveform(self, estimate, noisy):
        """Return the estimate itself, shape (batch, samples)."""
        return estimate

    def n_outputs(self, n_samples):
        """Return the true length of an estimate: one value per sample."""
        return n_samples


class FCN(WaveformNetwork):
    """Fully convolutional network on the waveform.

    Dilated filters where the source has long ones: they see as much (81 ms
    with the defaults) for a fraction of the work. The layers make the noise,
    which is taken away from the noisy wav: at high SNRs there is little to
    make, where copying speech through eight layers costs PESQ.

    Arguments
    ---------
    channels : int
        Filters per layer.
    kernel_size : int
        Taps per filter.
    dilations : list of int
        Of the layers; one more layer makes the wav.

    Source: Fu et al., "Raw waveform-based speech enhancement by fully
    convolutional networks", APSIPA ASC 2017.
    """

    def __init__(
        self,
        channels: int = 32,
        kernel_size: int = 11,
        dilations: list[int] = (1, 2, 4, 8, 16, 32, 64),
    ) -> None:
        super().__init__(
            channels=channels,
            kernel_size=kernel_size,
            dilations=list(dilations),
        )
        layers, width = [], 1
        for dilation in dilations:
            layers += [
                _conv(width, channels, kernel_size, dilation),
                nn.BatchNorm1d(channels),
                nn.LeakyReLU(),
            ]
            width = channels
        layers.append(_conv(width, 1, kernel_size, 1))
        self.layers = nn.Sequential(*layers)

    def estimate(self, noisy):
        """Return enhanced wavs, shape (batch, samples)."""
        noise = self.layers(noisy.unsqueeze(1)).squeeze(1)  # (B, samples)
        return noisy - noise.float()


class DDAE(EnhancementNetwork):
    """Deep denoising autoencoder on log power spectra.

    Maps the noisy frame among its neighbours to what the clean one differs
    by; the phase stays the noisy one.

    Arguments
    ---------
    layers, units : int
        Hidden layers and units of each.
    context : int
        Neighbours on each side.

    Source: Lu et al., "Speech enhancement based on deep denoising
    autoencoder", Interspeech 2013.
    """

    def __init__(
        self, layers: int = 3, units: int = 1024, context: int = 5
    ) -> None:
        super().__init__(
            layers=layers,
            units=units,
            context=context,
        )
        self.context = context
        self.spectra = Spectra()
        self.hidden = VanillaNN(
            input_shape=(None, None, N_BINS * (2 * context + 1)),
            dnn_blocks=layers,
            dnn_neurons=units,
        )
        self.output = Linear(N_BINS, input_size=units)

    def estimate(self, noisy):
        """Return clean log powers, scaled, shape (batch, frames, 257)."""
        log_power = self.represent(noisy).transpose(1, 2)  # (B, 257, T)
        size = 2 * self.context + 1
        padded = F.pad(log_power, (self.context, self.context), "replicate")
        x = padded.unfold(2, size, 1)  # (B, 257, T, size)
        x = x.permute(0, 2, 1, 3).flatten(2)  # (B, T, 257 * size)
        correction = self.output(self.hidden(x)).float()  # (B, T, 257)
        return log_power.transpose(1, 2) + correction

    def represent(self, clean):
        """Return log power spectra, scaled, shape (batch, frames, 257)."""
        power = self.spectra(clean).abs() ** 2
        return torch.log(power + POWER_FLOOR) / LOG_SPREAD

    def waveform(self, estimate, noisy):
        """Return wavs of the estimate, shape (batch, samples)."""
        power = torch.exp(LOG_SPREAD * estimate) - POWER_FLOOR
        magnitude = power.clamp(min=0.0).sqrt()
        spectra = with_magnitude(magnitude, self.spectra(noisy))
        return self.spectra.inverse(spectra, noisy.shape[1])


class Transformer(EnhancementNetwork):
    """SpeechBrain's transformer for enhancement, which masks magnitudes.

    Arguments
    ---------
    layers, heads : int
        Of the transformer.
    d_model, d_ffn : int
        Channels, and units of the feed-forward layers.
    dropout : float
        Probability.

    Source: in the place of Kim et al., "T-GSA: Transformer with
    Gaussian-weighted self-attention for speech enhancement", ICASSP 2020:
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

    def estimate(self, noisy):
        """Return log(1 + |X|) of the enhanced wavs, (batch, frames, 257)."""
        magnitude = self.spectra(noisy).abs()  # (B, T, 257)
        mask = self.network(torch.log1p(magnitude)).float()  # (B, T, 257)
        return torch.log1p(mask * magnitude)

    def represent(self, clean):
        """Return log(1 + |X|), shape (batch, frames, 257)."""
        return torch.log1p(self.spectra(clean).abs())

    def waveform(self, estimate, noisy):
        """Return wavs of the estimate, shape (batch, samples)."""
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


def rms_gain(wavs: torch.Tensor, n_samples: torch.Tensor) -> torch.Tensor:
    """Return the factor that brings each wav to an RMS of one.

    Arguments
    ---------
    wavs : torch.Tensor
        Shape (batch, samples), zero behind each item.
    n_samples : torch.Tensor
        True samples per item, shape (batch,).

    Returns
    -------
    torch.Tensor
        Shape (batch, 1); one for digital silence.
    """
    power = wavs.square().sum(dim=1) / n_samples  # (batch,)
    gain = torch.where(power > 0, power, 1.0).rsqrt()
    return gain.unsqueeze(1)
