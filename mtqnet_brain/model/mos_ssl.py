"""MOS-SSL, the baseline of Table 3: a fine-tuned SSL model, one score.

Reference: Cooper, Huang, Toda and Yamagishi, "Generalization ability of MOS
prediction networks", ICASSP 2022.

Authors
 * The mtqnet-brain developers 2026
"""

import torch
from torch import nn

from mtqnet_brain.model.frames import check_lengths, length_mask
from mtqnet_brain.model.mtqnet import Scores
from mtqnet_brain.model.ssl import SSLEncoder
from mtqnet_brain.model.streams import normalize_waveform
from mtqnet_brain.tasks import Task


class SSLAlone(nn.Module):
    """An encoder whose only stream is the SSL model, with `Encoder`'s names.

    Arguments
    ---------
    ssl : SSLEncoder
        The model.
    """

    def __init__(self, ssl: SSLEncoder) -> None:
        super().__init__()
        self.streams = nn.ModuleDict()
        self.ssl = ssl


class MOSSSL(nn.Module):
    """Mean of the SSL embeddings over true frames, one linear output.

    In eval mode an item's scores do not depend on the rest of the batch
    (1e-5 in float32).

    Arguments
    ---------
    tasks : list of Task
        One; dicts of Task's arguments are accepted. Its authors train a
        model per score.
    ssl : dict
        Arguments of SSLEncoder, or what stands for one.

    Raises
    ------
    ValueError
        If there is not exactly one task, or no SSL model.
    """

    def __init__(self, tasks: list[Task], ssl: dict) -> None:
        super().__init__()
        self.tasks = [t if isinstance(t, Task) else Task(**t) for t in tasks]
        if len(self.tasks) != 1:
            names = [task.name for task in self.tasks]
            raise ValueError(f"MOS-SSL predicts one score, not {names}")
        if ssl is None:
            raise ValueError("MOS-SSL is an SSL model: --ssl null leaves none")
        ssl = SSLEncoder(**ssl) if isinstance(ssl, dict) else ssl
        self.encoder = SSLAlone(ssl)
        self.linear = nn.Linear(self.encoder.ssl.n_channels, 1)

    def forward(self, wavs: torch.Tensor, n_samples: torch.Tensor) -> Scores:
        """Score a batch.

        Arguments
        ---------
        wavs : torch.Tensor
            16 kHz mono, shape (batch, samples), float32, full scale = 1; what
            lies behind an item's own samples is ignored.
        n_samples : torch.Tensor
            True samples per item, shape (batch,), int64, at least 400.

        Returns
        -------
        Scores
            The mean over frames of what the linear layer says of each, which
            is what it says of their mean.

        Raises
        ------
        ValueError
            If an item is too short or longer than ``wavs``.
        """
        n_samples = n_samples.tolist()
        check_lengths(n_samples, wavs.shape[1])
        wavs = normalize_waveform(wavs[:, : max(n_samples)], n_samples, "none")
        ssl = self.encoder.ssl
        n_frames = [ssl.n_frames(n) for n in n_samples]
        x = ssl(wavs, n_samples)  # (batch, frames, channels)
        with torch.autocast(x.device.type, enabled=False):
            frames = self.linear(x.float()).squeeze(-1)  # (batch, frames)
        mask = length_mask(n_frames, x.shape[1], x.device)
        frames = frames.masked_fill(~mask, 0.0)
        counts = torch.tensor(n_frames, device=x.device)
        name = self.tasks[0].name
        return Scores(
            {name: frames.sum(dim=1) / counts}, {name: frames}, counts
        )

    def settings(self) -> dict:
        """Return the constructor's arguments as plain values, for JSON.

        Returns
        -------
        dict
            ``MOSSSL(**settings)`` builds the same network.
        """
        return {
            "tasks": [task.to_dict() for task in self.tasks],
            "ssl": self.encoder.ssl.settings(),
        }
