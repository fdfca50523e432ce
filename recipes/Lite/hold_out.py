#!/usr/bin/env python3
"""Manifests of a corpus without some talkers in training and validation.

For a test of what training never hears, another language, say:
> python hold_out.py hparams/lite.yaml --data_folder=CORPUS \
    --output_folder=RUN TALKER...
then train.py with the same two flags and --skip_prep=True.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
from pathlib import Path

from hyperpyyaml import load_hyperpyyaml

from mtqnet_brain.manifest import read_manifest, write_manifest

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("hparams")
    parser.add_argument("talkers", nargs="+")
    parser.add_argument("--data_folder", required=True)
    parser.add_argument("--output_folder", required=True)
    args = parser.parse_args()
    overrides = {
        "data_folder": args.data_folder,
        "output_folder": args.output_folder,
    }
    with open(args.hparams, encoding="utf-8") as file:
        hparams = load_hyperpyyaml(file, overrides)
    hparams["prepare"]()
    for part in ("train", "valid"):
        path = Path(hparams[f"{part}_csv"])
        rows = read_manifest(path)
        kept = [row for row in rows if row["speaker"] not in args.talkers]
        write_manifest(path, kept)
        print(f"{path}: {len(kept)} of {len(rows)} clips")
