"""The third stream: embeddings of WavLM, HuBERT or wav2vec 2.0.

SpeechBrain's Hugging Face lobes load the model; lengths, normalisation and
freezing are done here, because the lobes' depend on the padding of the batch,
and `Brain.fit` switches every module to training mode.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import torch
import torch.nn.functional as F
from torch import nn

from mtqnet_brain.model.frames import length_mask
from mtqnet_brain.model.network_settings import SSLSettings
from mtqnet_brain.model.ssl_folder import check_ssl_folder
from mtqnet_brain.utils.error_text import one_line

if TYPE_CHECKING:
    import transformers
    from speechbrain.integrations.huggingface.wav2vec2 import Wav2Vec2

LOBES = {"wavlm": "WavLM", "hubert": "HuBERT", "wav2vec2": "Wav2Vec2"}


class SSLEncoder(nn.Module):
    """Last hidden layer of a self-supervised speech model.

    A frozen model is not a registered submodule: it stays in eval mode, has no
    trainable parameter, and is in no checkpoint.

    Arguments
    ---------
    source, freeze, revision, normalize
        The values of `SSLSettings`.
    save_path : str
        Folder of downloaded models.

    Raises
    ------
    ValueError
        If a setting is invalid, or the model is not WavLM, HuBERT or
        wav2vec 2.0.
    OSError
        If a hub model is not in ``save_path`` and cannot be downloaded.
    """

    def __init__(
        self,
        source: str | Path,
        freeze: bool = False,
        revision: str | None = None,
        normalize: bool = True,
        save_path: str = "pretrained_models",
    ) -> None:
        super().__init__()
        self.source, self.freeze = str(source), freeze
        self.revision, self.normalize = revision, normalize
        self._settings = SSLSettings(self.source, freeze, revision, normalize)
        lobe = load_lobe(self.source, revision, save_path, freeze)
        model = lobe.model.float()  # fp16 checkpoints load as fp16 modules
        lay_out_attention(model)
        self.normalizes = normalize and lobe.normalize_wav
        # Group norm pools over time, padding included: no exact batches.
        self.batch_exact = model.config.feat_extract_norm == "layer"
        self.n_channels = model.config.hidden_size
        self._unregistered = [model] if freeze else []
        if not freeze:
            self.model = model
            if hasattr(model, "masked_spec_embed"):
                # Never used without SpecAugment; would stall DDP.
                model.masked_spec_embed.requires_grad = False

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments but ``save_path``, for JSON."""
        return self._settings.to_dict()

    def _apply(self, fn, recurse=True):
        """Move or cast the frozen model along with the module."""
        for model in self._unregistered:
            model._apply(fn)
        return super()._apply(fn, recurse)

    @property
    def encoder(self) -> transformers.PreTrainedModel:
        """The Hugging Face model, frozen or not."""
        return self._unregistered[0] if self.freeze else self.model

    def n_frames(self, n_samples: int) -> int:
        """Return the frames of an item of ``n_samples``."""
        config, n = self.encoder.config, n_samples
        for kernel, stride in zip(config.conv_kernel, config.conv_stride):
            n = (n - kernel) // stride + 1
        if getattr(self.encoder, "adapter", None) is not None:
            for _ in range(config.num_adapter_layers):
                n = (n - 1) // config.adapter_stride + 1
        return n

    def forward(self, wavs: torch.Tensor, n_samples: list[int]) -> torch.Tensor:
        """Return the embeddings; each item's do not depend on the others.

        Arguments
        ---------
        wavs : torch.Tensor
            Shape (batch, samples), zero after each item.
        n_samples : list of int
            True samples of each item.

        Returns
        -------
        torch.Tensor
            Shape (batch, frames, channels).
        """
        if self.normalizes:
            wavs = _normalize_items(wavs, n_samples)
        if self.batch_exact:
            return self._encode(wavs[:, : max(n_samples)], n_samples)
        return self._encode_by_length(wavs, n_samples)

    def _encode(self, wavs, n_samples):
        """Encode a batch, with an attention mask where lengths differ."""
        mask = None
        if min(n_samples) < max(n_samples):
            mask = length_mask(n_samples, wavs.shape[1], wavs.device).long()
        hidden = self.encoder(wavs, attention_mask=mask).last_hidden_state
        return hidden.float()  # (batch, frames, channels)

    def _encode_by_length(self, wavs, n_samples):
        """Encode in groups of equal length, which need no mask."""
        items = [wavs] * len(n_samples)  # each is replaced below
        for length in sorted(set(n_samples)):
            group = [i for i, n in enumerate(n_samples) if n == length]
            hidden = self._encode(wavs[group, :length], [length] * len(group))
            for i, item in zip(group, hidden):
                items[i] = item  # (frames, channels)
        return nn.utils.rnn.pad_sequence(items, batch_first=True)


class GivenEmbeddings(nn.Module):
    """Takes the place of an SSL model whose embeddings are given.

    Arguments
    ---------
    n_channels : int
        Channels of the embeddings.
    **ssl_settings
        The values of `SSLSettings` of the model that computes them.
    """

    def __init__(self, n_channels: int, **ssl_settings: Any) -> None:
        super().__init__()
        self.n_channels = n_channels
        self.ssl_settings = ssl_settings

    def settings(self) -> dict[str, Any]:
        """Return the SSLEncoder's arguments, for JSON."""
        return self.ssl_settings

    def n_frames(self, n_samples: int) -> NoReturn:
        """Refuse: there is no model."""
        raise RuntimeError(
            "this network has no SSL model and scores given embeddings only: "
            "to score wavs, load its run folder with "
            "mtqnet_brain.checkpoints.run_folder.load_model"
        )


SSLStream = SSLEncoder | GivenEmbeddings


def load_lobe(
    source: str, revision: str | None, save_path: str, freeze: bool
) -> Wav2Vec2:
    """Load the SpeechBrain lobe of a model's family, as `SSLEncoder` says."""
    from speechbrain.integrations.huggingface import hubert, wav2vec2, wavlm

    folder = _local_folder(source, revision, save_path)
    family = check_ssl_folder(folder)
    modules = {"wavlm": wavlm, "hubert": hubert, "wav2vec2": wav2vec2}
    lobe = getattr(modules[family], LOBES[family])
    return lobe(folder, save_path=str(save_path), freeze=freeze)


def lay_out_attention(model: transformers.PreTrainedModel) -> None:
    """Give WavLM's attention inputs whose memory layout is time first.

    It projects a transposed view. In a frozen model, autocast computes that
    frame by frame and copies the weights each time: without this hook, bf16
    takes three to six times as long as float32. Other families stay as they
    are.
    """
    for module in model.modules():
        if type(module).__name__ == "WavLMAttention":
            module.register_forward_pre_hook(_time_first)


def _time_first(
    _attention: nn.Module, inputs: tuple[torch.Tensor, ...]
) -> tuple[torch.Tensor, ...]:
    """Return the tensor with time-major memory layout, same shape."""
    hidden, *others = inputs
    return hidden.transpose(0, 1).contiguous().transpose(0, 1), *others


def _local_folder(source, revision, save_path):
    """Return the folder of a model; download a hub model first.

    SpeechBrain's lobe accepts no revision for the configuration.
    """
    if os.path.isdir(source):
        if revision is not None:
            raise ValueError(
                f"{source} is a local folder: it has no revision {revision}; "
                "leave ssl_revision empty"
            )
        return source
    from huggingface_hub import snapshot_download

    try:
        return snapshot_download(
            source, revision=revision, cache_dir=str(save_path)
        )
    except (OSError, ValueError) as err:
        reason = one_line(err)  # the hub's has several lines
        raise OSError(
            f"SSL model {source!r} is neither a local folder nor in "
            f"{save_path}, and cannot be downloaded ({reason}); give the "
            "folder of "
            "a downloaded copy (recipes: --ssl '{source: FOLDER}', published "
            "MOSA-Net: mtqnet import-mosanet FILE.h5 OUT --ssl FOLDER), or "
            "train without it (--ssl null)"
        ) from err


def _normalize_items(wavs, n_samples):
    """Bring each item to zero mean and unit variance over its own samples."""
    normalized = torch.zeros_like(wavs)
    for i, n in enumerate(n_samples):
        normalized[i, :n] = F.layer_norm(wavs[i, :n], (n,))
    return normalized  # (batch, samples)
