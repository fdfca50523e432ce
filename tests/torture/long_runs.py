"""Commands that take seconds: their inputs, what grows, what they leave.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib
import json
import os
import runpy
import sys
from dataclasses import dataclass
from pathlib import Path

from .outcome import make_rng
from .running import command, real_command
from .speech import RATE, make_speech, write

ROOT = Path(__file__).parents[2]
TEACHER = ROOT / "tests" / "golden" / "tiny_model"
RECIPE = ROOT / "recipes" / "AnyCorpus"


@dataclass(frozen=True)
class LongRun:
    """A command that is worth going on with.

    Arguments
    ---------
    name : str
        What it is.
    prepare : callable
        Writes its inputs into a box.
    action : callable
        Returns the action, of a box.
    grows : str
        Pattern in the output of what shows that the work has begun.
    result : callable
        Returns what is to be the same in the end, of the output folder.
    partial : str
        Pattern of what holds the rows of a run that goes on, or empty.
    """

    name: str
    prepare: callable
    action: callable
    grows: str
    result: callable
    partial: str = ""


def _clips(folder, n_clips, seconds):
    """Write clips of speech."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(n_clips):
        rng = make_rng(n, "clips", n_clips)
        path = folder / f"clip{n:02d}.wav"
        write(path, make_speech(rng, seconds + n / 50), RATE, coding="PCM_16")


def tree(folder):
    """Return the hashes of a folder's files by relative path.

    Arguments
    ---------
    folder : Path
        The folder.

    Returns
    -------
    dict
        Hash by path.
    """
    return {
        str(path.relative_to(folder)): _digest(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def _digest(content):
    """Return some digits of a hash."""
    return hashlib.sha256(content).hexdigest()[:16]


def _score(ending, start=command):
    """Return a scoring of 48 clips into a table."""

    def action(box):
        """Score them, few at a time, so that rows come one by one."""
        table = box.output / f"scores{ending}"
        few = "--batch_size", 1
        return start("score", "clips", *few, "--output", table)

    shown = "" if start is command else ", installed"
    return LongRun(
        f"score to {ending}{shown}",
        lambda box: _clips(box.cwd / "clips", 48, 0.8),
        action,
        "*.partial",
        tree,
        "*.partial",
    )


def _label(workers, start=command):
    """Return a labelling of 16 pairs."""

    def prepare(box):
        """Write references, and the same with noise."""
        _clips(box.cwd / "clean", 16, 0.8)
        (box.cwd / "noisy").mkdir()
        for path in sorted((box.cwd / "clean").iterdir()):
            rng = make_rng(0, path.name, 0)
            seconds = 0.8 + int(path.stem[4:]) / 50
            noisy = make_speech(
                make_rng(int(path.stem[4:]), "clips", 16), seconds
            )
            noisy = noisy + 0.02 * rng.standard_normal(len(noisy))
            write(box.cwd / "noisy" / path.name, noisy, coding="PCM_16")

    def action(box):
        """Label them."""
        folders = "--reference", "clean", "--degraded", "noisy"
        output = "--output", box.output / "labels.csv"
        return start("label", *folders, *output, "--workers", workers)

    shown = "" if start is command else ", installed"
    name = f"label, {workers} worker(s){shown}"
    grows = "*.partial"
    return LongRun(name, prepare, action, grows, tree, grows)


def _build_corpus(workers):
    """Return the building of a corpus of 24 clips."""

    def prepare(box):
        """Write six talkers of three sentences, and noise."""
        for talker in range(6):
            for sentence in range(3):
                rng = make_rng(talker, "talker", sentence)
                folder = box.cwd / "speech" / f"talker_{talker}"
                folder.mkdir(parents=True, exist_ok=True)
                speech = make_speech(rng, 1.1)
                path = folder / f"22_{sentence:02d}.wav"
                write(path, speech, RATE, coding="PCM_16")

    def action(box):
        """Build it."""
        options = "--clips", 24, "--snr", 0, 10, "--enhancers", "MMSE"
        noises = "--noises", "white", "pink", "--workers", workers
        output = "--output", box.output / "corpus"
        sources = "build-corpus", "--speech", "speech"
        return command(*sources, *options, *noises, *output)

    name = f"build-corpus, {workers} worker(s)"
    return LongRun(name, prepare, action, "corpus/t*/*.wav", tree)


def _pseudo_label():
    """Return the labelling of 32 rows by a small network."""

    def prepare(box):
        """Write clips and a manifest."""
        _clips(box.cwd / "clips", 32, 5.0)
        rows = ["ID,duration,wav,method"]
        for n in range(32):
            rows.append(f"u{n},{5 + n / 50:.2f},clips/clip{n:02d}.wav,Noisy")
        (box.cwd / "manifest.csv").write_text("\n".join(rows) + "\n")

    def action(box):
        """Label it."""
        teacher = "--teacher", TEACHER, "--device", "cpu", "--workers", 1
        output = "--output", box.output / "labelled.csv"
        return command("pseudo-label", "manifest.csv", *teacher, *output)

    grows = "*.scores.partial"
    return LongRun("pseudo-label", prepare, action, grows, tree, grows)


def _train():
    """Return a fine-tuning of a small network for three epochs."""

    def prepare(box):
        """Write clips and votes."""
        _clips(box.cwd / "clips", 20, 0.5)
        votes = [f"clip{n:02d}.wav,{1.5 + n / 10}" for n in range(20)]
        text = "file,score\n" + "\n".join(votes) + "\n"
        (box.cwd / "votes.csv").write_text(text)

    def action(box):
        """Run the recipe's script."""
        options = {
            "csv": box.cwd / "votes.csv",
            "data_folder": box.cwd / "clips",
            "output_folder": box.output / "run",
            "label_source": "invented",
            "pretrained": TEACHER,
            "device": "cpu",
            "num_workers": 0,
            "max_batch_seconds": 1.5,
            "number_of_epochs": 3,
            "ckpt_interval_steps": 2,
            "ckpt_interval_minutes": 0,
        }
        argv = ["fine_tune.py", "hparams/fine_tune.yaml"]
        argv += [f"--{name}={value}" for name, value in options.items()]
        argv += ["--label", "mos=score:1:5"]

        def act():
            """Run it where its hyperparameters are."""
            os.chdir(RECIPE)
            sys.argv = argv
            runpy.run_path("fine_tune.py", run_name="__main__")

        return act

    def result(folder):
        """Return the weights and the figures."""
        run = folder / "run"
        found = {}
        for path in (run / "model" / "model.safetensors", run / "metrics.json"):
            if path.exists():
                found[path.name] = _digest(path.read_bytes())
        return found

    return LongRun("train", prepare, action, "run/save/CKPT*", result)


def _cache():
    """Return the filling of a cache of embeddings, shard by shard."""

    def prepare(box):
        """Write clips, a manifest and an SSL model."""
        from mtqnet_brain.tiny_ssl import save_tiny_ssl

        _clips(box.cwd / "clips", 24, 2.0)
        rows = ["ID,duration,wav,method"]
        for n in range(24):
            wav = box.cwd / "clips" / f"clip{n:02d}.wav"
            rows.append(f"u{n},{2 + n / 50:.2f},{wav},Noisy")
        (box.cwd / "manifest.csv").write_text("\n".join(rows) + "\n")
        save_tiny_ssl(box.inputs / "ssl", "wavlm")

    def action(box):
        """Fill it, a shard per batch of two clips."""

        def act():
            """Fill it."""
            from mtqnet_brain import embedding_cache
            from mtqnet_brain.model import MTQNet
            from mtqnet_brain.tasks import Task

            embedding_cache.SHARD_BYTES = 1
            embedding_cache.BATCH_SECONDS = 5
            ssl = {"source": str(box.inputs / "ssl"), "freeze": True}
            small = {"channels": (2, 2, 2, 2), "blstm_hidden": 2}
            network = MTQNet([Task("mos", 1, 5)], ssl=ssl, **small).eval()
            embedding_cache.open_cache(
                box.output, network, [box.cwd / "manifest.csv"], True, "cpu"
            )

        return act

    return LongRun("cache", prepare, action, "*/*.safetensors", _embeddings)


def _embeddings(folder):
    """Return the hashes of all embeddings by key; other processes' too."""
    from safetensors import safe_open

    found = {}
    for path in sorted(folder.glob("*/*.safetensors")):
        with safe_open(path, "pt") as shard:
            for key in shard.keys():
                content = shard.get_tensor(key).numpy().tobytes()
                found[key] = _digest(content)
    for path in folder.glob("*/model.json"):
        found["model"] = json.loads(path.read_text())["sha256"]
    return found


RUNS = (
    _score(".csv"),
    _score(".json"),
    _score(".jsonl"),
    _label(1),
    _label(2),
    _build_corpus(1),
    _build_corpus(2),
    _pseudo_label(),
    _train(),
    _cache(),
)
INSTALLED = _score(".csv", real_command), _label(2, real_command)
