"""Windows cover a clip and are cut where it is quiet.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest

from mtqnet_brain.inference.windows import cut_windows


@pytest.mark.parametrize("n", [1, 4096, 4097, 5000, 6145, 8192, 8193, 50000])
def test_windows_cover_the_clip(n):
    """One after another, of half a window to a whole one, on the grid."""
    samples = np.random.default_rng(n).normal(size=n).astype(np.float32)
    windows = list(cut_windows(np.array_split(samples, 4), 4096))
    parts = [window.samples for window in windows]
    np.testing.assert_array_equal(np.concatenate(parts), samples)
    starts = np.cumsum([0, *map(len, parts)])[:-1]
    assert [window.hops[0] * 256 for window in windows] == starts.tolist()
    assert not (starts % 256).any()
    assert all(min(n, 2048) <= len(part) <= 4096 for part in parts)


def test_windows_are_cut_where_it_is_quiet():
    """Also where an offset is louder than the speech."""
    wave = np.random.default_rng(0).normal(0, 0.1, 36000).astype(np.float32)
    pauses = [(10000, 12500), (22000, 24500)]
    for start, end in pauses:
        wave[start:end] *= 0.01
    windows = list(cut_windows([wave + 0.5], 16384))
    assert len(windows) == 3
    for (start, end), window in zip(pauses, windows[1:]):
        assert start < window.hops[0] * 256 < end
