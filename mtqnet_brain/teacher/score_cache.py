"""Scores of teachers on disk, found by the content of the wavs.

One SQLite file per folder. Each score is written as it is ready, so that an
interrupted command goes on, and any number of commands may share the folder.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tqdm import tqdm

from mtqnet_brain import __version__
from mtqnet_brain.utils.files import file_hash

if TYPE_CHECKING:
    from mtqnet_brain.teacher.interface import Teacher

FOLDER = "teacher_scores"  # default, beside the output
FILE = "scores.sqlite"
READERS = 4  # threads
SECONDS = 120  # that another command may be writing
TABLE = """
CREATE TABLE IF NOT EXISTS scores (
    teacher TEXT, wav TEXT, cells TEXT, day TEXT, PRIMARY KEY (teacher, wav)
) WITHOUT ROWID
"""


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
        with self._open() as file:
            file.execute(TABLE)

    def read(self, teacher: Teacher, keys: Iterable[str]) -> dict[str, Cached]:
        """Return what is known of wavs.

        Arguments
        ---------
        teacher : Teacher
            Whose scores.
        keys : iterable of str
            Of `content_keys`.

        Returns
        -------
        dict of str to Cached
            By key; one cell per task of the teacher.
        """
        wanted = set(keys)
        query = "SELECT wav, cells, day FROM scores WHERE teacher = ?"
        with self._open() as file:
            return {
                wav: Cached(json.loads(cells), day)
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
            with closing(sqlite3.connect(self.path, SECONDS)) as file, file:
                yield file
        except (sqlite3.Error, ValueError) as err:
            raise OSError(
                f"{self.path}: scores of earlier runs cannot be used ({err}); "
                "delete the file or give another folder with --cache"
            ) from err


def _key(teacher):
    """Return what the scores of a wav depend on besides the wav."""
    parts = [__version__, teacher.digest, *map(repr, teacher.tasks)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def content_keys(
    rows: list[dict], columns: Sequence[str]
) -> Callable[[dict, Sequence[str]], str]:
    """Read the files of manifest rows, each once.

    Arguments
    ---------
    rows : list of dict
        Manifest rows.
    columns : sequence of str
        Those that hold the paths of files.

    Returns
    -------
    callable
        Of a row and some of the columns: a key that is the same for the same
        contents; empty if a file cannot be read.
    """
    paths = sorted({row[c] for row in rows for c in columns if row.get(c)})
    with ThreadPoolExecutor(READERS) as pool:
        found = tqdm(pool.map(_hash, paths), "reading wavs", len(paths))
        hashes = dict(zip(paths, found, strict=True))

    def key_of(row: dict, read: Sequence[str]) -> str:
        """Join the hashes of a row's files."""
        parts = [hashes[row[column]] for column in read]
        return " ".join(parts) if all(parts) else ""

    return key_of


def _hash(path):
    """Return the hash of a file, empty if it cannot be read."""
    try:
        return file_hash(path)
    except (OSError, ValueError):  # said by the teacher, which reads it too
        return ""
