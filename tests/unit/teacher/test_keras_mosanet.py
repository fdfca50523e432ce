"""The import of the published MOSA-Net's Keras file.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import keras_reference as keras
import numpy as np
import pytest
import torch
from keras_files import write_file
from synthetic import make_wave

from mtqnet_brain.checkpoints.run_folder import load_model
from mtqnet_brain.cli import main
from mtqnet_brain.model.filter_banks import mosanet_filters
from mtqnet_brain.teacher import load_keras_mosanet
from mtqnet_brain.teacher.keras_weights import KerasFileError

h5py = pytest.importorskip("h5py")

# Files with the published layout and random weights, and what the authors'
# software (Keras 2.2.4, TensorFlow 1.13) made of inputs: too large for here.
SHARED = Path(__file__).parents[4] / "shared" / "golden" / "keras-mosanet"
# Name here, in the shared files, tolerance.
OUTPUTS = [
    ("pesq", "PESQ_score", 1e-5),
    ("stoi", "STOI_score", 1e-5),
    ("sdi", "SDI_score", 1e-5),
    ("pesq_frames", "Frame_score", 5e-5),
    ("stoi_frames", "Frame_stoi", 5e-5),
    ("sdi_frames", "Frame_sdi", 5e-5),
]


@pytest.fixture(scope="module")
def weights():
    """Random weights, by layer."""
    return keras.random_weights()


def make_features(n_samples=1600, n_ssl=4, seed=0):
    """Return random ps, wav, ssl, with a batch axis, float32."""
    rng = np.random.default_rng(seed)
    n_frames = 1 + n_samples // 256
    levels = rng.uniform(0, 5, size=(1, n_frames, 1))
    ps = levels * np.abs(rng.normal(size=(1, n_frames, 257)))
    wav = 0.1 * rng.normal(size=(1, n_samples, 1))
    ssl = rng.normal(size=(1, n_ssl, 1024))
    return [array.astype(np.float32) for array in (ps, wav, ssl)]


def filter_wave(wave):
    """Return the filter bank's output, by TensorFlow's SAME padding."""
    n_frames = -(-len(wave) // 256)
    total = (n_frames - 1) * 256 + 251 - len(wave)
    left = max(total, 0) // 2
    padded = np.pad(wave, (left, 256))
    frames = [padded[256 * t :][:251] for t in range(n_frames)]
    return np.array(frames) @ mosanet_filters().numpy().T.astype(np.float64)


@pytest.mark.parametrize("cudnn", [True, False])
@pytest.mark.parametrize("root", ["model_weights", None])
def test_file_gives_what_keras_defines(tmp_path, weights, cudnn, root):
    """Both LSTMs, full and weights-only saves, against numpy."""
    path = write_file(tmp_path / "w.h5", weights, cudnn, root)
    network = load_keras_mosanet(path)
    assert not network.training
    ps, wav, ssl = make_features()
    bands = filter_wave(wav[0, :, 0].astype(np.float64))
    expected = keras.score(weights, ps[0], bands, ssl[0])
    assert np.ptp(expected["pesq_frames"]) > 0.05  # no constant output
    scores = network.score_features(*map(torch.from_numpy, (ps, wav, ssl)))
    n_frames = 7 + 7 + 4
    for name, _, tolerance in OUTPUTS:
        shape = (1, n_frames) if name.endswith("frames") else (1,)
        assert scores[name].shape == shape
        assert scores[name][0].numpy() == pytest.approx(
            expected[name], abs=tolerance
        ), name


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the golden files")
@pytest.mark.parametrize("case", [0, 1, 2])
@pytest.mark.parametrize("name", ["mosanet_cudnn", "mosanet_lstm"])
def test_golden_files(name, case):
    """What the authors' software computed."""
    network = load_keras_mosanet(SHARED / f"{name}.h5")
    inputs = np.load(SHARED / f"inputs_{case}.npz")
    inputs = [torch.from_numpy(inputs[key]) for key in ("ps", "wav", "ssl")]
    expected = np.load(SHARED / f"expected_{case}.npz")
    scores = network.score_features(*inputs)
    for name, key, tolerance in OUTPUTS:
        error = scores[name].numpy().ravel() - expected[key].ravel()
        assert np.abs(error).max() <= tolerance, name


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the golden files")
def test_numpy_reference_is_keras():
    """The other tests' expected values, against the authors' software."""
    weights = keras.random_weights()
    with h5py.File(SHARED / "mosanet_lstm.h5") as file:
        root = file["model_weights"]
        arrays = [
            root[layer][name][()]
            for layer in root.attrs["layer_names"]
            for name in root[layer].attrs["weight_names"]
        ]
    for layer, old in weights.items():
        weights[layer] = [arrays.pop(0) for _ in old]
    inputs = np.load(SHARED / "inputs_2.npz")
    bands = filter_wave(inputs["wav"][0, :, 0].astype(np.float64))
    scores = keras.score(weights, inputs["ps"][0], bands, inputs["ssl"][0])
    expected = np.load(SHARED / "expected_2.npz")
    for name, key, tolerance in OUTPUTS:
        error = np.ravel(scores[name]) - expected[key].ravel()
        assert np.abs(error).max() <= tolerance, name


def drop_bias(name, array):
    """Leave one weight out."""
    return None if name == "time_distributed_3/bias:0" else array


def widen(name, array):
    """Give one convolution twice the filters."""
    return np.tile(array, 2) if name.startswith("conv2d_4/k") else array


def spoil(name, array):
    """Put NaN into one weight."""
    return array * np.nan if name.startswith("conv2d_7/b") else array


def drop_head(name, array):
    """Leave the last head out."""
    return None if name.startswith("Frame_sdi") else array


@pytest.mark.parametrize(
    "change, problem",
    [
        (drop_bias, r"weight 34 of 45.*\(128, 128\).*\(128,\)"),
        (widen, r"conv2d_4/kernel.*\(3, 3, 16, 64\).*\(3, 3, 16, 32\)"),
        (spoil, "conv2d_7/bias.*NaN or infinite"),
        (drop_head, "44 weights.*has 46"),
    ],
)
def test_other_architectures(tmp_path, weights, change, problem):
    """What was found and what was expected."""
    path = write_file(tmp_path / "other.h5", weights, change=change)
    with pytest.raises(KerasFileError, match=problem):
        load_keras_mosanet(path)


def test_too_many_layers(tmp_path, weights):
    """A fourth head behind the three."""
    path = write_file(tmp_path / "more.h5", weights)
    with h5py.File(path, "a") as file:
        root = file["model_weights"]
        group = root.create_group("Frame_mos")
        group.create_dataset("kernel:0", data=np.zeros((128, 1)))
        group.attrs["weight_names"] = np.array(["kernel:0"], dtype="S")
        names = [*root.attrs["layer_names"], b"Frame_mos"]
        root.attrs["layer_names"] = np.array(names)
    with pytest.raises(KerasFileError, match="47 weights.*has 46"):
        load_keras_mosanet(path)


def test_damaged_files(tmp_path, weights):
    """Truncated, not HDF5, HDF5 of something else, missing."""
    whole = write_file(tmp_path / "whole.h5", weights)
    truncated = tmp_path / "truncated.h5"
    truncated.write_bytes(whole.read_bytes()[:1_000_000])
    text = tmp_path / "text.h5"
    text.write_text("no weights")
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["features"] = np.zeros(3)
    for path, problem in (
        (truncated, "truncated"),
        (text, "not an HDF5"),
        (other, r"not a Keras HDF5 file.*\['features'\]"),
    ):
        with pytest.raises(KerasFileError, match=problem) as err:
            load_keras_mosanet(path)
        assert str(path) in str(err.value)
    with pytest.raises(FileNotFoundError, match="nowhere.h5"):
        load_keras_mosanet(tmp_path / "nowhere.h5")


def test_command_makes_a_folder_that_scores_wavs(
    tmp_path, weights, tiny_ssl, capsys
):
    """From wav to score like the authors; their features made by numpy."""
    path = write_file(tmp_path / "w.h5", weights)
    hubert, out = tiny_ssl("hubert", hidden_size=1024), tmp_path / "mosanet"
    assert main(["import-mosanet", str(path), str(out), "--ssl", hubert]) == 0
    assert str(out) in capsys.readouterr().out
    assert main(["import-mosanet", str(path), str(out), "--ssl", hubert]) == 2
    assert f"{out} has a network already" in capsys.readouterr().err
    network, info = load_model(out)
    assert info["provenance"]["run"] == "imported w.h5"
    wave = make_wave(0.7, seed=3, snr=10)
    peak = wave / np.abs(wave).max()
    with torch.no_grad():
        batch = torch.from_numpy(wave)[None]
        scores = network(batch, torch.tensor([len(wave)]))
        hidden = network.encoder.ssl.encoder(torch.from_numpy(peak)[None])
    expected = keras.score(
        weights,
        mirrored_spectrum(peak.astype(np.float64)),
        filter_wave(peak.astype(np.float64)),
        hidden.last_hidden_state[0].numpy(),
    )
    for task in keras.HEADS:
        assert scores.utterance[task][0].item() == pytest.approx(
            expected[task], abs=1e-5
        )
        assert scores.frames[task][0].numpy() == pytest.approx(
            expected[f"{task}_frames"], abs=5e-5
        )


def mirrored_spectrum(wave):
    """Return |STFT|: symmetric Hamming window, mirrored ends, hop 256."""
    padded = np.pad(wave, 256, mode="reflect")
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(512) / 511)
    n_frames = 1 + len(wave) // 256
    frames = [padded[256 * t :][:512] * window for t in range(n_frames)]
    return np.abs(np.fft.rfft(frames))
