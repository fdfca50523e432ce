#!/usr/bin/env python3
"""Tables of agreement per condition, for the card of the model that ships.

To run this script, do the following:
> python conditions.py --output notes.md "Unseen talkers and noises" \
    scores.csv labels.csv

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

from mtqnet_brain.evaluation.score_evaluation import evaluate_scores
from mtqnet_brain.utils.files import whole_file
from mtqnet_brain.utils.outputs import target_of
from mtqnet_brain.evaluation.metrics import format_metric
from mtqnet_brain.training.user_errors import plain_errors

LABELS = {"s_mos": "csig", "n_mos": "cbak", "g_mos": "covl"}
CONDITIONS = {"method": "system", "noise": "noise", "snr": "SNR in dB"}


def describe(title, scores_csv, labels_csv):
    """Return the Markdown section of one test set.

    Arguments
    ---------
    title : str
        Title of the section.
    scores_csv, labels_csv : str
        Tables of ``mtqnet score`` and of the corpus builder.

    Returns
    -------
    str
        Metrics over all clips with intervals, then one table per condition.
    """
    found = evaluate_scores(scores_csv, labels_csv, LABELS).agreements
    lines = [f"## {title}", "", "95 % bootstrap intervals in brackets.", ""]
    lines += ["| score | n | LCC | SRCC | MSE |", "|---|---|---|---|---|"]
    for agreement in found:
        cells = [agreement.cell(metric) for metric in ("lcc", "srcc", "mse")]
        n = agreement.utterance["n"]
        lines.append(f"| {agreement.name} | {n} | {' | '.join(cells)} |")
    lines += ["", "S-, N- and G-MOS in turn; bias is scored minus true.", ""]
    for by, name in CONDITIONS.items():
        found = evaluate_scores(scores_csv, labels_csv, LABELS, by=by)
        found = found.agreements
        lines += [f"| {name} | n | LCC | MSE | bias |", "|---|---|---|---|---|"]
        for condition in sorted(found[0].by_system, key=_order):
            metrics = [agreement.by_system[condition] for agreement in found]
            lines.append(_row(condition, metrics))
        lines.append("")
    return "\n".join(lines)


def _order(condition):
    """Sort numbers by value, then names."""
    try:
        return (0, float(condition), "")
    except ValueError:
        return (1, 0.0, condition)


def _row(condition, metrics):
    """Return one condition's row."""
    lcc = " / ".join(format_metric(m["lcc"], 2) for m in metrics)
    mse = " / ".join(format_metric(m["mse"], 2) for m in metrics)
    bias = " / ".join(f"{m['predicted'] - m['true']:+.2f}" for m in metrics)
    return f"| {condition} | {metrics[0]['n']} | {lcc} | {mse} | {bias} |"


@plain_errors()
def main():
    """Run the script from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "parts",
        nargs="+",
        help="title, table of scores and table of labels of each test set",
    )
    parser.add_argument("--output", required=True, help="Markdown file")
    args = parser.parse_args()
    if len(args.parts) % 3:
        parser.error("give title, scores and labels of each test set")
    sections = [
        describe(*args.parts[i : i + 3]) for i in range(0, len(args.parts), 3)
    ]
    with whole_file(target_of(args.output)) as file:
        file.write("\n".join(sections))


if __name__ == "__main__":
    main()
