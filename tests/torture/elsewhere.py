"""The kind ``elsewhere``: code in the current folder and in Parquet.

The commands are the installed ones, started afresh.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import pickle
import sys
from pathlib import Path

from .judge import judge_command
from .outcome import Outcome, make_rng
from .running import COMMAND, Bounds, real_command, run
from .speech import make_speech, write
from .weight_attacks import touch

NAME = "elsewhere"
BOUNDS = Bounds(seconds=120, megabytes=2000)
TEACHER = Path(__file__).parents[2] / "tests" / "golden" / "tiny_model"
MODULES = """multiprocessing pickle torch numpy json csv yaml soundfile pesq
pystoi scipy tqdm speechbrain mtqnet_brain transformers logging random struct
socket queue threading sitecustomize usercustomize sox resampy soxr librosa
h5py ray pyarrow tests conftest encodings codecs abc re types""".split()
SCORE = "score", "clips"
LABEL = "label", "--reference", "clips", "--degraded", "noisy", "--workers", 2
LABEL += ("--output", "{out}/labels.csv")
TEACH = "pseudo-label", "manifest.csv", "--teacher", str(TEACHER)
TEACH += ("--device", "cpu", "--workers", 2, "--output", "{out}/labelled.csv")
CORPUS = "build-corpus", "--speech", "speech", "--output", "{out}/corpus"
CORPUS += ("--clips", 24, "--snr", 0, "--enhancers", "MMSE", "--workers", 2)
EVALUATE = "evaluate", "scores.csv", "scores.csv"
AMONG_MODULES = {
    "score": (*SCORE, "--output", "{out}/scores.csv"),
    "label with two workers": LABEL,
    "pseudo-label with two workers": TEACH,
    "build-corpus with two workers": CORPUS,
    "evaluate": EVALUATE,
}
# Which columns are of Ray's type for pickled objects.
PARQUET = {
    "none": (),
    "path": ("path",),
    "bytes": ("bytes",),
    "both": ("path", "bytes"),
    "nested": (),
}


def _clips(box):
    """Write clips, the same with noise, talkers and a manifest."""
    rows = ["ID,duration,wav,method"]
    for name in ("clips", "noisy"):
        (box.cwd / name).mkdir()
    for n in range(4):
        rng = make_rng(n, "clips", 0)
        speech = make_speech(rng, 1.2)
        path = write(box.cwd / "clips" / f"c{n}.wav", speech, coding="PCM_16")
        noisy = speech + 0.01 * rng.standard_normal(len(speech))
        write(box.cwd / "noisy" / path.name, noisy, coding="PCM_16")
        rows.append(f"u{n},1.2,clips/{path.name},Noisy")
    for n in range(18):
        folder = box.cwd / "speech" / f"talker{n % 6}"
        folder.mkdir(parents=True, exist_ok=True)
        rng = make_rng(n, "talker", 0)
        write(folder / f"{n}.wav", make_speech(rng, 1.2), coding="PCM_16")
    (box.cwd / "manifest.csv").write_text("\n".join(rows) + "\n")
    scores = "file,s_mos\nc0.wav,1.5\nc1.wav,2.5\nc2.wav,3.5\n"
    (box.cwd / "scores.csv").write_text(scores)


def _modules(box):
    """Write modules that must not be imported."""
    for name in MODULES:
        text = f"open({str(box.canary) + '_' + name!r}, 'w')\n"
        (box.cwd / f"{name}.py").write_text(text)


def _parquet(box, kind):
    """Write a table whose columns are unpickled by whoever reads them."""
    import pyarrow
    from pyarrow import parquet

    payload = pickle.dumps(touch(box.canary))
    wav = (box.cwd / "clips" / "c0.wav").read_bytes()
    columns = {"path": ["c0.wav"], "bytes": [wav]}
    types = {"path": pyarrow.string(), "bytes": pyarrow.large_binary()}
    hostile = PARQUET[kind]
    for name in hostile:
        columns[name], types[name] = [payload], pyarrow.large_binary()
    note = {"ARROW:extension:name": "ray.data.arrow_pickled_object"}
    note["ARROW:extension:metadata"] = ""
    fields = [
        pyarrow.field(name, kind, metadata=note if name in hostile else None)
        for name, kind in types.items()
    ]
    if kind == "nested":
        inner = pyarrow.field("item", pyarrow.large_binary(), metadata=note)
        columns["bytes"] = [[payload]]
        fields[1] = pyarrow.field("bytes", pyarrow.list_(inner))
    table = pyarrow.table(columns, schema=pyarrow.schema(fields))
    parquet.write_table(table, box.cwd / "clips.parquet")


def _fetch(box):
    """Return an action: what a worker does to read the clips of a table."""
    code = (
        "import ray.data, tempfile\n"
        "from mtqnet_brain.cluster.fetching import fetch_clips\n"
        "from mtqnet_brain.cluster.clip_rows import find_clips\n"
        "try:\n"
        "    clips = list(find_clips(['clips.parquet']).values())\n"
        "    failed = {}\n"
        "    print(list(fetch_clips(clips, tempfile.mkdtemp(), failed)))\n"
        "except (ValueError, OSError) as err:\n"
        "    raise SystemExit(f'mtqnet: {err}')\n"
    )
    argv = [sys.executable, "-P", "-c", code]
    return lambda: os.execv(argv[0], argv)


def names():
    """Return what the cases are."""
    found = [f"modules beside {name}" for name in AMONG_MODULES]
    return found + [f"pickles in Parquet, {kind}" for kind in PARQUET]


def run_cases(numbers, seed, box):
    """Run a command where code lies about."""
    (number,) = numbers
    name = names()[number]
    _clips(box)
    if name.startswith("modules"):
        arguments = AMONG_MODULES[name.removeprefix("modules beside ")]
        action = _installed(box, arguments)
        _modules(box)
    else:
        _parquet(box, name.rpartition(" ")[2])
        action = _fetch(box)
    box.close()
    ended = run(action, box, BOUNDS)
    good = name.startswith("modules") or name.endswith("none")
    codes = (0,) if good else (0, 1, 2)
    faults = judge_command(ended, box, codes, recipe=True)
    return [Outcome(NAME, number, name, faults, ended.last_line, str(box.cwd))]


def _installed(box, arguments):
    """Return an action: the installed command with its arguments."""
    assert COMMAND.exists(), f"{COMMAND}: make install"
    texts = [str(a).replace("{out}", str(box.output)) for a in arguments]
    return real_command(*texts)
