"""The published MOSA-Net, from its authors' Keras file.

Reference: Zezario et al., "Deep learning-based non-intrusive multi-objective
speech assessment model with cross-domain features", IEEE/ACM TASLP 31, 2023.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from mtqnet_brain.checkpoints.run_folder import FOLDER, save_model
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.model.ssl import GivenEmbeddings
from mtqnet_brain.tasks import mosanet_tasks
from mtqnet_brain.teacher.keras_weights import (
    KerasFileError,
    read_keras_weights,
)
from mtqnet_brain.utils.files import file_hash

N_SSL, N_UNITS = 1024, 128
CHANNELS = (16, 32, 64, 128)
# The same weights as those that the authors extract features with.
HUBERT = "facebook/hubert-large-ll60k"
# How the authors extract features.
PREPROCESSING = {
    "waveform_norm": "peak",
    "spectrum_ends": "reflect",
    "filter_bank": "fixed",
}


class ImportedMosaNet(MTQNet):
    """MOSA-Net as its authors built it, for features that they extracted.

    Arguments
    ---------
    ssl_source : str
        HuBERT-large, on the hub or in a local folder, for the checkpoint
        folder that scores wavs; not loaded here. Default: the one that the
        authors extract features with.
    """

    def __init__(self, ssl_source: str | None = None) -> None:
        ssl = GivenEmbeddings(
            N_SSL, source=ssl_source or HUBERT, freeze=True, normalize=False
        )
        super().__init__(
            mosanet_tasks(), ssl=ssl, channels=CHANNELS, **PREPROCESSING
        )

    @torch.no_grad()
    def score_features(
        self, ps: torch.Tensor, wav: torch.Tensor, ssl: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Score one utterance from its three features.

        Arguments
        ---------
        ps : torch.Tensor
            Magnitude spectrum, shape (1, T1, 257), float32.
        wav : torch.Tensor
            Samples, shape (1, N, 1), float32, peak 1.
        ssl : torch.Tensor
            Embeddings of HuBERT-large, shape (1, T3, 1024), float32.

        Returns
        -------
        dict of str to torch.Tensor
            ``pesq``, ``stoi``, ``sdi``, shape (1,), and ``pesq_frames``,
            ``stoi_frames``, ``sdi_frames``, shape (1, T1 + ceil(N / 256) +
            T3).
        """
        bank = self.encoder.streams["filter_bank"]
        bands = bank(wav.squeeze(-1), [wav.shape[1]])  # (1, T2, 257)
        encoded = self.encoder.encode_features([ps, bands], ssl)
        scores = self.score_encoded(*encoded)
        frames = {f"{name}_frames": x for name, x in scores.frames.items()}
        return scores.utterance | frames


def load_keras_mosanet(
    path: str | Path, ssl_source: str | None = None
) -> ImportedMosaNet:
    """Load the Keras file of the published MOSA-Net.

    Arguments
    ---------
    path : str or Path
        HDF5 file of `model.save()` or `save_weights()`; CuDNNLSTM or LSTM.
    ssl_source : str
        As for `ImportedMosaNet`.

    Returns
    -------
    ImportedMosaNet
        In eval mode.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    KerasFileError
        If the file is damaged or of another architecture, with what was
        expected and what was found.
    """
    weights = read_keras_weights(path)
    _check_shapes(path, weights)
    network = ImportedMosaNet(ssl_source)
    arrays = iter([array for _, array in weights])
    state: dict[str, np.ndarray] = {}
    for name, make in _plan(network):
        state |= make(name, arrays)
    tensors = {n: torch.tensor(np.ascontiguousarray(state[n])) for n in state}
    network.load_state_dict(tensors)
    return network.eval()


def import_mosanet(
    path: str | Path, output: str | Path, ssl_source: str | None = None
) -> ImportedMosaNet:
    """Turn the Keras file into a checkpoint folder of this package.

    Arguments
    ---------
    path : str or Path
        As for `load_keras_mosanet`.
    output : str or Path
        Folder to write, with a folder ``model`` as of a training run.
    ssl_source : str
        As for `ImportedMosaNet`.

    Returns
    -------
    ImportedMosaNet
        The network that was saved.

    Raises
    ------
    ValueError
        If the folder has a network already; also as `load_keras_mosanet`
        raises.
    """
    folder = Path(output) / FOLDER
    if Path(output).exists() and not Path(output).is_dir():
        raise ValueError(f"{output}: a file; give the name of a folder")
    if folder.exists():
        raise ValueError(
            f"{output} has a network already; choose another folder, or "
            "delete that one"
        )
    network = load_keras_mosanet(path, ssl_source)
    provenance = {
        "run": f"imported {Path(path).name}",
        "keras_file_sha256": file_hash(path),
        "label_sources": {task.name: "published" for task in network.tasks},
    }
    save_model(folder, network, provenance)
    return network


def _plan(network):
    """Return our modules in the file's order, and what converts each."""
    n_convs = len(network.encoder.conv.convs)
    names = [task.name for task in network.tasks]
    return [
        *[(f"encoder.conv.convs.{i}", _conv) for i in range(n_convs)],
        ("encoder.bottleneck", _dense),
        ("encoder.blstm.forwards", _lstm),
        ("encoder.blstm.backwards", _lstm),
        ("encoder.dense", _dense),
        *[(f"heads.{name}.attention", _attention) for name in names],
        *[(f"heads.{name}.linear", _dense) for name in names],
    ]


def _conv(name, arrays):
    """Kernel (time, frequency, in, out) to (out, in, time, frequency)."""
    kernel, bias = next(arrays), next(arrays)
    weight = kernel.transpose(3, 2, 0, 1)
    return {f"{name}.weight": weight, f"{name}.bias": bias}


def _dense(name, arrays):
    """Kernel (in, out) to (out, in)."""
    kernel, bias = next(arrays), next(arrays)
    return {f"{name}.weight": kernel.T, f"{name}.bias": bias}


def _attention(name, arrays):
    """W as it is; the scalar bias changes no softmax."""
    kernel, _ = next(arrays), next(arrays)
    return {name: kernel}


def _lstm(name, arrays):
    """Gates i, f, c, o, as torch has them; two layouts of the kernel.

    CuDNNLSTM has two biases, and per gate a kernel (in, units) that must be
    read as (units, in). LSTM has one bias, and its kernels are transposed.
    """
    kernel, recurrent, bias = next(arrays), next(arrays), next(arrays)
    n_in, n_gates = kernel.shape
    if len(bias) == 2 * n_gates:  # CuDNNLSTM
        gates = np.split(kernel, 4, axis=1)
        kernel = np.concatenate([g.reshape(-1, n_in) for g in gates])
        gates = np.split(recurrent, 4, axis=1)
        recurrent = np.concatenate([g.reshape(-1, len(g)) for g in gates])
        bias_ih, bias_hh = np.split(bias, 2)
    else:
        kernel, recurrent = kernel.T, recurrent.T
        bias_ih, bias_hh = bias, np.zeros_like(bias)
    return {
        f"{name}.weight_ih_l0": kernel,
        f"{name}.weight_hh_l0": recurrent,
        f"{name}.bias_ih_l0": bias_ih,
        f"{name}.bias_hh_l0": bias_hh,
    }


def _expected_shapes():
    """Return the shapes of a file's weights, in its order."""
    widths = [1] + [width for width in CHANNELS for _ in range(3)]
    shapes = []
    for n_in, n_out in zip(widths, widths[1:]):
        shapes += [(3, 3, n_in, n_out), (n_out,)]
    shapes += [(N_SSL, 512), (512,)]
    shapes += 2 * [(512, 4 * N_UNITS), (N_UNITS, 4 * N_UNITS), (4 * N_UNITS,)]
    shapes += [(2 * N_UNITS, N_UNITS), (N_UNITS,)]
    shapes += 3 * [(N_UNITS, N_UNITS), (1,)]
    return shapes + 3 * [(N_UNITS, 1), (1,)]


def _check_shapes(path, weights):
    """Refuse another architecture, with the first difference."""
    expected = _expected_shapes()
    for i, ((name, array), shape) in enumerate(zip(weights, expected)):
        doubled = (2 * shape[0],)  # the bias of CuDNNLSTM
        if array.shape != shape and not (
            "dnnlstm" in name and array.shape == doubled
        ):
            raise KerasFileError(
                f"{path}: weight {i + 1} of {len(weights)}, {name}, has the "
                f"shape {array.shape}; the published MOSA-Net has {shape} there"
            )
        if not np.isfinite(array).all():
            raise KerasFileError(f"{path}: {name}: NaN or infinite values")
    if len(weights) != len(expected):
        raise KerasFileError(
            f"{path}: {len(weights)} weights, the published MOSA-Net has "
            f"{len(expected)}; is it another network?"
        )
