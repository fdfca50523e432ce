"""A trained enhancement network, as a function from samples to samples.

Authors
 * The mtqnet-brain developers 2026
"""

from contextlib import contextmanager
from functools import lru_cache

import torch

from mtqnet_brain.checkpoint import load_model
from mtqnet_brain.corpus.mixing import limit_peak
from mtqnet_brain.enhancement.networks import DDAE, FCN, Transformer, rms_gain
from mtqnet_brain.enhancement.recurrent_networks import CRN, GRUMask
from mtqnet_brain.enhancement.time_networks import ConvTasNet

NETWORKS = {
    "FCN": FCN,
    "DDAE": DDAE,
    "Transformer": Transformer,
    "GRUMask": GRUMask,
    "CRN": CRN,
    "ConvTasNet": ConvTasNet,
}


def build_enhancer(kind, **settings):
    """Build one of `NETWORKS` from what its `settings` returned.

    Arguments
    ---------
    kind : str
        Name of the class.
    **settings
        Its arguments.

    Returns
    -------
    torch.nn.Module
        With random weights.
    """
    return NETWORKS[kind](**settings)


@lru_cache(maxsize=8)
def load_enhancer(run):
    """Load a network that the enhancement recipe has trained.

    Arguments
    ---------
    run : str
        Output folder of the run.

    Returns
    -------
    torch.nn.Module
        In eval mode. Kept in memory: a worker enhances many clips.

    Raises
    ------
    FileNotFoundError, ValueError
        As `checkpoint.load_model`.
    """
    return load_model(run, build=build_enhancer)[0]


def enhance(samples, run):
    """Enhance one clip.

    Arguments
    ---------
    samples : np.ndarray
        Noisy samples at 16 kHz, shape (n_samples,), full scale = 1.
    run : str
        Output folder of the enhancement recipe.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99. The same bits in any
        process of one machine: one thread computes them.
    """
    network = load_enhancer(str(run))
    with torch.no_grad(), _one_thread():
        noisy = torch.as_tensor(samples, dtype=torch.float32).unsqueeze(0)
        gain = rms_gain(noisy, torch.tensor([noisy.shape[1]]))
        noisy = gain * noisy  # (1, n_samples)
        enhanced = network.waveform(network.estimate(noisy), noisy) / gain
    return limit_peak(enhanced.squeeze(0).numpy())


@contextmanager
def _one_thread():
    """Let torch use one thread; the order of sums depends on their number."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
