"""The kind ``models``: hostile folders of models, at each entry.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

from .folder_attacks import ODD_FILES, SSL_SETTINGS, ssl_settings
from .json_attacks import all_json_attacks
from .judge import judge_command, read_rows, score_faults
from .outcome import Outcome, make_rng
from .running import Bounds, command, real_command, run
from .speech import make_speech, write
from .weight_attacks import safetensors_attacks, torch_attacks
from .yaml_attacks import CODINGS, all_yaml_attacks

NAME = "models"
CASES = 220  # of a campaign, drawn with its seed
ROOT = Path(__file__).parents[2]
EXPORT = ROOT / "mtqnet_brain" / "pretrained" / "lite"
RUN = ROOT / "tests" / "golden" / "tiny_model"
YAML, CKPT = "hyperparams.yaml", "network.ckpt"
JSON, SAFE = "model.json", "model.safetensors"
# The limits of a refusal, with room for other work on the machine.
BOUNDS = Bounds(seconds=12, megabytes=500, cpu_seconds=5)
# The installed command imports first, which takes four seconds.
REAL_BOUNDS = Bounds(seconds=40, megabytes=500, cpu_seconds=12)
EVERY_REAL = 40  # of how many cases one goes through the installed command
# Entries beside `mtqnet score`, taken in turns.
OTHERS = {EXPORT: ("from_hparams", "export", "teacher", "stdin")}
OTHERS[RUN] = ("export", "teacher", "initialize", "from_hparams", "onnx")
MUST_FAIL = {"another hash", "wrong hash", "a name less", "a name more"}
MUST_FAIL |= {"another shape", "of no size", "a number", "words", "missing"}
MUST_FAIL |= {"nothing", "empty", "a flipped byte", "int8", "complex"}


def _yaml(box, folder, name):
    """Change the hyperparameter file."""
    path = folder / YAML
    text = path.read_text("utf-8")
    facts = {"canary": box.canary, "folder": folder}
    (folder / "other.yaml").write_text(
        f'!apply:os.system ["touch {box.canary}"]'
    )
    if name in CODINGS:
        coding, more = CODINGS[name]
        path.write_bytes(text.encode(coding) + more)
    else:
        changed = all_yaml_attacks()[name](text, facts)
        path.write_bytes(changed.encode("utf-8", "surrogatepass"))


def _ckpt(box, folder, name):
    """Change the weights of an export, and the hash that names them."""
    path = folder / CKPT
    path.write_bytes(torch_attacks()[name](path.read_bytes(), box.canary))
    text, digest = (folder / YAML).read_text("utf-8"), _hash(path)
    text = re.sub(r"weights_sha256: \w+", f"weights_sha256: {digest}", text)
    (folder / YAML).write_text(text, "utf-8")


def _json(box, folder, name):
    """Change the settings of a run."""
    path = folder / JSON
    settings = json.loads(path.read_text("utf-8"))
    facts = {"canary": box.canary, "folder": folder}
    path.write_bytes(all_json_attacks()[name](settings, facts))


def _safe(box, folder, name):
    """Change the weights of a run, and the hash that names them."""
    path = folder / SAFE
    path.write_bytes(safetensors_attacks()[name](path.read_bytes(), box.canary))
    settings = json.loads((folder / JSON).read_text("utf-8"))
    settings["weights_sha256"] = _hash(path)
    (folder / JSON).write_text(json.dumps(settings))


def _hash(path):
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _odd_file(box, folder, name):
    """Replace a file by something else."""
    file, how = name.split(" ", 1)
    path = folder / file
    if not path.exists():  # no model needs it
        path.touch()
    ODD_FILES[how](path)


def _ssl(box, folder, name):
    """Give the model an SSL stream of other people."""
    value = json.dumps(ssl_settings(name, box))
    if (folder / JSON).exists():
        settings = json.loads((folder / JSON).read_text("utf-8"))
        settings["network"]["ssl"] = json.loads(value)
        (folder / JSON).write_text(json.dumps(settings))
        return
    text = (folder / YAML).read_text("utf-8")
    there = f"there: {value}\n" + text.replace("ssl: null", "ssl: !ref <there>")
    plain = text.replace("ssl: null", f"ssl: {value}")
    (folder / YAML).write_text(there if "path" in name else plain, "utf-8")


def _odd_files(*files):
    """Return the names of odd files."""
    return [f"{file} {how}" for file in files for how in ODD_FILES]


# Kind of attack, good folder, its names, and what does it.
GROUPS = (
    ("YAML", EXPORT, [*all_yaml_attacks(), *CODINGS], _yaml),
    ("weights of an export", EXPORT, list(torch_attacks()), _ckpt),
    ("file of an export", EXPORT, _odd_files(YAML, CKPT), _odd_file),
    ("SSL of an export", EXPORT, SSL_SETTINGS, _ssl),
    ("JSON", RUN, list(all_json_attacks()), _json),
    ("weights of a run", RUN, list(safetensors_attacks()), _safe),
    ("file of a run", RUN, _odd_files(JSON, SAFE, "trained_on.txt"), _odd_file),
    ("SSL of a run", RUN, SSL_SETTINGS, _ssl),
)


def all_cases():
    """Return group and attack of every case."""
    return [(group, name) for group in GROUPS for name in group[2]]


def names():
    """Return what the cases are."""
    return [f"{group[0]}: {name}" for group, name in all_cases()]


def run_cases(numbers, seed, box):
    """Load one hostile folder through two entries."""
    (number,) = numbers
    (title, good, _, attack), name = all_cases()[number]
    folder = box.inputs / "model"
    shutil.copytree(good, folder)
    write(box.inputs / "clip.wav", make_speech(make_rng(seed, NAME, number)))
    attack(box, folder, name)
    box.close()
    faults, last = [], ""
    for entry in ("score", OTHERS[good][number % len(OTHERS[good])]):
        found, ended = _enter(entry, folder, box, number)
        if entry == "score":
            last = ended.last_line
            found = found or _must_fail(title, name, ended)
        if found and not faults:
            last = ended.last_line
        faults += [f"{entry}: {fault}" for fault in found]
        if box.canary.exists():
            break
    return [Outcome(NAME, number, names()[number], faults, last, str(folder))]


def _must_fail(title, name, ended):
    """Say if a broken model was used, or a good one was refused."""
    refused = ended.code in (1, 2)
    if name == "as it should be" and refused:
        return ["a good model is refused"]
    hard = name in MUST_FAIL and ("weights" in title or "hash" in name)
    return ["scored with"] if hard and not refused else []


def _enter(entry, folder, box, number):
    """Load a model through one entry; return faults and how it ended."""
    for left in box.output.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    table, stdin = box.output / "scores.csv", None
    action, bounds = _action(entry, folder, box, table), BOUNDS
    if entry == "score" and number % EVERY_REAL == 0:
        bounds = REAL_BOUNDS
        action = real_command(*_score_arguments(folder, box, table))
    if entry == "stdin":
        stdin = box.log("list")
        stdin.write_text(f"{box.inputs / 'clip.wav'}\n" + "y\n" * 500)
    ended = run(action, box, bounds, stdin=stdin)
    faults = judge_command(ended, box)
    if table.exists() and not faults:
        rows = read_rows(table)
        faults = [fault for row in rows for fault in score_faults(row)][:2]
    return faults, ended


def _score_arguments(folder, box, table):
    """Return the arguments of ``mtqnet score``."""
    clip = box.inputs / "clip.wav"
    return "score", clip, "--model", folder, "--output", table


def _action(entry, folder, box, table):
    """Return the action that loads a model through one entry."""
    manifest = box.output / "manifest.csv"
    clip = box.inputs / "clip.wav"
    manifest.write_text(f"ID,duration,wav,method\nu,0.8,{clip},Noisy\n")
    commands = {
        "score": _score_arguments(folder, box, table),
        "stdin": ("score", "-", "--model", folder, "--output", table),
        "export": ("export", folder, box.output / "exported"),
        "onnx": ("export", folder, box.output / "x.onnx", "--onnx"),
        "teacher": (
            *("pseudo-label", manifest, "--teacher", folder, "--device", "cpu"),
            *("--workers", 1, "--output", box.output / "labelled.csv"),
        ),
    }
    if entry in commands:
        return command(*commands[entry])
    return {"from_hparams": _from_hparams, "initialize": _initialize}[entry](
        folder
    )


def _worded(act):
    """Return an action whose ValueError or OSError is its refusal."""

    def worded():
        """Do it."""
        try:
            act()
        except (ValueError, OSError) as err:
            print(f"mtqnet: {err}", file=sys.stderr)
            return 2
        return 0

    return worded


def _from_hparams(folder):
    """Return an action that loads it for scoring."""

    def act():
        """Load it."""
        from mtqnet_brain.inference.predictor import SpeechQualityPredictor

        SpeechQualityPredictor.from_hparams(folder)

    return _worded(act)


def _initialize(folder):
    """Return an action that begins a training with it."""

    def act():
        """Take its settings and its weights."""
        from mtqnet_brain.checkpoints.transfer import (
            initialize_from,
            network_like,
        )
        from mtqnet_brain.tasks import Task

        network = network_like(folder, [Task("mos", 1, 5)])
        initialize_from(network, folder)

    return _worded(act)
