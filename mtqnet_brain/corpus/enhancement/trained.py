"""Trained enhancement networks: loaded, checked, applied to samples.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

import torch

from mtqnet_brain.checkpoints.network_checks import Admitted
from mtqnet_brain.checkpoints.run_folder import load_admitted
from mtqnet_brain.corpus.enhancement.enhancer_settings import SIZES
from mtqnet_brain.corpus.enhancement.network_base import (
    EnhancementNetwork,
    rms_gain,
)
from mtqnet_brain.corpus.enhancement.networks import DDAE, FCN, Transformer
from mtqnet_brain.corpus.enhancement.recurrent_networks import CRN, GRUMask
from mtqnet_brain.corpus.enhancement.time_networks import ConvTasNet
from mtqnet_brain.corpus.mixing import limit_peak
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.untrusted_json import ModelError, attempt

if TYPE_CHECKING:
    import numpy as np

NETWORKS: dict[str, type[EnhancementNetwork]] = {
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
        Name of the class.
    settings : dict
        As the network's method ``settings`` returns them.
    where : str
        File that errors name.

    Returns
    -------
    Admitted
        Builds the network with these settings.

    Raises
    ------
    ModelError
        If the network is of another kind or has no such setting.
    """
    if kind not in NETWORKS:
        raise ModelError(
            f"{where} is of another kind of network: {kind!r:.80}; need one of "
            f"{', '.join(NETWORKS)}"
        )
    rules = {"kind": schema.choice(kind), **SIZES[kind]}
    checked = schema.mapping(rules, needed=("kind",))(settings, where)
    del checked["kind"]

    def build(n_channels=0):
        """Build the network; it has no SSL model."""
        return attempt(lambda: NETWORKS[kind](**checked), where)

    return Admitted(build, build)


@lru_cache(maxsize=8)
def load_enhancer(run: str) -> EnhancementNetwork:
    """Load a network of the enhancement recipe, in eval mode.

    It stays in memory, as a worker enhances many clips. Errors are those of
    `run_folder.load_admitted`.
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
        If the network fails or returns NaN or infinite samples.
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
        raise ModelError(f"{run}: the network returned NaN or infinite samples")
    return limit_peak(enhanced.numpy())


@contextmanager
def _one_thread() -> Iterator[None]:
    """Limit torch to one thread: sums depend on the number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
