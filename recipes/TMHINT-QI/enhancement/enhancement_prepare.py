"""Prepare TMHINT-QI, or a corpus in its layout, for enhancement.

Takes the clips of the method ``Noisy`` with their clean references: those of
``train/`` for training, a tenth of the talkers for validation, those of
``test/`` for testing.

    python enhancement_prepare.py --data_folder CORPUS --save_folder prepared

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import logging
from pathlib import Path

from speechbrain.utils.logger import get_logger

from mtqnet_brain.corpus.talker_split import rng_for
from mtqnet_brain.corpus.plan import NOISY
from mtqnet_brain.preparation.tmhint_qi import scan_release
from mtqnet_brain.data.manifest import write_manifest
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.data.splits import SplitError
from mtqnet_brain.data.validation import validate_manifests

logger = get_logger(__name__)

VALID_SHARE = 0.1  # of the talkers


def prepare_enhancement(data_folder, save_folder, seed=1986, skip_prep=False):
    """Write ``train.csv``, ``valid.csv`` and ``test.csv`` of noisy clips.

    Arguments
    ---------
    data_folder : str or Path
        With ``train/`` and ``test/``.
    save_folder : str or Path
        Where the manifests go.
    seed : int
        Draws the talkers for validation.
    skip_prep : bool
        Whether to do nothing.

    Raises
    ------
    ValueError
        If there is no noisy clip with a reference in a part, a single talker
        in ``train/``, or a faulty wav.
    FileNotFoundError
        If there is no wav.
    """
    if skip_prep:
        return
    data_folder = Path(data_folder).absolute()
    rows = [
        row
        for row in scan_release(data_folder, logger)
        if row["method"] == NOISY and row["reference"]
    ]
    parts = _split(rows, data_folder, seed)
    headers = validate_manifests(parts, [])
    for part, part_rows in parts.items():
        for row in part_rows:
            row["duration"] = f"{headers[row['wav']].duration:.6f}"
        write_manifest(
            Path(save_folder) / f"{part}.csv", part_rows, data_folder
        )
        n_talkers = len({row["speaker"] for row in part_rows})
        logger.info(
            f"{part}: {len(part_rows)} noisy clips, {n_talkers} talkers"
        )


def _split(rows, data_folder, seed):
    """Split by folder, and the training talkers for validation."""
    in_folder = {
        folder: [r for r in rows if Path(r["wav"]).parent.name == folder]
        for folder in ("train", "test")
    }
    for folder, found in in_folder.items():
        if not found:
            raise SplitError(
                f"{data_folder / folder}: no clip of the method {NOISY} with "
                "a clean reference; build the corpus with build-corpus"
            )
    talkers = sorted({row["speaker"] for row in in_folder["train"]})
    shared = {row["speaker"] for row in in_folder["test"]} & set(talkers)
    if shared:
        logger.warning(
            f"{len(shared)} talkers are in train/ and test/: the test says "
            "nothing of unseen talkers"
        )
    if len(talkers) < 2:
        raise SplitError(
            f"{data_folder / 'train'}: one talker, {talkers[0]}; need another "
            "for validation"
        )
    n_valid = max(1, round(VALID_SHARE * len(talkers)))
    order = rng_for(seed, "enhancement", "valid").permutation(talkers)
    valid = set(order[:n_valid].tolist())
    return {
        "train": [r for r in in_folder["train"] if r["speaker"] not in valid],
        "valid": [r for r in in_folder["train"] if r["speaker"] in valid],
        "test": in_folder["test"],
    }


@plain_errors()
def main():
    """Run the preparation from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_folder", required=True)
    parser.add_argument("--save_folder", required=True)
    parser.add_argument("--seed", type=int, default=1986)
    logging.basicConfig(level="INFO", format="%(message)s")
    prepare_enhancement(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
