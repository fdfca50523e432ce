"""A small part of ``make torture``, and the judge that must be able to fail.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from torture.campaign import KINDS
from torture.report import FILE

ROOT = Path(__file__).parents[2]
# One case per kind of fault.
SMALL = {
    "audio": (
        "channels in antiphase",
        "a level of 1e-10",
        "a peak of 1e30",
        "22254 Hz",
        "192001 Hz",
        "two MP3 MPEG_LAYER_III joined",
        "name b'=1+1%.wav'",
        "a FIFO",
        "3 GB of holes",
        "WAV PCM_16, a word of its header at an extreme",
    ),
    "tables": (
        "labels for evaluate: a cell of 200,000",
        "labels for evaluate: 1_0",
        "IDs for pseudo-label: a row twice",
        "a manifest for pseudo-label: nan",
        "votes for a recipe: nothing",
    ),
    "models": (
        "YAML: as it should be",
        "YAML: tuple in single quotes as a note",
        "YAML: arithmetic as the hidden units",
        "YAML: a network of 300 TB",
        "weights of an export: a pickled command",
        "weights of an export: NaN",
        "JSON: as it should be",
        "JSON: tuple, to be written into YAML",
        "file of a run: model.safetensors a link to /dev/zero",
    ),
    "kills": ("score to .csv, SIGKILL",),
}


def run_torture(output, *arguments):
    """Run the command; return its output and the failing cases."""
    argv = [sys.executable, "-m", "tests.torture", "--output", str(output)]
    done = subprocess.run(
        [*argv, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    lines = (output / FILE).read_text("utf-8").splitlines()
    return done, [json.loads(line) for line in lines]


def test_the_judge_names_every_fault(tmp_path):
    """Commands that misbehave on purpose: each is caught at what it does."""
    done, failed = run_torture(tmp_path, "--only", "self-check")
    assert not failed
    assert done.returncode == 0, done.stderr
    n_cases = len(KINDS["self-check"].names())
    assert re.search(rf"^all +{n_cases} +{n_cases} +0$", done.stdout, re.M)


def test_a_small_part_is_survived(tmp_path):
    """One case per kind of fault, with what failed if one does."""
    cases = [
        f"{kind}:{KINDS[kind].names().index(name)}"
        for kind, names in SMALL.items()
        for name in names
    ]
    done, failed = run_torture(tmp_path, "--case", *cases)
    assert not failed, "\n".join(map(str, failed))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_replays_find_the_same_cases(kind):
    """A number means one case, whatever else has been drawn."""
    names = KINDS[kind].names()
    assert names == KINDS[kind].names() and len(names) > 9
    assert all(isinstance(name, str) for name in names)
