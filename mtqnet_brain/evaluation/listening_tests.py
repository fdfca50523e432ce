"""A model and others judged by several listening tests, each for itself.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mtqnet_brain.data.table_files import ScoreError
from mtqnet_brain.evaluation.bootstrap import N_RESAMPLES
from mtqnet_brain.evaluation.judgement import SCALE, Judgement, judge
from mtqnet_brain.evaluation.vote_tables import pair_with_votes

if TYPE_CHECKING:
    from mtqnet_brain.evaluation.vote_tables import VoteTable

# Of one test: by rater its scores by name, and a list of texts as ``error``.
Rated = dict[str, dict[str, Any]]
ERROR = "error"
N_NAMED = 3


@dataclass
class Question:
    """One column of votes of one test, and what it says of every rater.

    Arguments
    ---------
    test, column : str
        Names of the test and of the column.
    files : list of str
        Files with a vote and a score of every rater.
    votes : np.ndarray
        Shape (files,).
    rated : dict of str to tuple
        Name of the score and scores, shape (files,), by rater.
    conditions : list of str or None
        Condition of each file.
    judgements : list of Judgement
        Result of `judgement.judge`.
    """

    test: str
    column: str
    files: list[str]
    votes: np.ndarray
    rated: dict[str, tuple[str, np.ndarray]]
    conditions: list[str] | None
    judgements: list[Judgement] = field(default_factory=list)

    def at_level(self, level: str) -> list[Judgement]:
        """Return the judgements over files or over conditions."""
        return [one for one in self.judgements if one.level == level]


@dataclass
class Findings:
    """What `judge_tests` finds.

    Arguments
    ---------
    questions : list of Question
        Test by test.
    remarks : list of str
        Files that are left out, and why; votes that nobody can give.
    n_resamples : int
        Resamples of the intervals.
    """

    questions: list[Question]
    remarks: list[str]
    n_resamples: int


def judge_tests(
    tests: Sequence[VoteTable],
    rated: Sequence[Rated],
    columns: Mapping[str, str] | None = None,
    n_resamples: int = N_RESAMPLES,
) -> Findings:
    """Judge the first rater, and the others beside it, by every test.

    Arguments
    ---------
    tests : sequence of VoteTable
        The tests.
    rated : sequence of dict
        Per test: scores by name, shape (files,), NaN where missing, by rater;
        the same raters in all.
    columns : dict of str to str, optional
        Column of votes by score. Default: by name, as `pair_with_votes`.
    n_resamples : int
        Number of bootstrap resamples.

    Returns
    -------
    Findings
        Files that a rater has no score of are left out for all raters.

    Raises
    ------
    ScoreError
        If two tests have one name, no rater has a score that ``columns``
        names, or the first rater has no score for a test.
    """
    names = [test.name for test in tests]
    if len(set(names)) < len(names):
        raise ScoreError(f"two tests have one name, of {names}; rename one")
    _check_scores(rated[0], columns or {})
    found = Findings([], [], n_resamples)
    for test, scores in zip(tests, rated, strict=True):
        found.remarks += _refused(test, scores)
        for column, pairs in _pairs(test, scores, columns).items():
            question = _question(test, column, pairs, scores)
            found.remarks += _without_number(test, column, pairs, scores)
            found.remarks += _off_scale(question)
            question.judgements = judge(
                question.votes,
                question.rated,
                question.conditions,
                n_resamples,
            )
            found.questions.append(question)
    return found


def score_names(scores: Mapping[str, Any]) -> list[str]:
    """Return the names of a rater's scores, without the errors."""
    return [name for name in scores if name != ERROR]


def _check_scores(rated, columns):
    """Refuse a choice of columns for scores that nobody gives."""
    known = {name for scores in rated.values() for name in score_names(scores)}
    for name in columns:
        if name not in known:
            raise ScoreError(
                f"--label {name}: no rater has that score; there are "
                f"{', '.join(sorted(known))}"
            )


def _refused(test, rated):
    """Say which files have no score of whom, and why."""
    return [
        remark
        for rater, scores in rated.items()
        for remark in _left_out(
            test,
            f"score of {rater}",
            [
                f"{file} ({error})"
                for file, error in zip(test.files, scores[ERROR])
                if error
            ],
        )
    ]


def _without_number(test, column, pairs, rated):
    """Say which files have an empty cell for a vote or for a score."""
    given = {f"vote {column}": (test.votes(column), [""] * len(test.files))}
    for rater, name in pairs.items():
        given[f"{name} of {rater}"] = (rated[rater][name], rated[rater][ERROR])
    return [
        remark
        for what, (values, errors) in given.items()
        for remark in _left_out(
            test,
            what,
            [
                file
                for file, value, error in zip(test.files, values, errors)
                if not (error or np.isfinite(value))
            ],
        )
    ]


def _left_out(test, what, reasons):
    """Return a remark on the files that lack something; none if all have."""
    if not reasons:
        return []
    first = "; ".join(reasons[:N_NAMED])
    more = "; ..." * (len(reasons) > N_NAMED)
    return [
        f"{test.name}: {len(reasons)} of {len(test.files)} files have no "
        f"{what}: {first}{more}"
    ]


def _off_scale(question):
    """Say which votes lie off the scale on which most of them are."""
    low, high = SCALE
    off = (question.votes < low) | (question.votes > high)
    if not 0 < off.sum() < len(off) / 2:
        return []
    first = "; ".join(
        f"{question.files[i]} ({question.votes[i]:g})"
        for i in np.flatnonzero(off)[:N_NAMED]
    )
    return [
        f"{question.test}: {off.sum()} votes {question.column} are not from "
        f"{low:g} to {high:g}, and are used as they are: {first}"
    ]


def _pairs(test, rated, columns):
    """Return the score of each rater, by column of votes."""
    first, *_ = rated
    own = pair_with_votes(score_names(rated[first]), test.header, columns)
    voted = [c for c in own if np.isfinite(test.votes(c)).any()]
    if not voted:
        raise ScoreError(
            f"{test.path}: no votes for the scores of {first}, "
            f"{', '.join(score_names(rated[first]))}; give --label "
            f"SCORE=COLUMN, columns are {', '.join(test.header)}"
        )
    pairs = {column: {first: own[column]} for column in voted}
    for rater, scores in list(rated.items())[1:]:
        names = score_names(scores)
        answers = pair_with_votes(names, voted, columns)
        if not answers and len(names) == 1:  # one for the whole
            answers = dict.fromkeys(voted, names[0])
        for column, score in answers.items():
            pairs[column][rater] = score
    return pairs


def _question(test, column, pairs, rated):
    """Return the votes and scores of the files that have them all."""
    votes = test.votes(column)
    scores = {rater: rated[rater][name] for rater, name in pairs.items()}
    has = np.isfinite([votes, *scores.values()]).all(axis=0)
    if not has.any():
        raise ScoreError(
            f"{test.path}: no file has {column} and a score of "
            f"{' and '.join(scores)}"
        )
    kept = np.flatnonzero(has)
    return Question(
        test.name,
        column,
        [test.files[i] for i in kept],
        votes[has],
        {
            rater: (pairs[rater], values[has])
            for rater, values in scores.items()
        },
        test.conditions and [test.conditions[i] for i in kept],
    )
