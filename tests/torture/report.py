"""The table of a campaign, and the folder of failing cases.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from pathlib import Path

FILE = "failures.jsonl"


def format_table(outcomes, n_chosen, seconds):
    """Return the table: kind, tried, survived, failed.

    Arguments
    ---------
    outcomes : list of Outcome
        Outcomes of all cases that were tried.
    n_chosen : int
        Number of cases to try.
    seconds : float
        Duration of the campaign.

    Returns
    -------
    str
        The table.
    """
    kinds = dict.fromkeys(one.kind for one in outcomes)
    rows = [("kind", "tried", "survived", "failed")]
    for kind in sorted(kinds):
        rows.append(_count(kind, [o for o in outcomes if o.kind == kind]))
    rows.append(_count("all", outcomes))
    lines = ["{:12} {:>6} {:>9} {:>7}".format(*row) for row in rows]
    lines.append(f"{seconds / 60:.1f} minutes")
    if len(outcomes) < n_chosen:
        left = n_chosen - len(outcomes)
        lines.append(f"{left} cases were not tried: out of time, or stopped")
    return "\n".join(lines)


def _count(name, outcomes):
    """Return a row of the table."""
    survived = sum(one.survived for one in outcomes)
    return name, len(outcomes), survived, len(outcomes) - survived


def write_failures(folder, seed, outcomes):
    """Write the failing cases, each with the command that replays it.

    The file of an earlier campaign in the folder is overwritten.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    failed = [one for one in outcomes if not one.survived]
    with open(folder / FILE, "w", encoding="utf-8") as file:
        for one in sorted(failed, key=lambda one: (one.kind, one.number)):
            file.write(json.dumps(_describe(one, seed)) + "\n")


def _describe(one, seed):
    """Return what a failing case is and how to see it again."""
    replay = f"python -m tests.torture --only {one.kind} --seed {seed} "
    return {
        "kind": one.kind,
        "case": one.number,
        "name": one.name,
        "faults": one.faults,
        "last_line": one.last_line,
        "input": one.path,
        "replay": replay + f"--case {one.number}",
    }
