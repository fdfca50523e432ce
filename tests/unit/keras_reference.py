"""MOSA-Net in numpy, by Keras' definitions, and files of its weights.

Independent of the code under test; test_keras_mosanet.py checks it against
what the authors' software computed, where that is at hand.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

WIDTHS = [1] + [width for width in (16, 32, 64, 128) for _ in range(3)]
HEADS = ("pesq", "stoi", "sdi")
SCORES = ("Frame_score", "Frame_stoi", "Frame_sdi")
DENSE = {"reduce": "time_distributed_1", "dense": "time_distributed_3"}


def random_weights(seed=0):
    """Return random weights by layer: kernels, then biases."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        """Draw weights that keep the size of what passes through."""
        scale = np.sqrt(2.0 / np.prod(shape[:-1]))
        return (scale * rng.normal(size=shape)).astype(np.float32)

    def bias(n):
        """Draw small biases."""
        return (0.1 * rng.normal(size=n)).astype(np.float32)

    weights = {
        f"conv2d_{i}": (draw(3, 3, *pair), bias(pair[1]))
        for i, pair in enumerate(zip(WIDTHS, WIDTHS[1:]), start=1)
    }
    weights[DENSE["reduce"]] = draw(1024, 512), bias(512)
    for way in ("forward", "backward"):
        weights[way] = draw(512, 512), draw(128, 512), bias(512)
    weights[DENSE["dense"]] = draw(256, 128), bias(128)
    for i in ("", "2", "3"):
        weights[f"Attention{i}"] = draw(128, 128), bias(1)
    for score in SCORES:
        weights[score] = draw(128, 1), bias(1)
    return weights


def keras_layers(weights, cudnn):
    """Return layer names, and names and arrays as Keras stores them."""
    layers = {"input_1": {}}
    for layer, arrays in weights.items():
        if layer == "backward":
            continue
        if layer == "forward":
            layers["bidirectional_1"] = {
                f"bidirectional_1/{way}_{'cu_dnn' if cudnn else ''}lstm_1/"
                f"{part}:0": array
                for way in ("forward", "backward")
                for part, array in zip(
                    ("kernel", "recurrent_kernel", "bias"),
                    stored_lstm(*weights[way], cudnn),
                )
            }
            continue
        parts = ("kernel", "bias")
        if layer.startswith("Attention"):
            parts = (f"{layer}_Mul_Wa", f"{layer}_Mul_ba")
        layers[layer] = {f"{layer}/{p}:0": a for p, a in zip(parts, arrays)}
    return layers


def stored_lstm(kernel, recurrent, bias, cudnn):
    """Return what LSTM or CuDNNLSTM stores of the same cell."""
    if not cudnn:
        return kernel, recurrent, bias
    gates = [gate.T.reshape(gate.shape) for gate in np.split(kernel, 4, 1)]
    turned = [gate.T for gate in np.split(recurrent, 4, 1)]
    both = np.concatenate([0.25 * bias, 0.75 * bias])
    return np.hstack(gates), np.hstack(turned), both


def score(weights, ps, bands, ssl):
    """Return utterance and frame scores of one item; no batch axis."""
    x = np.concatenate([ps, bands])[:, :, None]  # (T, 257, 1)
    for i in range(1, 13):
        x = convolve(x, *weights[f"conv2d_{i}"], 3 if i % 3 == 0 else 1)
    x = x.reshape(len(x), -1)  # (T, 4 * 128)
    embedded = affine(ssl, *weights[DENSE["reduce"]])
    x = np.concatenate([x, np.maximum(embedded, 0)])
    ahead = recur(x, *weights["forward"])
    back = recur(x[::-1], *weights["backward"])[::-1]
    x = np.concatenate([ahead, back], axis=1)
    x = np.maximum(affine(x, *weights[DENSE["dense"]]), 0)
    result = {}
    for name, i, layer in zip(HEADS, ("", "2", "3"), SCORES):
        frames = affine(attend(x, *weights[f"Attention{i}"]), *weights[layer])
        frames = sigmoid(frames) if name == "stoi" else frames
        result[f"{name}_frames"] = frames[:, 0]
        result[name] = frames.mean()
    return result


def convolve(x, kernel, bias, stride):
    """SAME convolution, stride on frequency, ReLU; x (T, bins, channels)."""
    bins = x.shape[1]
    total = max((-(-bins // stride) - 1) * stride + 3 - bins, 0)
    pads = (total // 2, total - total // 2)
    x = np.pad(x, ((1, 1), pads, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (0, 1))
    windows = windows[:, ::stride]  # (T, bins, channels, 3, 3)
    y = np.einsum("tfcij,ijco->tfo", windows, kernel, optimize=True)
    return np.maximum(y + bias, 0)


def affine(x, kernel, bias):
    """Dense layer without activation."""
    return x @ kernel + bias


def sigmoid(x):
    """Logistic function."""
    return 1 / (1 + np.exp(-x))


def recur(x, kernel, recurrent, bias):
    """LSTM; x (T, channels)."""
    state = cell = np.zeros(128)
    states = []
    for frame in x:
        gates = frame @ kernel + state @ recurrent + bias
        i, f, c, o = np.split(gates, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(c)
        state = sigmoid(o) * np.tanh(cell)
        states.append(state)
    return np.array(states)


def attend(x, kernel, bias):
    """Multiplicative self-attention of keras-self-attention 0.49."""
    e = x @ kernel @ x.T + bias
    a = np.exp(e - e.max(axis=1, keepdims=True))
    return (a / a.sum(axis=1, keepdims=True)) @ x
