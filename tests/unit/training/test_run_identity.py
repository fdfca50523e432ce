"""An output folder holds one run.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest

from mtqnet_brain.data.manifest import read_manifest, write_manifest
from mtqnet_brain.training.run_identity import check_same_run

LABELS = ["s_mos"]


def write_parts(folder, score="3", source="a 2026-01-01", place="x", pseudo=""):
    """Return the rows of three manifests of one clip each."""
    parts = {}
    for part in ("train", "valid", "test"):
        row = {"ID": part, "duration": "1", "wav": f"/{place}/{part}.wav"}
        row |= {"s_mos": score, "s_mos_source": source}
        row |= {"pseudo_pesq": pseudo}
        write_manifest(folder / f"{part}.csv", [row])
        parts[part] = read_manifest(folder / f"{part}.csv")
    return parts


def test_the_same_command_goes_on(tmp_path):
    """Also after the corpus was moved, or labels were written again."""
    check_same_run(tmp_path, write_parts(tmp_path), LABELS, "run 1")
    check_same_run(tmp_path, write_parts(tmp_path), LABELS, "run 1")
    moved = write_parts(tmp_path, source="a 2026-01-02", place="y")
    check_same_run(tmp_path, moved, LABELS, "run 1")
    more = write_parts(tmp_path, pseudo="2")
    check_same_run(tmp_path, more, LABELS, "run 1")


def test_another_run_is_refused(tmp_path):
    """Other labels, another start, other clips: each is named."""
    check_same_run(tmp_path, write_parts(tmp_path), LABELS)
    with pytest.raises(ValueError, match=r"\(train, valid, test\).*--output"):
        check_same_run(tmp_path, write_parts(tmp_path, score="4"), LABELS)
    parts = write_parts(tmp_path)
    with pytest.raises(ValueError, match=r"\(pretrained\)"):
        check_same_run(tmp_path, parts, LABELS, "run 1")
    parts["valid"] = parts["test"]
    with pytest.raises(ValueError, match=r"\(valid\)"):
        check_same_run(tmp_path, parts, LABELS)
