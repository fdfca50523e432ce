"""The picture of a clip: axis, names of the curves, pauses.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile
from matplotlib.figure import Figure

from mtqnet_brain.inference.clip_plot import plot_scores
from mtqnet_brain.inference.clips import Result
from mtqnet_brain.tasks import Task


@pytest.fixture
def figures(monkeypatch):
    """Collect the figures that are saved."""
    seen = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure,
        "savefig",
        lambda self, *a, **k: (seen.append(self), save(self, *a, **k)),
    )
    return seen


def test_axis_names_and_pauses(tmp_path, figures):
    """1 to 5 whatever the scores, a name per curve, grey where none speaks."""
    wave = np.random.default_rng(0).normal(size=32000) * 0.1
    soundfile.write(tmp_path / "a.wav", wave, 16000)
    time = np.arange(126) * 0.016
    result = Result(
        "a",
        {"n_mos": 3.2, "other": 3.0},
        seconds=2.0,
        frames={"time": time, "n_mos": 3 + time / 9, "other": 3 - time / 9},
        speech=time < 1.5,
        path=tmp_path / "a.wav",
    )
    tasks = [Task("n_mos", 1, 5), Task("other", 1, 5)]
    plot_scores(result, tmp_path / "a.png", tasks)
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    axes = figures[0].axes[1]
    assert axes.get_ylim() == (1, 5)
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names[1:] == [
        "N-MOS, the background; of the clip 3.20",
        "other; of the clip 3.00",
    ]
    (grey,) = axes.collections
    assert grey.get_paths()[0].get_extents().x0 == pytest.approx(1.504)
    colours = {line.get_color() for line in axes.get_lines()}
    assert names[0] == "no speech" and len(colours) == 2
