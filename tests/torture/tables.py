"""The kind ``tables``: each command's table, mutated.

Authors
 * The mtqnet-brain developers 2026
"""

import re
import runpy
import sys
from pathlib import Path

from .judge import judge_command, read_rows, score_faults
from .mutations import ALL, SAME, WRONG
from .outcome import Outcome, make_rng
from .running import Bounds, command, run
from .speech import make_speech, write

NAME = "tables"
CASES = 240  # of a campaign, drawn with its seed
ROOT = Path(__file__).parents[2]
TEACHER = ROOT / "tests" / "golden" / "tiny_model"
RECIPE = ROOT / "recipes" / "AnyCorpus"
BOUNDS = Bounds(seconds=30, megabytes=1000)
CLIPS = [f"clip{n}.wav" for n in range(6)]
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
NAMES = {"file", "ID", "wav", "duration", "method", "reference"}
HEADER = ["file", "s_mos", "g_mos"]
_numbers = {}  # of the table as it should be, by target


def _scores():
    """Return a table of scores or labels."""
    rows = [[c, f"{2 + n / 3:.3f}", f"{4 - n / 2:.3f}"] for n, c in _clips()]
    return [HEADER, *rows]


def _clips():
    """Return number and name of every clip."""
    return enumerate(CLIPS)


def _list(box, table):
    """Score a list; a list has no cells."""
    path = box.cwd / "list.txt"
    path.write_bytes(table)
    return command("score", path.name, "--output", box.output / "out.csv")


def _list_lines():
    """Return the lines of a list."""
    return [[name] for name in CLIPS]


def _evaluate(box, table, mutated):
    """Evaluate, one of the tables mutated."""
    for name, lines in (("scores", _scores()), ("labels", _scores())):
        text = "\n".join(",".join(cells) for cells in lines) + "\n"
        content = table if name == mutated else text.encode()
        (box.cwd / f"{name}.csv").write_bytes(content)
    return command("evaluate", "scores.csv", "labels.csv", "--resamples=20")


def _pairs(box, table):
    """Label pairs."""
    (box.cwd / "pairs.csv").write_bytes(table)
    options = "--pairs", "pairs.csv", "--workers", 1
    return command("label", *options, "--output", box.output / "out.csv")


def _manifest(box, table):
    """Label a manifest with a teacher."""
    (box.cwd / "manifest.csv").write_bytes(table)
    options = "--teacher", TEACHER, "--workers", 1, "--device", "cpu"
    output = "--output", box.output / "out.csv"
    return command("pseudo-label", "manifest.csv", *options, *output)


def _votes(box, table):
    """Prepare a corpus from a table."""
    (box.cwd / "votes.csv").write_bytes(table)
    script = RECIPE / "anycorpus_prepare.py"
    argv = [str(script), "--csv=votes.csv", "--data_folder=."]
    argv += [f"--save_folder={box.output / 'prepared'}", "--label_source=we"]
    argv += ["--label", "mos=score:1:5"]

    def act():
        """Run the script."""
        sys.argv = argv
        runpy.run_path(str(script), run_name="__main__")

    return act


# Per target: lines of its table, and what reads it.
TARGETS = {
    "a list for score": (_list_lines, _list),
    "scores for evaluate": (
        _scores,
        lambda box, table: _evaluate(box, table, "scores"),
    ),
    "labels for evaluate": (
        _scores,
        lambda box, table: _evaluate(box, table, "labels"),
    ),
    "pairs for label": (
        lambda: [
            ["reference", "degraded"],
            *([a, b] for a, b in zip(CLIPS[:2], CLIPS[2:])),
        ],
        _pairs,
    ),
    "a manifest for pseudo-label": (
        lambda: [
            ["wav", "ID", "method", "duration"],
            *([c, f"u{n}", "Noisy", "0.6"] for n, c in _clips()),
        ],
        _manifest,
    ),
    "IDs for pseudo-label": (
        lambda: [
            ["wav", "duration", "method", "ID"],
            *([c, "0.6", "Noisy", f"u{n}"] for n, c in _clips()),
        ],
        _manifest,
    ),
    "votes for a recipe": (
        lambda: [
            ["file", "score"],
            *([c, f"{1.5 + n / 2:.2f}"] for n, c in _clips()),
        ],
        _votes,
    ),
}
# Elsewhere a word may be an ID, and -1 a reference.
NUMERIC = ("labels for evaluate", "votes for a recipe")
NUMERIC += ("a manifest for pseudo-label",)
IN_RANGE = {"-1", "0"}  # evaluate knows no range
ALLOWED = {"nan", "NaN in all rows"}  # a missing label


def all_cases():
    """Return target and mutation of every case."""
    return [(target, mutation) for target in TARGETS for mutation in ALL]


def names():
    """Return what the cases are."""
    return [f"{target}: {mutation}" for target, mutation in all_cases()]


def run_cases(numbers, seed, box):
    """Run one command over one mutated table."""
    (number,) = numbers
    target, mutation = all_cases()[number]
    lines, prepare = TARGETS[target]
    rng = make_rng(seed, NAME, number)
    for one in CLIPS:
        speech = make_speech(make_rng(1, one, 0), 0.6)
        write(box.cwd / one, speech, coding="PCM_16")
    action = prepare(box, ALL[mutation](lines(), rng))
    box.close()
    ended = run(action, box, BOUNDS)
    faults = judge_command(ended, box, recipe="recipe" in target)
    faults = faults or _table_faults(box)
    faults = faults or _meaning(target, mutation, ended, box)
    shown = names()[number]
    return [Outcome(NAME, number, shown, faults, ended.last_line, str(box.cwd))]


def _table_faults(box):
    """Judge the table of scores, if there is one."""
    path = box.output / "out.csv"
    if not path.exists():
        return []
    try:
        rows = read_rows(path)
    except ValueError as err:
        return [f"its output is not a table: {err}"]
    if rows and "warning" in rows[0]:
        return [fault for row in rows for fault in score_faults(row)][:3]
    cells = [
        str(cell).lower()
        for row in rows
        for column, cell in row.items()
        if column not in NAMES
    ]
    return ["nan in its output"] if {"nan", "inf"} & set(cells) else []


def _meaning(target, mutation, ended, box):
    """List what the command silently did with a wrong table."""
    found = _found(ended, box)
    if mutation == "as it should be" and ended.code != 0:
        return [f"exit code {ended.code} though nothing is wrong"]
    if mutation in SAME and ended.code == 0 and not _noticed(ended):
        return _differences(found, _plain(target, box), "list" in target)
    if mutation in WRONG and target in NUMERIC and ended.code == 0:
        fine = ALLOWED if "manifest" not in target else set()
        fine = fine | (IN_RANGE if "evaluate" in target else set())
        if mutation not in fine and not _noticed(ended):
            return ["accepted without a word"]
    return []


def _differences(found, right, once):
    """Say where numbers differ; with ``once``, rows may be repeated."""
    if once:
        found, right = sorted(set(found)), sorted(set(right))
    if found == right:
        return []
    pairs = zip(found, right)
    first = next((f"{a}, not {b}" for a, b in pairs if a != b), "")
    counts = f"{len(found)} numbers, not {len(right)}"
    return [f"silently other numbers: {first or counts}"]


def _noticed(ended):
    """Whether the command prints a warning."""
    words = ("row", "twice", "double", "duplicate", "more than once")
    words += ("left out", "ignored", "repeated", "counted once", "not a number")
    text = (ended.stdout + ended.stderr).lower()
    return any(word in text for word in words)


def _found(ended, box):
    """Return the numbers that a command found."""
    text, path = ended.stdout, box.output / "out.csv"
    if path.exists():
        text = path.read_text("utf-8", "replace")
    if (box.output / "prepared").exists():
        tables = sorted((box.output / "prepared").glob("*.csv"))
        text = "\n".join(table.read_text("utf-8") for table in tables)
    return NUMBER.findall(text)


def _plain(target, box):
    """Return the numbers of the table as it should be."""
    if target not in _numbers:
        lines, prepare = TARGETS[target]
        other = type(box)(box.root / "plain")
        for one in CLIPS:
            (other.cwd / one).write_bytes((box.cwd / one).read_bytes())
        action = prepare(other, ALL["as it should be"](lines(), None))
        other.close()
        _numbers[target] = _found(run(action, other, BOUNDS), other)
    return _numbers[target]
