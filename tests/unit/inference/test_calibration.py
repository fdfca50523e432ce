"""Intervals and warnings: coverage of unheard sources, files, refusals.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis

from mtqnet_brain.inference.calibrating import (
    ScoredClips,
    fit_calibration,
    fit_reference,
    fit_speech,
)
from mtqnet_brain.inference.calibration import (
    Calibration,
    Reference,
    read_calibration,
    to_plain,
)
from mtqnet_brain.tasks import Task
from mtqnet_brain.utils.untrusted_json import ModelError

TASKS = [Task("s_mos", 1, 5), Task("stoi", 0, 1)]
CHANNELS = 12


def make_clips(n_sources, seed, n_clips=60):
    """Return clips whose errors differ between sources and with the score."""
    rng = np.random.default_rng(seed)
    sources = np.repeat([f"s{i}" for i in range(n_sources)], n_clips)
    n = len(sources)
    scores = {"s_mos": rng.uniform(1.5, 4.5, n), "stoi": rng.uniform(0, 1, n)}
    width = np.repeat(rng.lognormal(0, 0.2, n_sources), n_clips)
    labels = {
        "s_mos": scores["s_mos"]
        + 0.1 * scores["s_mos"] * width * rng.normal(size=n),
        "stoi": scores["stoi"] + 0.1 * width * rng.normal(size=n),
    }
    labels["stoi"][::7] = np.nan
    mixing = np.random.default_rng(1).normal(size=(CHANNELS, CHANNELS))
    return ScoredClips(
        rng.normal(size=(n, CHANNELS)) @ mixing, scores, labels, sources
    )


@pytest.fixture(scope="module")
def fitted():
    """A calibration of 15 sources, and their coverage."""
    return fit_calibration(make_clips(15, 0), TASKS)


def test_intervals_hold_labels_of_new_sources(fitted):
    """Nine in ten, of sources that were not there; wide for wide errors."""
    calibration, coverage = fitted
    clips = make_clips(40, seed=5)
    widths = []
    for task in ("s_mos", "stoi"):
        inside = []
        for i, label in enumerate(clips.labels[task]):
            scores = {name: x[i] for name, x in clips.scores.items()}
            low, high = calibration.intervals(scores, clips.pooled[i])[task]
            assert low <= scores[task] <= high
            if np.isfinite(label) and 1 < label < 4.9 or task == "stoi":
                inside.append(low <= label <= high)
            widths.append((task, scores[task], high - low))
        expected = 0.9 if task == "s_mos" else 0.9 * 6 / 7
        # Beyond 0 and 1 lie a few labels of stoi, and no interval.
        assert np.mean(inside) == pytest.approx(expected, abs=0.08)
    bad = [w for task, score, w in widths if task == "s_mos" and score < 2]
    good = [w for task, score, w in widths if task == "s_mos" and 3 < score < 4]
    assert np.mean(good) > 1.4 * np.mean(bad)
    assert len(coverage) == 15
    assert np.mean([c["s_mos"] for c in coverage.values()]) == pytest.approx(
        0.9, abs=0.04
    )


def test_what_is_unlike_has_wide_intervals_and_a_warning(fitted):
    """Ten times as far as the farthest of a thousand."""
    calibration, _ = fitted
    clips = make_clips(15, 0)
    scores = {"s_mos": 3.0, "stoi": 0.5}
    near, far = clips.pooled[0], 50 * clips.pooled[0]
    widths = []
    for pooled in (near, far):
        low, high = calibration.intervals(scores, pooled)["s_mos"]
        widths.append(high - low)
    assert widths[1] > 2 * widths[0]
    assert calibration.warnings(near) == []
    (warning,) = calibration.warnings(far)
    assert warning.startswith("unlike what was heard in training (")
    warned = [bool(calibration.warnings(pooled)) for pooled in clips.pooled]
    assert np.mean(warned) <= 0.002


def test_distance_is_that_of_mahalanobis():
    """With as many axes as channels, against scipy."""
    pooled = make_clips(3, 0, n_clips=60).pooled
    reference = fit_reference(pooled)
    assert reference.axes.shape == (CHANNELS, CHANNELS)
    inverse = np.linalg.inv(np.cov(pooled.T))
    for one in pooled[:5]:
        expected = mahalanobis(one, pooled.mean(0), inverse) / CHANNELS**0.5
        assert np.exp(reference.features(one)[-1]) == pytest.approx(expected)


def test_axes_are_fewer_than_a_tenth_of_the_clips():
    """The rest has one variance, also where channels are silent."""
    pooled = np.random.default_rng(0).normal(size=(40, CHANNELS))
    pooled[:, 6:] = 0
    reference = fit_reference(pooled)
    assert reference.axes.shape == (4, CHANNELS) and reference.rest > 0.1
    assert np.isfinite(reference.features(pooled)).all()


def test_speech_is_told_from_other_sounds():
    """At least 99 % of the speech pass, and hardly anything else."""
    rng = np.random.default_rng(0)
    speech, other = (rng.normal(size=(500, 5)) for _ in range(2))
    other[:, 2] += 4
    weights = fit_speech(speech, other)
    heard = [
        (x @ weights[:-1] + weights[-1] >= 0).mean() for x in (speech, other)
    ]
    assert heard[0] >= 0.99 and heard[1] < 0.1
    reference = Reference(np.zeros(4), np.eye(4), np.ones(4), 1.0)
    calibration = Calibration([], reference, 9.0, {}, {}, weights)
    assert calibration.warnings(np.array([0, 0, 6.0, 0])) == ["hardly speech"]
    assert calibration.warnings(np.zeros(4) + 0.1) == []


def test_few_sources_are_refused():
    """Conformal over sources needs sources."""
    with pytest.raises(ValueError, match="120 clips of 2 sources: need at"):
        fit_calibration(make_clips(2, 0), TASKS)


def test_a_file_gives_the_same_intervals(fitted, tmp_path):
    """Six digits; another model's is refused, and so is a broken one."""
    calibration, _ = fitted
    path = tmp_path / "calibration.json"
    plain = to_plain(calibration, "abc")
    path.write_text(json.dumps(plain))
    read = read_calibration(path, "it", TASKS, CHANNELS, "abc")
    pooled = make_clips(15, 0).pooled[3]
    scores = {"s_mos": 3.0, "stoi": 0.5}
    for task, ends in calibration.intervals(scores, pooled).items():
        found = read.intervals(scores, pooled)[task]
        assert found == pytest.approx(ends, abs=1e-3)
    with pytest.raises(ModelError, match="it: made for weights abc, the model"):
        read_calibration(path, "it", TASKS, CHANNELS, "abd")
    with pytest.raises(ModelError, match="it: spreads: no g_mos"):
        read_calibration(
            path, "it", [*TASKS, Task("g_mos", 1, 5)], CHANNELS, "abc"
        )
    broken = [
        ({"mean": plain["mean"][1:]}, "mean of 11 channels, the model has 12"),
        ({"axes": plain["axes"][1:]}, "axes do not fit"),
        ({"axes": [[1e9] * CHANNELS] * CHANNELS}, "axes are not orthonormal"),
        ({"axes": [[0] * CHANNELS] * CHANNELS}, "axes are not orthonormal"),
        ({"speech": [1.0, 2.0]}, "speech needs 14 numbers"),
        ({"rest": -1.0}, "need a number from 1e-09"),
        ({"extra": 1}, "need keys among"),
    ]
    for change, message in broken:
        path.write_text(json.dumps(plain | change))
        with pytest.raises(ModelError, match=message):
            read_calibration(path, "it", TASKS, CHANNELS, "abc")
