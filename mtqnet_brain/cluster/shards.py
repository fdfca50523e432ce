"""A folder of Parquet shards that a run goes on filling.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib
import json

from mtqnet_brain.cluster.addresses import absolute, open_filesystem
from mtqnet_brain.installation import require

SETTINGS = "_settings.json"  # readers of Parquet folders pass over "_"
PREFIX = "scores-"
TEMPORARY = ".writing-"


class ShardFolder:
    """Shards ``scores-....parquet``, each of which appears whole.

    Sent to worker processes, so it holds plain values.

    Arguments
    ---------
    output : str
        Folder, or its fsspec address.
    tasks : list of str
        Names of the scores.
    """

    def __init__(self, output, tasks):
        self.output, self.tasks = absolute(str(output)), list(tasks)

    def open(self, settings, restart=False):
        """Begin or go on.

        Arguments
        ---------
        settings : dict
            What the scores depend on.
        restart : bool
            Whether shards of an earlier run are discarded.

        Returns
        -------
        dict of str to str
            Error by name of the files that need not be scored again, empty
            where there are scores.

        Raises
        ------
        ValueError
            If the folder holds other files, or scores of other settings.
        """
        files, root = open_filesystem(self.output)
        if files.isfile(root):
            raise ValueError(f"--output {self.output}: a file, need a folder")
        files.makedirs(root, exist_ok=True)
        if restart:
            for name in self._names():
                files.rm(f"{root}/{name}")
        self._compare(files, f"{root}/{SETTINGS}", settings, restart)
        (parquet,) = require("ray", "pyarrow.parquet")
        done = {}
        for name in self._names():
            with files.open(f"{root}/{name}", "rb") as file:
                table = parquet.read_table(file, columns=["file", "error"])
            columns = table.to_pydict()
            done |= dict(zip(columns["file"], columns["error"]))
        return done

    def write(self, rows):
        """Write a shard; the same rows again write the same shard.

        Arguments
        ---------
        rows : list of dict
            Of `scoring.output.make_row`.
        """
        pyarrow, parquet = require("ray", "pyarrow", "pyarrow.parquet")
        texts = ("file", "warning", "error")
        schema = pyarrow.schema(
            [("file", pyarrow.string())]
            + [(task, pyarrow.float64()) for task in self.tasks]
            + [(name, pyarrow.string()) for name in texts[1:]]
        )
        table = pyarrow.Table.from_pylist(rows, schema)
        names = "\n".join(row["file"] for row in rows)
        digest = hashlib.sha256(names.encode("utf-8", "surrogateescape"))
        name = f"{PREFIX}{digest.hexdigest()[:20]}.parquet"
        files, root = open_filesystem(self.output)
        with files.open(f"{root}/{TEMPORARY}{name}", "wb") as file:
            parquet.write_table(table, file)
        files.mv(f"{root}/{TEMPORARY}{name}", f"{root}/{name}")

    def _names(self):
        """Return the names of the shards."""
        files, root = open_filesystem(self.output)
        files.invalidate_cache()
        paths = sorted(files.glob(f"{root}/{PREFIX}*.parquet"))
        return [path.rpartition("/")[2] for path in paths]

    def _compare(self, files, path, settings, restart):
        """Keep the settings; refuse shards of others."""
        settings = json.loads(json.dumps(settings))
        if files.exists(path) and not restart:
            with files.open(path, "r") as file:
                found = json.load(file)
            if found != settings:
                raise ValueError(
                    f"{self.output} holds scores of other settings: {found}, "
                    f"now {settings}; give another folder or --restart"
                )
            return
        if self._names():
            raise ValueError(f"{self.output}: shards without {SETTINGS}")
        with files.open(path, "w") as file:
            json.dump(settings, file)
