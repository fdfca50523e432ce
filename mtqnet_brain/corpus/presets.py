"""Presets: clean speech of synthetic talkers instead of recordings.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from mtqnet_brain.audio.io import save_audio
from mtqnet_brain.corpus.sentences import DEMO_SENTENCES, TEACHER_SENTENCES
from mtqnet_brain.corpus.synthesis import synthesize
from mtqnet_brain.utils.parallel import run_parallel


class Voice(NamedTuple):
    """A synthetic talker: a variant of espeak-ng's Mandarin voice.

    Arguments
    ---------
    variant : str
        Set of formants and voice qualities.
    rate : int
        Words per minute.
    pitch, pitch_range : int
        0 to 100, relative to the variant's own.
    """

    variant: str
    rate: int
    pitch: int
    pitch_range: int


DEMO_VOICES = (
    Voice("f1", 175, 50, 50),
    Voice("f3", 190, 55, 60),
    Voice("f5", 165, 45, 55),
    Voice("Annie", 180, 50, 45),
    Voice("Alicia", 200, 45, 50),
    Voice("belinda", 185, 40, 60),
    Voice("steph", 170, 60, 50),
    Voice("shelby", 195, 55, 40),
    Voice("m1", 180, 50, 50),
    Voice("m2", 165, 45, 60),
    Voice("m4", 195, 60, 45),
    Voice("m7", 175, 40, 55),
    Voice("m8", 185, 60, 50),
    Voice("Alex", 200, 50, 60),
    Voice("Mario", 170, 55, 40),
    Voice("Diogo", 190, 45, 50),
    Voice("Mike", 175, 65, 55),
    Voice("victor", 185, 50, 45),
    Voice("benjamin", 165, 55, 60),
    Voice("Hugo", 180, 40, 50),
)
TEACHER_VOICES = (
    Voice("f2", 180, 45, 55),
    Voice("f4", 170, 55, 45),
    Voice("linda", 190, 50, 50),
    Voice("Andrea", 160, 45, 60),
    Voice("anika", 155, 50, 50),
    Voice("grandma", 185, 60, 40),
    Voice("m3", 175, 45, 60),
    Voice("m5", 190, 55, 50),
    Voice("m6", 165, 60, 45),
    Voice("max", 195, 40, 55),
    Voice("Michael", 180, 50, 50),
    Voice("Denis", 170, 65, 60),
    Voice("david", 185, 60, 45),
    Voice("marcelo", 200, 55, 50),
    Voice("robert", 175, 45, 55),
    Voice("michel", 190, 50, 40),
)


class Preset(NamedTuple):
    """Talkers and the sentences that each of them speaks.

    Arguments
    ---------
    voices : tuple of Voice
        The talkers.
    sentences : dict
        Texts by number; no two presets share a number.
    """

    voices: tuple[Voice, ...]
    sentences: dict[str, str]


def _numbered(sentences, first):
    """Number sentences with three digits."""
    return {f"{n:03d}": text for n, text in enumerate(sentences, first)}


PRESETS = {
    "demo": Preset(DEMO_VOICES, _numbered(DEMO_SENTENCES, 1)),
    "demo_teacher": Preset(TEACHER_VOICES, _numbered(TEACHER_SENTENCES, 501)),
}


def speech_files(preset: str) -> dict[str, tuple[Voice, str]]:
    """Return voice and text by relative path ``<talker>/<sentence>.wav``."""
    voices, sentences = PRESETS[preset]
    return {
        f"{voice.variant.lower()}/{number}.wav": (voice, text)
        for voice in voices
        for number, text in sentences.items()
    }


def synthesize_preset(
    preset: str, folder: str | Path, workers: int = 1
) -> None:
    """Write the speech of a preset; files that exist are kept.

    Arguments
    ---------
    preset : str
        Name of a preset.
    folder : str or Path
        Folder for ``<talker>/<sentence>.wav``, 16 kHz.
    workers : int
        Number of processes.

    Raises
    ------
    ImportError
        If espeakng-loader is missing.
    """
    jobs = [
        (Path(folder) / name, voice, text)
        for name, (voice, text) in speech_files(preset).items()
    ]
    pending = [job for job in jobs if not job[0].exists()]
    done = len(jobs) - len(pending)
    with tqdm(
        total=len(jobs), initial=done, desc="speech", unit="sentence"
    ) as progress:
        for _ in run_parallel(_write_speech, pending, workers):
            progress.update()


def _write_speech(job):
    """Synthesise one sentence."""
    path, voice, text = job
    variant, *manner = voice
    save_audio(path, synthesize(text, f"cmn+{variant}", *manner))
