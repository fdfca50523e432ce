"""Names of recordings in a corpus.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile

from mtqnet_brain.corpus.recordings import find_noises, find_speech
from mtqnet_brain.data.clip_names import parse_name


def touch(path, seconds=1.5):
    """Write a short wav."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.ones(int(16000 * seconds)) * 0.1, 16000)


def test_names_are_cleaned_and_kept_apart(tmp_path):
    """Two talkers that clean to one name stay two; so do two sentences."""
    for name in ("a_b/1.wav", "ab/1.wav", "x/ab__1.wav", "ab/q_snr5_w_z.wav"):
        touch(tmp_path / name)
    found, skipped, bad = find_speech(tmp_path, "P")
    names = {str(u.path.relative_to(tmp_path)): u.name for u in found}
    assert names == {
        "a_b/1.wav": "P_ab_1",
        "ab/1.wav": "P_ab-2_1",
        "ab/q_snr5_w_z.wav": "P_ab-2_q-snr5_w_z",
        "x/ab__1.wav": "P_ab-2_1-2",
    }
    assert skipped == {"too short": 0, "too long": 0} and not bad
    assert all(parse_name(name).method == "clean" for name in names.values())


@pytest.mark.parametrize(
    "seconds, kind", [(0.99, "too short"), (12.01, "too long")]
)
def test_clips_of_other_lengths_are_counted(tmp_path, seconds, kind):
    """1 s and 12 s are in, a little less or more is not."""
    touch(tmp_path / "a/in1.wav", 1.0)
    touch(tmp_path / "a/in12.wav", 12.0)
    touch(tmp_path / "a/out.wav", seconds)
    found, skipped, _ = find_speech(tmp_path, "P")
    assert len(found) == 2
    assert skipped[kind] == sum(skipped.values()) == 1


def test_noise_files_get_free_names(tmp_path):
    """A file called white is not mistaken for generated white noise."""
    touch(tmp_path / "white.wav")
    touch(tmp_path / "bus_stop.wav")
    names = find_noises(tmp_path, ["white", "pink"])
    assert sorted(names) == ["busstop", "white-2"]
