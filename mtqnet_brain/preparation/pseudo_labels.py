"""Has teachers write the pseudo-labels that manifests lack.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.data.manifest import ManifestError, read_manifest
from mtqnet_brain.tasks import PSEUDO_PREFIX

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task


def add_pseudo_labels(
    paths: list[Path],
    tasks: list[Task],
    teacher: str | Path | Sequence[str | Path] | None,
    workers: int | None = None,
    cache: str | Path | None = None,
) -> dict[str, list[dict]]:
    """Have teachers write the pseudo-labels that manifests lack.

    Arguments
    ---------
    paths : list of Path
        Manifests, changed in place.
    tasks : list of Task
        Those whose column starts with ``pseudo_`` need a teacher.
    teacher : str or Path, or a sequence of them
        As for `teacher.open_teachers`, or None.
    workers : int
        Processes of a teacher on the CPU. Default: one per core.
    cache : str or Path, optional
        Folder where scores are kept by the content of the wavs. Default:
        ``teacher_scores`` beside the manifests.

    Returns
    -------
    dict of str to list of dict
        Rows of the manifests by file name.

    Raises
    ------
    ManifestError
        If pseudo-labels are missing and there is no teacher, or not the
        right one, with the command that makes them.
    """
    rows = {path.name: read_manifest(path) for path in paths}
    lacking = [p for p in paths if missing_pseudo(rows[p.name], tasks)]
    if lacking and not teacher:
        commands = "; ".join(
            f"mtqnet pseudo-label {path} --teacher WHAT --output {path}"
            for path in lacking
        )
        names = ", ".join(missing_pseudo(rows[lacking[0].name], tasks))
        raise ManifestError(
            f"{lacking[0]}: no {names}:"
            " give --teacher WHAT (the output folder of a trained MOSA-Net, "
            "the .h5 of the published one, intrusive, dnsmos, distillmos, "
            f"plcmos), or make them with: {commands}"
        )
    if not lacking or not teacher:
        return rows
    from mtqnet_brain import teacher as teaching

    names = " ".join(map(str, teaching.teacher_names(teacher)))
    for path in lacking:
        teaching.pseudo_label_manifest(
            path, teacher, path, cache=cache, **teaching.resources(workers)
        )
        rows[path.name] = read_manifest(path)
        missing = missing_pseudo(rows[path.name], tasks)
        if missing:
            raise ManifestError(
                f"{path}: no {', '.join(missing)} from --teacher {names}; add "
                "a teacher of these, or leave their tasks out"
            )
    return rows


def missing_pseudo(rows: list[dict], tasks: list[Task]) -> list[str]:
    """Return the pseudo-label columns that a manifest lacks altogether."""
    columns = [t.column for t in tasks if t.column.startswith(PSEUDO_PREFIX)]
    return [c for c in columns if not any(row.get(c) for row in rows)]
