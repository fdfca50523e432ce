"""Exports a network without SSL stream to ONNX: a wav in, scores out.

Authors
 * The mtqnet-brain developers 2026
"""

import math
import warnings
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from speechbrain.nnet.CNN import SincConv
from torch import nn

from mtqnet_brain.audio.rumble_removal import remove_unheard
from mtqnet_brain.checkpoints.network_checks import QualityNetwork
from mtqnet_brain.model.attention import frames_within
from mtqnet_brain.model.cnn import ConvStack
from mtqnet_brain.model.filter_banks import N_TAPS
from mtqnet_brain.model.frames import HOP, N_FFT
from mtqnet_brain.model.mtqnet import Head, MTQNet
from mtqnet_brain.model.streams import (
    MagnitudeSpectrum,
    scale_level,
    scale_peak,
)
from mtqnet_brain.utils.files import whole_path
from mtqnet_brain.utils.installation import require
from mtqnet_brain.utils.outputs import target_of
from mtqnet_brain.utils.untrusted_json import ModelError

TOLERANCE = 1e-4
OPSET = 17


class OnnxNetwork(nn.Module):
    """Scores one clip as an MTQNet does, in operations that ONNX has.

    The scores are those of the network up to rounding. With one clip nothing
    needs a mask, and every length is that of a tensor.

    Arguments
    ---------
    network : MTQNet
        In eval mode, without SSL stream.

    Raises
    ------
    ValueError
        If it is another network, or has a stream that cannot be exported.
    """

    dft: torch.Tensor
    bank: torch.Tensor

    def __init__(self, network: QualityNetwork) -> None:
        super().__init__()
        if not isinstance(network, MTQNet):
            kind = type(network).__name__
            raise ValueError(f"ONNX export supports MTQNet only, not {kind}")
        settings = network.network_settings
        if network.encoder.ssl is not None:
            raise ValueError(
                "ONNX export does not support networks with an SSL stream"
            )
        if settings.filter_bank == "fixed":
            raise ValueError(
                "ONNX export does not support filter_bank: fixed (its padding "
                "depends on the clip length); use sinc or none"
            )
        self.network = network
        self.norm = settings.waveform_norm
        streams = network.encoder.streams
        self.spectrum = None
        if "spectrum" in streams:
            self.spectrum = cast(MagnitudeSpectrum, streams["spectrum"])
            window = self.spectrum.stft.window
            self.register_buffer("dft", _dft_filters(window))
        if "filter_bank" in streams:
            sinc = cast(SincConv, streams["filter_bank"].sinc)
            sinc(torch.zeros(1, N_FFT, 1))  # this sets its device
            # SpeechBrain 1.1 has no public access to the filters.
            filters = sinc._get_sinc_filters().detach()  # (257, 1, 251)
            self.register_buffer("bank", filters)
        self.has_bank = "filter_bank" in streams

    def forward(self, wav: torch.Tensor) -> torch.Tensor:
        """Return the scores, shape (1, tasks), of a wav, shape (1, samples)."""
        if self.norm == "level":
            wav = remove_unheard(wav, torch.ones_like(wav))
            wav = scale_level(wav, wav.shape[1])
        elif self.norm == "peak":
            wav = scale_peak(wav)
        features = []
        if self.spectrum is not None:
            magnitudes = self._magnitudes(self.spectrum, wav)
            features.append(magnitudes)  # (1, frames, 257)
        if self.has_bank:
            padded = F.pad(wav[:, None], (N_TAPS // 2, N_TAPS // 2))
            bands = F.conv1d(padded, self.bank, stride=HOP)
            features.append(bands.transpose(1, 2))  # (1, frames, 257)
        x = self._convolve(torch.cat(features, dim=1))  # (1, T, n_outputs)
        x = self._recur(x)  # (1, T, dense_units)
        far = self._far(features)
        heads = cast("list[Head]", list(self.network.heads.values()))
        return torch.stack([self._head(head, x, far) for head in heads], dim=1)

    def _magnitudes(
        self, spectrum: MagnitudeSpectrum, wav: torch.Tensor
    ) -> torch.Tensor:
        """Return the compressed magnitudes, by a DFT as convolution."""
        mode = "reflect" if spectrum.ends == "reflect" else "constant"
        padded = F.pad(wav[:, None], (N_FFT // 2, N_FFT // 2), mode)
        parts = F.conv1d(padded, self.dft, stride=HOP)  # (1, 514, frames)
        real, imaginary = parts.chunk(2, dim=1)
        power = (real * real + imaginary * imaginary).transpose(1, 2)
        settings = spectrum.power
        return (power + settings.get("eps", 1e-14)) ** settings["power"]

    def _convolve(self, x: torch.Tensor) -> torch.Tensor:
        """Run the CNN without masks."""
        # Without an SSL stream there is another one, so there is a CNN.
        stack = cast(ConvStack, self.network.encoder.conv)
        x = x[:, None]  # (1, 1, frames, bins)
        for i, (conv, padding) in enumerate(zip(stack.convs, stack.paddings)):
            x = conv(F.pad(x, (0, padding)) if padding else x)
            if stack.norms:
                # Not MaskedBatchNorm's own forward, which needs a mask.
                norm = cast(nn.BatchNorm2d, stack.norms[i])
                x = nn.BatchNorm2d.forward(norm, x)
            x = F.relu(x)
        return x.permute(0, 2, 3, 1).flatten(2)

    def _recur(self, x: torch.Tensor) -> torch.Tensor:
        """Run both LSTMs and the dense layer."""
        encoder = self.network.encoder
        ahead = encoder.blstm.forwards(x)[0]
        back = encoder.blstm.backwards(x.flip(1))[0].flip(1)
        return F.relu(encoder.dense(torch.cat([ahead, back], dim=2)))

    def _far(self, features: list[torch.Tensor]) -> torch.Tensor | None:
        """Mark frames that do not attend to each other, shape (T, T).

        Positions are sums of ones, whose number may change after the export.
        """
        seconds = self.network.network_settings.attention_seconds
        if seconds is None:
            return None
        # Without an SSL stream there is another one, so there is a CNN.
        stride = cast(ConvStack, self.network.encoder.conv).time_stride
        ones = [torch.ones_like(one[0, :, 0]) for one in features]
        times = torch.cat([one.cumsum(0) for one in ones])[::stride]  # (T,)
        tracks = torch.cat([i * one for i, one in enumerate(ones)])[::stride]
        gaps = (times[:, None] - times).abs()
        too_far = gaps > stride * frames_within(seconds, stride * HOP)
        return too_far | (tracks[:, None] != tracks)

    @staticmethod
    def _head(
        head: Head, x: torch.Tensor, far: torch.Tensor | None
    ) -> torch.Tensor:
        """Run one head, shape (1,)."""
        logits = x @ head.attention @ x.transpose(1, 2)  # (1, T, T)
        if far is not None:
            logits = logits.masked_fill(far, -torch.inf)
        weights = torch.softmax(logits, dim=2)
        scores = head.linear(weights @ x).squeeze(2)  # (1, T)
        if head.activation == "sigmoid":
            scores = torch.sigmoid(scores)
        return scores.mean(dim=1)


def _dft_filters(window: torch.Tensor) -> torch.Tensor:
    """Return windowed cosines and negative sines, shape (514, 1, 512)."""
    n = torch.arange(N_FFT, dtype=torch.float64)
    k = torch.arange(N_FFT // 2 + 1, dtype=torch.float64)
    # The product modulo the length: large angles would lose digits.
    angle = 2 * math.pi / N_FFT * torch.remainder(k[:, None] * n, N_FFT)
    filters = torch.cat([torch.cos(angle), -torch.sin(angle)])
    return (filters * window.double()).float()[:, None]


def export_onnx(network: QualityNetwork, path: str | Path) -> float:
    """Write a network as ONNX and check it against onnxruntime.

    Arguments
    ---------
    network : MTQNet
        In eval mode, with its primary heads, without SSL stream.
    path : str or Path
        ``.onnx`` file to write. Input ``wav``, shape (1, samples), 16 kHz mono,
        at least 400 samples; output ``scores``, shape (1, tasks).

    Returns
    -------
    float
        Largest difference from PyTorch's scores on `check_signals`.

    Raises
    ------
    ImportError
        Without onnx and onnxruntime, with the command that installs them.
    ValueError
        If the network cannot be exported.
    ModelError
        If the scores differ by more than 1e-4.
    """
    onnx, onnxruntime = require("onnx", "onnx", "onnxruntime")
    exportable = OnnxNetwork(network).eval()
    with whole_path(target_of(path)) as partial:
        with torch.no_grad(), warnings.catch_warnings():
            # The tracing exporter is announced to go; the other one needs more.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                exportable,
                (torch.randn(1, 8000),),
                str(partial),
                dynamo=False,
                opset_version=OPSET,
                input_names=["wav"],
                output_names=["scores"],
                dynamic_axes={"wav": {1: "samples"}},
            )
        model = onnx.load(str(partial))
        names = ",".join(task.name for task in network.tasks)
        onnx.helper.set_model_props(
            model, {"scores": names, "sample_rate": "16000"}
        )
        onnx.save(model, str(partial))
        session = onnxruntime.InferenceSession(
            str(partial), providers=["CPUExecutionProvider"]
        )
        # Of Python's max, NaN may be lost.
        differences = [
            _difference(network, session, x) for x in check_signals()
        ]
        worst = float(np.max(differences))
        if not worst <= TOLERANCE:  # NaN too
            raise ModelError(
                f"{path}: ONNX and PyTorch differ by {worst:.2g}, more than "
                f"{TOLERANCE}"
            )
    return worst


def check_signals() -> list[np.ndarray]:
    """Return the signals on which an export is checked, float32.

    Noise of several lengths, digital silence, low-passed noise, a quiet and a
    loud clip, one with offset and drift.
    """
    from scipy.signal import butter, sosfilt

    generator = np.random.default_rng(7)
    noise = generator.normal(scale=0.1, size=48000)
    low = sosfilt(butter(8, 2000, fs=16000, output="sos"), noise)
    signals = [noise[:400], noise[:16001], noise, np.zeros(16000), low]
    signals += [
        1e-4 * noise,
        np.clip(8 * noise, -1, 1),
        noise + 0.1 * np.linspace(-1, 2, 48000),
    ]
    return [signal.astype(np.float32) for signal in signals]


def _difference(
    network: QualityNetwork, session: Any, wav: np.ndarray
) -> float:
    """Return the largest difference of one clip's scores."""
    with torch.no_grad():
        scores = network(
            torch.from_numpy(wav)[None], torch.tensor([len(wav)])
        ).utterance
    expected = np.array([float(scores[task.name]) for task in network.tasks])
    (found,) = session.run(["scores"], {"wav": wav[None]})
    return float(np.abs(found[0] - expected).max())
