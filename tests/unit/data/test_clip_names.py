"""Names in the layout of TMHINT-QI.

Authors
 * The mtqnet-brain developers 2026
"""

import math

import pytest

from mtqnet_brain.data.clip_names import ClipName, parse_name


@pytest.mark.parametrize(
    "stem, name",
    [
        (
            "FCN_snr0_street_TMHINT_b2_22_03",
            ("FCN", 0, "street", "TMHINT_b2_22_03"),
        ),
        (
            "Noisy_snr-2_pink_TMHINT_g1_01_10",
            ("Noisy", -2, "pink", "TMHINT_g1_01_10"),
        ),
        ("my_net_snr2.5_white_a_b_c", ("my_net", 2.5, "white", "a_b_c")),
        ("Clip_snrinf_none_a_b_c", ("Clip", math.inf, None, "a_b_c")),
        ("my_net_snrinf_none_a_b_c", ("my_net", math.inf, None, "a_b_c")),
        ("TMHINT_b2_22_03", ("clean", None, None, "TMHINT_b2_22_03")),
        ("some_snrfree_file", ("clean", None, None, "some_snrfree_file")),
        ("a_snrinf_pink_b_c", ("clean", None, None, "a_snrinf_pink_b_c")),
    ],
)
def test_names_there_and_back(stem, name):
    """A stem is taken apart as documented, and put together again."""
    assert parse_name(stem) == name
    assert ClipName(*name).stem == stem


@pytest.mark.parametrize(
    "stem, cell",
    [
        ("FCN_snr-2_street_a_b_c", "-2"),
        ("FCN_snr2.5_street_a_b_c", "2.5"),
        ("Clip_snrinf_none_a_b_c", ""),
        ("a_b_c", ""),
    ],
)
def test_snr_in_a_table(stem, cell):
    """Empty where no noise was added."""
    assert parse_name(stem).snr_cell == cell


def test_speaker_and_sentence():
    """The second part is the speaker, all that follows the sentence."""
    name = parse_name("KLT_snr5_babble_TMHINT_b2_22_03")
    assert (name.speaker, name.sentence) == ("b2", "22_03")
    assert parse_name("a_b").speaker is None
    assert parse_name("a_b").sentence is None


@pytest.mark.parametrize(
    "name",
    [
        ClipName("FCN", None, "street", "a"),
        ClipName("FCN", None, None, "a"),
        ClipName("FCN", 0, None, "a"),
        ClipName("FCN", math.inf, "street", "a"),
        ClipName("FCN", -math.inf, None, "a"),
        ClipName("FCN", math.nan, "street", "a"),
        ClipName("FCN", 0, "street_2", "a"),
        ClipName("FCN", 1 / 3, "street", "a"),
        ClipName("clean", None, None, "FCN_snr0_street_a"),
    ],
)
def test_a_name_that_could_not_be_read_again_is_refused(name):
    """Writing never makes what reading takes for something else."""
    with pytest.raises(ValueError, match="snr"):
        _ = name.stem


def test_digits_are_those_of_ascii():
    """An SNR of other digits is none; a name may have a line break."""
    assert parse_name("A_snr\u0663_x_u").method == "clean"
    assert parse_name("A_snr3_x_u\nv").utterance == "u\nv"
