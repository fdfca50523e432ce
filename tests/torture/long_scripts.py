"""The scripts that are killed: training and caching.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import os
import runpy
import sys
from pathlib import Path

from .long_run import LongRun, digest, write_clips

ROOT = Path(__file__).parents[2]
TEACHER = ROOT / "tests" / "golden" / "tiny_model"
RECIPE = ROOT / "recipes" / "AnyCorpus"


def _train():
    """Return a fine-tuning of a small network for three epochs."""

    def prepare(box):
        """Write clips and votes."""
        write_clips(box.cwd / "clips", 20, 0.5)
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

    return LongRun("train", prepare, action, "run/save/CKPT*", _weights)


def _weights(folder):
    """Return the hashes of the weights and the figures of a run."""
    run = folder / "run"
    paths = run / "model" / "model.safetensors", run / "metrics.json"
    return {p.name: digest(p.read_bytes()) for p in paths if p.exists()}


def _cache():
    """Return the filling of a cache of embeddings, shard by shard."""

    def prepare(box):
        """Write clips, a manifest and an SSL model."""
        from mtqnet_brain.reproduction.tiny_ssl import save_tiny_ssl

        write_clips(box.cwd / "clips", 24, 2.0)
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
            from mtqnet_brain.data.manifest import read_manifest
            from mtqnet_brain.model.mtqnet import MTQNet
            from mtqnet_brain.tasks import Task
            from mtqnet_brain.training import embedding_cache

            embedding_cache.SHARD_BYTES = 1
            embedding_cache.BATCH_SECONDS = 5
            ssl = {"source": str(box.inputs / "ssl"), "freeze": True}
            small = {"channels": (2, 2, 2, 2), "blstm_hidden": 2}
            network = MTQNet([Task("mos", 1, 5)], ssl=ssl, **small).eval()
            rows = read_manifest(box.cwd / "manifest.csv")
            embedding_cache.open_cache(box.output, network, rows, True, "cpu")

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
                found[key] = digest(content)
    for path in folder.glob("*/model.json"):
        found["model"] = json.loads(path.read_text())["sha256"]
    return found


TRAIN, CACHE = _train(), _cache()
