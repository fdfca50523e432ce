"""Enhancement systems by name: built-in ones and trained ones.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from mtqnet_brain.corpus.degradations import DEGRADATIONS
from mtqnet_brain.corpus.enhancement.classical import ENHANCERS
from mtqnet_brain.corpus.plan import NOISY
from mtqnet_brain.data.clip_names import CLEAN

if TYPE_CHECKING:
    import numpy as np

# Imports of torch stay inside functions: most corpora do not need it.


def parse_systems(words: Iterable[str]) -> dict[str, str]:
    """Parse the names of enhancement systems.

    Arguments
    ---------
    words : list of str
        ``MMSE``, ``KLT``, or ``NAME=RUN`` with the output folder of the
        enhancement recipe.

    Returns
    -------
    dict
        Run by name; the name itself for a built-in system.

    Raises
    ------
    ValueError
        If a name is unknown, taken or not fit for a file name, or a run is
        not one of the enhancement recipe.
    FileNotFoundError
        If a run has no model.

    Example
    -------
    >>> parse_systems(["MMSE"])
    {'MMSE': 'MMSE'}
    """
    systems: dict[str, str] = {}
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
    """Refuse names unfit for file names and runs of other networks."""
    taken = (*ENHANCERS, *DEGRADATIONS, NOISY, CLEAN)
    if name in taken or not re.fullmatch(r"[A-Za-z0-9-]+", name):
        raise ValueError(
            f"enhancer {name!r}={run}: choose a name of letters and digits "
            f"other than {', '.join(taken)}"
        )
    from mtqnet_brain.checkpoints.run_folder import read_settings

    if "kind" not in read_settings(run)["network"]:
        raise ValueError(
            f"enhancer {name}={run}: not a run of the enhancement recipe; give "
            "the output folder of one"
        )


def system_hashes(systems: dict[str, str]) -> dict[str, str]:
    """Return the first 16 hex digits of the SHA-256 of trained weights."""
    trained = {n: run for n, run in systems.items() if n not in ENHANCERS}
    if not trained:
        return {}
    from mtqnet_brain.checkpoints.run_folder import read_settings

    return {
        name: read_settings(run)["weights_sha256"][:16]
        for name, run in sorted(trained.items())
    }


def known_talkers(
    systems: dict[str, str], talkers: Collection[str]
) -> dict[str, list[str]]:
    """Return which of some talkers each system was trained on, by name."""
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
    """Enhance a clip with one of the values of `parse_systems`.

    Arguments
    ---------
    samples : np.ndarray
        Noisy samples at 16 kHz, shape (n_samples,), full scale = 1.
    system : str
        Name of a built-in system, or the output folder of a run.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99.
    """
    if system in ENHANCERS:
        return ENHANCERS[system](samples)
    from mtqnet_brain.corpus.enhancement.trained import enhance

    return enhance(samples, system)
