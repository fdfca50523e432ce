"""The report on listening tests, in Markdown.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from mtqnet_brain.evaluation.judgement import CONDITIONS, FILES
from mtqnet_brain.evaluation.metrics import format_metric

if TYPE_CHECKING:
    from mtqnet_brain.evaluation.judgement import Judgement
    from mtqnet_brain.evaluation.listening_tests import Findings, Question

LEVELS = {FILES: "per file", CONDITIONS: "per condition"}
METHOD = """\
LCC is Pearson's correlation, SRCC Spearman's. RMSE (ITU-T P.1401) is that
after a third-order mapping of the scores onto the votes, one per test, fitted
by least squares under the condition that it never falls between the smallest
and the largest score; the sum of squares is divided by n - 4. Bias is the mean
of score minus vote, before any mapping. Intervals in brackets hold 95 % of {n}
bootstrap resamples: of whole conditions where some condition has several
clips, else of clips; the mapping is fitted once. Per condition, scores and
votes are means over its clips. "Lead" is the LCC of {first} minus that of the
other on the same resamples, with a star where the interval leaves out zero.
All are compared on the same clips; tests are never pooled.
"""


def card_section(found: Findings) -> str:
    """Return the part that fits a model card or a page of the docs.

    Arguments
    ---------
    found : Findings
        Result of `listening_tests.judge_tests`.

    Returns
    -------
    str
        A heading, a table of the LCC per file and condition, and a sentence.
    """
    raters = _raters(found.questions)
    lines = ["## Agreement with listeners' votes", ""]
    lines += ["LCC per file, with 95 % intervals; after the slash per"]
    lines += ["condition. A star: significantly another one than that of"]
    lines += [f"{raters[0]} on the same clips.", ""]
    lines += markdown_table(
        ["test", "votes", "clips", *raters],
        [
            [q.test, q.column, str(len(q.files)), *_summary_cells(q, raters)]
            for q in found.questions
        ],
    )
    return "\n".join(lines) + "\n"


def _summary_cells(question, raters):
    """Return LCC per file and per condition of each rater."""
    cells = []
    for rater in raters:
        own = [one for one in question.judgements if one.rater == rater]
        text = " / ".join(
            _cell(one, "lcc", 2) if one.level == FILES else _lcc(one)
            for one in own
        )
        cells.append(text or "-")
    return cells


def _lcc(judgement):
    """Return an LCC without its interval."""
    star = "*" * judgement.differs
    return format_metric(judgement.values["lcc"], 2) + star.replace("*", r"\*")


def report_page(found: Findings, picture: Callable[[Question], str]) -> str:
    """Return the whole report.

    Arguments
    ---------
    found : Findings
        Result of `listening_tests.judge_tests`.
    picture : callable
        Returns the file name of a question's picture.

    Returns
    -------
    str
        The card's part, the method, and each test in detail.
    """
    first = _raters(found.questions)[0]
    parts = [
        card_section(found),
        "## Method\n\n" + METHOD.format(n=found.n_resamples, first=first),
    ]
    for question in found.questions:
        parts.append(_detail(question, picture(question)))
    if found.remarks:
        parts.append("## Left out\n\n" + _bullets(found.remarks))
    return "# Scores against listeners' votes\n\n" + "\n".join(parts)


def _detail(question, picture):
    """Return the section of one question."""
    lines = [f"## {question.test}, {question.column}", ""]
    for level, title in LEVELS.items():
        judgements = question.at_level(level)
        if not judgements:
            continue
        lines += [f"{title.capitalize()}, n = {judgements[0].n}:", ""]
        lines += markdown_table(
            ["", "score", "LCC", "SRCC", "RMSE", "bias", "lead"],
            [_detail_row(one) for one in judgements],
        )
        lines.append("")
    lines += [f"![{question.test}, {question.column}]({picture})", ""]
    return "\n".join(lines)


def _detail_row(judgement):
    """Return the cells of one rater."""
    bias = judgement.bias
    return [
        judgement.rater,
        judgement.score,
        *(_cell(judgement, metric, 3) for metric in ("lcc", "srcc", "rmse")),
        "-" if bias is None else f"{bias:+.2f}",
        _lead(judgement),
    ]


def _lead(judgement):
    """Return the interval of the difference of the LCC."""
    if judgement.lead is None:
        return ""
    low, high = (f"{end:+.2f}" for end in judgement.lead)
    return f"{low} .. {high}" + r" \*" * judgement.differs


def _cell(judgement: Judgement, metric: str, digits: int) -> str:
    """Return a metric with its interval, and a star at a significant LCC."""
    value = judgement.values[metric]
    if value is None:
        return "-"
    ends = (format_metric(x, digits) for x in judgement.intervals[metric])
    star = r"\*" if metric == "lcc" and judgement.differs else ""
    return f"{format_metric(value, digits)}{star} [{', '.join(ends)}]"


def _raters(questions: Sequence[Question]) -> list[str]:
    """Return the names of all raters, in order."""
    return list(dict.fromkeys(r for q in questions for r in q.rated))


def _bullets(remarks: Iterable[str]) -> str:
    """Return a list in Markdown."""
    return "".join(f"- {remark}\n" for remark in remarks)


def markdown_table(
    header: Sequence[str], rows: Iterable[Sequence[str]]
) -> list[str]:
    """Return the lines of a table in Markdown."""
    lines = [f"| {' | '.join(cells)} |" for cells in [header, *rows]]
    return [lines[0], f"|{'---|' * len(header)}", *lines[1:]]
