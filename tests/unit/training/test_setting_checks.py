"""Settings of the recipes that cannot be right: one line, before any work.

Authors
 * The mtqnet-brain developers 2026
"""

import math

import pytest
from tmhintqi_release import RECIPE, write_release, write_scores

from mtqnet_brain.training.command_line import parse_recipe
from mtqnet_brain.training.setting_rules import RULES

RECIPES = RECIPE.parent
MPL = RECIPE / "MTQ-Net" / "hparams" / "mpl_huber.yaml"
FCN = RECIPE / "enhancement" / "hparams" / "fcn.yaml"
VOICEBANK = RECIPES / "Voicebank" / "MTQ-Net" / "hparams" / "mpl_huber.yaml"
LITE = RECIPES / "Lite" / "hparams" / "lite.yaml"
TABLE = RECIPES / "AnyCorpus" / "hparams" / "fine_tune.yaml"
GIVEN = {
    MPL: ["--data_folder=corpus", "--quest_csv=q.csv"],
    FCN: ["--data_folder=corpus"],
    LITE: ["--data_folder=corpus"],
    VOICEBANK: ["--data_folder=other", "--label_source=composite"],
    TABLE: [
        *("--data_folder=corpus/train", "--csv=t.csv", "--label_source=me"),
        *("--label", "mos=score:1:5"),
    ],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a corpus, its scores, and a table of labels."""
    home = tmp_path_factory.mktemp("home")
    write_release(home / "corpus")
    write_scores(home / "q.csv", home / "corpus")
    (home / "t.csv").write_text("file,score\nTMHINT_b1_01_01.wav,3\n")
    (home / "other" / "train").mkdir(parents=True)
    (home / "other" / "train" / "a.wav").write_bytes(b"never opened")
    return home


@pytest.fixture
def refusal(home, monkeypatch):
    """Return a function that tells why a command line is refused."""
    monkeypatch.chdir(home)
    monkeypatch.setattr(
        "mtqnet_brain.model.ssl.load_lobe",
        lambda *args: pytest.fail("the SSL model was looked for"),
    )

    def refuse(path, *flags):
        """Return the message; None if nothing is wrong."""
        monkeypatch.syspath_prepend(path.parents[1])
        names = {flag.partition("=")[0] for flag in flags}
        given = [f for f in GIVEN[path] if f.partition("=")[0] not in names]
        try:
            parse_recipe([str(path), *flags, *given])
        except (ValueError, OSError) as err:
            assert "\n" not in str(err)
            return str(err)
        return None

    return refuse


@pytest.mark.parametrize(
    "path", [MPL, FCN, LITE, TABLE], ids=lambda path: path.stem
)
def test_what_is_right_passes(refusal, path):
    """With nothing but what each recipe needs."""
    assert refusal(path) is None


@pytest.mark.parametrize("name", ["lr", "ssl_lr", "encoder_lr", "delta"])
def test_numbers_above_zero(name):
    """The setting that was typed is named, not the optimiser it is for."""
    for value in (0, -1, math.nan, math.inf, None, True, "fast", [1]):
        with pytest.raises(ValueError) as caught:
            RULES[name](value, f"--{name}")
        assert str(caught.value).startswith(f"--{name}: {value!r} is inv")
        assert "need a number from 1e-" in str(caught.value)
    assert RULES[name](0.1, name) == 0.1


@pytest.mark.parametrize(
    "name",
    ["seed", "number_of_epochs", "patience", "num_workers", "prepare_workers"],
)
def test_counts(name):
    """Whole numbers; 1e9 is a float in YAML."""
    for value in (-1, 1.5, 1e9, [1], math.nan, "many", True):
        with pytest.raises(ValueError) as caught:
            RULES[name](value, f"--{name}")
        assert "need a whole number from 0 to" in str(caught.value)
    assert RULES[name](3, name) == 3


@pytest.mark.parametrize(
    "path, flag, message",
    [
        (MPL, "--split=papr", "need one of paper, official, sentence, speaker"),
        (MPL, "--select_by=pcc", "need one of loss, mse, lcc, srcc, ktau"),
        (MPL, "--loss_kind=mea", "need one of huber, mse, mae"),
        (MPL, "--ssl={sourc: x}", "need keys among source, freeze"),
        (MPL, "--ssl={freeze: maybe}", "need true or false"),
        (MPL, "--network={blstm_hiden: 8}", "need keys among spectrum, "),
        (MPL, "--network={dense_units: 0}", "--network: dense_units: 0 is inv"),
        (MPL, "--network={channels: [1, 1]}", "need a list of 4 values"),
        (MPL, "--lr=-1", "--lr: -1 is invalid, need a number from"),
        (FCN, "--network={kernel_size: 4}", "--network: kernel_size: 4 is inv"),
        (MPL, "--opt_class={weight_dcay: 1}", "need keys among params, lr"),
        (MPL, "--opt_class={lr: -1}", "--opt_class: lr: -1 is invalid"),
        (MPL, "--ckpt_interval_minutes=-1", "need a number from 0"),
        (MPL, "--grad_accumulation_factor=0", "need a whole number from 1"),
        (MPL, "--tasks=[a]", "--tasks: ['a'] is invalid"),
        (MPL, "--modules={x: 1}", "--modules: x: 1 is invalid"),
        (MPL, "--label={s_mos: 3}", "need LABEL=COLUMN"),
        (MPL, "--label={s_mos: X}", "q.csv: no column 'X' for label s_mos"),
        (MPL, "--quest_csv=t.csv", "t.csv: no MOS column among"),
        (MPL, "--quest_csv=null", "no labels are given; give --label_csv"),
        (MPL, "--label_source=x", "--quest_csv has a source"),
        (LITE, "--label_source=compsite", "'compsite': there is no table"),
        (LITE, "--speeds=[100, 0]", "--speeds[1]: 0 is invalid"),
        (LITE, "--channel_db=-1", "need a number from 0 to 60"),
        (FCN, "--segment_seconds=0", "need a number from 0.025"),
        (TABLE, "--label_source=null", "no --label_source NAME"),
        (TABLE, "--wav_column=wav", "t.csv: no column ['wav']"),
        (TABLE, "--test_share=1", "--test_share: 1 is invalid"),
        (TABLE, "--test_share=0.95", "need a sum below 1"),
        (TABLE, "--max_train_clips=0", "need a whole number from 1"),
        (TABLE, "--csv=corpus", "--csv: corpus: is not a file; check the path"),
        (TABLE, "--csv=u.csv", "--csv: u.csv: no such file; check the path"),
        (TABLE, "--pretrained=x", "--pretrained: x: no model.json"),
        (MPL, "--data_folder=x", "--data_folder: x: no such folder; check"),
        (
            MPL,
            "--data_folder=7",
            "7 is invalid, need a path; write ./NAME",
        ),
        (MPL, "--output_folder=q.csv", "q.csv is not a folder; give another"),
        (MPL, "--output_folder=q.csv/x", "q.csv is not a folder; give another"),
        (
            MPL,
            "--skip_prep=True",
            "train.csv: no such file; check the path, or",
        ),
    ],
)
def test_other_settings(refusal, path, flag, message):
    """What was typed, and what would be right."""
    assert message in refusal(path, flag)


@pytest.mark.parametrize("path", [MPL, LITE], ids=["mpl", "lite"])
def test_a_corpus_in_another_layout(refusal, path):
    """Where was looked, for what, and what to do; no wav is opened."""
    said = refusal(path, "--data_folder=other", "--label_source=composite")
    if path == MPL:
        flags = ("--quest_csv=null", "--label_source=composite")
        said = refusal(path, "--data_folder=other", *flags)
    assert "/other: none of the 1 wavs in its folders train and test" in said
    assert "[METHOD_snrN_NOISE_]PREFIX_SPEAKER_SENTENCE.wav" in said
    assert said.endswith("is a.wav; rename them, or use the recipe AnyCorpus")


def test_each_preparation_checks_its_own_corpus(refusal):
    """Labels first, then the folder, by the script that the file names."""
    assert "no labels are given" in refusal(VOICEBANK, "--label_source=null")
    assert "/other: no wav in clean_trainset_28spk_wav" in refusal(VOICEBANK)


def test_no_permission_to_write(refusal, monkeypatch):
    """Said before a network is made."""
    monkeypatch.setattr("os.access", lambda path, mode: False)
    said = refusal(MPL, "--output_folder=new/run")
    assert said.startswith("--output_folder: new/run: no permission to write")
