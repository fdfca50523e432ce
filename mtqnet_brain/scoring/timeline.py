"""Frame scores at their times.

A network's frames are tracks one behind the other: of the spectrum, of the
filter bank, of the SSL model. A timeline has one score every 16 ms: the mean
of what the tracks say of that time.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

from mtqnet_brain.audio import SAMPLE_RATE
from mtqnet_brain.frames import HOP, spectrum_frames

SSL_HOP = 320  # of wav2vec 2.0 and its kin
SSL_FIRST = 200  # centre of their first frame, of 400 samples


def track_centres(network, n_samples):
    """Return where the frames of each track of a clip are centred.

    Arguments
    ---------
    network : MTQNet or MOSSSL
        Whose frames they are.
    n_samples : int
        Of the clip.

    Returns
    -------
    list of np.ndarray
        Samples, one array per track, in the order of the frame scores.
    """
    encoder = network.encoder
    streams = encoder.streams.values()
    counts = [stream.n_frames(n_samples) for stream in streams]
    tracks = _strided(counts, encoder.conv.time_stride) if counts else []
    if encoder.ssl is not None:
        frames = np.arange(encoder.ssl.n_frames(n_samples))
        tracks.append(SSL_FIRST + frames * SSL_HOP)
    return tracks


def _strided(counts, stride):
    """Return the centres of joined tracks of which every n-th frame is left.

    The CNN strides over the joined tracks: where the first has an odd number
    of frames, those left of the second are the odd ones.
    """
    tracks, first = [], 0
    for count in counts:
        tracks.append(np.arange(first, count, stride) * HOP)
        first = (first - count) % stride
    return tracks


def n_times(n_samples):
    """Return the length of a clip's timeline."""
    return spectrum_frames(n_samples)


def times_of(n_samples):
    """Return the times of a clip's timeline.

    Arguments
    ---------
    n_samples : int
        Of the clip.

    Returns
    -------
    np.ndarray
        Seconds, shape (times,).
    """
    return np.arange(n_times(n_samples)) * HOP / SAMPLE_RATE


class Timeline:
    """Averages the frame scores of overlapping windows.

    Arguments
    ---------
    tasks : list of str
        Names of the scores.
    """

    def __init__(self, tasks):
        self.tasks = list(tasks)
        self.total = {task: np.zeros(0) for task in self.tasks}
        self.count = np.zeros(0)

    def add(self, start, n_samples, tracks, frames):
        """Add a window.

        Arguments
        ---------
        start : int
            First sample of the window.
        n_samples : int
            Of the window.
        tracks : list of np.ndarray
            Of `track_centres`.
        frames : dict of str to np.ndarray
            Per task, shape (frames of all tracks,).
        """
        first = -(-start // HOP)
        last = (start + n_samples) // HOP
        places = np.arange(first, last + 1)  # times within the window
        self._grow(last + 1)
        edges = np.cumsum([len(track) for track in tracks])[:-1]
        for task in self.tasks:
            parts = np.split(frames[task], edges)
            at = places * HOP - start
            means = [np.interp(at, t, p) for t, p in zip(tracks, parts)]
            self.total[task][first : last + 1] += np.mean(means, axis=0)
        self.count[first : last + 1] += 1

    def scores(self):
        """Return the scores over time.

        Returns
        -------
        dict of str to np.ndarray
            Per task, shape (times,).
        """
        return {task: self.total[task] / self.count for task in self.tasks}

    def _grow(self, length):
        """Make room for a number of times."""
        more = length - len(self.count)
        if more > 0:
            self.count = np.pad(self.count, (0, more))
            for task in self.tasks:
                self.total[task] = np.pad(self.total[task], (0, more))
