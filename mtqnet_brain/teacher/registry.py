"""Opens a teacher by name or path, and finds the tasks of its student.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from mtqnet_brain.tasks import (
    PSEUDO_PREFIX,
    auxiliary_tasks,
    primary_tasks,
)

if TYPE_CHECKING:
    from mtqnet_brain.tasks import Task
    from mtqnet_brain.teacher.interface import Teacher

TeacherNames: TypeAlias = str | Path | Sequence[str | Path]
NAMED = (
    "intrusive",
    "dnsmos",
    "dnsmos:overlapping",
    "distillmos",
    "plcmos",
)


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
        overlapping windows; ``distillmos``, for the score of DistillMOS;
        ``plcmos``, for that of PLCMOS.
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


def teacher_names(teacher: TeacherNames | None) -> list[str | Path]:
    """Return the names of one teacher, of several or of none as a list."""
    if isinstance(teacher, (str, Path)):
        return [teacher]
    return list(teacher or ())


def open_teachers(
    teacher: TeacherNames, devices: Sequence[str] = ("cpu",)
) -> list[Teacher]:
    """Open teachers that score different tasks.

    Arguments
    ---------
    teacher : str or Path, or a sequence of them
        As for `open_teacher`.
    devices : sequence of str, optional
        Where networks run.

    Returns
    -------
    list of Teacher
        In the order given.

    Raises
    ------
    FileNotFoundError, ImportError
        As for `open_teacher`.
    ValueError
        If two of them score the same task.
    """
    opened = {
        name: open_teacher(name, devices) for name in teacher_names(teacher)
    }
    first: dict[str, str | Path] = {}
    for name, one in opened.items():
        for task in one.tasks:
            if first.setdefault(task.name, name) != name:
                raise ValueError(
                    f"teachers {first[task.name]} and {name} both write "
                    f"{PSEUDO_PREFIX}{task.name}: leave out one of them"
                )
    return list(opened.values())


def _open_named(name, devices):
    """Open a teacher of `NAMED`; what it needs is imported with it."""
    if name == "intrusive":
        from mtqnet_brain.teacher.intrusive import IntrusiveTeacher

        return IntrusiveTeacher()
    if name == "distillmos":
        from mtqnet_brain.teacher.distillmos import DistillMosTeacher

        return DistillMosTeacher(devices)
    if name == "plcmos":
        from mtqnet_brain.teacher.plcmos import PlcmosTeacher

        return PlcmosTeacher()
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


def follow_teacher(
    tasks: list[Task], teacher: TeacherNames | None
) -> list[Task]:
    """Return the tasks that a student of these teachers learns.

    Arguments
    ---------
    tasks : list of Task
        Primary tasks are kept, and auxiliary ones that a teacher scores or
        that have a label column of their own. A teacher that scores none of
        these adds its own tasks.
    teacher : str or Path, or a sequence of them
        As for `open_teachers`; None leaves the tasks as they are.

    Returns
    -------
    list of Task
        Primary ones first, then those of each teacher.

    Raises
    ------
    ValueError
        If a teacher scores the primary tasks instead, or two of them score
        the same task.
    """
    auxiliary = auxiliary_tasks(tasks)
    names = teacher_names(teacher)
    if not names or not auxiliary:
        return list(tasks)
    own = [t for t in auxiliary if not t.column.startswith(PSEUDO_PREFIX)]
    found = primary_tasks(tasks) + own
    for one in open_teachers(names):
        found += [task for task in _taught_tasks(tasks, one) if task not in own]
    return found


def _taught_tasks(tasks, teacher):
    """Return the auxiliary tasks that a student learns from one teacher."""
    taught = {task.name: task for task in teacher.tasks}
    kept = [task for task in auxiliary_tasks(tasks) if task.name in taught]
    if kept:
        return kept
    learnt = [t.name for t in primary_tasks(tasks) if t.name in taught]
    if learnt:
        raise ValueError(
            f"teacher {teacher.name} scores {', '.join(learnt)}, which the "
            "student learns from true labels; give a teacher of other scores, "
            "such as a run of the MOSA-Net recipe"
        )
    return [replace(t, role="auxiliary", column="") for t in taught.values()]
