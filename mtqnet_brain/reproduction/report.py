"""The report on a reproduction: Markdown with PNG figures.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import numpy as np

from mtqnet_brain.bootstrap import N_RESAMPLES
from mtqnet_brain.checkpoint import read_settings
from mtqnet_brain.files import whole_file
from mtqnet_brain.manifest import read_manifest
from mtqnet_brain.reproduction.claims import (
    claims_section,
    difference_section,
)
from mtqnet_brain.reproduction.evaluation import evaluate
from mtqnet_brain.reproduction.plots import (
    absolute_errors,
    by_number,
    plot_deltas,
    plot_errors,
    plot_scatter,
)
from mtqnet_brain.reproduction.results import read_reproduction
from mtqnet_brain.reproduction.systems import SCORES, TABLES
from mtqnet_brain.reproduction.tables import (
    delta_table,
    markdown_row,
    results_table,
    title_of,
)

FOLDER = "report"
NAME = "report.md"


def write_report(folder, output=None, n_resamples=N_RESAMPLES):
    """Compare what was run with the paper.

    Arguments
    ---------
    folder : str or Path
        Output of reproduce.py; runs may be missing.
    output : str or Path
        Where ``report.md`` and its figures go. Default: ``report`` in the
        folder.
    n_resamples : int
        Of the bootstrap.

    Returns
    -------
    Path
        Of ``report.md``.

    Raises
    ------
    FileNotFoundError
        If the folder is none of reproduce.py.
    """
    reproduction = read_reproduction(folder)
    place = Path(output or reproduction.folder / FOLDER)
    evaluated = evaluate(reproduction, n_resamples)
    sections = [
        "# Reproduction of the MTQ-Net paper",
        _provenance(reproduction, n_resamples),
        claims_section(evaluated),
        *(results_table(n, reproduction, evaluated) for n in TABLES),
        delta_table(reproduction, evaluated),
        *_figures(place, reproduction, evaluated),
        difference_section(evaluated),
    ]
    with whole_file(place / NAME) as file:
        file.write("\n\n".join(s.strip() for s in sections) + "\n")
    return place / NAME


def _provenance(reproduction, n_resamples):
    """Say on which labels, corpus and SSL models the numbers rest."""
    request = reproduction.request
    runs = [
        run for found in reproduction.results.values() for run in found.runs
    ]
    n_planned = len(request["systems"]) * len(request["seeds"])
    lines = [
        f"- Scale: {request['scale']}. Runs done: {len(runs)} of {n_planned}; "
        f"seeds: {', '.join(map(str, request['seeds']))}.",
        *_corpus_lines(reproduction),
        *_model_lines(runs),
    ]
    if request["scale"] == "demo":
        lines.append(
            "- **Demo: small networks, few epochs, synthetic speech, SSL "
            "models with random weights. It shows that every system runs; its "
            "numbers say nothing of the paper's.**"
        )
    if request["options"]:
        options = ", ".join(f"{k} {v}" for k, v in request["options"].items())
        lines.append(f"- Settings that differ from the YAML files: {options}.")
    lines.append(
        "- Ours: mean over seeds ± standard deviation [95 % bootstrap interval "
        f"over test utterances and seeds, {n_resamples} resamples]; bold: "
        "better than every other row of the block that was run (paired "
        "bootstrap)."
    )
    return "\n".join(lines)


def _corpus_lines(reproduction):
    """Describe corpus and labels."""
    parts = {}
    for part in ("train", "valid", "test"):
        path = reproduction.folder / "manifests" / f"{part}.csv"
        parts[part] = read_manifest(path) if path.is_file() else []
    sizes = ", ".join(f"{len(rows)} {part}" for part, rows in parts.items())
    place = reproduction.request["data_folder"]
    name = place.rstrip("/").rsplit("/", 1)[-1] if place else "made on the spot"
    sources = {
        row.get(f"{score}_source", "")
        for row in parts["test"]
        for score in SCORES
    }
    teachers = {
        value
        for row in parts["train"]
        for key, value in row.items()
        if key.startswith("pseudo_") and key.endswith("_source")
    }
    speakers = {row.get("speaker") for row in parts["test"]}
    return [
        f"- Corpus: {name}; {sizes} utterances "
        f"({len(speakers)} talkers in the test set).",
        f"- Labels: {', '.join(sorted(sources - {''})) or 'none'}.",
        f"- Pseudo-labels: {', '.join(sorted(teachers - {''})) or 'none'}.",
    ]


def _model_lines(runs):
    """Name the SSL checkpoints and the sizes of the networks."""
    models, sizes = set(), set()
    for run in runs:
        network = read_settings(run.folder)["network"]
        ssl = network["ssl"]
        if ssl:
            frozen = "frozen" if ssl["freeze"] else "fine-tuned"
            source, revision = ssl["source"], ssl["revision"]
            if Path(source).is_absolute():
                source = f"local folder {Path(source).name}"
            elif revision is None:
                source += ", no revision given"
            else:
                source += f", revision {revision}"
            models.add(f"{source} ({frozen})")
        if "channels" in network:
            sizes.add(
                f"channels {network['channels']}, BLSTM "
                f"{network['blstm_hidden']}, dense {network['dense_units']}, "
                f"norm {network['conv_norm']}, compression "
                f"{network['compression']}"
            )
    ssl_line = ", ".join(sorted(models)) or "none"
    return [
        f"- SSL models: {ssl_line}.",
        f"- Networks: {'; '.join(sorted(sizes)) or 'none'}.",
    ]


def _figures(place, reproduction, evaluated):
    """Draw every figure; return sections that show them."""
    sections = []
    if plot_deltas(place / "figure_2.png", evaluated):
        sections.append("![SRCC against delta](figure_2.png)")
    if not evaluated:
        return sections
    errors = ["## Errors"]
    for column, what in (("snr", "SNR"), ("noise", "noise")):
        name = f"errors_by_{column}.png"
        if plot_errors(place / name, reproduction, column):
            errors += [f"![Mean absolute error by {what}]({name})"]
            errors += ["\n".join(_error_table(reproduction, column, what))]
    scatter = ["## Predicted against true scores"]
    for name, found in reproduction.results.items():
        if found.runs:
            file = f"scatter_{name}.png"
            plot_scatter(place / file, found, reproduction.utterances)
            scatter.append(f"![{name}]({file})")
    return [*sections, *errors, *scatter]


def _error_table(reproduction, column, what):
    """Lay out the mean absolute error per group, over all systems."""
    cells = np.array(
        [row.get(column) or "-" for row in reproduction.utterances]
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
