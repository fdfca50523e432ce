#!/usr/bin/env python3
"""Manifests of several corpora, with talkers and systems held out.

To train on more than one corpus, or to keep talkers and enhancers for the test
alone, do the following:
> python manifests.py hparams/lite.yaml --output_folder=RUN \
    --corpora CORPUS... --hold_out TALKER_OR_SYSTEM...
> python train.py hparams/lite.yaml --output_folder=RUN --data_folder=CORPUS \
    --skip_prep=True

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
from pathlib import Path

from hyperpyyaml import load_hyperpyyaml

from mtqnet_brain.data.manifest import read_manifest, write_manifest
from mtqnet_brain.training.user_errors import plain_errors

# A clip that two corpora have is kept for the test, not for training.
PARTS = ("test", "valid", "train")


def prepare(hparams_file, corpus, folder, cache):
    """Write the manifests of one corpus.

    Arguments
    ---------
    hparams_file : str
        Hyperparameters with ``prepare``.
    corpus : Path
        Folder of ``mtqnet build-corpus``.
    folder : Path
        Where the manifests go.
    cache : Path
        Where the teachers' scores are kept.

    Returns
    -------
    dict
        Rows by part.
    """
    overrides = {
        "data_folder": str(corpus),
        "output_folder": str(folder),
        "manifest_folder": str(folder),
        "teacher_cache": str(cache),
    }
    with open(hparams_file, encoding="utf-8") as file:
        hparams = load_hyperpyyaml(file, overrides)
    hparams["prepare"]()
    return {part: read_manifest(hparams[f"{part}_csv"]) for part in PARTS}


def join(corpora, hold_out):
    """Join rows of corpora, each clip once.

    Arguments
    ---------
    corpora : list of dict
        Rows by part.
    hold_out : list of str
        Talkers and systems whose clips are for tests alone.

    Returns
    -------
    dict
        Rows by part.
    """
    joined, taken = {}, set()
    for part in PARTS:
        joined[part] = []
        for row in (row for corpus in corpora for row in corpus[part]):
            named = {row["speaker"], row["method"]} & set(hold_out)
            left_out = part != "test" and named
            if row["ID"] not in taken and not left_out:
                taken.add(row["ID"])
                joined[part].append(row)
    return joined


@plain_errors()
def main():
    """Run the script from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("hparams")
    parser.add_argument("--output_folder", required=True, type=Path)
    parser.add_argument("--corpora", required=True, nargs="+", type=Path)
    parser.add_argument("--hold_out", default=[], nargs="*", metavar="NAME")
    parser.add_argument("--teacher_cache", type=Path, default="teacher_scores")
    args = parser.parse_args()
    folders = [corpus.absolute() for corpus in args.corpora]
    if len({folder.name for folder in folders}) < len(folders):
        parser.error("two corpora have the same name")
    parts = args.output_folder / "manifests_of"
    rows = [
        prepare(args.hparams, f, parts / f.name, args.teacher_cache.absolute())
        for f in folders
    ]
    root = os.path.commonpath(folders)
    for name, clips in join(rows, args.hold_out).items():
        path = args.output_folder / "manifests" / f"{name}.csv"
        write_manifest(path, clips, data_root=root)
        print(f"{path}: {len(clips)} clips")


if __name__ == "__main__":
    main()
