"""Scores of teachers on disk, found by the content of the wavs.

One SQLite file per folder. Each score is written as it is ready, so that an
interrupted command goes on, and any number of commands may share the folder.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tqdm import tqdm

from mtqnet_brain import __version__
from mtqnet_brain.utils.files import file_hash
from mtqnet_brain.utils.sealed_rows import stamp_of

if TYPE_CHECKING:
    from mtqnet_brain.teacher.interface import Teacher

FOLDER = "teacher_scores"  # default, beside the output
FILE = "scores.sqlite"
READERS = 4  # threads
SECONDS = 120  # that another command may be writing
LONGEST = 100_000  # bytes of a text in the file, or of a query
TABLE = (
    "CREATE TABLE scores (teacher TEXT, wav TEXT, cells TEXT, day TEXT, "
    "PRIMARY KEY (teacher, wav)) WITHOUT ROWID"
)


class Cached(NamedTuple):
    """The scores of a wav as manifest cells, and the day they were made."""

    cells: list[str]
    day: str


class ScoreCache:
    """The scores that teachers gave before.

    Arguments
    ---------
    folder : str or Path
        Folder of the cache; made when it is missing.

    Raises
    ------
    OSError
        If the folder cannot be used, here and in every method.

    Example
    -------
    >>> import tempfile
    >>> from mtqnet_brain.teacher.intrusive import IntrusiveTeacher
    >>> cache, teacher = ScoreCache(tempfile.mkdtemp()), IntrusiveTeacher()
    >>> cache.write(teacher, {"key": Cached(["4.5", "1", "0"], "2026-12-24")})
    >>> cache.read(teacher, ["key", "other"])
    {'key': Cached(cells=['4.5', '1', '0'], day='2026-12-24')}
    """

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder) / FILE
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open():
            pass

    def read(self, teacher: Teacher, keys: Iterable[str]) -> dict[str, Cached]:
        """Return what is known of wavs.

        Arguments
        ---------
        teacher : Teacher
            Whose scores.
        keys : iterable of str
            Of `ContentKeys`.

        Returns
        -------
        dict of str to Cached
            By key; one cell per task of the teacher.
        """
        wanted = set(keys)
        query = "SELECT wav, cells, day FROM scores WHERE teacher = ?"
        with self._open() as file:
            return {
                wav: _checked(cells, day, teacher)
                for wav, cells, day in file.execute(query, [_key(teacher)])
                if wav in wanted
            }

    def write(self, teacher: Teacher, scores: dict[str, Cached]) -> None:
        """Add the scores of wavs, by key.

        Arguments
        ---------
        teacher : Teacher
            Whose scores.
        scores : dict of str to Cached
            One cell per task of the teacher.
        """
        rows = [
            (_key(teacher), key, json.dumps(found.cells), found.day)
            for key, found in scores.items()
        ]
        with self._open() as file:
            query = "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?)"
            file.executemany(query, rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; name it in errors."""
        try:
            if self.path.is_symlink() or (
                self.path.exists() and not self.path.is_file()
            ):
                raise ValueError("not a regular file")
            with closing(sqlite3.connect(self.path, SECONDS)) as file, file:
                file.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
                _check_schema(file)
                yield file
        except (sqlite3.Error, ValueError, TypeError, RecursionError) as err:
            remedy = "delete the file or give another folder with --cache"
            if getattr(err, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY:
                remedy = "another command is writing it: try again later"
            raise OSError(
                f"{self.path}: scores of earlier runs cannot be used ({err}); "
                f"{remedy}"
            ) from err


def _check_schema(file):
    """Make the table; refuse anything else in the file.

    Views and triggers are programs, which may run for ever.
    """
    query = "SELECT sql FROM sqlite_master"
    if not file.execute(query).fetchone():
        file.execute(TABLE.replace("TABLE", "TABLE IF NOT EXISTS", 1))
    found = ["".join(str(sql).split()) for (sql,) in file.execute(query)]
    if found != ["".join(TABLE.split())]:
        raise ValueError("of another program or version")


def _checked(cells, day, teacher):
    """Return what was kept of a wav; refuse what no teacher gives."""
    kept = json.loads(cells)
    if not isinstance(kept, list) or len(kept) != len(teacher.tasks):
        raise ValueError(f"{cells!r:.80}: need {len(teacher.tasks)} cells")
    date.fromisoformat(day)
    for cell, task in zip(kept, teacher.tasks, strict=True):
        if not isinstance(cell, str):
            raise ValueError(f"{cell!r:.80} is no {task.name}")
        # With six digits, as cells are written.
        low, top = float(f"{task.low:.6g}"), float(f"{task.top:.6g}")
        if cell and not low <= float(cell) <= top:
            raise ValueError(f"{cell!r:.80} is no {task.name}")
    return Cached(kept, day)


def _key(teacher):
    """Return what the scores of a wav depend on besides the wav."""
    parts = [__version__, teacher.digest, *map(repr, teacher.tasks)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class ContentKeys:
    """Keys of manifest rows by the content of their files, each read once.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    columns : sequence of str
        Those that hold the paths of files.
    """

    def __init__(self, rows: list[dict], columns: Sequence[str]) -> None:
        paths = sorted({row[c] for row in rows for c in columns if row.get(c)})
        # Before they are read: later changes are noticed.
        self._stamps = {path: stamp_of(path) for path in paths}
        with ThreadPoolExecutor(READERS) as pool:
            found = tqdm(pool.map(_hash, paths), "reading wavs", len(paths))
            self._hashes = dict(zip(paths, found, strict=True))

    def key(self, row: dict, columns: Sequence[str]) -> str:
        """Return a key that is the same for the same contents of files.

        Empty if a file cannot be read.
        """
        parts = [self._hashes[row[column]] for column in columns]
        return " ".join(parts) if all(parts) else ""

    def unchanged(self, row: dict, columns: Sequence[str]) -> bool:
        """Return whether a row's files are those that were read."""
        return all(stamp_of(row[c]) == self._stamps[row[c]] for c in columns)


def _hash(path):
    """Return the hash of a file, empty if it cannot be read."""
    if not os.path.isfile(path):  # a pipe would never end
        return ""
    try:
        return file_hash(path)
    except (OSError, ValueError):  # said by the teacher, which reads it too
        return ""
