"""The kind ``audio``: odd files, many to a call of ``mtqnet score``.

Authors
 * The mtqnet-brain developers 2026
"""

import json

from .box import Box
from .judge import judge_command, judge_rows, read_rows, same_name
from .outcome import Outcome, make_rng
from .running import Bounds, command, run
from .sounds import all_sounds

NAME, BATCH = "audio", 48
TOLERANCE = 0.3  # between scores of the same sound: codings differ
MEMORY = 1000.0  # MB
BASE_SECONDS, FILE_SECONDS = 10.0, 0.5
_silence = {}


def names():
    """Return what the cases are."""
    return [name for name, _ in all_sounds()]


def run_cases(numbers, seed, box):
    """Score odd files together; where that fails, halves of them."""
    makers, sounds = all_sounds(), {}
    for number in numbers:
        rng = make_rng(seed, NAME, number)
        sounds[number] = makers[number][1](box.cwd, f"c{number}", rng)
    return _score(sounds, [name for name, _ in makers], box)


def _score(sounds, names, box):
    """Score sounds, and judge the call and every row."""
    files = [sound.name for sound in sounds.values()]
    files += [sound.like for sound in sounds.values() if sound.like]
    table = box.output / "scores.csv"
    for left in box.output.iterdir():
        left.unlink()
    box.close()
    bounds = Bounds(BASE_SECONDS + FILE_SECONDS * len(files), MEMORY)
    ended = run(command("score", "--output", table, "--", *files), box, bounds)
    faults = judge_command(ended, box, codes=(0, 1))
    rows, faults = _table(table, faults)
    if faults and len(sounds) > 1:
        numbers = list(sounds)
        halves = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        return [
            outcome
            for half in halves
            for outcome in _score({n: sounds[n] for n in half}, names, box)
        ]
    by_name = {same_name(row["file"]): row for row in rows}
    of_rows = {} if faults else judge_rows(rows, files)
    return [
        Outcome(
            NAME,
            number,
            names[number],
            faults
            + of_rows.get(sound.name, [])
            + _meaning(sound, by_name, box),
            ended.last_line,
            str(box.cwd / sound.name),
        )
        for number, sound in sounds.items()
    ]


def _table(path, faults):
    """Read the table; a fault if there is none or it is invalid."""
    if faults:
        return [], faults
    try:
        return read_rows(path), []
    except (OSError, ValueError) as err:
        return [], [f"no table of scores: {err}"]


def _meaning(sound, rows, box):
    """List scores that do not fit the sound."""
    row = rows.get(same_name(sound.name))
    if row is None or row["error"]:
        return []
    scores = {k: v for k, v in row.items() if k not in ("file", "warning")}
    del scores["error"]
    shown = "/".join(scores.values())
    if sound.flagged and not any(
        _differ(float(scores[k]), _scores_of_zeros(box)[k], 0.02)
        for k in scores
    ):
        return [f"scored {shown}, as zeros are"]
    if row["warning"]:
        return []
    if sound.flagged:
        return [f"scored {shown} without a word"]
    like = rows.get(same_name(sound.like)) if sound.like else None
    if like and any(_differ(scores[k], like[k]) for k in scores):
        whole = "/".join(like[k] for k in scores)
        return [f"scored {shown}, the whole of it {whole}"]
    return []


def _differ(one, other, tolerance=TOLERANCE):
    """Whether two scores are those of different sounds."""
    return abs(float(one) - float(other)) > tolerance


def _scores_of_zeros(box):
    """Return the network's own scores of 0.8 s of zeros.

    Computed in a child: this process, which forks, must load no network.
    """
    if not _silence:
        other = Box(box.root / "zeros")
        ended = run(_print_zeros, other, Bounds(BASE_SECONDS, MEMORY))
        _silence.update(json.loads(ended.stdout))
    return _silence


def _print_zeros():
    """Print them as JSON."""
    import torch

    from mtqnet_brain.checkpoints.loading import load_network
    from mtqnet_brain.inference.predictor import SHIPPED

    network, _ = load_network(SHIPPED)
    with torch.no_grad():
        scores = network(torch.zeros(1, 12800), torch.tensor([12800]))
    print(json.dumps({k: float(v) for k, v in scores.utterance.items()}))


def groups(numbers):
    """Group cases into calls of the command; odd rates get smaller ones."""
    what = names()
    odd = [n for n in numbers if what[n].endswith(" Hz")]
    rest = [n for n in numbers if n not in odd]
    grouped = [rest[i : i + BATCH] for i in range(0, len(rest), BATCH)]
    return grouped + [odd[i : i + 2] for i in range(0, len(odd), 2)]
