"""Add the scores of a trained network to a manifest, as pseudo-labels.

Authors
 * The mtqnet-brain developers 2026
"""

from datetime import date
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mtqnet_brain.checkpoint import file_hash, load_model
from mtqnet_brain.files import ResumableCsv
from mtqnet_brain.manifest import parse_label, read_manifest, write_manifest
from mtqnet_brain.metrics import score_metrics
from mtqnet_brain.tasks import PSEUDO_PREFIX, SOURCE_SUFFIX

BATCH_SECONDS = 40.0


def pseudo_label_manifest(
    manifest,
    teacher,
    output,
    replace=False,
    device="cpu",
    restart=False,
    data_root=None,
):
    """Write a manifest with a teacher's scores as ``pseudo_...`` columns.

    Arguments
    ---------
    manifest : str or Path
        Manifest CSV.
    teacher : str or Path
        Output folder of a trained teacher, e.g. of the MOSA-Net recipe.
    output : str or Path
        Manifest to write; may be the same file.
    replace : bool
        Whether pseudo-labels of another teacher are overwritten.
    device : str
        Where the teacher runs.
    restart : bool
        Whether the scores of an interrupted run are discarded.
    data_root : str
        Replaces ``$data_root`` in the manifest.

    Returns
    -------
    dict
        Per task with true labels in the manifest, the figures of
        `metrics.score_metrics` of pseudo against true.

    Raises
    ------
    ValueError
        If the manifest has another teacher's pseudo-labels and ``replace``
        is off.
    """
    network, info = load_model(teacher, device)
    name = f"{info['provenance']['run']} {info['weights_sha256'][:12]}"
    rows = read_manifest(manifest, data_root)
    columns = [PSEUDO_PREFIX + task.name for task in network.tasks]
    _check_columns(manifest, rows, columns, name, replace)
    scores = _score_rows(
        rows,
        network,
        Path(output).with_name(Path(output).name + ".scores"),
        {"manifest": file_hash(manifest), "teacher": info["weights_sha256"]},
        device,
        restart,
    )
    for row in rows:
        for column in columns:
            row[column] = scores[row["ID"]][column]
            source = f"{name} {scores[row['ID']]['started']}"
            row[column + SOURCE_SUFFIX] = source
    write_manifest(output, rows)
    Path(output).with_name(Path(output).name + ".scores").unlink()
    return _agreement(rows, network.tasks)


def _check_columns(manifest, rows, columns, name, replace):
    """Refuse to overwrite what another teacher wrote."""
    for row in rows:
        for column in columns:
            source = row.get(column + SOURCE_SUFFIX, "")
            taken = row.get(column) and not source.startswith(name)
            if taken and not replace:
                raise ValueError(
                    f"{manifest}: {row['ID']} has {column} of "
                    f"{source or 'unknown source'!r}, the teacher is {name!r};"
                    " give --replace to overwrite"
                )


def _score_rows(rows, network, path, settings, device, restart):
    """Score every row, going on where an interrupted run stopped."""
    columns = [PSEUDO_PREFIX + task.name for task in network.tasks]
    fields = ["ID", *columns, "started"]
    with ResumableCsv(path, fields, settings, restart) as table:
        done = table.done.values()
        started = next(iter(done), {}).get("started")
        started = started or date.today().isoformat()
        todo = [row for row in rows if row["ID"] not in table.done]
        with tqdm(total=len(rows), initial=len(done), unit="wav") as bar:
            for batch in _batches(todo):
                for row, values in zip(batch, _score(batch, network, device)):
                    cells = dict(zip(columns, values))
                    table.write({"ID": row["ID"], **cells, "started": started})
                bar.update(len(batch))
        table.finish([row["ID"] for row in rows])
        return table.done


def _batches(rows):
    """Group rows of similar duration, up to BATCH_SECONDS with padding."""
    batch, longest = [], 0.0
    for row in sorted(rows, key=lambda row: float(row["duration"])):
        longest = float(row["duration"])
        if batch and longest * (len(batch) + 1) > BATCH_SECONDS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _score(rows, network, device):
    """Return per row the scores within their tasks' ranges, as strings."""
    import torch

    from mtqnet_brain.audio import load_audio

    waves = [torch.from_numpy(load_audio(row["wav"])) for row in rows]
    n_samples = torch.tensor([len(wave) for wave in waves])
    padded = torch.nn.utils.rnn.pad_sequence(waves, batch_first=True)
    with torch.no_grad():
        scores = network(padded.to(device), n_samples)
    columns = [
        scores.utterance[task.name].cpu().clamp(task.low, task.top).tolist()
        for task in network.tasks
    ]
    return [[f"{value:.6g}" for value in row] for row in zip(*columns)]


def _agreement(rows, tasks):
    """Compare pseudo-labels with true ones where both exist; print it."""
    figures = {}
    for task in tasks:
        true = [parse_label(row.get(task.name, "")) for row in rows]
        if not np.isfinite(true).any():
            continue
        pseudo = [float(row[PSEUDO_PREFIX + task.name]) for row in rows]
        true = np.minimum(true, task.top)
        figures[task.name] = score_metrics(pseudo, true)
        print(
            "pseudo-labels against true ones, {}: LCC {lcc:.3f}, SRCC "
            "{srcc:.3f}, MSE {mse:.4f} over {n} wavs".format(
                task.name, **figures[task.name]
            )
        )
    return figures
