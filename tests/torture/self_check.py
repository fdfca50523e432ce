"""The kind ``self-check``: commands that misbehave, and must be caught.

A judge that cannot fail proves nothing: here each fault is made on purpose, and
a case is survived if the judge names it.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import signal
import subprocess
import sys
import time
from functools import partial

from .judge import judge_command, judge_rows, read_rows
from .kills import differences, torn
from .outcome import Outcome
from .running import Bounds, run

NAME = "self-check"
BOUNDS = Bounds(seconds=2, megabytes=300, cpu_seconds=1)
HEADER = "file,s_mos,warning,error\n"
GOOD = HEADER + "a.wav,3.5,,\nb.wav,,,too short\n"
INPUTS = ["a.wav", "b.wav"]


def _table(box, text, ending=".csv"):
    """Write a table of scores."""
    (box.output / f"scores{ending}").write_text(text)
    return 0


def _say(box, text, code):
    """Print to standard error and end."""
    print(text, file=sys.stderr, end="")
    return code


def _raise(box):
    """End in a traceback."""
    raise KeyError("x")


def _run_code(box):
    """Run code as a hostile model would."""
    os.system(f"touch {box.canary}")
    return 0


def _write_beside(box):
    """Write into the current folder."""
    open("marker", "w").close()
    return 0


def _change_input(box):
    """Change an input."""
    (box.inputs / "a.wav").write_text("other")
    return 0


def _ask(box):
    """Ask a question."""
    sys.stdin.readline()
    return 0


def _leave_child(box):
    """Leave a process behind."""
    subprocess.Popen(["sleep", "60"])
    return 0


def _take_memory(box):
    """Take half a gigabyte, and hold it a while."""
    held = bytearray(b"x") * (500 << 20)
    time.sleep(0.3)
    return len(held) and 0


def _hang(box):
    """Wait for what does not come."""
    time.sleep(60)


def _spin(box):
    """Compute without end."""
    while True:
        pass


def _crash(box):
    """Die of a signal."""
    os.kill(os.getpid(), signal.SIGSEGV)


# What a stand-in does, and part of what the judge is to say; None: nothing.
COMMANDS = {
    "a good table": (partial(_table, text=GOOD), None),
    "a refusal in one line": (
        partial(_say, text="mtqnet: x.wav: no such file\n", code=2),
        None,
    ),
    "a row is missing": (partial(_table, text=GOOD[:-20]), "0 rows"),
    "a row twice": (partial(_table, text=GOOD + "b.wav,,,x\n"), "2 rows"),
    "nan": (partial(_table, text=GOOD.replace("3.5", "nan")), "score nan"),
    "a score of 100": (
        partial(_table, text=GOOD.replace("3.5", "100")),
        "score 100",
    ),
    "neither score nor error": (
        partial(_table, text=GOOD.replace("too short", "")),
        "neither",
    ),
    "half a table": (partial(_table, text=GOOD + '"c.wav,1'), "no table"),
    "NaN in JSON": (
        partial(_table, text='[{"file": "a.wav", "s": NaN}]', ending=".json"),
        "no table",
    ),
    "no table": (partial(_say, text="", code=0), "no table"),
    "a traceback": (_raise, "traceback"),
    "exit code 3": (partial(_say, text="mtqnet: x\n", code=3), "exit code 3"),
    "a refusal without a word": (partial(_say, text="", code=2), "0 lines"),
    "a refusal in two lines": (
        partial(_say, text="mtqnet: a\nb\n", code=2),
        "2 lines",
    ),
    "code that runs": (_run_code, "hostile code ran"),
    "a file beside": (_write_beside, "wrote"),
    "an input that is changed": (_change_input, "changed"),
    "a question": (_ask, "standard input was read"),
    "a process that is left": (_leave_child, "outlived"),
    "memory": (_take_memory, "MB"),
    "a command that hangs": (_hang, "still running"),
    "a command that spins": (_spin, "of processor time"),
    "a crash": (_crash, f"exit code {-signal.SIGSEGV}"),
}
FORMULA = {"file": "=b.wav", "s_mos": "3", "warning": "", "error": ""}
RESULTS = {
    "a formula": (
        lambda: judge_rows([FORMULA], ["=b.wav"])["=b.wav"],
        "formula",
    ),
    "half an output under its final name": (
        lambda: torn({"scores.csv": "1"}, {"scores.csv": "2"}),
        "not whole",
    ),
    "another output after a kill": (
        lambda: differences({"scores.csv": "1"}, {"scores.csv": "2"}),
        "another",
    ),
    "a file left after a kill": (lambda: differences({"a": "1"}, {}), "left"),
    "the same after a kill": (lambda: differences({"a": 1}, {"a": 1}), None),
}


def names():
    """Return what the cases are."""
    return [*COMMANDS, *RESULTS]


def run_cases(numbers, seed, box):
    """Let a stand-in misbehave, and see what the judge says."""
    (number,) = numbers
    name = names()[number]
    if name in RESULTS:
        judge, expected = RESULTS[name]
        found = judge()
    else:
        act, expected = COMMANDS[name]
        found = judge_stand_in(act, box)
    said = "; ".join(found)
    faults = []
    if (expected is None and found) or (expected and expected not in said):
        faults = [f"the judge says {said!r}, not {expected!r}"]
    return [Outcome(NAME, number, name, faults, said, str(box.root))]


def judge_stand_in(act, box):
    """Run a stand-in for a command in an empty box; return its faults."""
    (box.inputs / "a.wav").write_text("sound")
    box.close()
    ended = run(lambda: act(box), box, BOUNDS)
    faults = judge_command(ended, box)
    if faults or ended.code:
        return faults
    tables = sorted(box.output.iterdir())
    if not tables:
        return ["no table"]
    try:
        rows = read_rows(tables[0])
    except ValueError as err:
        return [f"no table: {err}"]
    judged = judge_rows(rows, INPUTS).values()
    return [fault for faults in judged for fault in faults]
