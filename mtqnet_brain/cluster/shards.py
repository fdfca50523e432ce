"""A folder of Parquet shards that an interrupted run resumes.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from mtqnet_brain.cluster.addresses import (
    absolute,
    is_address,
    open_filesystem,
)
from mtqnet_brain.utils.installation import require
from mtqnet_brain.utils.outputs import claim_output
from mtqnet_brain.utils.sealed_rows import Stamp

if TYPE_CHECKING:
    import fsspec
    import pyarrow

SETTINGS = "_settings.json"  # readers of Parquet folders skip names with "_"
PREFIX = "scores-"
TEMPORARY = ".writing-"
STAMPS = b"read"  # key in a shard's metadata


class ShardFolder:
    """Shards ``scores-....parquet``, each of which appears whole.

    Sent to worker processes, so it holds plain values only.

    Arguments
    ---------
    output : str
        Folder, or its fsspec address.
    tasks : list of str
        Names of the tasks.
    """

    def __init__(self, output: str, tasks: list[str]) -> None:
        self.output, self.tasks = absolute(str(output)), list(tasks)

    def open(self, settings: dict[str, Any], restart: bool = False) -> None:
        """Start a run or resume one.

        Arguments
        ---------
        settings : dict
            Settings that the scores depend on.
        restart : bool
            Whether shards of an earlier run are discarded.

        Raises
        ------
        ValueError
            If the folder holds other files, or scores of other settings.
        """
        files, root = open_filesystem(self.output)
        self._refuse_file(files, root)
        files.makedirs(root, exist_ok=True)
        if restart:
            for name in self._names():
                files.rm(f"{root}/{name}")
        self._compare(files, f"{root}/{SETTINGS}", settings, restart)

    def keep_current(self, stamps: dict[str, Stamp]) -> set[str]:
        """Remove rows with an error and rows of files that have changed.

        Arguments
        ---------
        stamps : dict of str to list
            Path, size and time of the file of each clip, by name, where they
            are known.

        Returns
        -------
        set of str
            Names of the clips whose rows are valid.

        Raises
        ------
        ValueError
            If a shard is damaged.
        """
        arrow, parquet = require("ray", "pyarrow", "pyarrow.parquet")
        files, root = open_filesystem(self.output)
        current: set[str] = set()
        for shard in self._names():
            path = f"{root}/{shard}"
            errors, before = self._read(files, path)
            holds = [
                name not in stamps
                # An earlier release stored no stamps.
                or before.get(name, stamps[name]) == stamps[name]
                and not error
                for name, error in errors.items()
            ]
            if not any(holds):
                files.rm(path)
            elif not all(holds):
                with files.open(path, "rb") as file:
                    table = parquet.read_table(file)
                self._put(path, table.filter(arrow.array(holds)))
            current |= {name for name, hold in zip(errors, holds) if hold}
        return current

    def _read(
        self, files: fsspec.AbstractFileSystem, path: str
    ) -> tuple[dict[str, str], dict[str, Stamp]]:
        """Return the errors and stamps in a shard, by name."""
        (parquet,) = require("ray", "pyarrow.parquet")
        try:
            with files.open(path, "rb") as file:
                table = parquet.read_table(file, columns=["file", "error"])
            types = [str(field.type) for field in table.schema]
            if types != ["string", "string"]:  # others may hold code
                raise ValueError(f"unexpected column types {types}")
            columns = table.to_pydict()
            stamps = (table.schema.metadata or {}).get(STAMPS, b"{}")
            errors = dict(zip(columns["file"], columns["error"]))
            return errors, json.loads(stamps)
        except (ValueError, KeyError, OSError) as err:
            raise ValueError(
                f"{path}: not a complete shard of scores ({err}); delete it"
            ) from err

    def write(
        self,
        rows: list[dict[str, Any]],
        stamps: dict[str, Stamp] | None = None,
    ) -> None:
        """Write a shard, whose name depends on the names of its rows.

        Arguments
        ---------
        rows : list of dict
            From `score_tables.make_row`.
        stamps : dict of str to list, optional
            As for `keep_current`; stored in the metadata.
        """
        (arrow,) = require("ray", "pyarrow")
        texts = ("file", "warning", "error")
        schema = arrow.schema(
            [("file", arrow.string())]
            + [(task, arrow.float64()) for task in self.tasks]
            + [(name, arrow.string()) for name in texts[1:]],
            metadata={STAMPS: json.dumps(stamps or {})},
        )
        table = arrow.Table.from_pylist(rows, schema)
        names = "\n".join(row["file"] for row in rows)
        digest = hashlib.sha256(names.encode("utf-8", "surrogateescape"))
        name = f"{PREFIX}{digest.hexdigest()[:20]}.parquet"
        _, root = open_filesystem(self.output)
        self._put(f"{root}/{name}", table)

    def _put(self, path: str, table: pyarrow.Table) -> None:
        """Write a shard that appears whole."""
        (parquet,) = require("ray", "pyarrow.parquet")
        with self._whole(path) as file:
            parquet.write_table(table, file)

    @contextmanager
    def _whole(self, path: str) -> Iterator[IO[bytes]]:
        """Open a file that appears under its name only when complete.

        As `files.whole_file`, on any file system.
        """
        files, _ = open_filesystem(self.output)
        folder, _, name = path.rpartition("/")
        with files.open(f"{folder}/{TEMPORARY}{name}", "wb") as file:
            yield file
        files.mv(f"{folder}/{TEMPORARY}{name}", path)

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Keep other writers away; an address has no locks.

        Raises
        ------
        ValueError
            If it is a file, or another command is writing it.
        """
        if is_address(self.output):
            yield
            return
        self._refuse_file(*open_filesystem(self.output))
        with claim_output(os.path.join(self.output, SETTINGS)):
            yield

    def _refuse_file(self, files: fsspec.AbstractFileSystem, root: str) -> None:
        """Refuse an output that is a file."""
        if files.isfile(root):
            raise ValueError(f"--output {self.output}: a file, need a folder")

    def _names(self) -> list[str]:
        """Return the names of the shards."""
        files, root = open_filesystem(self.output)
        files.invalidate_cache()
        paths = sorted(files.glob(f"{root}/{PREFIX}*.parquet"))
        return [path.rpartition("/")[2] for path in paths]

    def _compare(
        self,
        files: fsspec.AbstractFileSystem,
        path: str,
        settings: dict[str, Any],
        restart: bool,
    ) -> None:
        """Store the settings; refuse shards of other settings."""
        settings = json.loads(json.dumps(settings))
        if files.exists(path) and not restart:
            found = self._settings(files, path)
            if found != settings:
                raise ValueError(
                    f"{self.output} holds scores of other settings: {found}, "
                    f"now {settings}; give another folder or --restart"
                )
            return
        if self._names():
            raise ValueError(f"{self.output}: shards without {SETTINGS}")
        with self._whole(path) as file:
            file.write(json.dumps(settings, allow_nan=False).encode())

    def _settings(self, files: fsspec.AbstractFileSystem, path: str) -> Any:
        """Return the settings of an earlier run."""
        try:
            with files.open(path, "r") as file:
                return json.load(file)
        except ValueError as err:
            raise ValueError(
                f"{path}: damaged ({err}); give another folder or --restart"
            ) from err
