"""Networks to time, and the plain path that they are compared with.

Authors
 * The mtqnet-brain developers 2026
"""

from dataclasses import replace
from tempfile import TemporaryDirectory

import torch
import torch.nn.functional as F
import transformers
from torch import nn

from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task, mosanet_tasks

FAMILIES = {"wavlm": "WavLM", "hubert": "Hubert", "wav2vec2": "Wav2Vec2"}
# What large models have otherwise than the base ones, whose sizes are the
# defaults of transformers.
LARGE = {
    "hidden_size": 1024,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "intermediate_size": 4096,
    "feat_extract_norm": "layer",
    "do_stable_layer_norm": True,
}
NETWORKS = {
    "paper": {},
    "lite": {
        "filter_bank": "none",
        "conv_norm": "batch",
        "conv_strides": "early",
        "compression": "power",
    },
}
SSL_CASES = [
    f"{family}-{size}" for family in FAMILIES for size in ("base", "large")
]


def make_network(case):
    """Build a network with random weights: times do not depend on them.

    Arguments
    ---------
    case : str
        ``paper`` or ``lite``, both without SSL stream, or the paper's with a
        frozen one, e.g. ``wavlm-base``.

    Returns
    -------
    MTQNet
        With the six heads of MPL.
    """
    torch.manual_seed(0)
    tasks = [Task(f"{kind}_mos", 1, 5) for kind in "sng"]
    tasks += [replace(task, role="auxiliary") for task in mosanet_tasks()]
    if case in NETWORKS:
        return MTQNet(tasks, **NETWORKS[case])
    with TemporaryDirectory() as folder:
        save_random_ssl(folder, *case.split("-"))
        return MTQNet(tasks, ssl={"source": folder, "freeze": True})


def save_random_ssl(folder, family, size):
    """Save an SSL model of its published size with random weights.

    Arguments
    ---------
    folder : str
        Exists.
    family : str
        Name in `FAMILIES`.
    size : str
        ``base`` or ``large``.
    """
    name = FAMILIES[family]
    sizes = LARGE if size == "large" else {}
    config = getattr(transformers, f"{name}Config")(**sizes)
    getattr(transformers, f"{name}Model")(config).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(
        do_normalize=size == "large", return_attention_mask=size == "large"
    ).save_pretrained(folder)


class PlainConvStack(nn.Module):
    """The convolutions as anyone would write them: default memory format.

    Arguments
    ---------
    stack : ConvStack
        Whose layers it uses.
    """

    def __init__(self, stack):
        super().__init__()
        self.convs, self.norms = stack.convs, stack.norms
        self.paddings, self.time_strides = stack.paddings, stack.time_strides
        self.n_outputs = stack.n_outputs
        self.to(memory_format=torch.contiguous_format)

    def forward(self, x, n_frames):
        """Encode one item, shape (1, frames, bins)."""
        x = x.unsqueeze(1)  # (1, 1, frames, bins)
        for i, conv in enumerate(self.convs):
            x = conv(F.pad(x, (0, self.paddings[i])))
            if self.norms:
                x = self.norms[i](x, None)
            x = F.relu(x)
        x = x.permute(0, 2, 3, 1).flatten(2)  # (1, frames, n_outputs)
        return x, [x.shape[1]]


def make_plain(network):
    """Let a network's convolutions take the plain path, in place."""
    network.encoder.conv = PlainConvStack(network.encoder.conv)
    return network


def count_conv_flops(network, wavs, n_samples):
    """Count what the CNN must compute in one forward pass.

    Arguments
    ---------
    network : MTQNet
        Any.
    wavs, n_samples : torch.Tensor
        A batch.

    Returns
    -------
    int
        Floating-point operations, two per multiplication.
    """
    counted = []

    def count(layer, _inputs, output):
        """Add those of one layer."""
        per_value = 2 * layer.in_channels * layer.weight[0, 0].numel()
        counted.append(per_value * output.numel())

    hooks = [
        conv.register_forward_hook(count) for conv in network.encoder.conv.convs
    ]
    with torch.no_grad():
        network(wavs, n_samples)
    for hook in hooks:
        hook.remove()
    return sum(counted)
