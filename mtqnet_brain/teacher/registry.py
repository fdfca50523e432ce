"""Opens a teacher by name or path, and finds the tasks of its student.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.tasks import auxiliary_tasks, primary_tasks

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task
    from mtqnet_brain.teacher.interface import Teacher

NAMED = ("intrusive", "dnsmos", "dnsmos:overlapping", "distillmos")


def open_teacher(
    what: str | Path, devices: Sequence[str] = ("cpu",)
) -> Teacher:
    """Open a teacher.

    Arguments
    ---------
    what : str or Path
        Output folder of a training run or of ``mtqnet import-mosanet``; the
        published MOSA-Net's ``.h5``; ``intrusive``, for the true PESQ, STOI
        and SDI against each row's reference; ``dnsmos``, for SIG, BAK and
        OVRL of DNSMOS P.835, or ``dnsmos:overlapping``, for its authors'
        overlapping windows; ``distillmos``, for the score of DistillMOS.
    devices : sequence of str, optional
        Where a network runs.

    Returns
    -------
    Teacher
        The teacher; large parts are loaded when it scores.

    Raises
    ------
    FileNotFoundError
        If there is no such teacher.
    ImportError
        If a package is missing, with the command that installs it.
    """
    if str(what) in NAMED:
        return _open_named(str(what), devices)
    from mtqnet_brain.teacher.trained_network import NetworkTeacher

    try:
        return NetworkTeacher(what, devices)
    except FileNotFoundError as err:
        raise FileNotFoundError(
            f"teacher {err}, the .h5 of the published MOSA-Net, or one of "
            f"{', '.join(NAMED)}"
        ) from err


def _open_named(name, devices):
    """Open a teacher of `NAMED`; what it needs is imported with it."""
    if name == "intrusive":
        from mtqnet_brain.teacher.intrusive import IntrusiveTeacher

        return IntrusiveTeacher()
    if name == "distillmos":
        from mtqnet_brain.teacher.distillmos import DistillMosTeacher

        return DistillMosTeacher(devices)
    from mtqnet_brain.teacher.dnsmos import DnsmosTeacher

    return DnsmosTeacher(overlapping=name != "dnsmos")


def resources(workers: int | None = None) -> dict:
    """Return where a teacher runs: on all GPUs, else on all cores.

    Arguments
    ---------
    workers : int, optional
        Processes on a machine without a GPU. Default: one per core.

    Returns
    -------
    dict
        ``devices`` and ``workers`` of `pseudo_label_manifest`.
    """
    import torch

    devices = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    if devices:
        return {"devices": devices, "workers": len(devices)}
    return {"devices": ["cpu"], "workers": workers or os.cpu_count()}


def follow_teacher(tasks: list[Task], teacher: str | Path) -> list[Task]:
    """Return the tasks that a student of this teacher learns.

    Arguments
    ---------
    tasks : list of Task
        Primary tasks are kept, and auxiliary ones that the teacher scores.
        If it scores none of these, its own tasks replace them.
    teacher : str or Path
        As for `open_teacher`; None leaves the tasks as they are.

    Returns
    -------
    list of Task
        Primary ones first.

    Raises
    ------
    ValueError
        If the teacher scores the primary tasks instead.
    """
    auxiliary = auxiliary_tasks(tasks)
    if teacher is None or not auxiliary:
        return list(tasks)
    taught = {one.name: one for one in open_teacher(teacher).tasks}
    learnt = [t.name for t in primary_tasks(tasks) if t.name in taught]
    if learnt and not any(task.name in taught for task in auxiliary):
        raise ValueError(
            f"teacher {teacher} scores {', '.join(learnt)}, which the student "
            "learns from true labels; give a teacher of other scores, such as "
            "a run of the MOSA-Net recipe"
        )
    kept = [task for task in auxiliary if task.name in taught] or [
        replace(task, role="auxiliary", column="") for task in taught.values()
    ]
    return primary_tasks(tasks) + kept
