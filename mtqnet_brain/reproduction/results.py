"""What the runs of a reproduction have left.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.data.manifest import parse_label
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.evaluation.metrics import format_metric, score_metrics
from mtqnet_brain.reproduction.step_state import status_path
from mtqnet_brain.reproduction.systems import ALL_SYSTEMS
from mtqnet_brain.utils.files import write_csv, write_json

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.plan import Step
    from mtqnet_brain.reproduction.settings import Request
    from mtqnet_brain.reproduction.systems import System

REQUEST = "reproduction.json"
RESULTS = "results.csv"


def write_request(request: Request) -> None:
    """Write the request; earlier systems and seeds are kept.

    Arguments
    ---------
    request : Request
        The request.
    """
    path = Path(request.output) / REQUEST
    before: dict[str, list] = {"systems": [], "seeds": []}
    if path.is_file():
        before = json.loads(path.read_text(encoding="utf-8"))
    systems = [system.name for system in request.systems]
    data_folder = request.data_folder and str(request.data_folder)
    teacher_place = request.teacher_data_folder
    write_json(
        path,
        {
            "scale": request.scale,
            "systems": [*dict.fromkeys([*before["systems"], *systems])],
            "seeds": [*dict.fromkeys([*before["seeds"], *request.seeds])],
            "data_folder": data_folder,
            "teacher_data_folder": teacher_place and str(teacher_place),
            "teacher": request.teacher and str(request.teacher),
            "split": request.split,
            "options": request.options or {},
        },
    )


@dataclass
class Run:
    """One finished run.

    Arguments
    ---------
    seed : int
        Seed of initial weights, order of batches and dropout.
    folder : Path
        Output folder.
    true, predicted : dict of str to np.ndarray
        Values per score, shape (test utterances,), in the order of the IDs.
    """

    seed: int
    folder: Path
    true: dict[str, np.ndarray]
    predicted: dict[str, np.ndarray]


@dataclass
class SystemResults:
    """All runs of a system.

    Arguments
    ---------
    system : System
        The system that was trained.
    runs : list of Run
        One per seed.
    failures : dict of int to str
        Reason by seed.
    """

    system: System
    runs: list[Run] = field(default_factory=list)
    failures: dict[int, str] = field(default_factory=dict)


@dataclass
class Reproduction:
    """What lies in a folder of reproduce.py.

    Arguments
    ---------
    folder : Path
        The folder.
    request : dict
        Content of ``reproduction.json``.
    results : dict of str to SystemResults
        By system, in the order of the tables.
    utterances : list of dict
        Manifest rows of the test set, in the order of the IDs.
    """

    folder: Path
    request: dict
    results: dict[str, SystemResults]
    utterances: list[dict[str, str]]


def read_reproduction(folder: str | Path) -> Reproduction:
    """Read every finished run.

    Arguments
    ---------
    folder : str or Path
        Output of reproduce.py.

    Returns
    -------
    Reproduction
        Requests, runs, failures and test utterances.

    Raises
    ------
    FileNotFoundError
        If it is no such folder.
    ValueError
        If a run was tested on other utterances or labels than the others.
    """
    folder = Path(folder)
    if not (folder / REQUEST).is_file():
        raise FileNotFoundError(
            f"{folder}: no {REQUEST}; give the --output of reproduce.py"
        )
    request = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    manifest = folder / "manifests" / "test.csv"
    rows = read_csv(manifest) if manifest.is_file() else []
    rows = sorted(rows, key=lambda row: row["ID"])
    results = {
        name: _read_system(folder, system, request["seeds"], rows)
        for name, system in ALL_SYSTEMS.items()
        if name in request["systems"]
    }
    return Reproduction(folder, request, results, rows)


def _read_system(folder, system, seeds, rows):
    """Read the runs of one system."""
    found = SystemResults(system)
    for seed in seeds:
        run = folder / "runs" / system.name / str(seed)
        status = status_path(folder, f"{system.name}_{seed}")
        reason = None
        if status.is_file():
            reason = json.loads(status.read_text(encoding="utf-8"))["reason"]
        if reason:
            found.failures[seed] = reason
        elif (run / "metrics.json").is_file():
            # Also one that a cluster has run, which leaves no status.
            found.runs.append(_read_run(run, seed, system.scores, rows))
    return found


def _read_run(folder, seed, scores, rows):
    """Read the predictions of one run."""
    path = folder / "predictions_test.csv"
    cells = sorted(read_csv(path), key=lambda row: row["ID"])
    if [row["ID"] for row in cells] != [row["ID"] for row in rows]:
        raise ValueError(
            f"{path}: utterances differ from those of manifests/test.csv; "
            "delete the run and its status, and run it again"
        )
    columns = {
        kind: {name: _column(cells, f"{name}_{kind}") for name in scores}
        for kind in ("true", "predicted")
    }
    return Run(seed, folder, columns["true"], columns["predicted"])


def _column(cells, name):
    """Return a column as floats, NaN where it is empty."""
    return np.array([parse_label(row[name]) for row in cells])


def write_run_results(folder: str | Path, step: Step) -> None:
    """Rewrite ``results.csv`` and print the metrics of a step.

    Arguments
    ---------
    folder : str or Path
        Output of reproduce.py.
    step : Step
        Just done; one that trains no system changes nothing.
    """
    if not step.system:
        return
    reproduction = read_reproduction(folder)
    rows = []
    for name, results in reproduction.results.items():
        for run in results.runs:
            for score in results.system.scores:
                metrics = score_metrics(run.predicted[score], run.true[score])
                row = {"system": name, "seed": run.seed, "score": score}
                row |= {k: metrics[k] for k in ("lcc", "srcc", "mse", "n")}
                rows.append(row)
                if run.folder == step.output:
                    print(_line(row), flush=True)
    write_csv(Path(folder) / RESULTS, rows)


def _line(row):
    """Return a row of results for the terminal."""
    metrics = [
        f"{name.upper()} {format_metric(row[name])}"
        for name in ("lcc", "srcc", "mse")
    ]
    run = f"  {row['system']} seed {row['seed']} {row['score']}: "
    return run + " ".join(metrics)
