"""Parquet of others: extension types are refused before they are made.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import pytest

from mtqnet_brain.cluster import fetching, plain_parquet
from mtqnet_brain.cluster.clip_rows import find_clips
from mtqnet_brain.cluster.fetching import fetch_clips

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


class Trace:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        """Tell pickle what to call."""
        return Path.touch, (self.path,)


def write(target, **columns):
    """Write a Parquet file."""
    parquet.write_table(pyarrow.table(columns), target)
    return str(target)


def pickled(trace):
    """Return Ray's column of pickled objects."""
    pytest.importorskip("ray")
    from ray.data._internal.object_extensions.arrow import (
        ArrowPythonObjectArray,
    )

    return ArrowPythonObjectArray.from_objects([Trace(trace)])


@pytest.mark.parametrize("column", ["path", "bytes", "extra"])
def test_pickled_objects_are_never_made(column, tmp_path):
    """Wherever the column stands: Ray would unpickle its cells."""
    trace = tmp_path / "trace"
    columns = {"path": ["a.wav"], "bytes": [b"x"]}
    columns[column] = pickled(trace)
    table = write(tmp_path / "t.parquet", **columns)
    trace.unlink(missing_ok=True)
    with pytest.raises(ValueError, match=r"t\.parquet: a column of an exten"):
        find_clips([table])
    row = {"path": "a.wav", "address": None, "table": table, "group": 0}
    failed = {}
    assert not list(fetch_clips([row | {"row": 0}], tmp_path, failed))
    assert "extension type" in failed["a.wav"]
    assert not trace.exists()


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"path": [1, 2]}, "column path is of type int64, need string"),
        ({"path": ["a"], "bytes": ["x"]}, "bytes is of type string, need bin"),
        ({"path": ["a"], "bytes": [[1]]}, "bytes is of type list"),
        ({"path": ["a", None]}, "row 1 of row group 0: no path"),
        ({"path": ["a", "a"], "bytes": [b"1", b"2"]}, "duplicate path 'a'"),
        ({"file": ["a"]}, "no column path, but file"),
    ],
)
def test_other_columns_are_named(columns, text, tmp_path):
    """Kinds, missing names, two clips of one name."""
    with pytest.raises(ValueError, match=text):
        find_clips([write(tmp_path / "t.parquet", **columns)])


@pytest.mark.parametrize(
    "content",
    [b"", b"PAR1", b"PAR1" + b"\xff" * 8 + b"PAR1", b"PAR1" + bytes(40)],
)
def test_what_is_no_parquet(content, tmp_path):
    """Empty, cut, a footer that lies."""
    path = tmp_path / "t.parquet"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"t\.parquet: "):
        find_clips([str(path)])


def test_plain_columns_are_read(tmp_path):
    """Also long ones, beside others that nobody reads."""
    large = pyarrow.array([b"x", b"y"], pyarrow.large_binary())
    table = write(
        tmp_path / "t.parquet", path=["a", "b"], bytes=large, mos=[1.5, 2.0]
    )
    rows = list(find_clips([table]).values())
    fetched = dict(fetch_clips(rows, tmp_path, {}))
    contents = {name: Path(path).read_bytes() for name, path in fetched.items()}
    assert contents == {"a": b"x", "b": b"y"}


def write_once(target, text, rows):
    """Write a name that every row refers to."""
    names = pyarrow.DictionaryArray.from_arrays([0] * rows, [text])
    table = pyarrow.table({"path": names})
    parquet.write_table(table, target, store_schema=False, compression="zstd")
    return str(target)


def test_a_name_written_once_takes_memory_once(tmp_path):
    """A file of some hundred bytes would fill 3 GB."""
    table = write_once(tmp_path / "t.parquet", "a" * 10**6, 3000)
    with pytest.raises(ValueError, match=r"t\.parquet: path of 1000000 bytes"):
        find_clips([table])
    table = write_once(tmp_path / "u.parquet", "a.wav", 3000)
    with pytest.raises(ValueError, match="duplicate .* 'a.wav'"):
        find_clips([table])


def test_names_are_no_chains_of_file_systems(tmp_path):
    """``reference://`` computes what a file of somebody else's says."""
    name = "reference://x.wav::file:///tmp/x.json"
    table = write(tmp_path / "t.parquet", path=[name])
    with pytest.raises(ValueError, match="a chain of ::"):
        find_clips([table])


def test_two_columns_of_one_name(tmp_path):
    """It was a KeyError."""
    both = pyarrow.Table.from_arrays(
        [pyarrow.array(["a"])] * 2, names=["path", "path"]
    )
    parquet.write_table(both, tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="two columns path"):
        find_clips([str(tmp_path / "t.parquet")])


def test_a_cell_without_bound_costs_its_row(tmp_path, monkeypatch):
    """The row names it; nothing of it is put on disk; others are read."""
    monkeypatch.setattr(fetching, "MAX_CELL_BYTES", 1000)
    table = write(
        tmp_path / "t.parquet",
        path=["a.wav", "b.wav", "c.wav"],
        bytes=[b"x", bytes(1001), bytes(1000)],
    )
    failed, folder = {}, tmp_path / "fetched"
    folder.mkdir()
    rows = list(find_clips([table]).values())
    fetched = dict(fetch_clips(rows, folder, failed))
    sizes = {name: Path(path).stat().st_size for name, path in fetched.items()}
    assert sizes == {"a.wav": 1, "c.wav": 1000}
    assert len(list(folder.iterdir())) == 2
    assert failed == {
        "b.wav": "1001 bytes in a cell of Parquet, at most 1000; give the "
        "file's path instead"
    }


def test_a_group_that_unpacks_to_far_more_is_not_read(tmp_path, monkeypatch):
    """Before it takes the memory; what is packed as sound is, is read."""
    monkeypatch.setattr(plain_parquet, "MAX_PACKED_BYTES", 10**6)
    paths, failed = ["a.wav", "b.wav"], {}
    for name, cell in (("t", bytes(10**6)), ("u", bytes(range(256)) * 4000)):
        table = pyarrow.table({"path": paths, "bytes": [cell, cell]})
        parquet.write_table(
            table,
            tmp_path / f"{name}.parquet",
            use_dictionary=False,
            compression="zstd" if name == "t" else "none",
        )
        rows = list(find_clips([str(tmp_path / f"{name}.parquet")]).values())
        fetched = list(fetch_clips(rows, tmp_path, failed))
        assert len(fetched) == (0 if name == "t" else 2)
    assert set(failed) == set(paths)
    assert "row group 0: " in failed["a.wav"]
    assert "bytes of bytes that unpack to 20000" in failed["a.wav"]
