"""Where the wavs lie that a table names.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import soundfile

# RAW has no header, so its rate is not known.
SUFFIXES = {f".{name.lower()}" for name in soundfile.available_formats()}
SUFFIXES = (SUFFIXES | {".aif", ".opus"}) - {".raw"}


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
        if not path.is_file():
            path = self.data_folder / name.replace("\\", "/")
        if path.is_file():
            return [path]
        listing = self._list(path.parent)
        return [path.with_name(found) for found in listing.get(path.name, [])]

    def _list(self, folder):
        """Return the audio files of a folder by name without extension."""
        if folder not in self._listings:
            listing = {}
            for path in sorted(folder.glob("*")):
                if path.suffix.lower() in SUFFIXES:
                    listing.setdefault(path.stem, []).append(path.name)
            self._listings[folder] = listing
        return self._listings[folder]
