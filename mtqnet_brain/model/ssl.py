"""The third stream: embeddings of WavLM, HuBERT or wav2vec 2.0.

Loading goes through SpeechBrain's Hugging Face lobes; lengths, normalisation
and freezing are ours, because the lobe's depend on the padding of the batch
and on `Brain.fit` switching every module to training mode.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn

from mtqnet_brain.model.frames import length_mask
from mtqnet_brain.model.ssl_folder import check_ssl_folder

if TYPE_CHECKING:
    import transformers

LOBES = {"wavlm": "WavLM", "hubert": "HuBERT", "wav2vec2": "Wav2Vec2"}


class SSLEncoder(nn.Module):
    """Last hidden layer of a self-supervised speech model.

    A frozen model is no registered submodule: it stays in eval mode, has no
    trainable parameter, and no checkpoint holds it.

    Arguments
    ---------
    source : str
        Name on the Hugging Face hub, or a local folder with config.json,
        weights and preprocessor_config.json.
    freeze : bool
        Whether the model stays as it is; if not, it is fine-tuned.
    revision : str
        Commit, tag or branch on the hub. Default: the main branch.
    normalize : bool
        Whether wavs get zero mean and unit variance where the model's
        ``preprocessor_config.json`` asks for it. The published MOSA-Net did
        not.
    save_path : str
        Where downloads are kept.

    Raises
    ------
    ValueError
        If the model is of another family than WavLM, HuBERT, wav2vec 2.0.
    OSError
        If a hub model can be neither found in ``save_path`` nor downloaded.
    """

    def __init__(
        self,
        source: str,
        freeze: bool = False,
        revision: str | None = None,
        normalize: bool = True,
        save_path: str = "pretrained_models",
    ) -> None:
        super().__init__()
        self.source = str(source)
        self.freeze = freeze
        self.revision = revision
        lobe = load_lobe(self.source, revision, save_path, freeze)
        model = lobe.model.float()  # fp16 checkpoints load as fp16 modules
        lay_out_attention(model)
        self.normalize = normalize
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

    def settings(self):
        """Return the constructor's arguments that matter, for JSON."""
        return {
            "source": self.source,
            "freeze": self.freeze,
            "revision": self.revision,
            "normalize": self.normalize,
        }

    def _apply(self, fn, recurse=True):
        """Move or cast the frozen model along with the module."""
        for model in self._unregistered:
            model._apply(fn)
        return super()._apply(fn, recurse)

    @property
    def encoder(self):
        """The Hugging Face model, frozen or not."""
        return self._unregistered[0] if self.freeze else self.model

    def n_frames(self, n_samples):
        """Return the true frames of an item of so many samples."""
        return int(self.encoder._get_feat_extract_output_lengths(n_samples))

    def forward(self, wavs: torch.Tensor, n_samples: list[int]) -> torch.Tensor:
        """Return the embeddings; each item's do not depend on the others.

        Arguments
        ---------
        wavs : torch.Tensor
            Shape (batch, samples), zero behind each item.
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
        items = [None] * len(n_samples)
        for length in sorted(set(n_samples)):
            group = [i for i, n in enumerate(n_samples) if n == length]
            hidden = self._encode(wavs[group, :length], [length] * len(group))
            for i, item in zip(group, hidden):
                items[i] = item  # (frames, channels)
        return nn.utils.rnn.pad_sequence(items, batch_first=True)


class GivenEmbeddings(nn.Module):
    """Stands for an SSL model whose embeddings come from elsewhere.

    Arguments
    ---------
    n_channels : int
        Of the embeddings.
    **ssl_settings
        Arguments of the SSLEncoder that would make them.
    """

    def __init__(self, n_channels: int, **ssl_settings) -> None:
        super().__init__()
        self.n_channels = n_channels
        self.ssl_settings = ssl_settings

    def settings(self):
        """Return the SSLEncoder's arguments, for JSON."""
        return self.ssl_settings

    def forward(self, wavs, n_samples) -> None:
        """Refuse: there is no model."""
        raise RuntimeError(
            "this network has no SSL model, it scores given embeddings: load "
            "the run folder with "
            "mtqnet_brain.checkpoints.run_folder.load_model"
        )


def load_lobe(source: str, revision: str, save_path: str, freeze: bool):
    """Load the SpeechBrain lobe that fits a model's family.

    Arguments
    ---------
    source : str
        Hub name or local folder.
    revision : str
        Commit, tag or branch of a hub model.
    save_path : str
        Where downloads are kept.
    freeze : bool
        Whether the model will be trained.

    Returns
    -------
    speechbrain.integrations.huggingface.wav2vec2.Wav2Vec2
        The lobe.

    Raises
    ------
    ValueError
        If the model is of another family.
    OSError
        If the model cannot be had.
    """
    from speechbrain.integrations.huggingface import hubert, wav2vec2, wavlm

    folder = _local_folder(source, revision, save_path)
    family = check_ssl_folder(folder)
    modules = {"wavlm": wavlm, "hubert": hubert, "wav2vec2": wav2vec2}
    lobe = getattr(modules[family], LOBES[family])
    return lobe(folder, save_path=str(save_path), freeze=freeze)


def lay_out_attention(model: transformers.PreTrainedModel) -> None:
    """Let WavLM's attention get frames that lie in memory time first.

    It projects a transposed view, of which autocast makes one product per
    frame where the model is frozen, each with a copy of the weights: without
    this, bf16 takes three to six times as long as float32.

    Arguments
    ---------
    model : transformers.PreTrainedModel
        Changed in place; other families stay as they are.
    """
    for module in model.modules():
        if type(module).__name__ == "WavLMAttention":
            module.register_forward_pre_hook(_time_first)


def _time_first(_attention, inputs):
    """Return the same (batch, frames, channels), laid out time first."""
    hidden, *others = inputs
    return hidden.transpose(0, 1).contiguous().transpose(0, 1), *others


def _local_folder(source, revision, save_path):
    """Return a folder with the model, downloaded unless it is local.

    SpeechBrain's lobe takes no revision for the configuration, so a hub
    model is fetched as a whole first.
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
        reason = " ".join(str(err).split())  # the hub's has several lines
        raise OSError(
            f"SSL model {source!r} is neither a local folder nor in "
            f"{save_path} nor to be downloaded ({reason}); give the folder of "
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
