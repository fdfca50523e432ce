"""The part that all tasks share: three streams, CNN, BLSTM, dense layer.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn

from mtqnet_brain.model.blstm import MaskedBLSTM
from mtqnet_brain.model.cnn import ConvStack
from mtqnet_brain.model.frames import join
from mtqnet_brain.model.streams import (
    N_BINS,
    FixedFilterBank,
    MagnitudeSpectrum,
    SincFilterBank,
)

if TYPE_CHECKING:
    from mtqnet_brain.model.ssl import SSLEncoder


class Encoder(nn.Module):
    """Cross-domain features through CNN, BLSTM and a dense layer.

    Arguments
    ---------
    ssl : SSLEncoder
        The third stream, or None.
    spectrum : bool
        Whether the magnitude spectrum is a stream.
    spectrum_ends : str
        ``zeros`` or ``reflect``.
    filter_bank : str
        ``sinc``, ``fixed`` or ``none``.
    compression, compression_power, compression_floor : str, float, float
        Of the magnitude spectrum.
    conv_norm : str
        ``none`` or ``batch``.
    conv_strides : str
        ``late`` or ``early``.
    channels : list of int
        Widths of the CNN.
    blstm_hidden : int
        Units per direction.
    dense_units : int
        Units of the dense layer.
    dropout : float
        Probability behind the dense layer.
    """

    def __init__(
        self,
        ssl: SSLEncoder,
        spectrum: bool,
        spectrum_ends: str,
        filter_bank: str,
        compression: str | float,
        compression_power: str | float,
        compression_floor: str | float,
        conv_norm: str,
        conv_strides: str,
        channels: list[int],
        blstm_hidden: int,
        dense_units: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.streams = nn.ModuleDict()
        if spectrum:
            self.streams["spectrum"] = MagnitudeSpectrum(
                compression,
                compression_power,
                compression_floor,
                spectrum_ends,
            )
        if filter_bank != "none":
            banks = {"sinc": SincFilterBank, "fixed": FixedFilterBank}
            self.streams["filter_bank"] = banks[filter_bank]()
        conv = ConvStack(channels, conv_norm, conv_strides, N_BINS)
        self.conv = conv if self.streams else None
        self.ssl = ssl
        if ssl is not None:
            self.bottleneck = nn.Linear(ssl.n_channels, conv.n_outputs)
        self.blstm = MaskedBLSTM(conv.n_outputs, blstm_hidden)
        self.dense = nn.Linear(2 * blstm_hidden, dense_units)
        self.dropout = nn.Dropout(dropout)
        self.frozen = False
        self._initialize()

    def freeze(self) -> None:
        """Fix weights and batch-norm statistics, and leave out dropout.

        For good: also when a Brain switches all modules to training mode.
        """
        self.frozen = True
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Encoder:
        """Switch between training and eval mode; frozen, stay in eval.

        Arguments
        ---------
        mode : bool
            Whether to train.

        Returns
        -------
        Encoder
            Itself.
        """
        return super().train(mode and not self.frozen)

    def forward(
        self,
        wavs: torch.Tensor,
        n_samples: list[int],
        embeddings: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Encode a batch.

        Arguments
        ---------
        wavs : torch.Tensor
            Shape (batch, samples), float32, zero behind each item.
        n_samples : list of int
            True samples of each item.
        embeddings : torch.Tensor
            Of `MTQNet.forward`.

        Returns
        -------
        torch.Tensor
            Shape (batch, frames, dense_units), float32.
        list of int
            True frames of each item.
        """
        parts = []
        if self.conv is not None:
            parts.append(self._convolve(*self._extract(wavs, n_samples)))
        if self.ssl is not None:
            n_frames = [self.ssl.n_frames(n) for n in n_samples]
            if embeddings is None:
                embeddings = self.ssl(wavs, n_samples)
            parts.append(self._reduce(embeddings.float(), n_frames))
        return self._merge(parts)

    def encode_features(
        self, features: list[torch.Tensor], embeddings: torch.Tensor
    ) -> torch.Tensor:
        """Encode one item whose streams are at hand.

        Arguments
        ---------
        features : list of torch.Tensor
            Of spectrum and filter bank, each of shape (1, frames, 257).
        embeddings : torch.Tensor
            Of the SSL model, shape (1, frames, ssl channels).

        Returns
        -------
        torch.Tensor
            Shape (1, all frames, dense_units), float32.
        list of int
            The number of all frames.
        """
        x, n_frames = join(features, [[part.shape[1]] for part in features])
        embedded = self._reduce(embeddings, [embeddings.shape[1]])
        return self._merge([self._convolve(x, n_frames), embedded])

    def _extract(self, wavs, n_samples):
        """Join spectrum and filter bank on time."""
        with torch.autocast(wavs.device.type, enabled=False):
            features, counts = [], []
            for stream in self.streams.values():
                features.append(stream(wavs, n_samples))  # (batch, T, 257)
                counts.append([stream.n_frames(n) for n in n_samples])
            return join(features, counts)  # (batch, frames, 257)

    def _convolve(self, x, n_frames):
        """Run the CNN over the joined streams."""
        return self.conv(x, n_frames)  # (batch, T, n_outputs)

    def _reduce(self, embeddings, n_frames):
        """Run the bottleneck over the embeddings."""
        x = F.relu(self.bottleneck(embeddings))  # (batch, T, n_outputs)
        return x, n_frames

    def _merge(self, parts):
        """Join on time what has 512 channels; run what follows."""
        x, n_frames = join(*zip(*parts))  # (batch, frames, n_outputs)
        # Only the CNN and the SSL model gain from bf16; what follows is
        # cheap, and its rounding would show in the scores.
        with torch.autocast(x.device.type, enabled=False):
            return self._recur(x.float(), n_frames), n_frames

    def _recur(self, x, n_frames):
        """BLSTM over the true frames, dense layer, dropout."""
        x = self.blstm(x, n_frames)  # (batch, frames, 2 * blstm_hidden)
        return self.dropout(F.relu(self.dense(x)))

    def _initialize(self):
        """Initialise as Keras does in MOSA-Net, the SSL model excepted.

        PyTorch's defaults shrink the signal through 12 convolutions without
        norm.
        """
        layers = [self.dense, *(self.conv.convs if self.conv else ())]
        if self.ssl is not None:
            layers.append(self.bottleneck)
        for layer in layers:
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
