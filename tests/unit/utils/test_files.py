"""Files written whole, tables that go on where they stopped.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest

from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.utils.files import whole_file, write_json
from mtqnet_brain.utils.resumable_tables import ResumableCsv

FIELDS = ["file", "pesq"]


def test_failed_write_leaves_the_old_file(tmp_path):
    """An error in the middle does not touch what was there."""
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as file:
        file.write("half")
        raise RuntimeError
    assert path.read_text() == "old"


def test_json_refuses_nan(tmp_path):
    """NaN is no JSON."""
    with pytest.raises(ValueError):
        write_json(tmp_path / "a.json", {"lcc": float("nan")})
    assert not (tmp_path / "a.json").exists()


def test_cut_line_is_dropped(tmp_path):
    """A row that a kill cut in the middle is computed again."""
    path = tmp_path / "a.csv"
    with ResumableCsv(path, FIELDS, {"v": 1}) as table:
        table.write({"file": "b\n,é", "pesq": "1.5"})
        table.write({"file": "a", "pesq": "2.5"})
    partial = tmp_path / "a.csv.partial"
    partial.write_bytes(partial.read_bytes()[:-3])
    with ResumableCsv(path, FIELDS, {"v": 1}) as table:
        assert list(table.done) == ["b\n,é"]
        table.write({"file": "a", "pesq": "3.5"})
        table.finish(["a", "b\n,é"])
    assert [row["pesq"] for row in read_csv(path)] == ["3.5", "1.5"]
    assert not partial.exists()


def test_other_settings_are_refused(tmp_path):
    """Until --restart discards what was begun."""
    path = tmp_path / "a.csv"
    with ResumableCsv(path, FIELDS, {"seed": 1}) as table:
        table.write({"file": "a", "pesq": "1"})
    other = ResumableCsv(path, FIELDS, {"seed": 2})
    with pytest.raises(ValueError, match="--restart"), other:
        pass
    with ResumableCsv(path, FIELDS, {"seed": 2}, restart=True) as table:
        assert table.done == {}
