#!/usr/bin/env python3
"""PESQ, STOI and segmental SNR before and after each enhancement system.

On the noisy clips of the test part, whose talkers no system was trained on:
> python compare.py --data_folder CORPUS --output comparison \
    --systems MMSE KLT FCN=results/fcn/1986 DDAE=results/ddae/1986

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import logging
import os
from pathlib import Path

from enhancement_prepare import prepare_enhancement

from mtqnet_brain.corpus.enhancement.enhancers import parse_systems
from mtqnet_brain.corpus.enhancement.comparison import (
    format_table,
    measure_clips,
    summarize,
)
from mtqnet_brain.utils.files import write_csv, write_json
from mtqnet_brain.data.manifest import read_manifest
from mtqnet_brain.training.user_errors import plain_errors


def compare(data_folder, output, systems, workers):
    """Measure systems; print a table, write it and every clip's metrics.

    Arguments
    ---------
    data_folder : str
        Corpus with ``train/`` and ``test/``.
    output : str
        Folder that gets ``metrics.json`` and ``<system>.csv``.
    systems : list of str
        As for `parse_systems`.
    workers : int
        Processes.
    """
    folder = Path(output)
    parsed = parse_systems(systems)
    prepare_enhancement(data_folder, folder / "manifests")
    rows = read_manifest(folder / "manifests" / "test.csv")
    metrics = {}
    for name, system in parsed.items():
        measured = measure_clips(rows, system, workers)
        write_csv(folder / f"{name}.csv", measured)
        metrics[name] = summarize(measured)
    write_json(folder / "metrics.json", metrics)
    print(format_table(metrics))


@plain_errors()
def main():
    """Run the comparison from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_folder", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--systems", nargs="+", required=True)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    logging.basicConfig(level="INFO", format="%(message)s")
    compare(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
