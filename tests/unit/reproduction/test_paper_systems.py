"""Each system differs from its neighbour only in what the paper says.

Authors
 * The mtqnet-brain developers 2026
"""

import re
from pathlib import Path

import pytest
import yaml
from recipe_values import resolved_values

from mtqnet_brain.reproduction.plan import make_steps
from mtqnet_brain.reproduction.published import PUBLISHED
from mtqnet_brain.reproduction.runner import Runner
from mtqnet_brain.reproduction.settings import Request
from mtqnet_brain.reproduction.systems import (
    ALL_SYSTEMS,
    FIGURES,
    SYSTEMS,
    TABLES,
    WITHOUT_SSL,
    choose_systems,
)
from mtqnet_brain.utils.files import write_json

RECIPES = Path(__file__).parents[3] / "recipes" / "TMHINT-QI"
HUBERT, WAVLM = "facebook/hubert-large-ll60k", "microsoft/wavlm-large"
START = (None, "GIVEN")  # random weights, those of MOSA-Net
PRIMARY = ["s_mos", "n_mos", "g_mos"]
AUXILIARY = ["pesq", "stoi", "sdi"]
DELTA = "mpl_huber_delta_"
# What repeats a setting that stands elsewhere in the file.
DERIVED = ("loss.", "model.", "network.ssl.")
# Left to right: what changes from the first system to the second.
NEIGHBOURS = {
    ("scratch_hubert", "kt_hubert"): {"pretrained": START},
    ("kt_hubert", "kt_wavlm"): {"ssl.source": (HUBERT, WAVLM)},
    ("kt_wavlm", "mpl_wavlm"): {
        "pretrained": START[::-1],
        "tasks": (PRIMARY, PRIMARY + AUXILIARY),
    },
    ("mpl_wavlm", "mpl_mse"): {"ssl.freeze": (True, False)},
    ("mpl_mse", "mpl_mae"): {"loss_kind": ("mse", "mae")},
    ("mpl_mse", "mpl_huber"): {"loss_kind": ("mse", "huber")},
    ("mpl_huber", DELTA + "050"): {"delta": (1.0, 0.5)},
    ("mpl_huber", DELTA + "075"): {"delta": (1.0, 0.75)},
    ("mpl_huber", DELTA + "125"): {"delta": (1.0, 1.25)},
}
SSL = {
    "HuBERT": (HUBERT, True),
    "WavLM": (WAVLM, True),
    "FT-WavLM": (WAVLM, False),
    "FT-wav2vec 2.0": ("facebook/wav2vec2-base", False),
}


def read(system):
    """Return what a system's file and overrides resolve to, tasks by name."""
    path = RECIPES / system.recipe / "hparams" / f"{system.hparams}.yaml"
    given = {name: yaml.safe_load(v) for name, v in system.overrides.items()}
    values = resolved_values(path, given)
    names = [k for k in values if re.fullmatch(r"tasks\.\d\.name", k)]
    values["tasks"] = [values[name] for name in names]
    return values


def settings(name):
    """Return the settings of a system: where each value stands first.

    Without the folders of results, which bear the system's name.
    """
    return {
        key: value
        for key, value in read(SYSTEMS[name]).items()
        if not re.match(r"(tasks|network\.tasks)\.\d", key)
        and not str(value).startswith(("same as ", "results/"))
        and not key.startswith(DERIVED)
    }


@pytest.mark.parametrize("pair", NEIGHBOURS, ids="-".join)
def test_neighbours_differ_as_the_paper_says(pair):
    """In nothing else but the folder of results."""
    one, other = map(settings, pair)
    differing = {
        key: (one.get(key), other.get(key))
        for key in one.keys() | other.keys()
        if one.get(key) != other.get(key)
    }
    assert differing == NEIGHBOURS[pair]


def test_every_system_is_a_neighbour():
    """MOS-SSL excepted, another network."""
    compared = {name for pair in NEIGHBOURS for name in pair}
    mos_ssl = {n for n, s in SYSTEMS.items() if s.method == "MOS-SSL"}
    assert compared | mos_ssl == SYSTEMS.keys() and len(mos_ssl) == 3


@pytest.mark.parametrize("name", SYSTEMS)
def test_tables_name_what_is_trained(name):
    """SSL model, loss, start and tasks of the file are those of the row."""
    system, values = SYSTEMS[name], read(SYSTEMS[name])
    assert (values["ssl.source"], values["ssl.freeze"]) == SSL[system.ssl]
    if system.method == "MOS-SSL":
        assert values["loss.kind"] == "mae" and values["tasks.0.alpha"] == 0
        assert values["opt_class!"] == "!name:torch.optim.SGD"
        return
    assert values["loss_kind"] == system.loss.lower()
    if system.loss == "Huber":
        assert values["delta"] == system.delta
    assert values["pretrained"] == START[system.method == "KT"]
    auxiliary = AUXILIARY if system.method == "MPL" else []
    assert values["tasks"] == PRIMARY + auxiliary


def test_tables_and_figure_show_the_papers_systems():
    """Each printed row is one of ours, and none is missing."""
    tables = {name for number in TABLES for name in TABLES[number]}
    assert tables & SYSTEMS.keys() == PUBLISHED.keys()
    deltas = sorted(SYSTEMS[n].delta for n in FIGURES[2] if n in SYSTEMS)
    assert deltas == [0.5, 0.75, 1.0, 1.25]


def test_choice_of_systems():
    """Shared systems are run once, without SSL under other names."""
    names = [system.name for system in choose_systems([1, 2], [])]
    assert names == [
        *("scratch_hubert", "kt_hubert", "kt_wavlm", "mpl_wavlm"),
        *("mpl_mse", "mpl_mae", "mpl_huber"),
    ]
    assert choose_systems([1, 2, 3], [2]) == list(SYSTEMS.values())
    bare = choose_systems([1, 2, 3], [2], ssl=False)
    assert bare == list(WITHOUT_SSL.values()) and len(bare) == 8
    assert {system.ssl for system in bare} == {"no SSL"}
    names = ["kt_no_ssl", "mpl_mse"]
    assert choose_systems([1], [2], names) == [
        ALL_SYSTEMS["mpl_mse"],
        ALL_SYSTEMS["kt_no_ssl"],
    ]
    with pytest.raises(ValueError, match="systems kt: not among"):
        choose_systems([], [], ["kt"])


def steps_of(tmp_path, **more):
    """Return the steps of a reproduction of mpl_mse by name."""
    request = Request(
        recipes=RECIPES,
        output=tmp_path,
        systems=choose_systems([], [], ["mpl_mse", "mpl_mse_no_ssl"]),
        seeds=[7],
        data_folder=tmp_path,
        labels={"label_source": "composite"},
        teacher="intrusive",
        **more,
    )
    return {step.name: step for step in make_steps(request)}


def test_overrides_stand_in_the_command(tmp_path):
    """Those that the user gives win; the run folder bears the system's name."""
    step = steps_of(tmp_path)["mpl_mse_7"]
    assert step.command[2] == "hparams/mpl_huber.yaml"
    assert "--loss_kind=mse" in step.command
    assert step.output == tmp_path / "runs" / "mpl_mse" / "7"
    step = steps_of(tmp_path, options={"loss_kind": "mae"})["mpl_mse_7"]
    assert [w for w in step.command if "loss" in w] == ["--loss_kind=mae"]


@pytest.mark.parametrize("name", ["mpl_mse", "mpl_mse_no_ssl"])
def test_runs_of_files_that_are_gone_are_resumed(tmp_path, name):
    """Each loss had a file; the same run is done, and not done again."""
    step = steps_of(tmp_path)[f"{name}_7"]
    flags = [w for w in step.command[3:] if w != "--loss_kind=mse"]
    former = [*step.command[:2], "hparams/mpl_mse.yaml", *flags]
    status = tmp_path / "status" / f"{name}_7.json"
    write_json(status, {"state": "done", "command": former})
    assert Runner(tmp_path, [step]).run() == []
    former[-1] += "0"
    write_json(status, {"state": "done", "command": former})
    with pytest.raises(ValueError, match="was run by another command"):
        Runner(tmp_path, [step])
