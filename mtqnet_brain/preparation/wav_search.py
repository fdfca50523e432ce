"""Finds the wavs that a table names, also without extension.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

from mtqnet_brain.audio.listing import is_audio_name
from mtqnet_brain.data.name_spellings import FileFinder, name_parts, unslashed


class WavSearch:
    """Finds wavs by the names in a table.

    Arguments
    ---------
    data_folder : str or Path
        Folder of relative names.
    """

    def __init__(self, data_folder: str | Path) -> None:
        self.data_folder = Path(data_folder).absolute()
        self._finder = FileFinder(self.data_folder)
        self._listings: dict[Path, dict[str, list[str]]] = {}

    def find(self, name: str) -> list[Path]:
        """Return the paths that a name may mean: one, if it is clear.

        Arguments
        ---------
        name : str
            Relative to the data folder or absolute, with or without
            extension, in any spelling of `name_spellings.name_parts`.

        Returns
        -------
        list of Path
            The file itself, else those with an audio extension added.
        """
        found = self._finder.find(name)
        path = self.data_folder / unslashed(name)
        if found or path == self.data_folder:
            return found
        wanted = name_parts(path.name)[-1]
        return [
            folder / file
            for folder in self._finder.spelled(path.parent)
            for file in self._list(folder).get(wanted, ())
        ]

    def _list(self, folder):
        """Return the audio files of a folder by name without extension."""
        if folder not in self._listings:
            listing: dict[str, list[str]] = {}
            self._listings[folder] = listing
            for name, files in self._finder.listing(folder).items():
                if is_audio_name(name):
                    stem = name.rpartition(".")[0]
                    listing.setdefault(stem, []).extend(files)
        return self._listings[folder]
