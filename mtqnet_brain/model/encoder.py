"""The part that all tasks share: three streams, CNN, BLSTM, dense layer.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
import torch.nn.functional as F
from torch import nn

from mtqnet_brain.model.blstm import MaskedBLSTM
from mtqnet_brain.model.cnn import ConvStack
from mtqnet_brain.model.filter_banks import FixedFilterBank, SincFilterBank
from mtqnet_brain.model.frames import (
    N_BINS,
    join,
    ssl_track,
    strided_tracks,
)
from mtqnet_brain.model.streams import MagnitudeSpectrum

if TYPE_CHECKING:
    from mtqnet_brain.model.network_settings import NetworkSettings
    from mtqnet_brain.model.ssl import SSLStream

    Stream = MagnitudeSpectrum | SincFilterBank | FixedFilterBank


class Encoder(nn.Module):
    """Cross-domain features through CNN, BLSTM and a dense layer.

    Arguments
    ---------
    ssl : SSLEncoder, GivenEmbeddings or None
        The third stream.
    settings : NetworkSettings
        Streams and sizes.
    """

    def __init__(
        self, ssl: SSLStream | None, settings: NetworkSettings
    ) -> None:
        super().__init__()
        self.streams = nn.ModuleDict(_make_streams(settings))
        conv = ConvStack(
            settings.channels, settings.conv_norm, settings.conv_strides, N_BINS
        )
        self.conv = conv if self.streams else None
        self.ssl = ssl
        if ssl is not None:
            self.bottleneck = nn.Linear(ssl.n_channels, conv.n_outputs)
        self.blstm = MaskedBLSTM(conv.n_outputs, settings.blstm_hidden)
        self.dense = nn.Linear(2 * settings.blstm_hidden, settings.dense_units)
        self.dropout = nn.Dropout(settings.dropout)
        self.frozen = False
        self._initialize()

    def freeze(self) -> None:
        """Fix weights and batch-norm statistics, and switch off dropout.

        They stay so when a Brain switches all modules to training mode.
        """
        self.frozen = True
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Encoder:
        """Switch to training or eval mode; a frozen encoder stays in eval."""
        return super().train(mode and not self.frozen)

    def tracks(self, n_samples: int) -> list[range]:
        """Return when the frames of an item are, one track per stream.

        Arguments
        ---------
        n_samples : int
            True samples of the item.

        Returns
        -------
        list of range
            Centres of the frames in samples, in the order of the frames.
        """
        tracks = []
        if self.conv is not None:
            streams = cast("list[Stream]", list(self.streams.values()))
            counts = [stream.n_frames(n_samples) for stream in streams]
            tracks = strided_tracks(counts, self.conv.time_stride)
        if self.ssl is not None:
            tracks.append(ssl_track(self.ssl.n_frames(n_samples)))
        return tracks

    def forward(
        self,
        wavs: torch.Tensor,
        n_samples: list[int],
        embeddings: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, list[int]]:
        """Encode a batch.

        Arguments
        ---------
        wavs : torch.Tensor
            Shape (batch, samples), float32, zero after each item.
        n_samples : list of int
            True samples of each item.
        embeddings : torch.Tensor, optional
            As for `MTQNet.forward`.

        Returns
        -------
        torch.Tensor
            Shape (batch, frames, dense_units), float32.
        list of int
            True frames of each item.
        """
        parts = []
        if self.conv is not None:
            parts.append(self.conv(*self._extract(wavs, n_samples)))
        if self.ssl is not None:
            n_frames = [self.ssl.n_frames(n) for n in n_samples]
            if embeddings is None:
                embeddings = self.ssl(wavs, n_samples)
            parts.append(self._reduce(embeddings.float(), n_frames))
        return self._merge(parts)

    def encode_features(
        self, features: list[torch.Tensor], embeddings: torch.Tensor
    ) -> tuple[torch.Tensor, list[int]]:
        """Encode one item from streams that were computed before.

        Arguments
        ---------
        features : list of torch.Tensor
            Spectrum and filter bank, each of shape (1, frames, 257).
        embeddings : torch.Tensor
            SSL embeddings, shape (1, frames, ssl channels).

        Returns
        -------
        torch.Tensor
            Shape (1, all frames, dense_units), float32.
        list of int
            The number of all frames.
        """
        assert self.conv is not None  # made whenever there are features
        x, n_frames = join(features, [[part.shape[1]] for part in features])
        embedded = self._reduce(embeddings, [embeddings.shape[1]])
        return self._merge([self.conv(x, n_frames), embedded])

    def _extract(self, wavs, n_samples):
        """Join spectrum and filter bank on time."""
        with torch.autocast(wavs.device.type, enabled=False):
            features, counts = [], []
            for module in self.streams.values():
                stream = cast("Stream", module)
                features.append(stream(wavs, n_samples))  # (batch, T, 257)
                counts.append([stream.n_frames(n) for n in n_samples])
            return join(features, counts)  # (batch, frames, 257)

    def _reduce(self, embeddings, n_frames):
        """Run the bottleneck over the embeddings."""
        x = F.relu(self.bottleneck(embeddings))  # (batch, T, n_outputs)
        return x, n_frames

    def _merge(
        self, parts: list[tuple[torch.Tensor, list[int]]]
    ) -> tuple[torch.Tensor, list[int]]:
        """Join CNN output and embeddings on time; run BLSTM and dense layer."""
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
        """Initialise as Keras does in MOSA-Net, except the SSL model.

        PyTorch's defaults shrink the signal through 12 convolutions without
        norm.
        """
        layers = [self.dense, *(self.conv.convs if self.conv else ())]
        if self.ssl is not None:
            layers.append(self.bottleneck)
        for layer in layers:
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)


def _make_streams(settings: NetworkSettings) -> dict[str, nn.Module]:
    """Return the streams that need no pretrained model, by name."""
    streams: dict[str, nn.Module] = {}
    if settings.spectrum:
        streams["spectrum"] = MagnitudeSpectrum(
            settings.compression,
            settings.compression_power,
            settings.compression_floor,
            settings.spectrum_ends,
        )
    if settings.filter_bank != "none":
        banks = {"sinc": SincFilterBank, "fixed": FixedFilterBank}
        streams["filter_bank"] = banks[settings.filter_bank]()
    return streams
