"""Enhancement systems by name: two built in, others trained.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtqnet_brain.corpus.degradations import DEGRADATIONS
from mtqnet_brain.corpus.enhancement.classical import ENHANCERS
from mtqnet_brain.corpus.plan import NOISY
from mtqnet_brain.data.clip_names import CLEAN

if TYPE_CHECKING:
    import numpy as np

# What needs torch is imported where it is used: most corpora need none.


def parse_systems(words: list[str]) -> dict:
    """Read which enhancement systems are meant.

    Arguments
    ---------
    words : list of str
        ``MMSE``, ``KLT``, or ``NAME=RUN`` with the output folder of the
        enhancement recipe.

    Returns
    -------
    dict
        Run by name; the name itself for a system that is built in.

    Raises
    ------
    ValueError
        If a name is unknown, taken, or no part of a file name, or a run has
        no model of an enhancement system.
    FileNotFoundError
        If a run has no model.

    Example
    -------
    >>> parse_systems(["MMSE"])
    {'MMSE': 'MMSE'}
    """
    systems = {}
    for word in words:
        name, _, run = word.partition("=")
        if not run and name not in ENHANCERS:
            raise ValueError(
                f"enhancer {word!r} is not one of {', '.join(ENHANCERS)}, nor "
                "NAME=RUN with the output folder of a trained one, e.g. "
                "FCN=results/fcn/1986"
            )
        if run:
            _check_trained(name, run)
        if systems.setdefault(name, run or name) != (run or name):
            raise ValueError(f"enhancer {name} is given twice")
    return systems


def _check_trained(name, run):
    """Refuse names that files cannot bear and folders of other networks."""
    taken = (*ENHANCERS, *DEGRADATIONS, NOISY, CLEAN)
    if name in taken or not re.fullmatch(r"[A-Za-z0-9-]+", name):
        raise ValueError(
            f"enhancer {name!r}={run}: choose a name of letters and digits "
            f"that is none of {', '.join(taken)}"
        )
    from mtqnet_brain.checkpoints.run_folder import read_settings

    if "kind" not in read_settings(run)["network"]:
        raise ValueError(
            f"enhancer {name}={run}: not a run of the enhancement recipe"
        )


def system_hashes(systems: dict) -> dict:
    """Return what tells the weights of trained systems apart.

    Arguments
    ---------
    systems : dict
        Of `parse_systems`.

    Returns
    -------
    dict
        First digits of the weights' SHA-256, by name; built-in systems have
        none.
    """
    trained = {n: run for n, run in systems.items() if n not in ENHANCERS}
    if not trained:
        return {}
    from mtqnet_brain.checkpoints.run_folder import read_settings

    return {
        name: read_settings(run)["weights_sha256"][:16]
        for name, run in sorted(trained.items())
    }


def known_talkers(systems: dict, talkers: list[str]) -> dict:
    """Return which talkers trained systems have learnt.

    Arguments
    ---------
    systems : dict
        Of `parse_systems`.
    talkers : list of str
        Of the test part.

    Returns
    -------
    dict
        Lists of talkers, by the name of the system.
    """
    from mtqnet_brain.checkpoints.run_folder import read_settings

    known = {}
    for name, run in systems.items():
        if name in ENHANCERS:
            continue
        provenance = read_settings(run)["provenance"]
        learnt = set(provenance.get("train_speakers", ())) & set(talkers)
        if learnt:
            known[name] = sorted(learnt)
    return known


def enhance_with(samples: np.ndarray, system: str) -> np.ndarray:
    """Enhance one clip.

    Arguments
    ---------
    samples : np.ndarray
        Noisy samples at 16 kHz, shape (n_samples,), full scale = 1.
    system : str
        Value of `parse_systems`.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.
    """
    if system in ENHANCERS:
        return ENHANCERS[system](samples)
    from mtqnet_brain.corpus.enhancement.trained import enhance

    return enhance(samples, system)
