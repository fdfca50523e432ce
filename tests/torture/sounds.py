"""Odd audio files: mutated ones, strange signals, rates, names and joins.

Each maker takes a folder that is the current one of the command, a stem and a
random generator, and returns a `Sound`.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import socket
from dataclasses import dataclass
from functools import partial

import numpy as np
import soundfile

from .speech import FORMATS, RATE, make_speech, write, write_speech

EXTREMES = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(frozen=True)
class Sound:
    """A file to score.

    Arguments
    ---------
    name : str
        Path relative to the command's folder.
    flagged : bool
        Whether the command must warn or refuse, and must not give the score of
        digital silence.
    like : str
        Another file that must have the same score, unless this one is refused.
    """

    name: str
    flagged: bool = False
    like: str = ""


def _mutate(folder, stem, rng, kind, how):
    """Damage the bytes of a file."""
    path = write_speech(folder / stem, rng, kind)
    path.write_bytes(bytes(how(bytearray(path.read_bytes()), rng)))
    return Sound(path.name)


def _flip(content, rng, n_bits):
    """Flip bits anywhere."""
    for position in rng.integers(0, len(content), n_bits):
        content[position] ^= 1 << rng.integers(0, 8)
    return content


def _cut(content, rng):
    """Cut the end off."""
    return content[: rng.integers(0, len(content))]


def _extreme(content, rng, reach):
    """Set a word of the header to an extreme value."""
    at = int(rng.integers(4, reach))
    order = str(rng.choice(["little", "big"]))
    value = int(rng.choice(EXTREMES))
    content[at : at + 4] = value.to_bytes(4, order)
    return content


def _zero(content, rng):
    """Set a block to zero."""
    start, end = sorted(rng.integers(0, len(content), 2))
    content[start:end] = bytes(end - start)
    return content


def _insert(content, rng):
    """Put noise somewhere inside."""
    at = int(rng.integers(0, len(content)))
    return content[:at] + rng.bytes(1000) + content[at:]


def _shuffle(content, rng):
    """Exchange two halves after the first bytes."""
    at = int(rng.integers(16, len(content)))
    return content[:16] + content[at:] + content[16:at]


MUTATIONS = {
    "a flipped bit": partial(_flip, n_bits=1),
    "64 flipped bits": partial(_flip, n_bits=64),
    "cut": _cut,
    "a word of its header at an extreme": partial(_extreme, reach=64),
    "a word of its first bytes at an extreme": partial(_extreme, reach=32),
    "a block of zeros": _zero,
    "noise inside": _insert,
    "halves changed": _shuffle,
}


def _signal(folder, stem, rng, make, flagged=False):
    """Write a strange signal as a float wav."""
    samples = make(make_speech(rng), rng)
    path = write(folder / f"{stem}.wav", samples)
    return Sound(path.name, flagged)


def _with(speech, rng, value, n_samples):
    """Replace samples."""
    speech[rng.integers(0, len(speech), n_samples)] = value
    return speech


SIGNALS = {
    "channels in antiphase": (lambda x, r: np.stack([x, -x], 1), True),
    "four channels in antiphase": (
        lambda x, r: np.stack([x, -x, x, -x], 1),
        True,
    ),
    "antiphase but for 1e-9": (
        lambda x, r: np.stack([x, -x * (1 - 1e-9)], 1),
        True,
    ),
    "a peak of 1e18": (lambda x, r: x * 1e18, True),
    "a peak of 1e30": (lambda x, r: x * 1e30, True),
    "a click of 1e18": (lambda x, r: _with(x, r, 1e18, 1), True),
    "a peak of 3e38": (lambda x, r: x / abs(x).max() * 3e38, True),
    "a level of 1e-10": (lambda x, r: x * 1e-10, True),
    "a level of 1e-20": (lambda x, r: x * 1e-20, True),
    "denormal numbers": (lambda x, r: x * 1e-39, True),
    "zeros": (lambda x, r: 0 * x, True),
    "one NaN": (lambda x, r: _with(x, r, np.nan, 1), True),
    "all NaN": (lambda x, r: x * np.nan, True),
    "one infinite sample": (lambda x, r: _with(x, r, np.inf, 1), True),
    "NaN in one of two channels": (
        lambda x, r: np.stack([x, x * np.nan], 1),
        True,
    ),
    "only DC": (lambda x, r: 0 * x + 0.5, True),
    "DC of 0.01": (lambda x, r: x + 0.01, False),
    "DC of 0.9": (lambda x, r: x + 0.9, False),
    "hard clipping": (lambda x, r: np.clip(100 * x, -1, 1), False),
    "one sample": (lambda x, r: x[:1], True),
    "399 samples": (lambda x, r: x[:399], True),
    "400 samples": (lambda x, r: x[4000:4400], False),
    "one impulse": (lambda x, r: np.eye(1, 12800, 6000)[0], False),
    "white noise": (lambda x, r: 0.1 * r.standard_normal(len(x)), False),
    "65 channels": (lambda x, r: np.stack([x] * 65, 1), False),
    "255 channels": (lambda x, r: np.stack([x[:4000]] * 255, 1), False),
    "one silent channel": (lambda x, r: np.stack([x, 0 * x], 1), False),
}
RATES = (1, 7, 100, 1000, 3999, 7999, 8000, 11025, 12345, 15999, 16001)
RATES += (22050, 22254, 32000, 44100, 44101, 48000, 50000, 96000, 176401)
RATES += (191999, 192000, 192001, 384000, 655350, 2822400, 2**31 - 1)


def _rate(folder, stem, rng, rate):
    """Write speech whose header has an odd rate."""
    n_samples = max(40, min(0.8 * rate, 80000))
    speech = make_speech(rng, n_samples / rate, rate)
    path = write(folder / f"{stem}.wav", speech, rate, coding="PCM_16")
    return Sound(path.name)


def _name(folder, stem, rng, name):
    """Write speech under an odd name."""
    path = os.path.join(os.fsencode(folder), name.replace(b"%", stem.encode()))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    speech = write(folder / f"{stem}.tmp", make_speech(rng), coding="PCM_16")
    os.replace(speech, path)
    return Sound(os.fsdecode(os.path.relpath(path, os.fsencode(folder))))


NAMES = tuple(
    name.encode()
    for name in (
        "=1+1%.wav",
        "=cmd|' /C calc'!A0%.wav",
        "+%.wav",
        "-%.wav",
        "--output%.wav",
        "@SUM(1)%.wav",
        "new\nline%.wav",
        "tab\t%.wav",
        "return\r%.wav",
        "Zu\u0308rich%.wav",
        "Z\u00fcrich%.wav",
        "a,b;c\"d'e%.wav",
        " blanks %  .wav",
        "$(touch ran)%.wav",
        "`touch ran`%.wav",
        "; touch ran; %.wav",
        "| touch ran%.wav",
        "\u202egpj%.wav",
        "\U0001f50a%.wav",
        "%.WAV",
        "%.mp3.wav",
        ".hidden%.wav",
        "no_ending%",
        "wrong%.mp3",
        "wrong%.flac",
        "table%.parquet.wav",
        "http:/host/%.wav",
        "deep%/" + "d/" * 40 + "x.wav",
        "x" * 230 + "%.wav",
        "~%.wav",
        "%%s{0}%n.wav",
    )
) + (b"latin\xfcr%.wav", b"\xff\xfe%.wav")


def _special(folder, stem, rng, make):
    """Make something other than a regular file."""
    path = folder / f"{stem}.wav"
    make(path)
    return Sound(path.name, flagged=True)


def _socket(path):
    """Make a socket, under a name that may be too long for one."""
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{here}/{path.name}")
    os.close(here)


SPECIALS = {
    "a folder": lambda path: path.mkdir(),
    "a FIFO": os.mkfifo,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a dangling link": lambda path: path.symlink_to("nowhere"),
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a link to /dev/full": lambda path: path.symlink_to("/dev/full"),
    "a link to /proc/self/mem": lambda p: p.symlink_to("/proc/self/mem"),
    "a socket": _socket,
    "an empty file": lambda path: path.touch(),
    "3 GB of holes": lambda path: (path.touch(), os.truncate(path, 3 << 30)),
    "text": lambda path: path.write_text("RIFF, but not really\n" * 50),
    "nothing at all": lambda path: None,
}


def _joined(folder, stem, rng, kind):
    """Join speech and loud noise as ``cat`` does; score as one file."""
    ending, container, coding = kind
    speech = make_speech(rng, 0.8)
    noise = 0.3 * rng.standard_normal(4 * len(speech))
    parts = [folder / f"{stem}{n}.tmp" for n in (1, 2)]
    for path, samples in zip(parts, (speech, noise)):
        write(path, samples, RATE, container, coding)
    path = folder / (stem + ending)
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    # Decoded one by one: the loss of a coding is not a fault.
    decoded = [soundfile.read(part)[0] for part in parts]
    for part in parts:
        part.unlink()
    whole = write(folder / f"{stem}_whole.wav", np.concatenate(decoded))
    return Sound(path.name, like=whole.name)


def all_sounds(repeats=6):
    """Return the makers of all sounds with the names of their cases.

    Arguments
    ---------
    repeats : int
        Number of times that each format is mutated in each way.

    Returns
    -------
    list of tuple
        Name of the case and its maker.
    """
    found = [
        (f"{kind[1]} {kind[2]}, {name}", partial(_mutate, kind=kind, how=how))
        for kind in FORMATS
        for name, how in MUTATIONS.items()
        for _ in range(repeats)
    ]
    found += [
        (name, partial(_signal, make=make, flagged=flagged))
        for name, (make, flagged) in SIGNALS.items()
    ]
    found += [(f"{rate} Hz", partial(_rate, rate=rate)) for rate in RATES]
    found += [(f"name {n!r}", partial(_name, name=n)) for n in NAMES]
    found += [
        (name, partial(_special, make=make)) for name, make in SPECIALS.items()
    ]
    found += [
        (f"two {kind[1]} {kind[2]} joined", partial(_joined, kind=kind))
        for kind in FORMATS
    ]
    return found
