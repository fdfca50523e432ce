"""Hyperparameter files: their values, and what a variant may hold.

``python tests/recipe_values.py`` keeps the present values as the right ones.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import pytest
import ruamel.yaml
from recipe_values import GOLDEN, ROOT, compact, current_values, expand

from mtqnet_brain.training.command_line import parse_recipe
from mtqnet_brain.utils.hparams_files import (
    base_of,
    setting_names,
    with_base,
)

HPARAMS = ROOT / "recipes" / "TMHINT-QI" / "MTQ-Net" / "hparams"
BASE = "seed: 1\ndata_folder: !PLACEHOLDER\nloss_kind: huber\n"
BASE += "ssl: {source: wavlm, freeze: False}\n"


@pytest.fixture(scope="module")
def stored():
    """The golden values by file or system."""
    return expand(json.loads(GOLDEN.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def values():
    """The present values by file or system."""
    return current_values()


def test_every_file_and_system_has_golden_values(values, stored):
    """None is missing, none is left over."""
    assert values.keys() == stored.keys()


@pytest.mark.parametrize("name", json.loads(GOLDEN.read_text("utf-8")))
def test_values_are_the_golden_ones(name, values, stored):
    """Every leaf, every tag, and what refers to what."""
    assert values[name] == stored[name]


def test_golden_file_is_complete(values):
    """What it leaves out is found in the file that it refers to."""
    assert expand(compact(values)) == values


@pytest.fixture
def variant(tmp_path):
    """A variant of a small base."""
    (tmp_path / "base.yaml").write_text(BASE)
    path = tmp_path / "variant.yaml"
    path.write_text("base: base.yaml\nloss_kind: mse\nssl: {freeze: True}\n")
    return path


def load(text):
    """Return the plain content of a YAML text."""
    return ruamel.yaml.YAML(typ="safe").load(text)


def test_variant_is_its_base_with_overrides(variant):
    """Of a mapping only the given keys change; the command line wins."""
    base, overrides = with_base(variant)
    assert base == str(variant.with_name("base.yaml"))
    assert load(overrides) == {"loss_kind": "mse", "ssl": {"freeze": True}}
    typed = "{loss_kind: mae, ssl: {source: x}}"
    assert load(with_base(variant, typed)[1]) == {
        "loss_kind": "mae",
        "ssl": {"freeze": True, "source": "x"},
    }
    names = {"seed", "data_folder", "loss_kind", "ssl"}
    assert setting_names(variant) == names


def test_file_without_a_base_stays_as_it_is(variant):
    """Its overrides too, to the letter."""
    base = variant.with_name("base.yaml")
    assert base_of(base) is None
    assert with_base(base, "a:  1") == (str(base), "a:  1")


@pytest.mark.parametrize(
    "text, message",
    [
        ("base: base.yaml\nlosskind: mse\n", "has no setting losskind"),
        ("base: variant.yaml\nlr: 1\n", "has a base too"),
    ],
)
def test_wrong_variants_are_refused(variant, text, message):
    """With the setting, or the file to name."""
    other = variant.with_name("other.yaml")
    other.write_text(text)
    with pytest.raises(ValueError, match=message):
        with_base(other)


def test_mapping_for_a_plain_value_is_refused(variant):
    """As HyperPyYAML refuses it."""
    with pytest.raises(ValueError, match="does not fit the settings of"):
        with_base(variant, "loss_kind: {a: 1}")


def test_command_line_of_a_variant(variant):
    """The base is loaded; missing and unknown settings name the variant."""
    given = [str(variant), f"--data_folder={variant.parent}", "--loss_kind=mae"]
    hparams_file, _, overrides = parse_recipe(given)
    assert hparams_file == str(variant.with_name("base.yaml"))
    assert load(overrides)["loss_kind"] == "mae"
    with pytest.raises(ValueError, match="variant.yaml needs .* --data_folder"):
        parse_recipe([str(variant)])
    with pytest.raises(ValueError, match="variant.yaml has no setting 'x'"):
        parse_recipe([str(variant), "--data_folder=x", "--x=1"])
