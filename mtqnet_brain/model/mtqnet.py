"""MTQ-Net, and MOSA-Net: one network with one head per task.

Fig. 1 of the paper: cross-domain features and CNN-BLSTM (encoder.py), then
one task-specific layer per score. With six tasks it is MTQ-Net in training,
with the three primary ones MTQ-Net at inference, with PESQ, STOI and SDI
MOSA-Net.

References: Zezario et al., "Multi-task pseudo-label learning for
non-intrusive speech quality assessment model"; Zezario et al., "Deep
learning-based non-intrusive multi-objective speech assessment model with
cross-domain features", IEEE/ACM TASLP 31, 2023 (MOSA-Net).

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from mtqnet_brain.model.encoder import Encoder
from mtqnet_brain.model.frames import check_lengths, length_mask
from mtqnet_brain.model.ssl import SSLEncoder
from mtqnet_brain.model.streams import normalize_waveform
from mtqnet_brain.tasks import Task, primary_tasks
from mtqnet_brain.utils import schema

# What each setting may be. The largest network without an SSL model has 50
# million weights.
SETTINGS = {
    "waveform_norm": schema.choice("none", "level", "peak"),
    "spectrum": schema.boolean,
    "spectrum_ends": schema.choice("zeros", "reflect"),
    "compression": schema.choice("none", "power"),
    "compression_power": schema.real(0.01, 2),
    "compression_floor": schema.real(0, 10),
    "filter_bank": schema.choice("sinc", "fixed", "none"),
    "channels": schema.sequence(schema.integer(1, 256), 4, 4),
    "conv_norm": schema.choice("none", "batch"),
    "conv_strides": schema.choice("late", "early"),
    "blstm_hidden": schema.integer(1, 512),
    "dense_units": schema.integer(1, 1024),
    "dropout": schema.real(0, 0.99),
}


@dataclass
class Scores:
    """What the network says of a batch.

    Arguments
    ---------
    utterance : dict of str to torch.Tensor
        Per task, shape (batch,), float32.
    frames : dict of str to torch.Tensor
        Per task, shape (batch, frames), zero behind each item. The frames are
        those of the spectrum, then of the filter bank, then of the SSL model:
        not yet a timeline.
    n_frames : torch.Tensor
        True frames per item, shape (batch,), int64.
    """

    utterance: dict
    frames: dict
    n_frames: torch.Tensor


class Head(nn.Module):
    """Task-specific layers: attention, fully connected layer, average.

    Multiplicative self-attention, e = x W x^T, without the scalar bias of
    keras-self-attention: a constant added to every e changes no softmax.

    Arguments
    ---------
    n_inputs : int
        Channels of the encoder's output.
    activation : str
        ``linear`` or ``sigmoid``.
    """

    def __init__(self, n_inputs: int, activation: str = "linear") -> None:
        super().__init__()
        self.attention = nn.Parameter(torch.empty(n_inputs, n_inputs))
        self.linear = nn.Linear(n_inputs, 1)
        self.activation = activation
        nn.init.xavier_normal_(self.attention)
        nn.init.xavier_uniform_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(
        self, x: torch.Tensor, mask: torch.Tensor, n_frames: torch.Tensor
    ) -> torch.Tensor:
        """Return frame and utterance scores.

        Arguments
        ---------
        x : torch.Tensor
            Shape (batch, frames, n_inputs).
        mask : torch.Tensor
            Bool, shape (batch, frames), True for true frames.
        n_frames : torch.Tensor
            True frames per item, shape (batch,).

        Returns
        -------
        torch.Tensor
            Utterance scores, shape (batch,).
        torch.Tensor
            Frame scores, shape (batch, frames), zero behind each item.
        """
        # Fused attention: memory grows with the frames, not their square.
        x = x.unsqueeze(1)  # (batch, 1, frames, n_inputs)
        attended = F.scaled_dot_product_attention(
            x @ self.attention, x, x, attn_mask=mask[:, None, None], scale=1.0
        )
        scores = self.linear(attended.squeeze(1)).squeeze(-1)
        if self.activation == "sigmoid":
            scores = torch.sigmoid(scores)
        scores = scores.masked_fill(~mask, 0.0)  # (batch, frames)
        return scores.sum(dim=1) / n_frames, scores


class MTQNet(nn.Module):
    """Non-intrusive speech quality network with one head per task.

    In eval mode an item's scores do not depend on the rest of the batch
    (1e-5 in float32).

    Arguments
    ---------
    tasks : list of Task
        One head each; dicts of Task's arguments are accepted.
    ssl : dict
        Arguments of SSLEncoder, or what stands for one, such as
        GivenEmbeddings. Default: no SSL stream.
    spectrum : bool
        Whether the magnitude spectrum is a stream.
    spectrum_ends : str
        ``zeros``, or ``reflect``: as in the published MOSA-Net.
    filter_bank : str
        ``sinc`` (learnable), ``fixed`` (the published MOSA-Net's) or
        ``none``.
    waveform_norm : str
        ``none``; ``level`` to take offset and strong rumble from each
        wav and give it the same RMS; ``peak`` to divide
        each by its largest |x|.
    compression : str
        ``none``, or ``power``: (|X|^2 + floor^2)^(power / 2).
    compression_power, compression_floor : float
        Used by ``compression: power``.
    conv_norm : str
        ``none``, or ``batch`` with masked statistics.
    conv_strides : str
        ``late``, or ``early``: a fraction of the work, one frame per 32 ms.
    channels : list of int
        Widths of the CNN, three convolutions each.
    blstm_hidden : int
        LSTM units per direction.
    dense_units : int
        Units of the dense layer.
    dropout : float
        Probability behind the dense layer.

    Raises
    ------
    ValueError
        If a setting is not what `SETTINGS` admits, or no stream is left.

    Example
    -------
    >>> tasks = [Task("s_mos", 1, 5), Task("pesq", 1, 4.65, role="auxiliary")]
    >>> network = MTQNet(tasks, channels=(4, 4, 4, 4), blstm_hidden=8).eval()
    >>> scores = network(torch.rand(2, 8000), torch.tensor([8000, 400]))
    >>> scores.utterance["s_mos"].shape, scores.n_frames.tolist()
    (torch.Size([2]), [64, 4])
    """

    def __init__(
        self,
        tasks: list[Task],
        ssl: dict | None = None,
        spectrum: bool = True,
        spectrum_ends: str = "zeros",
        filter_bank: str = "sinc",
        waveform_norm: str = "none",
        compression: str = "none",
        compression_power: float = 0.3,
        compression_floor: float = 0.01,
        conv_norm: str = "none",
        conv_strides: str = "late",
        channels: list[int] = (16, 32, 64, 128),
        blstm_hidden: int = 128,
        dense_units: int = 128,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        self.tasks = [t if isinstance(t, Task) else Task(**t) for t in tasks]
        if isinstance(channels, tuple):
            channels = list(channels)
        self.network_settings = {
            "spectrum": spectrum,
            "spectrum_ends": spectrum_ends,
            "filter_bank": filter_bank,
            "waveform_norm": waveform_norm,
            "compression": compression,
            "compression_power": compression_power,
            "compression_floor": compression_floor,
            "conv_norm": conv_norm,
            "conv_strides": conv_strides,
            "channels": channels,
            "blstm_hidden": blstm_hidden,
            "dense_units": dense_units,
            "dropout": dropout,
        }
        _check_settings(self.network_settings, self.tasks, ssl)
        # Not before: it may have to be downloaded.
        ssl = SSLEncoder(**ssl) if isinstance(ssl, dict) else ssl
        self.waveform_norm = waveform_norm
        encoder = dict(self.network_settings)
        del encoder["waveform_norm"]
        self.encoder = Encoder(ssl, **encoder)
        self.heads = nn.ModuleDict(
            {
                task.name: Head(dense_units, task.activation)
                for task in self.tasks
            }
        )

    def forward(
        self,
        wavs: torch.Tensor,
        n_samples: torch.Tensor,
        embeddings: torch.Tensor | None = None,
    ) -> Scores:
        """Score a batch.

        Arguments
        ---------
        wavs : torch.Tensor
            16 kHz mono, shape (batch, samples), float32, full scale = 1; what
            lies behind an item's own samples is ignored.
        n_samples : torch.Tensor
            True samples per item, shape (batch,), int64, at least 400.
        embeddings : torch.Tensor
            Of the SSL model where they are at hand, shape (batch, frames,
            channels).

        Returns
        -------
        Scores
            Utterance and frame scores per task.

        Raises
        ------
        ValueError
            If an item is too short or longer than ``wavs``.
        """
        n_samples = n_samples.tolist()
        check_lengths(n_samples, wavs.shape[1])
        wavs = normalize_waveform(
            wavs[:, : max(n_samples)], n_samples, self.waveform_norm
        )
        return self.score_encoded(*self.encoder(wavs, n_samples, embeddings))

    def score_encoded(self, x: torch.Tensor, n_frames: list[int]) -> Scores:
        """Run the heads.

        Arguments
        ---------
        x : torch.Tensor
            Output of the encoder, shape (batch, frames, dense_units).
        n_frames : list of int
            True frames of each item.

        Returns
        -------
        Scores
            Utterance and frame scores per task.
        """
        mask = length_mask(n_frames, x.shape[1], x.device)  # (batch, T)
        n_frames = torch.tensor(n_frames, device=x.device)
        scores = Scores({}, {}, n_frames)
        with torch.autocast(x.device.type, enabled=False):
            for name, head in self.heads.items():
                utterance, frames = head(x, mask, n_frames)
                scores.utterance[name] = utterance
                scores.frames[name] = frames
        return scores

    def drop_auxiliary(self) -> MTQNet:
        """Remove the heads of auxiliary tasks; the others' scores stay.

        Returns
        -------
        MTQNet
            Itself.
        """
        self.tasks = primary_tasks(self.tasks)
        kept = {task.name: self.heads[task.name] for task in self.tasks}
        self.heads = nn.ModuleDict(kept)
        return self

    def settings(self) -> dict:
        """Return the constructor's arguments as plain values, for JSON.

        Returns
        -------
        dict
            ``MTQNet(**settings)`` builds the same network.
        """
        ssl = self.encoder.ssl
        return {
            "tasks": [task.to_dict() for task in self.tasks],
            "ssl": None if ssl is None else ssl.settings(),
            **self.network_settings,
        }


def _check_settings(settings, tasks, ssl):
    """Refuse wrong settings, doubled tasks, and a network without input."""
    schema.mapping(SETTINGS)(settings, "network")
    names = [task.name for task in tasks]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"network tasks {names}: need one or more, distinct")
    if not settings["spectrum"] and settings["filter_bank"] == "none":
        if ssl is None:
            raise ValueError(
                "network without spectrum, filter bank and ssl: no input left"
            )
