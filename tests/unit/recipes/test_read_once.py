"""Files that a recipe needs are opened once, and none while YAML is loaded.

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from collections import Counter
from pathlib import Path

import pytest
from hyperpyyaml import load_hyperpyyaml
from recipe_data import write_any_corpus, write_voicebank
from recipe_values import ROOT

from mtqnet_brain.data import manifest, validation
from mtqnet_brain.tasks import Task
from mtqnet_brain.teacher.student import student_overrides

RECIPES = ROOT / "recipes"
MOS = [Task(name, 1, 5) for name in ("s_mos", "n_mos", "g_mos")]
LABELS = {"s_mos": "S", "n_mos": "S", "g_mos": "S"}


@pytest.fixture
def counts(monkeypatch):
    """How often each wav's header and each manifest is read."""
    found = Counter()
    for module, name in ((validation, "audio_info"), (manifest, "read_csv")):
        monkeypatch.setattr(module, name, counted(getattr(module, name), found))
    return found


def counted(function, found):
    """Return a function that counts by its first argument."""

    def call(path, *more):
        """Count, then call."""
        found[Path(path).name] += 1
        return function(path, *more)

    return call


@pytest.fixture
def script_folder(monkeypatch):
    """Return a function that makes a recipe's preparation importable."""
    return lambda name: monkeypatch.syspath_prepend(RECIPES / name)


def read_once(counts, n_wavs):
    """Whether each wav and each manifest was read once."""
    manifests = {f"{part}.csv" for part in ("train", "valid", "test")}
    wavs = {name for name in counts if name.endswith(".wav")}
    assert counts.keys() == manifests | wavs
    return {*counts.values()} == {1} and len(wavs) == n_wavs


def test_tmhintqi(mini_corpus, tmp_path, counts, script_folder):
    """Prepared again, the checked wavs are not opened at all."""
    script_folder("TMHINT-QI")
    from tmhintqi_prepare import prepare_tmhintqi

    def prepare():
        """Prepare with scores from outside."""
        counts.clear()
        prepare_tmhintqi(
            mini_corpus,
            tmp_path,
            MOS,
            split="official",
            label_csv=mini_corpus / "scores.csv",
            label=LABELS,
            label_source="invented",
        )

    prepare()
    assert read_once(counts, 18)
    prepare()
    assert read_once(counts, 0)


def test_voicebank(tmp_path, counts, script_folder):
    """With labels against the references."""
    write_voicebank(tmp_path / "corpus")
    script_folder("Voicebank")
    from voicebank_demand_prepare import prepare_voicebank

    prepare_voicebank(
        tmp_path / "corpus",
        tmp_path / "manifests",
        MOS,
        valid_speakers=["p226"],
        label_source="composite",
        workers=1,
    )
    # A noisy clip and its clean one have the same name.
    n_wavs = len([*(tmp_path / "corpus").rglob("*.wav")])
    assert counts.total() == n_wavs + 3
    assert {counts[f"{p}.csv"] for p in ("train", "valid", "test")} == {1}


def test_any_corpus(tmp_path, counts, script_folder):
    """The table's own check is the only one that opens a wav."""
    write_any_corpus(tmp_path)
    script_folder("AnyCorpus")
    from anycorpus_prepare import prepare_anycorpus

    prepare_anycorpus(
        tmp_path / "votes.csv",
        tmp_path / "clips",
        tmp_path / "manifests",
        {"mos": "score:1:5"},
        "invented",
        wav_column="clip",
        group_column="speaker",
    )
    assert {*counts.values()} == {1} and len(counts) == 24 + 3


def test_enhancement(mini_corpus, tmp_path, counts, script_folder):
    """Its noisy clips."""
    script_folder("TMHINT-QI/enhancement")
    from enhancement_prepare import prepare_enhancement

    prepare_enhancement(mini_corpus, tmp_path)
    wavs = {name: n for name, n in counts.items() if name.endswith(".wav")}
    assert len(wavs) == 9 and {*wavs.values()} == {1}


def test_training_reads_no_manifest():
    """The room works on rows that train.py has read."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "mtqnet_brain" / "training").glob("*.py")
    ]
    assert texts and not any("read_manifest(" in text for text in texts)
    script = RECIPES / "TMHINT-QI" / "MTQ-Net" / "train.py"
    assert script.read_text(encoding="utf-8").count("read_manifest(") == 1


OPENED = []  # None while nobody listens


def _listen(event, arguments):
    """Note each file that Python opens."""
    if event == "open" and OPENED and isinstance(arguments[0], (str, Path)):
        OPENED.append(str(arguments[0]))


sys.addaudithook(_listen)  # cannot be removed: silent while OPENED is empty


def test_no_file_is_opened_while_yaml_is_loaded(tmp_path, script_folder):
    """The teacher is opened before: by its tasks two heads are left out."""
    script_folder("TMHINT-QI")
    teacher = ROOT / "tests" / "golden" / "tiny_model"
    path = RECIPES / "TMHINT-QI" / "MTQ-Net" / "hparams" / "mpl_huber.yaml"
    overrides = f"data_folder: x\nssl: null\nteacher: {teacher}\n"
    overrides += f"output_folder: {tmp_path}\n"
    OPENED.append("before")
    try:
        overrides = student_overrides(path, overrides)
        before = [*OPENED]
        with open(path, encoding="utf-8") as file:
            OPENED[:] = ["loading"]
            hparams = load_hyperpyyaml(file, overrides)
        opened = OPENED[1:]
    finally:
        OPENED.clear()
    assert any(str(teacher) in name for name in before)
    endings = (".yaml", ".py", ".pyc", ".so")
    assert [name for name in opened if not name.endswith(endings)] == []
    names = [task.name for task in hparams["tasks"]]
    assert names == ["s_mos", "n_mos", "g_mos", "pesq"]
