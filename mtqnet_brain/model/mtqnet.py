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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import nn

from mtqnet_brain.model.attention import LocalFrames
from mtqnet_brain.model.encoder import Encoder
from mtqnet_brain.model.frames import (
    check_lengths,
    length_mask,
    pool_frames,
)
from mtqnet_brain.model.network_settings import NetworkSettings
from mtqnet_brain.model.ssl import SSLEncoder
from mtqnet_brain.model.streams import normalize_waveform
from mtqnet_brain.tasks import Task, make_tasks, primary_tasks
from mtqnet_brain.utils.schema import Rule

if TYPE_CHECKING:
    from mtqnet_brain.model.ssl import SSLStream


@dataclass
class Scores:
    """The network's outputs for a batch.

    Arguments
    ---------
    utterance : dict of str to torch.Tensor
        Utterance scores by task, shape (batch,), float32.
    frames : dict of str to torch.Tensor
        Frame scores by task, shape (batch, frames), zero after each item.
        Frames of the spectrum come first, then those of the filter bank, then
        those of the SSL model: this is not a timeline yet.
    n_frames : torch.Tensor
        True frames per item, shape (batch,), int64.
    pooled : torch.Tensor, optional
        Mean of the encoder's frames per item, without gradient, shape (batch,
        channels): what a clip is like, for its `Calibration`.
    """

    utterance: dict[str, torch.Tensor]
    frames: dict[str, torch.Tensor]
    n_frames: torch.Tensor
    pooled: torch.Tensor | None = None


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
        self,
        x: torch.Tensor,
        mask: torch.Tensor,
        n_frames: torch.Tensor,
        local: LocalFrames | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return utterance and frame scores.

        Arguments
        ---------
        x : torch.Tensor
            Shape (batch, frames, n_inputs).
        mask : torch.Tensor
            Bool, shape (batch, frames), True for true frames.
        n_frames : torch.Tensor
            True frames per item, shape (batch,).
        local : LocalFrames, optional
            The neighbours that each frame attends to. Default: all frames.

        Returns
        -------
        torch.Tensor
            Utterance scores, shape (batch,).
        torch.Tensor
            Frame scores, shape (batch, frames), zero after each item.
        """
        if local is None:
            # Fused attention: memory grows with the frames, not their square.
            x = x.unsqueeze(1)  # (batch, 1, frames, n_inputs)
            attended = F.scaled_dot_product_attention(
                x @ self.attention,
                x,
                x,
                attn_mask=mask[:, None, None],
                scale=1.0,
            ).squeeze(1)
        else:
            attended = local.attend(x @ self.attention)
        scores = self.linear(attended).squeeze(-1)  # (batch, frames)
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
    ssl : dict, SSLEncoder or GivenEmbeddings, optional
        The SSL stream, or the arguments of SSLEncoder. Default: none.
    **settings
        The values of `NetworkSettings`.

    Raises
    ------
    ValueError
        If a setting is unknown or invalid, two tasks have one name, or no
        stream is left.

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
        tasks: Sequence[Task | dict[str, Any]],
        ssl: SSLStream | dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__()
        self.network_settings = NetworkSettings.of(settings)
        self.tasks = make_tasks(tasks)
        stream = SSLEncoder(**ssl) if isinstance(ssl, dict) else ssl
        _check_streams(self.network_settings, stream)
        self.encoder = Encoder(stream, self.network_settings)
        n_inputs = self.network_settings.dense_units
        heads = {
            task.name: Head(n_inputs, task.activation) for task in self.tasks
        }
        self.heads = nn.ModuleDict(heads)

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
            16 kHz mono, shape (batch, samples), float32, full scale = 1; the
            padding after an item's own samples is ignored.
        n_samples : torch.Tensor
            True samples per item, shape (batch,), int64, at least 400.
        embeddings : torch.Tensor, optional
            SSL embeddings that were computed before, shape (batch, frames,
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
        lengths = n_samples.tolist()
        check_lengths(lengths, wavs.shape[1])
        norm = self.network_settings.waveform_norm
        wavs = normalize_waveform(wavs[:, : max(lengths)], lengths, norm)
        x, n_frames = self.encoder(wavs, lengths, embeddings)
        return self.score_encoded(x, n_frames, self._neighbours(x, lengths))

    def _neighbours(self, x, lengths):
        """Return what each frame attends to; None for the whole clip."""
        seconds = self.network_settings.attention_seconds
        if seconds is None:
            return None
        return LocalFrames(x, list(map(self.encoder.tracks, lengths)), seconds)

    def score_encoded(
        self,
        x: torch.Tensor,
        n_frames: list[int],
        local: LocalFrames | None = None,
    ) -> Scores:
        """Run the heads.

        Arguments
        ---------
        x : torch.Tensor
            Output of the encoder, shape (batch, frames, dense_units).
        n_frames : list of int
            True frames of each item.
        local : LocalFrames, optional
            The neighbours that each frame attends to. Default: all frames.

        Returns
        -------
        Scores
            Utterance and frame scores per task.
        """
        mask = length_mask(n_frames, x.shape[1], x.device)  # (batch, T)
        counts = torch.tensor(n_frames, device=x.device)
        scores = Scores({}, {}, counts, pool_frames(x, mask))
        with torch.autocast(x.device.type, enabled=False):
            for name, head in self.heads.items():
                utterance, frames = head(x, mask, counts, local)
                scores.utterance[name] = utterance
                scores.frames[name] = frames
        return scores

    def drop_auxiliary(self) -> MTQNet:
        """Remove the heads of auxiliary tasks; return the network itself."""
        self.tasks = primary_tasks(self.tasks)
        kept = {task.name: self.heads[task.name] for task in self.tasks}
        self.heads = nn.ModuleDict(kept)
        return self

    @staticmethod
    def setting_rules() -> dict[str, Rule]:
        """Return the rule of each setting, by name."""
        return NetworkSettings.rules()

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values, for JSON."""
        ssl = self.encoder.ssl
        return {
            "tasks": [task.to_dict() for task in self.tasks],
            "ssl": None if ssl is None else ssl.settings(),
            **self.network_settings.to_dict(),
        }


def _check_streams(settings: NetworkSettings, ssl: SSLStream | None) -> None:
    """Refuse a network without any stream."""
    if not settings.spectrum and settings.filter_bank == "none" and ssl is None:
        raise ValueError(
            "network without spectrum, filter bank and ssl: no input left"
        )
