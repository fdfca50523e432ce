"""The report on a reproduction: Markdown with PNG figures.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import numpy as np

from mtqnet_brain.evaluation.bootstrap import N_RESAMPLES
from mtqnet_brain.reproduction.claims import (
    claims_section,
    difference_section,
)
from mtqnet_brain.reproduction.figures import (
    NO_NOISE,
    absolute_errors,
    by_number,
    plot_deltas,
    plot_errors,
    plot_scatter,
)
from mtqnet_brain.reproduction.paper_tables import (
    delta_table,
    markdown_row,
    results_table,
    title_of,
)
from mtqnet_brain.reproduction.provenance import (
    failure_section,
    provenance_section,
)
from mtqnet_brain.reproduction.results import read_reproduction
from mtqnet_brain.reproduction.statistics import evaluate
from mtqnet_brain.reproduction.systems import SCORES, TABLES
from mtqnet_brain.utils.files import whole_file

FOLDER = "report"
NAME = "report.md"


def write_report(
    folder: str | Path,
    output: str | Path | None = None,
    n_resamples: int = N_RESAMPLES,
) -> Path:
    """Compare what was run with the paper.

    Arguments
    ---------
    folder : str or Path
        Output of reproduce.py; runs may be missing.
    output : str or Path, optional
        Folder of ``report.md`` and its figures. Default: ``report`` in the
        folder.
    n_resamples : int
        Resamples of the bootstrap.

    Returns
    -------
    Path
        The written ``report.md``.

    Raises
    ------
    FileNotFoundError
        If reproduce.py has not written the folder.
    """
    reproduction = read_reproduction(folder)
    target = Path(output or reproduction.folder / FOLDER)
    evaluated = evaluate(reproduction, n_resamples)
    sections = [
        "# Reproduction of the MTQ-Net paper",
        provenance_section(reproduction, n_resamples),
        failure_section(reproduction),
        claims_section(evaluated),
        *(results_table(n, reproduction, evaluated) for n in TABLES),
        delta_table(reproduction, evaluated),
        *_figures(target, reproduction, evaluated),
        difference_section(evaluated),
    ]
    with whole_file(target / NAME) as file:
        file.write("\n\n".join(s.strip() for s in sections if s) + "\n")
    return target / NAME


def _figures(folder, reproduction, evaluated):
    """Draw every figure; return sections that show them."""
    sections = []
    if plot_deltas(folder / "figure_2.png", evaluated):
        sections.append("![SRCC against delta](figure_2.png)")
    if not evaluated:
        return sections
    errors = [
        "## Errors",
        "Mean absolute errors; the tables average over all systems and seeds.",
    ]
    for column, what in (("snr", "SNR"), ("noise", "noise")):
        name = f"errors_by_{column}.png"
        if plot_errors(folder / name, reproduction, column):
            errors += [f"![Mean absolute error by {what}]({name})"]
            errors += ["\n".join(_error_table(reproduction, column, what))]
    scatter = ["## Predicted against true scores"]
    for name, found in reproduction.results.items():
        if found.runs:
            file = f"scatter_{name}.png"
            plot_scatter(folder / file, found, reproduction.utterances)
            scatter.append(f"![{name}]({file})")
    return [*sections, *errors, *scatter]


def _error_table(reproduction, column, what):
    """Lay out the mean absolute error per group, over all systems."""
    cells = np.array(
        [row.get(column) or NO_NOISE for row in reproduction.utterances]
    )
    head = [what, "n", *map(title_of, SCORES)]
    lines = [markdown_row(head), markdown_row(["---"] * len(head))]
    errors = {
        score: np.mean(
            [
                absolute_errors(found, score)
                for found in reproduction.results.values()
                if found.runs and score in found.system.scores
            ]
            or [np.full(len(cells), np.nan)],
            axis=0,
        )
        for score in SCORES
    }
    for group in sorted(set(cells), key=by_number):
        chosen = cells == group
        means = [f"{np.nanmean(errors[s][chosen]):.3f}" for s in SCORES]
        lines.append(markdown_row([str(group), str(chosen.sum()), *means]))
    return lines
