"""The commands that make the paper's systems, and what each waits for.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.reproduction.settings import check_options, run_options
from mtqnet_brain.reproduction.systems import NO_SSL
from mtqnet_brain.utils.hparams_files import setting_names

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.settings import Request

SPLIT_SEED = 1986
TEACHER_SEED = 1986
# Tiny SSL models of the demo, by the model that a YAML names.
TINY = {"HuBERT": "hubert", "WavLM": "wavlm", "wav2vec 2.0": "wav2vec2"}
DEMO_NETWORK = (
    "{channels: [8, 8, 16, 32], conv_norm: batch, compression: power, "
    "blstm_hidden: 32, dense_units: 32}"
)
# For half an hour on two cores: everything small, the steps large.
DEMO_OPTIONS = {
    "network": DEMO_NETWORK,
    "lr": "0.003",
    "ssl_lr": "0.0003",
    "final_lr_share": "0.05",
    "number_of_epochs": "6",
    "precision": "auto",
    "num_workers": "0",
}
DEMO_CLIPS = {"demo": 480, "demo_teacher": 240}


@dataclass(frozen=True)
class Step:
    """One command.

    Arguments
    ---------
    name : str
        Unique; names its log and status.
    command : tuple of str
        Program and arguments.
    folder : Path
        Working directory.
    after : tuple of str
        Steps that must be done before.
    output : Path, optional
        Folder of the training run, where it trains something.
    system : bool
        Whether it trains one of the paper's systems.
    former : tuple of str
        Command of earlier versions for the same run, whose results hold.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    after: tuple[str, ...] = ()
    output: Path | None = None
    system: bool = False
    former: tuple[str, ...] = ()

    def shell(self) -> str:
        """Return the command line for a shell."""
        command = shlex.join(self.command)
        return f"cd {shlex.quote(str(self.folder))} && {command}"


def make_steps(request: Request) -> list[Step]:
    """Return every command, each after those that it needs.

    Arguments
    ---------
    request : Request
        The request.

    Returns
    -------
    list of Step
        Corpora and tiny SSL models of the demo, teachers, manifests, then a
        run per system and seed.

    Raises
    ------
    ValueError
        If the data that a system needs are not given, or an option exists in
        none of the hyperparameter files.
    """
    check_options(request)
    steps = _demo_steps(request) if request.demo else []
    ready = tuple(step.name for step in steps)
    teachers = _teachers(request)
    for hparams, given in teachers.items():
        if given is None:
            steps.append(_teacher_step(request, hparams, ready))
    steps.append(_manifest_step(request, None, ready))
    labeller = _labeller(request, teachers)
    if labeller:
        trained = [name for name, given in teachers.items() if given is None]
        after = ("manifests", *trained)
        steps.append(_manifest_step(request, labeller, after))
    for seed in request.seeds:
        for system in request.systems:
            steps.append(_system_step(request, system, seed, teachers))
    return steps


def _corpus(request):
    """Return the students' corpus."""
    return request.output / "corpus" if request.demo else request.data_folder


def _teacher_corpus(request):
    """Return the corpus of other talkers on which teachers are trained."""
    if request.demo:
        return request.output / "teacher_corpus"
    return request.teacher_data_folder


def _labels(request):
    """Return the label options of the students."""
    return {"label_source": "composite"} if request.demo else request.labels


def _demo_steps(request):
    """Build two corpora and three SSL models with random weights."""
    folders = {"demo": _corpus(request), "demo_teacher": None}
    folders["demo_teacher"] = _teacher_corpus(request)
    steps = [
        Step(
            folder.name,
            (sys.executable, "-m", "mtqnet_brain.cli", "build-corpus")
            + ("--preset", preset, "--clips", str(DEMO_CLIPS[preset]))
            + ("--output", str(folder)),
            request.recipes,
        )
        for preset, folder in folders.items()
    ]
    module = ("-m", "mtqnet_brain.reproduction.tiny_ssl")
    command = (sys.executable, *module, str(request.output / "ssl"))
    models = Step("tiny_ssl", command, request.recipes)
    return [*steps, models]


def _teachers(request):
    """Return the teachers needed, each with the trained one or None."""
    needed = dict.fromkeys(s.teacher for s in request.systems if s.teacher)
    teachers = {}
    for hparams in needed:
        own = hparams != "mosanet_wavlm"
        teachers[hparams] = request.teacher if own else None
    missing = [name for name, given in teachers.items() if given is None]
    if missing and _teacher_corpus(request) is None:
        names = [s.name for s in request.systems if s.teacher in missing]
        raise ValueError(
            f"{', '.join(names)} need a teacher ({', '.join(missing)}): give "
            "--teacher_data_folder CORPUS to train it on, or --teacher RUN "
            "(not for mosanet_wavlm)"
        )
    return teachers


def _teacher_folder(request, hparams):
    """Return the run folder of a teacher that is trained here."""
    return request.output / "teachers" / hparams


def _teacher_step(request, hparams, after):
    """Train one MOSA-Net."""
    folder = request.recipes / "MOSA-Net"
    options = {
        "data_folder": _teacher_corpus(request),
        "output_folder": _teacher_folder(request, hparams),
        "seed": TEACHER_SEED,
        "label_source": "composite",
        "split": "official" if request.demo else request.split,
    }
    titles = {"mosanet_hubert": "HuBERT", "mosanet_wavlm": "WavLM"}
    title = titles.get(hparams, NO_SSL)
    options |= _ssl_options(request, title) | _training(
        request, folder, hparams
    )
    output = options["output_folder"]
    return Step(hparams, _train(hparams, options), folder, after, output)


def _manifest_step(request, labeller, after):
    """Split and label the corpus once, for all systems and seeds.

    With a teacher the same manifests get its pseudo-labels.
    """
    options = {
        "data_folder": _corpus(request),
        "save_folder": request.output / "manifests",
        "split": "official" if request.demo else request.split,
        "seed": SPLIT_SEED,
        **_labels(request),
    }
    label = options.pop("label", None)
    if labeller:
        options["teacher"] = labeller
    command = (sys.executable, "tmhintqi_prepare.py", *_flags(options))
    if label:
        command += ("--label", *label)
    name = "pseudo_labels" if labeller else "manifests"
    return Step(name, command, request.recipes, after)


def _labeller(request, teachers):
    """Return the teacher that gives pseudo-labels; None if none is needed."""
    names = {s.teacher for s in request.systems if s.method == "MPL"}
    found = {teachers[n] or _teacher_folder(request, n) for n in names}
    if len(found) > 1:
        raise ValueError(
            "systems of MPL with and without SSL stream learn from different "
            "teachers: give one --teacher, or run them with an --output each"
        )
    return found.pop() if found else None


def _system_step(request, system, seed, teachers):
    """Train one system."""
    folder = request.recipes / system.recipe
    output = request.output / "runs" / system.name / str(seed)
    options = {
        "data_folder": _corpus(request),
        "manifest_folder": request.output / "manifests",
        "skip_prep": True,
        "output_folder": output,
        "seed": seed,
    }
    if system.method == "KT":
        given = teachers[system.teacher]
        start = given or _teacher_folder(request, system.teacher)
        options["pretrained"] = start
    elif system.method == "MPL":
        options["teacher"] = _labeller(request, teachers)
    options |= system.overrides
    options |= _ssl_options(request, system.ssl)
    options |= _training(request, folder, system.hparams)
    after = ["pseudo_labels" if system.method == "MPL" else "manifests"]
    if system.method == "KT" and teachers[system.teacher] is None:
        after.append(system.teacher)
    name = f"{system.name}_{seed}"
    return Step(
        name,
        _train(system.hparams, options),
        folder,
        tuple(after),
        output,
        system=True,
        former=_former_command(system, options),
    )


def _former_command(system, options):
    """Return the command of the time when each loss had a file of its own."""
    if system.method != "MPL" or not system.overrides:
        return ()
    kept = {k: v for k, v in options.items() if k not in system.overrides}
    return _train(system.name.removesuffix("_no_ssl"), kept)


def _ssl_options(request, title):
    """Replace the SSL model that the YAML names, where that is wanted."""
    if title == NO_SSL:
        return {"ssl": "null"}
    family = title.removeprefix("FT-")
    if request.demo:
        source = request.output / "ssl" / TINY[family]
    else:
        source = request.ssl_models.get(TINY[family])
    return {"ssl": f"{{source: {source}}}"} if source else {}


def _training(request, folder, hparams):
    """Return the further options, without those that the YAML lacks."""
    defaults = DEMO_OPTIONS if request.demo else {}
    options = {**defaults, **request.options}
    keys = setting_names(folder / "hparams" / f"{hparams}.yaml")
    if folder.name == "MOS-SSL":  # its network has no sizes
        keys -= {"network"}
    return {k: v for k, v in options.items() if k in keys | run_options()}


def _train(hparams, options):
    """Return the command of a train.py."""
    script = (sys.executable, "train.py", f"hparams/{hparams}.yaml")
    return script + _flags(options)


def _flags(options):
    """Return options in the form of a command line."""
    return tuple(f"--{name}={value}" for name, value in options.items())
