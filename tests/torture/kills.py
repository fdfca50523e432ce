"""The kind ``kills``: signals at random times, then the same command again.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import signal
import time
from functools import partial

from .box import Box
from .disturbances import CHANGES, DAMAGES, disturb
from .judge import judge_command
from .long_runs import INSTALLED, RUNS
from .outcome import Outcome, make_rng
from .processes import send, signal_group
from .running import Bounds, run

NAME = "kills"
CASES = 66  # of a campaign, drawn with its seed
BOUNDS = Bounds(seconds=90, megabytes=1500)
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
REPEATS = 2
# Exit codes after a signal: its own, or a shell's.
CODES = {
    name: {-getattr(signal, name), 128 + getattr(signal, name)}
    for name in SIGNALS
}
SCRIPTS = ("train", "cache")  # not `mtqnet` commands
# Names that appear when a run has ended.
FINAL = {f"scores{ending}" for ending in (".csv", ".json", ".jsonl")}
FINAL |= {"labels.csv", "labelled.csv", "corpus/corpus.json"}
FINAL |= {"model.safetensors", "metrics.json"}
_undisturbed = {}  # result, and seconds of work, by run


class Striker:
    """Acts a while after the work of a command has begun.

    Arguments
    ---------
    folder : Path
        Output folder.
    pattern : str
        Pattern of files that show that the work has begun.
    wait : float
        Seconds from then on.
    act : callable
        Called once, with the process number of the child.
    """

    def __init__(self, folder, pattern, wait=0.0, act=None):
        self.folder, self.pattern = folder, pattern
        self.wait, self.act = wait, act
        self.began = self.struck = None

    def __call__(self, child):
        """Check once."""
        now = time.monotonic()
        if self.began is None and self._grows():
            self.began = now
        due = self.began is not None and now >= self.began + self.wait
        if due and self.struck is None:
            self.struck = now
            if self.act:
                self.act(child)

    def _grows(self):
        """Whether the work has begun."""
        return any(
            path.is_dir() or path.stat().st_size
            for path in self.folder.glob(self.pattern)
            if path.exists()
        )


def _strike(number, child):
    """Send a signal; Ctrl-C reaches workers too."""
    (signal_group if number == signal.SIGINT else send)(child, number)


def _baseline(long_run, box, change=None):
    """Return the result of an undisturbed run, and its seconds of work."""
    key = long_run.name, change
    if key not in _undisturbed:
        other = Box(box.root / "undisturbed")
        long_run.prepare(other)
        if change:
            CHANGES[change](other)
        other.close()
        look = Striker(other.output, long_run.grows)
        ended = run(long_run.action(other), other, BOUNDS, look)
        seconds = time.monotonic() - look.began if look.began else 0.5
        if ended.code not in (0, 1):
            raise RuntimeError(f"undisturbed: {ended.last_line}")
        _undisturbed[key] = long_run.result(other.output), seconds
        other.remove()
    return _undisturbed[key]


SECOND = "the same command beside it"


def all_cases():
    """Return run, signal and what happens before the second try."""
    found = [
        (one, name, "")
        for _ in range(REPEATS)
        for one in RUNS
        for name in SIGNALS
    ]
    found += [(one, "SIGINT", "") for one in INSTALLED]
    found += [(RUNS[0], "SIGKILL", change) for change in CHANGES]
    with_partial = [one for one in RUNS if one.partial][::3]
    found += [(o, "SIGKILL", how) for o in with_partial for how in DAMAGES]
    found += [(one, "", SECOND) for one in (RUNS[0], RUNS[3], RUNS[7])]
    return found


def names():
    """Return what the cases are."""
    return [
        ", ".join(filter(None, (one.name, number, then)))
        for one, number, then in all_cases()
    ]


def run_cases(numbers, seed, box):
    """Disturb a command, run it again, and compare."""
    (number,) = numbers
    long_run, name, then = all_cases()[number]
    rng = make_rng(seed, NAME, number)
    whole, seconds = _baseline(long_run, box)
    case = Box(box.root / "case")
    long_run.prepare(case)
    case.close()
    if then == SECOND:
        wait = rng.uniform(0, seconds / 2)
        faults, ended = _two_at_once(long_run, case, wait, whole)
    else:
        wait = rng.uniform(0, seconds)
        faults, ended = _meet_signal(long_run, case, name, wait, whole)
    if then != SECOND and not faults:
        disturb(long_run, case, then, rng)
        right, _ = _baseline(long_run, box, then if then in CHANGES else None)
        faults, ended = _go_on(long_run, case, then, right)
    what = names()[number]
    if wait:
        faults = [f"{fault} (after {wait:.2f} s of work)" for fault in faults]
    last = ended.last_line
    return [Outcome(NAME, number, what, faults, last, str(case.root))]


def _meet_signal(long_run, case, name, wait, whole):
    """Run a command and send a signal; its output must be whole or absent."""
    strike = partial(_strike, getattr(signal, name))
    striker = Striker(case.output, long_run.grows, wait, strike)
    ended = run(long_run.action(case), case, BOUNDS, striker)
    faults = list(ended.faults) + case.faults()
    if striker.struck is None:
        allowed = {0, 1}  # it was quicker
    else:
        allowed = {0, *CODES[name]} | (
            {1} if long_run.name in SCRIPTS else set()
        )
    if not faults and ended.code not in allowed:
        faults = [f"{name}: exit code {ended.code}"]
    if "Traceback" in ended.stderr and long_run.name not in SCRIPTS:
        faults.append(f"{name}: traceback")
    return faults + torn(long_run.result(case.output), whole), ended


def torn(found, whole):
    """List incomplete files that have their final names.

    Both arguments are hashes by path: of this run, and of an undisturbed one.
    """
    return [
        f"{path} is there, but not whole"
        for path in found
        if path in FINAL and found[path] != whole.get(path)
    ]


def _go_on(long_run, case, then, right):
    """Run the same command again; it must end as if undisturbed."""
    again = run(long_run.action(case), case, BOUNDS)
    codes = (0, 1, 2) if then in DAMAGES else (0, 1)
    faults = judge_command(again, case, codes, long_run.name in SCRIPTS)
    if faults or again.code == 2:
        return [f"then: {fault}" for fault in faults], again
    return differences(long_run.result(case.output), right), again


def differences(found, right):
    """List files that differ, are missing or were left, by their hashes."""
    changed = sorted(
        k for k in found.keys() & right.keys() if found[k] != right[k]
    )
    faults = [f"another {key} than undisturbed" for key in changed]
    faults += [f"no {key}" for key in sorted(right.keys() - found.keys())]
    faults += [f"left {key}" for key in sorted(found.keys() - right.keys())]
    return faults[:4]


def _two_at_once(long_run, case, wait, whole):
    """Run a command while the same is running; the second is refused."""
    seconds = []

    def begin(child):
        """Run the second one, on the same inputs and output."""
        other = Box(case.root / "second")
        other.cwd, other.output = case.cwd, case.output
        action = long_run.action(other)

        def act():
            """Run in the current folder of the first one."""
            os.chdir(case.cwd)
            return action()

        seconds.append((run(act, other, BOUNDS), other))

    striker = Striker(case.output, long_run.grows, wait, begin)
    ended = run(long_run.action(case), case, BOUNDS, striker)
    faults = judge_command(ended, case, (0, 1))
    faults = [f"the first: {fault}" for fault in faults]
    for second, other in seconds:
        found = judge_command(second, other, (2,))
        if not found and "100%" in second.stderr:
            found = ["did the work too, and was refused in the end"]
        faults += [f"the second: {fault}" for fault in found]
    return faults + differences(long_run.result(case.output), whole), ended
