"""The `mtqnet` commands that are killed: inputs, growing files, results.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

from .long_run import LongRun, tree, write_clips
from .long_scripts import CACHE, TRAIN
from .outcome import make_rng
from .running import command, real_command
from .speech import RATE, make_speech, write

ROOT = Path(__file__).parents[2]
TEACHER = ROOT / "tests" / "golden" / "tiny_model"


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
        lambda box: write_clips(box.cwd / "clips", 48, 0.8),
        action,
        "*.partial",
        tree,
        "*.partial",
    )


def _label(workers, start=command):
    """Return a labelling of 16 pairs."""

    def prepare(box):
        """Write references, and the same with noise."""
        write_clips(box.cwd / "clean", 16, 0.8)
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
        write_clips(box.cwd / "clips", 32, 5.0)
        rows = ["ID,duration,wav,method"]
        for n in range(32):
            rows.append(f"u{n},{5 + n / 50:.2f},clips/clip{n:02d}.wav,Noisy")
        (box.cwd / "manifest.csv").write_text("\n".join(rows) + "\n")

    def action(box):
        """Label it."""
        teacher = "--teacher", TEACHER, "--device", "cpu", "--workers", 1
        output = "--output", box.output / "labelled.csv"
        return command("pseudo-label", "manifest.csv", *teacher, *output)

    def labels(folder):
        """Return the hash of the manifest; the scores kept stay beside it."""
        found = tree(folder)
        return {k: v for k, v in found.items() if "teacher_scores" not in k}

    grows = "teacher_scores/scores.sqlite"
    return LongRun("pseudo-label", prepare, action, grows, labels)


RUNS = (
    _score(".csv"),
    _score(".json"),
    _score(".jsonl"),
    _label(1),
    _label(2),
    _build_corpus(1),
    _build_corpus(2),
    _pseudo_label(),
    TRAIN,
    CACHE,
)
INSTALLED = _score(".csv", real_command), _label(2, real_command)
