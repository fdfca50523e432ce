"""Command lines of recipes that are wrong: one line, before any work.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
import yaml

from mtqnet_brain.training.command_line import parse_recipe

DATA = "--data_folder=."


@pytest.mark.parametrize(
    "flags, message",
    [
        ([], "give --data_folder"),
        ([DATA, "--lrr=1"], "no setting 'lrr'; it has lr"),
        ([DATA, "--lr"], "--lr: no value"),
        ([DATA, "--lr="], "--lr: no value"),
        ([DATA, "--lr=fast"], "--lr: need a number"),
        ([DATA, "--lr=[1, 2]"], "--lr: need a number"),
        ([DATA, "--skip_prep=no"], "--skip_prep=no: need True or False"),
        ([DATA, "--split=a", "--split=b"], "split is given twice"),
        ([DATA, "--network={channels: [4"], "the command line, line"),
        (["more", DATA], "more: not of the form --NAME=VALUE"),
        ([DATA, "--lr", "1", "more"], "more: not of the form --NAME=VALUE"),
        ([DATA, "--network=big"], "--network=big: need {NAME: VALUE}"),
        ([DATA, "--network=null"], "--network=null: need {NAME: VALUE}"),
        ([DATA, "--note={a: 1}"], "--note: {NAME: VALUE} changes parts of"),
        ([DATA, "--label", "s_mos"], "--label s_mos: expected LABEL=COLUMN"),
        (
            [DATA, "--debug_batches=x"],
            "--debug_batches: invalid int value: 'x'",
        ),
        ([DATA, "--precision=fp8"], "--precision: invalid choice: 'fp8'"),
        ([DATA, "--max_grad_norm=-1"], "--max_grad_norm: -1.0 is invalid"),
        ([DATA, "--loss=mse"], "--loss=mse: need {NAME: VALUE}"),
        ([DATA, "--teacher=[a, 3]"], "--teacher: 3 is invalid, need a path"),
        ([DATA, "--teacher=[]"], "--teacher: [] is invalid, need a path"),
        (
            [DATA, "--loss={knd: mse}"],
            "--loss: 'knd' is invalid, need key",
        ),
    ],
)
def test_wrong_settings_are_named(hparams_file, flags, message):
    """With what would be right."""
    with pytest.raises(ValueError) as caught:
        parse_recipe([hparams_file, *flags])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"a: 1\n b: [\n", "x.yaml, line 2"),
        (b"", "x.yaml: no settings"),
        (b"# words\n", "x.yaml: no settings"),
        (b"words\n", "'words' is not of the form"),
        (b"\xff\xfe\x00\x81", "x.yaml"),
    ],
)
def test_what_is_no_yaml_is_named(hparams_file, content, message):
    """With the line, where there is one."""
    with open(hparams_file, "wb") as file:
        file.write(content)
    with pytest.raises(ValueError, match=message):
        parse_recipe([hparams_file])


@pytest.mark.parametrize(
    "flags, teacher",
    [
        (["--teacher", "run's", "dnsmos"], ["run's", "dnsmos"]),
        (["--teacher=[dnsmos, distillmos]"], ["dnsmos", "distillmos"]),
        (["--teacher", "dnsmos"], "dnsmos"),
    ],
)
def test_one_teacher_or_several(hparams_file, flags, teacher):
    """As words or as YAML."""
    overrides = parse_recipe([hparams_file, DATA, *flags])[2]
    assert yaml.safe_load(overrides)["teacher"] == teacher


def test_right_settings_pass(hparams_file):
    """Numbers in YAML 1.2's forms, null, nested ones."""
    flags = ["--lr=1e-4", "--note", "null", "--network={channels: 4}"]
    path, run_opts, overrides = parse_recipe(
        [hparams_file, DATA, *flags, "--skip_prep=True", "--precision", "auto"]
    )
    assert path == hparams_file and run_opts.precision == "auto"
    assert "precision" in run_opts.overridden_args
    assert overrides.splitlines()[1:] == [
        "lr: 1e-4",
        "note: null",
        "network: {channels: 4}",
        "skip_prep: True",
    ]
