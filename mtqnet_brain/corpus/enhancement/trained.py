"""A trained enhancement network, as a function from samples to samples.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

import torch

from mtqnet_brain.checkpoints.admission import Admitted
from mtqnet_brain.checkpoints.run_folder import load_admitted
from mtqnet_brain.corpus.enhancement.networks import (
    DDAE,
    FCN,
    Transformer,
    rms_gain,
)
from mtqnet_brain.corpus.enhancement.recurrent_networks import CRN, GRUMask
from mtqnet_brain.corpus.enhancement.sizes import SIZES
from mtqnet_brain.corpus.enhancement.time_networks import ConvTasNet
from mtqnet_brain.corpus.mixing import limit_peak
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.documents import ModelError, attempt

if TYPE_CHECKING:
    import numpy as np

NETWORKS = {
    "FCN": FCN,
    "DDAE": DDAE,
    "Transformer": Transformer,
    "GRUMask": GRUMask,
    "CRN": CRN,
    "ConvTasNet": ConvTasNet,
}


def plan_enhancer(kind: str, settings: dict, where: str) -> Admitted:
    """Check the settings of one of `NETWORKS`.

    Arguments
    ---------
    kind : str
        Name of its class.
    settings : dict
        Of its method ``settings``.
    where : str
        What errors name.

    Returns
    -------
    Admitted
        Builds the network with these settings.

    Raises
    ------
    ModelError
        If the network is of another kind, or a setting is none of its.
    """
    if kind not in NETWORKS:
        raise ModelError(
            f"{where} is of another kind of network: {kind!r:.80}; known are "
            f"{', '.join(NETWORKS)}"
        )
    rules = {"kind": schema.choice(kind), **SIZES[kind]}
    checked = schema.mapping(rules, needed=("kind",))(settings, where)
    del checked["kind"]

    def build(n_channels=0):
        """Build it; it has no SSL model."""
        return attempt(lambda: NETWORKS[kind](**checked), where)

    return Admitted(build, build)


@lru_cache(maxsize=8)
def load_enhancer(run: str) -> torch.nn.Module:
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
        As `run_folder.load_admitted`.
    """
    return load_admitted(run, plan_enhancer)[0]


def enhance(samples: np.ndarray, run: str) -> np.ndarray:
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

    Raises
    ------
    ModelError
        If the network fails, or makes what are no numbers.
    """
    network = load_enhancer(str(run))
    with torch.no_grad(), _one_thread():
        noisy = torch.as_tensor(samples, dtype=torch.float32).unsqueeze(0)
        gain = rms_gain(noisy, torch.tensor([noisy.shape[1]]))
        noisy = gain * noisy  # (1, n_samples)
        enhanced = attempt(
            lambda: network.waveform(network.estimate(noisy), noisy), str(run)
        )
        enhanced = (enhanced / gain).squeeze(0)  # (n_samples,)
    if not torch.isfinite(enhanced).all():
        raise ModelError(f"{run}: makes samples that are NaN or infinite")
    return limit_peak(enhanced.numpy())


@contextmanager
def _one_thread():
    """Let torch use one thread; the order of sums depends on their number."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
