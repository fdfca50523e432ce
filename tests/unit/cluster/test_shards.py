"""The folder of Parquet shards: a rerun, damage, one writer.

Authors
 * The mtqnet-brain developers 2026
"""

import fcntl

import pytest

from mtqnet_brain.cluster.shards import ShardFolder

parquet = pytest.importorskip("pyarrow.parquet")


def read_shards(folder):
    """Return the rows of all shards."""
    return parquet.read_table(folder).to_pylist()


def test_restart_discards_shards(tmp_path):
    """And takes the new settings."""
    folder = ShardFolder(tmp_path / "out", ["g_mos"])
    folder.open({"window": 5.0})
    row = {"file": "a.wav", "g_mos": 3.5, "warning": "", "error": ""}
    bad = {**row, "file": "b.wav", "g_mos": None, "error": "no such file"}
    folder.write([row, bad])
    folder.write([row, bad])
    assert len(list((tmp_path / "out").glob("scores-*"))) == 1
    folder.open({"window": 5.0})
    assert read_shards(tmp_path / "out") == [row, bad]
    folder.open({"window": 2.0}, restart=True)
    assert not list((tmp_path / "out").glob("scores-*"))
    folder.open({"window": 2.0})


def test_rows_that_are_made_again_leave_their_shards(tmp_path):
    """Of failed clips and of changed files; others and foreign ones stay."""
    folder, settings = ShardFolder(tmp_path / "out", ["g_mos"]), {"hop": 5.0}
    rows = [
        {"file": name, "g_mos": 3.5, "warning": "", "error": ""}
        for name in ("kept.wav", "changed.wav", "failed.wav", "foreign.wav")
    ]
    rows[2] |= {"g_mos": None, "error": "no such file"}
    before = {row["file"]: ["/" + row["file"], 10, 1] for row in rows}
    folder.open(settings)
    folder.write(rows, before)
    folder.write([rows[1] | {"file": "alone.wav"}], {"alone.wav": ["/", 1, 1]})
    folder.write([rows[0] | {"file": "earlier.wav"}])  # without stamps
    now = before | {"changed.wav": ["/changed.wav", 10, 2]}
    now |= {"alone.wav": ["/", 2, 1], "earlier.wav": ["/", 1, 1]}
    del now["foreign.wav"]
    expected = {"kept.wav", "foreign.wav", "earlier.wav"}
    for _ in range(2):
        assert folder.keep_current(now) == expected
        left = read_shards(tmp_path / "out")
        assert {row["file"] for row in left} == expected
    assert {path.name[:7] for path in (tmp_path / "out").iterdir()} == {
        "_settin",
        "scores-",
    }


@pytest.mark.parametrize("content", [b"", b"PAR1", b"text"])
def test_a_damaged_shard_is_named(tmp_path, content):
    """And damaged settings too."""
    folder = ShardFolder(tmp_path, ["g_mos"])
    folder.open({"hop": 5.0})
    shard = tmp_path / "scores-1.parquet"
    shard.write_bytes(content)
    folder.open({"hop": 5.0})
    with pytest.raises(ValueError, match="scores-1.parquet: not a complete"):
        folder.keep_current({})
    shard.unlink()
    (tmp_path / "_settings.json").write_bytes(content)
    with pytest.raises(ValueError, match="_settings.json: damaged"):
        folder.open({"hop": 5.0})


def test_one_writer_of_a_folder(tmp_path):
    """As of a file."""
    with open(tmp_path / "_settings.json.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        claim = ShardFolder(tmp_path, []).claim()
        with pytest.raises(ValueError, match="another command"), claim:
            pass
