"""What a run tells about how it was started.

Authors
 * The mtqnet-brain developers 2026
"""

import shutil
import subprocess
from pathlib import Path

import pytest

import mtqnet_brain
from mtqnet_brain.training.run_command import package_commit, public_command


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["/secret/place/train.py", "hparams/x.yaml"], "train.py x.yaml"),
        (["t.py", "x.yaml", "--data_folder", "d"], "DATA_FOLDER"),
        (["t.py", "x.yaml", "--pretrained=/secret/place/run"], "=PRETRAINED"),
        (["t.py", "x.yaml", "--lr=1e-3", "--debug"], "--lr=1e-3 --debug"),
        (["t.py", "x.yaml", "--label", "s_mos", "n_mos"], "s_mos n_mos"),
        (["t.py", "x.yaml", "--a", "b\nc"], "--a A"),
    ],
)
def test_folders_stay_private(argv, said):
    """Everything else stands as it was typed, in one line."""
    command = public_command(argv)
    assert command.startswith("python t") and command.endswith(said)
    assert "place" not in command and command.isprintable()


def test_commit_of_the_package_alone():
    """Of a repository around an installed package there is none."""
    head = subprocess.run(
        ["git", "-C", Path(mtqnet_brain.__file__).parent, "rev-parse", "HEAD"],
        capture_output=True,
        text=True,
    )
    if head.returncode:
        pytest.skip("the tests do not run in a repository")
    commit = head.stdout.strip()
    assert package_commit() in (commit, commit + "-dirty")


def test_no_commit_of_a_repository_around_the_package(tmp_path, monkeypatch):
    """As with an environment inside another project."""
    if shutil.which("git") is None:
        pytest.skip("no git")
    git = [
        "git",
        "-C",
        str(tmp_path),
        "-c",
        "user.name=x",
        "-c",
        "user.email=x",
    ]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *words], check=True)
    package = tmp_path / "site" / "mtqnet_brain"
    package.mkdir(parents=True)
    (package / "version.txt").touch()
    monkeypatch.setattr(mtqnet_brain, "__file__", str(package / "__init__.py"))
    assert package_commit() is None
