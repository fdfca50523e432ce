"""Pairs of degraded clips and clean references, from folders or a CSV.

Authors
 * The mtqnet-brain developers 2026
"""

from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import NamedTuple

from mtqnet_brain.audio.listing import audio_files
from mtqnet_brain.data.clip_names import CLEAN, parse_name
from mtqnet_brain.data.name_spellings import FileFinder, name_parts, unslashed
from mtqnet_brain.data.table_files import read_table

COLUMNS = ("reference", "degraded")


class Pair(NamedTuple):
    """A degraded clip and its clean reference.

    Arguments
    ---------
    file : str
        Name of the row of labels: the clip's path relative to its folder.
    reference : Path
        Clean clip, or None.
    degraded : Path
        Clip to label.
    fault : str
        Why there is no reference.
    """

    file: str
    reference: Path | None
    degraded: Path
    fault: str = ""


def find_pairs(
    reference_dir: str | Path, degraded_dir: str | Path
) -> list[Pair]:
    """Pair the audio files of two folders and their subfolders.

    The reference of a clip is the file with the same relative path, else with
    the same name in any folder, else the utterance in a name of TMHINT-QI's
    form, all without extension. The two folders may be the same: a clip whose
    name says it is processed is then never its own reference.

    Arguments
    ---------
    reference_dir, degraded_dir : str or Path
        Folders of the clean clips and of the clips to label.

    Returns
    -------
    list of Pair
        One per degraded clip, sorted by file name, with or without a
        reference.

    Raises
    ------
    ValueError
        If a folder is missing or has no audio file.
    """
    degraded_files = audio_files(degraded_dir)
    reference_files = audio_files(reference_dir)
    if Path(reference_dir).resolve() != Path(degraded_dir).resolve():
        # A folder of references may hold that of the degraded clips.
        degraded_paths = {path.resolve() for path in degraded_files}
        reference_files = [
            path
            for path in reference_files
            if path.resolve() not in degraded_paths
        ]
    index = _index(reference_files, reference_dir)
    return [_pair(path, degraded_dir, index) for path in degraded_files]


def _index(files, folder):
    """Map relative paths and bare names, without extension, to files."""
    index = defaultdict(list)
    for path in files:
        index[path.relative_to(folder).with_suffix("")].append(path)
        index[path.stem].append(path)
    return index


def _pair(path, folder, index):
    """Find the reference of one degraded clip."""
    relative = path.relative_to(folder)
    name = parse_name(path.stem)
    keys = (relative.with_suffix(""), path.stem)
    utterance_keys = (relative.with_name(name.utterance), name.utterance)
    file = relative.as_posix()
    for key in keys + utterance_keys:
        found = [
            reference
            for reference in index.get(key, ())
            if name.method == CLEAN or not reference.samefile(path)
        ]
        if len(found) == 1:
            return Pair(file, found[0], path)
        if found:
            names = ", ".join(str(reference) for reference in found[:3])
            fault = f"{len(found)} references of that name: {names}"
            return Pair(file, None, path, fault)
    wanted = " or ".join(dict.fromkeys((path.stem, name.utterance)))
    return Pair(file, None, path, f"no reference named {wanted}")


def read_pairs(csv_path: str | Path) -> list[Pair]:
    """Read pairs from a table with the columns reference and degraded.

    Arguments
    ---------
    csv_path : str or Path
        A table, as for `table_files.read_table`. Paths are absolute or
        relative to its folder, with slashes or backslashes.

    Returns
    -------
    list of Pair
        One per row, named as in the column ``degraded``. Labelling finds out
        whether the files exist.

    Raises
    ------
    ValueError
        With the faults of all rows: empty cells, a degraded clip twice,
        ambiguous names.
    """
    header, rows = read_table(csv_path)
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise ValueError(
            f"{csv_path}: no column {' and '.join(missing)}; it needs "
            f"{','.join(COLUMNS)}, has {','.join(header)}"
        )
    finder = FileFinder(Path(csv_path).parent)
    paths, faults = {}, _row_faults(rows)
    for (line, row), column in product(rows, COLUMNS):
        found = finder.find(row[column])
        paths[line, column] = finder.folder / unslashed(row[column])
        if len(found) == 1:
            paths[line, column] = found[0]
        elif found:
            names = " or ".join(map(str, found[:2]))
            faults.append(
                f"row {line}: {column} {row[column]!r} may be {names}"
            )
    if faults:
        raise ValueError(f"{csv_path}: " + "; ".join(faults))
    return [
        Pair(row["degraded"], paths[line, "reference"], paths[line, "degraded"])
        for line, row in rows
    ]


def _row_faults(rows):
    """List empty cells, and clips in two rows."""
    faults = []
    first_line: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        faults += [
            f"row {line}: {column} is empty"
            for column in COLUMNS
            if not row[column]
        ]
        name = row["degraded"]
        first = first_line.setdefault(name_parts(name), line)
        if name and first != line:
            faults.append(
                f"row {line}: degraded {name!r} is also in row {first}"
            )
    return faults
