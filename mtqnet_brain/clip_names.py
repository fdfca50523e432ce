"""How tables of scores name the clips of a corpus.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

FILE_COLUMNS = ("file", "filename", "file_name", "wav", "path", "name")
AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


def clip_keys(row):
    """Return the names that a table may give a clip, the longest first.

    Arguments
    ---------
    row : dict
        Manifest row.

    Returns
    -------
    tuple of str
        ``folder/stem`` and ``stem``.
    """
    path = Path(row["wav"])
    return f"{path.parent.name}/{path.stem}", path.stem


def cell_key(cell, keys):
    """Return ``folder/stem`` if that is one of the keys, else the stem.

    Arguments
    ---------
    cell : str
        File name in a table, with or without folder and extension.
    keys : set of str
        Names of all clips.

    Returns
    -------
    str
        What `clip_keys` may hold.
    """
    parts = cell.replace("\\", "/").split("/")
    for suffix in AUDIO_SUFFIXES:
        # Not Path.stem: it would cut at the point of an SNR like 2.5 dB.
        if parts[-1].lower().endswith(suffix):
            parts[-1] = parts[-1][: -len(suffix)]
    long_key = "/".join(parts[-2:])
    return long_key if long_key in keys else parts[-1]


def file_column(header, cells, keys):
    """Return the usual column that names a clip, else what names most.

    Arguments
    ---------
    header : list of str
        Columns.
    cells : list of tuple
        Line number and cells by column, of `tables.read_table`.
    keys : set of str
        Names of all clips.

    Returns
    -------
    str
        One of the header.
    """

    def rank(column):
        """Sort by naming any clip, the usual names, clips named."""
        named = sum(cell_key(row[column], keys) in keys for _, row in cells)
        name = column.lower()
        usual = FILE_COLUMNS.index(name) if name in FILE_COLUMNS else 99
        return named == 0, usual, -named

    return min(header, key=rank)
