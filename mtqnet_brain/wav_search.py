"""Where the wavs lie that a table names.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import unicodedata
from pathlib import Path

from mtqnet_brain.audio_folder import is_audio_name


class WavSearch:
    """Finds wavs by the names in a table.

    Arguments
    ---------
    data_folder : str or Path
        Where relative names start.
    """

    def __init__(self, data_folder):
        self.data_folder = Path(data_folder).absolute()
        self._listings = {}

    def find(self, name):
        """Return the paths that a name may mean: one if all is well.

        Arguments
        ---------
        name : str
            Relative to the data folder or absolute, with or without
            extension.

        Returns
        -------
        list of Path
            The file itself, else those with an audio extension more.
        """
        if not name:
            return []
        path = self.data_folder / name
        if not os.path.isfile(path):
            path = self.data_folder / name.replace("\\", "/")
        if os.path.isfile(path):
            return [path]
        listing = self._list(path.parent)
        found = listing.get(_composed(path.name), [])
        return [path.with_name(name) for name in found]

    def _list(self, folder):
        """Return the audio files of a folder by name and by that without
        extension.

        A Mac stores letters and their accents apart.
        """
        if folder not in self._listings:
            listing = {}
            names = os.listdir(folder) if os.path.isdir(folder) else []
            for name in filter(is_audio_name, sorted(names)):
                stem = os.path.splitext(name)[0]
                for key in {_composed(name), _composed(stem)}:
                    listing.setdefault(key, []).append(name)
            self._listings[folder] = listing
        return self._listings[folder]


def _composed(name):
    """Return a name with its letters and accents composed."""
    return unicodedata.normalize("NFC", name)
