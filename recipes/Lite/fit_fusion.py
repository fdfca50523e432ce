#!/usr/bin/env python3
"""Fit the label source ``fusion`` to listeners' votes.

Each table of votes is one listening test; a condition of it may be the clean
reference of the others (same file name but for the condition):
> python fit_fusion.py --votes P835A/labels.csv P835B/labels.csv \
    --reference P835A=sys2 P835B=c5 --overall MUSHRA/labels.csv --output DIR

It writes ``fusion.json`` (weights), ``fusion.md`` (how far each measure, each
teacher and the fusion reach) and keeps the teachers' scores for the next run.

The weights are those of a ridge regression over all tests, each centred and of
equal weight. Their signs are fixed: what says that the background is good can
only lower S-MOS at equal overall quality, and so on.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import lsq_linear

from mtqnet_brain.data.manifest import (
    label_values,
    read_manifest,
    write_manifest,
)
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.evaluation.vote_tables import OVERALL, read_votes
from mtqnet_brain.labels import Pair, label_pairs
from mtqnet_brain.labels.fusion import OFFSET, Fusion
from mtqnet_brain.tasks import PSEUDO_PREFIX
from mtqnet_brain.teacher import pseudo_label_manifest
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.utils.files import TEXT, whole_path, write_json
from mtqnet_brain.utils.name_value import parse_pairs

TEACHERS = ("dnsmos", "distillmos", "plcmos")
TAUGHT = ("sig", "bak", "ovrl", "distillmos", "plcmos")
MEASURED = ("csig", "cbak", "covl", "pesq")
ASKED = {"s_mos": "sig", "n_mos": "bak", "g_mos": "ovrl"}
# Those that can only lower a score: what noise does to them is undone.
LOWERING = {
    "s_mos": ("cbak", "bak"),
    "n_mos": ("sig", "distillmos"),
    "g_mos": (),
}
RIDGE = 0.1  # of 0.02, 0.05, 0.1, 0.2: the best with a whole test left out


class Test(NamedTuple):
    """One listening test: votes and values of its clips, by name."""

    name: str
    conditions: list[str]
    votes: dict[str, np.ndarray]
    values: dict[str, np.ndarray]


def read_test(path, clean, overall_only, output, workers):
    """Read a table of votes; have its clips measured and scored.

    Arguments
    ---------
    path : Path
        Table of votes.
    clean : str or None
        Condition of the references.
    overall_only : bool
        Whether the votes are of the whole, of clips without noise: S-MOS is
        then the same.
    output : Path
        Where scores are kept.
    workers : int
        Number of processes.

    Returns
    -------
    Test
        Votes and values.
    """
    table = read_votes(path)
    rows = []
    for file, wav, condition in zip(table.files, table.wavs, table.conditions):
        reference = wav.replace(f"_{condition}_", f"_{clean}_")
        has_one = clean and condition != clean and os.path.isfile(reference)
        rows.append(
            {"ID": file, "wav": wav, "reference": reference if has_one else ""}
        )
    manifest = output / f"{table.name}.csv"
    write_manifest(manifest, rows)
    pseudo_label_manifest(manifest, TEACHERS, manifest, workers=workers)
    scored = read_manifest(manifest)
    values = {
        name: label_values(scored, PSEUDO_PREFIX + name) for name in TAUGHT
    }
    if clean:
        values |= _measure(rows, output / f"{table.name}_measures.csv", workers)
    votes = {
        score: table.votes(_column(table, score, overall_only))
        for score in ASKED
        if not (overall_only and score == "n_mos")
    }
    return Test(table.name, table.conditions, votes, values)


def _column(table, score, overall_only):
    """Return the column of votes that answers the question of a score."""
    if not overall_only:
        return ASKED[score]
    return next(name for name in OVERALL if name in table.header)


def _measure(rows, output, workers):
    """Return the measures against the reference, NaN without one."""
    pairs = [
        Pair(row["ID"], Path(row["reference"]), Path(row["wav"]))
        for row in rows
        if row["reference"]
    ]
    label_pairs(pairs, output, workers=workers)
    found = {row["file"]: row for row in read_csv(output)}
    return {
        name: np.array(
            [float(found.get(row["ID"], {}).get(name) or "nan") for row in rows]
        )
        for name in MEASURED
    }


def fit(tests, score, names):
    """Fit the weights of one score.

    Arguments
    ---------
    tests : list of Test
        Those with votes of the score and all values.
    score : str
        ``s_mos``, ``n_mos`` or ``g_mos``.
    names : sequence of str
        Measures and teachers.

    Returns
    -------
    dict of str to float
        Weight by name, and the offset, for scores in the mean of the tests.
    """
    parts = [_complete(test, score, names) for test in tests]
    # Votes of two tests are not comparable: each is centred.
    x = [(x - x.mean(0)) / len(y) ** 0.5 for x, y in parts]
    y = [(y - y.mean()) / len(y) ** 0.5 for x, y in parts]
    x.append(RIDGE**0.5 * np.eye(len(names)))
    y.append(np.zeros(len(names)))
    falls = np.array([name in LOWERING[score] for name in names])
    bounds = np.where(falls, -np.inf, 0.0), np.where(falls, 0.0, np.inf)
    weights = lsq_linear(np.concatenate(x), np.concatenate(y), bounds).x
    offset = np.mean([y.mean() - x.mean(0) @ weights for x, y in parts])
    # What the solver leaves of a weight at its bound is rounding.
    kept = {n: float(f"{w:.3g}") for n, w in zip(names, weights)}
    kept = {name: weight for name, weight in kept.items() if abs(weight) > 1e-3}
    return kept | {OFFSET: float(f"{offset:.3g}")}


def _complete(test, score, names):
    """Return values and votes of the clips that have all of them."""
    x = np.stack([test.values[name] for name in names], axis=1)
    y = test.votes[score]
    kept = np.isfinite(x).all(axis=1) & np.isfinite(y)
    return x[kept], y[kept]


def fit_fusion(tests, name):
    """Fit both sets of weights of every score.

    Arguments
    ---------
    tests : list of Test
        All of them.
    name : str
        Name of the fusion.

    Returns
    -------
    Fusion
        The fusion.
    """
    measured = [test for test in tests if MEASURED[0] in test.values]
    every = (*MEASURED, *TAUGHT)
    with_reference, alone = {}, {}
    for score in ASKED:
        voted = [test for test in tests if score in test.votes]
        with_reference[score] = fit(
            [test for test in measured if score in test.votes], score, every
        )
        alone[score] = fit(voted, score, TAUGHT)
    return Fusion(name, with_reference, alone)


def fused(fusion, test):
    """Return the fused scores of a test's clips.

    Arguments
    ---------
    fusion : Fusion
        The fusion.
    test : Test
        The test.

    Returns
    -------
    dict of str to np.ndarray
        By score, shape (clips,).
    """
    names = list(test.values)
    rows = [fusion(dict(zip(names, row))) for row in zip(*test.values.values())]
    return {score: np.array([row[score] for row in rows]) for score in ASKED}


def _subset(test, kept):
    """Return a test with some of its clips."""
    return Test(
        test.name,
        [c for c, k in zip(test.conditions, kept) if k],
        {name: votes[kept] for name, votes in test.votes.items()},
        {name: values[kept] for name, values in test.values.items()},
    )


def left_out(tests, by_test):
    """Fuse every clip without its condition, or its whole test.

    Arguments
    ---------
    tests : list of Test
        All of them.
    by_test : bool
        Whether the whole test is left out of the fit.

    Returns
    -------
    list of dict
        By test: fused scores by name.
    """
    found = []
    for i, test in enumerate(tests):
        others = [*tests[:i], *tests[i + 1 :]]
        if by_test:
            found.append(fused(fit_fusion(others, ""), test))
            continue
        conditions = np.array(test.conditions)
        scores = {score: np.full(len(conditions), np.nan) for score in ASKED}
        for condition in np.unique(conditions):
            out = conditions == condition
            fusion = fit_fusion([_subset(test, ~out), *others], "")
            for score, values in fused(fusion, _subset(test, out)).items():
                scores[score][out] = values
        found.append(scores)
    return found


def report(tests, fusion):
    """Return a Markdown table: LCC of everything with the votes.

    Arguments
    ---------
    tests : list of Test
        All of them.
    fusion : Fusion
        Fitted to all.

    Returns
    -------
    str
        The table.
    """
    heads = [f"{t.name} {score}" for t in tests for score in t.votes]
    lines = [f"| LCC | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for name in (*MEASURED, *TAUGHT):
        values = [test.values.get(name) for test in tests]
        lines.append(
            _line(name, tests, [dict.fromkeys(ASKED, v) for v in values])
        )
    fitted = [fused(fusion, test) for test in tests]
    lines.append(_line("fusion, fitted to all", tests, fitted))
    for by_test, text in ((False, "condition"), (True, "test")):
        found = left_out(tests, by_test)
        lines.append(_line(f"fusion, without the {text}", tests, found))
    return "\n".join(lines) + "\n"


def _line(name, tests, scores):
    """Return a row of the table."""
    cells = [
        _lcc(found[score], test.votes[score])
        for test, found in zip(tests, scores)
        for score in test.votes
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _lcc(values, votes):
    """Return a correlation over the clips that have both, as a cell."""
    if values is None:
        return ""
    kept = np.isfinite(values) & np.isfinite(votes)
    return f"{np.corrcoef(values[kept], votes[kept])[0, 1]:.2f}"


@plain_errors()
def main():
    """Run the script from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--votes", nargs="+", required=True, metavar="TABLE")
    parser.add_argument("--overall", nargs="*", default=[], metavar="TABLE")
    parser.add_argument("--reference", nargs="+", required=True)
    parser.add_argument("--name", default="fusion 1")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    clean = parse_pairs(args.reference, "TEST=CONDITION", "--reference")
    tests = []
    for path in [*args.votes, *args.overall]:
        name = read_votes(path).name
        only = path in args.overall
        tests.append(
            read_test(path, clean.get(name), only, args.output, args.workers)
        )
    fusion = fit_fusion(tests, args.name)
    write_json(args.output / "fusion.json", vars(fusion))
    table = report(tests, fusion)
    with whole_path(args.output / "fusion.md") as path:
        path.write_text(table, **TEXT)
    print(table)


if __name__ == "__main__":
    main()
