"""MOS-SSL, the baseline of Table 3: a fine-tuned SSL model, one score.

Reference: Cooper, Huang, Toda and Yamagishi, "Generalization ability of MOS
prediction networks", ICASSP 2022.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from mtqnet_brain.model.frames import (
    check_lengths,
    length_mask,
    pool_frames,
    ssl_track,
)
from mtqnet_brain.model.mtqnet import Scores
from mtqnet_brain.model.ssl import SSLEncoder, SSLStream
from mtqnet_brain.model.streams import normalize_waveform
from mtqnet_brain.tasks import Task, make_tasks


class SSLAlone(nn.Module):
    """An encoder whose only stream is the SSL model, with `Encoder`'s names.

    Arguments
    ---------
    ssl : SSLEncoder or GivenEmbeddings
        The model.
    """

    def __init__(self, ssl: SSLStream) -> None:
        super().__init__()
        self.streams = nn.ModuleDict()
        self.ssl = ssl

    def tracks(self, n_samples: int) -> list[range]:
        """Return when the frames of an item are, as `Encoder.tracks`."""
        return [ssl_track(self.ssl.n_frames(n_samples))]


class MOSSSL(nn.Module):
    """Mean of the SSL embeddings over true frames, one linear output.

    In eval mode an item's scores do not depend on the rest of the batch
    (1e-5 in float32).

    Arguments
    ---------
    tasks : list of Task
        One; a dict of Task's arguments is accepted. Its authors train one
        model per score.
    ssl : dict, SSLEncoder or GivenEmbeddings
        The SSL model, or the arguments of SSLEncoder.

    Raises
    ------
    ValueError
        If there is not exactly one task, or no SSL model.
    """

    def __init__(
        self,
        tasks: Sequence[Task | dict[str, Any]],
        ssl: SSLStream | dict[str, Any] | None,
    ) -> None:
        super().__init__()
        self.tasks = make_tasks(tasks)
        if len(self.tasks) != 1:
            names = [task.name for task in self.tasks]
            raise ValueError(f"MOS-SSL predicts one score, not {names}")
        if ssl is None:
            raise ValueError("MOS-SSL is an SSL model: --ssl null leaves none")
        stream = SSLEncoder(**ssl) if isinstance(ssl, dict) else ssl
        self.encoder = SSLAlone(stream)
        self.linear = nn.Linear(stream.n_channels, 1)

    def forward(self, wavs: torch.Tensor, n_samples: torch.Tensor) -> Scores:
        """Score a batch.

        Arguments
        ---------
        wavs : torch.Tensor
            16 kHz mono, shape (batch, samples), float32, full scale = 1; the
            padding after an item's own samples is ignored.
        n_samples : torch.Tensor
            True samples per item, shape (batch,), int64, at least 400.

        Returns
        -------
        Scores
            The mean over the frame scores, which is the linear layer's output
            for the mean embedding.

        Raises
        ------
        ValueError
            If an item is too short or longer than ``wavs``.
        """
        lengths = n_samples.tolist()
        check_lengths(lengths, wavs.shape[1])
        wavs = normalize_waveform(wavs[:, : max(lengths)], lengths, "none")
        ssl = self.encoder.ssl
        n_frames = [ssl.n_frames(n) for n in lengths]
        x = ssl(wavs, lengths)  # (batch, frames, channels)
        with torch.autocast(x.device.type, enabled=False):
            frames = self.linear(x.float()).squeeze(-1)  # (batch, frames)
        mask = length_mask(n_frames, x.shape[1], x.device)
        frames = frames.masked_fill(~mask, 0.0)
        counts = torch.tensor(n_frames, device=x.device)
        name = self.tasks[0].name
        return Scores(
            {name: frames.sum(dim=1) / counts},
            {name: frames},
            counts,
            pool_frames(x, mask),
        )

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values, for JSON."""
        return {
            "tasks": [task.to_dict() for task in self.tasks],
            "ssl": self.encoder.ssl.settings(),
        }
