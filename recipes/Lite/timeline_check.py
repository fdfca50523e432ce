#!/usr/bin/env python3
"""How true a model's scores over time are, on clips half clean, half degraded.

To run this script, do the following:
> python timeline_check.py SPEECH --model FOLDER

Each clip has one degradation in one half; the model does not know where. The
curve of the clip is compared with the score of each half alone, at 1 s and more
from the boundary, and the boundary with the largest change of the curves.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

import numpy as np
from tqdm import tqdm

from mtqnet_brain.audio.blocks import check_file
from mtqnet_brain.audio.io import SAMPLE_RATE, load_audio
from mtqnet_brain.audio.listing import audio_files
from mtqnet_brain.corpus.damage.amplitude import clip_peaks
from mtqnet_brain.corpus.damage.bands import band_limit
from mtqnet_brain.corpus.mixing import mix_at_snr
from mtqnet_brain.corpus.noises import pink_noise
from mtqnet_brain.inference.predictor import SHIPPED, SpeechQualityPredictor
from mtqnet_brain.inference.timeline import find_change
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.utils.files import whole_file
from mtqnet_brain.utils.outputs import target_of

SHORTEST, LONGEST = 4, 8  # s, of a clip
GUARD = 1.0  # s around the boundary that are not judged
NEAR = 0.5  # of a score, and of a second
PACKET = SAMPLE_RATE // 50


def add_noise(speech, rng):
    """Add pink noise at 5 dB SNR."""
    return mix_at_snr(speech, pink_noise(len(speech), rng), 5.0, rng)


def clip_loud(speech, _rng):
    """Clip a tenth of the samples."""
    return clip_peaks(speech, 0.1)


def lose_packets(speech, rng):
    """Lose a tenth of the packets of 20 ms, silently."""
    lost = rng.random(-(-len(speech) // PACKET)) < 0.1
    return speech * ~np.repeat(lost, PACKET)[: len(speech)]


def low_pass(speech, _rng):
    """Keep what is below 2 kHz."""
    return band_limit(speech, 0, 2000)


DEGRADATIONS = {
    "noise, 5 dB": add_noise,
    "clipping, 10 %": clip_loud,
    "packet loss, 10 %": lose_packets,
    "low-pass, 2 kHz": low_pass,
}


def find_clips(folder, n_clips):
    """Return clean clips from all over a folder, at most 8 s of each."""
    paths = [
        path
        for path in audio_files(folder)
        if check_file(path).duration >= SHORTEST
    ]
    if len(paths) < n_clips:
        raise ValueError(
            f"{folder}: {len(paths)} clips of {SHORTEST} s and more, need "
            f"{n_clips}; give --clips {len(paths)} or another folder"
        )
    chosen = np.linspace(0, len(paths) - 1, n_clips).round().astype(int)
    return [load_audio(paths[i])[: LONGEST * SAMPLE_RATE] for i in chosen]


def check_clip(predictor, clean, degrade, rng, swap):
    """Compare the curves of a clip with the scores of its halves.

    Arguments
    ---------
    predictor : SpeechQualityPredictor
        The model.
    clean : np.ndarray
        Clean speech at 16 kHz, shape (n_samples,).
    degrade : callable
        One of `DEGRADATIONS`.
    rng : np.random.Generator
        Draws the noise and the boundary, at 40 to 60 % of the clip.
    swap : bool
        Whether the first half is the degraded one.

    Returns
    -------
    dict
        ``errors``: per task, |curve - score of the half| at each time that is
        judged; ``gaps``: per task, the difference of the halves' scores;
        ``shift``: seconds from the boundary to the change that was found.
    """
    edge = round(len(clean) * rng.uniform(0.4, 0.6))
    halves = [clean[:edge], clean[edge:]]
    halves[not swap] = degrade(halves[not swap], rng).astype(np.float32)
    alone = [predictor.score_array(half, SAMPLE_RATE) for half in halves]
    frames = predictor.score_array(
        np.concatenate(halves), SAMPLE_RATE, frames=True
    )["frames"]
    time = frames.pop("time")
    from_edge = time - edge / SAMPLE_RATE
    judged = np.abs(from_edge) >= GUARD
    errors = {}
    for task, curve in frames.items():
        own = np.where(from_edge < 0, alone[0][task], alone[1][task])
        errors[task] = np.abs(curve - own)[judged]
    margin = round(GUARD / time[1])
    change = find_change(np.stack(list(frames.values())), margin)
    return {
        "errors": errors,
        "gaps": {t: abs(alone[0][t] - alone[1][t]) for t in frames},
        "shift": abs(from_edge[change]),
    }


def describe(found, tasks):
    """Return the Markdown table.

    Arguments
    ---------
    found : dict of str to list of dict
        Results of `check_clip` by degradation.
    tasks : list of str
        Names of the scores.

    Returns
    -------
    str
        A row per degradation and one of all.
    """
    rows = found | {"all": [one for row in found.values() for one in row]}
    lines = [
        f"Columns of three: {', '.join(tasks)}.",
        "",
        "| degraded half | clips | halves differ by | curve is off by | "
        f"within {NEAR} | change within {NEAR} s |",
        "|---|---|---|---|---|---|",
    ]
    for name, clips in rows.items():
        gaps, errors, within = [], [], []
        for task in tasks:
            off = [one["errors"][task] for one in clips]
            gaps.append(np.mean([one["gaps"][task] for one in clips]))
            # Every clip counts the same.
            errors.append(np.mean([o.mean() for o in off]))
            within.append(np.mean([(o <= NEAR).mean() for o in off]))
        cells = [" / ".join(f"{x:.2f}" for x in row) for row in (gaps, errors)]
        cells.append(" / ".join(f"{100 * x:.0f} %" for x in within))
        seen = np.mean([one["shift"] <= NEAR for one in clips])
        cells.append(f"{100 * seen:.0f} %")
        lines.append(f"| {name} | {len(clips)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


@plain_errors()
def main():
    """Run the script from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("speech", help="folder of clean clips")
    parser.add_argument("--model", default=SHIPPED, help="run or export")
    parser.add_argument("--clips", type=int, default=20, help="default: 20")
    parser.add_argument("--output", help="Markdown file; default: printed")
    args = parser.parse_args()
    predictor = SpeechQualityPredictor.from_hparams(
        args.model, run_opts={"device": "cpu"}
    )
    clips = find_clips(args.speech, args.clips)
    rng = np.random.default_rng(1986)
    found = {name: [] for name in DEGRADATIONS}
    with tqdm(total=len(clips) * len(found), unit="clip") as bar:
        for name, degrade in DEGRADATIONS.items():
            for i, clip in enumerate(clips):
                found[name].append(
                    check_clip(predictor, clip, degrade, rng, swap=i % 2 == 1)
                )
                bar.update()
    text = describe(found, [task.name for task in predictor.tasks])
    if args.output is None:
        print(text, end="")
        return
    with whole_file(target_of(args.output)) as file:
        file.write(text)


if __name__ == "__main__":
    main()
