"""Writes what listening tests say of a model: pages, tables, pictures.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtqnet_brain.evaluation.judge_page import card_section, report_page
from mtqnet_brain.evaluation.judge_plot import plot_question
from mtqnet_brain.evaluation.judgement import FILES, METRICS
from mtqnet_brain.evaluation.metrics import format_metric
from mtqnet_brain.utils.files import TableWriter, whole_file, write_json

if TYPE_CHECKING:
    from mtqnet_brain.evaluation.judgement import Judgement
    from mtqnet_brain.evaluation.listening_tests import Findings, Question

REPORT, CARD = "report.md", "card.md"
VALUES_CSV, VALUES_JSON, SCORES = "judge.csv", "judge.json", "scores.csv"


def write_report(folder: str | Path, found: Findings) -> None:
    """Write the report into a folder, each file whole.

    Arguments
    ---------
    folder : str or Path
        Gets ``report.md``, ``card.md``, ``judge.csv`` and ``judge.json`` (all
        values), ``scores.csv`` (votes and scores per clip) and a PNG per test
        and column of votes.
    found : Findings
        Result of `listening_tests.judge_tests`.
    """
    folder = Path(folder)
    for question in found.questions:
        plot_question(question, folder / picture_name(question))
    values = [
        flat_values(question, judgement)
        for question in found.questions
        for judgement in question.judgements
    ]
    _write_table(folder / VALUES_CSV, values)
    _write_table(folder / SCORES, _score_rows(found.questions))
    write_json(
        folder / VALUES_JSON,
        {"n_resamples": found.n_resamples, "values": values},
    )
    for name, text in {
        CARD: card_section(found),
        REPORT: report_page(found, picture_name),
    }.items():
        with whole_file(folder / name) as file:
            file.write(text)


def picture_name(question: Question) -> str:
    """Return the file name of a question's picture.

    Example
    -------
    >>> from types import SimpleNamespace
    >>> picture_name(SimpleNamespace(test="my test", column="ovrl"))
    'my-test_ovrl.png'
    """
    parts = (question.test, question.column)
    return "_".join(re.sub(r"[^\w.]+", "-", part) for part in parts) + ".png"


def flat_values(question: Question, judgement: Judgement) -> dict[str, Any]:
    """Return all values of a judgement by column; None where undefined."""
    row: dict[str, Any] = {
        "test": question.test,
        "votes": question.column,
        "rater": judgement.rater,
        "score": judgement.score,
        "level": judgement.level,
        "n": judgement.n,
    }
    for metric in METRICS:
        row[metric] = judgement.values[metric]
        row |= _ends(metric, judgement.intervals[metric])
    row["bias"] = judgement.bias
    row |= _ends("lead", judgement.lead or (math.nan, math.nan))
    row["differs"] = judgement.differs
    row["map_low"], row["map_high"] = (
        judgement.mapping.low,
        judgement.mapping.high,
    )
    for power, value in enumerate(judgement.mapping.coefficients):
        row[f"map_{power}"] = value
    row["undefined"] = judgement.undefined
    return row


def _ends(name, ends):
    """Return the ends of an interval by column."""
    low, high = (end if math.isfinite(end) else None for end in ends)
    return {f"{name}_low": low, f"{name}_high": high}


def _score_rows(questions):
    """Return a row per clip, column of votes and rater."""
    return [
        {
            "test": question.test,
            "file": file,
            "condition": question.conditions[i] if question.conditions else "",
            "votes": question.column,
            "vote": float(question.votes[i]),
            "rater": rater,
            "score": name,
            "scored": float(scores[i]),
        }
        for question in questions
        for rater, (name, scores) in question.rated.items()
        for i, file in enumerate(question.files)
    ]


def _write_table(path, rows):
    """Write rows as a CSV."""
    with whole_file(path) as file:
        writer = TableWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow(row)


def summary(found: Findings) -> str:
    """Return the LCC per file of every rater, for a terminal."""
    lines = []
    for question in found.questions:
        cells = [
            f"{one.rater} {format_metric(one.values['lcc'], 2)}"
            for one in question.at_level(FILES)
        ]
        name = f"{question.test} {question.column}"
        lines.append(f"{name:<32} LCC {', '.join(cells)}")
    return "\n".join(lines)
