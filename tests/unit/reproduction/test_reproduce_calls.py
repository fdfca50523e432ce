"""What reproduce.py refuses.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give --data_folder, or --scale demo"),
        (["--data_folder", "nowhere"], "give --quest_csv FILE"),
        (["--scale", "demo", "--lr"], "--lr: no argument of this script"),
        (["--scale", "demo", "--foo=1"], "--foo: no option of the chosen"),
        (
            ["--data_folder=nowhere", "--label_source=composite"],
            "need a teacher (mosanet_hubert, mosanet_wavlm)",
        ),
        (
            [
                *("--data_folder=nowhere", "--label_source=composite"),
                *("--systems", "mpl_mse", "mpl_mse_no_ssl"),
                "--teacher_data_folder=nowhere",
            ],
            "learn from different teachers",
        ),
        (
            [
                *("--data_folder=nowhere", "--label_source=composite"),
                *("--systems", "scratch_hubert"),
            ],
            "nowhere: not found",
        ),
    ],
)
def test_wrong_calls_say_what_to_do(arguments, message, reproduce, capsys):
    """Before anything is run."""
    try:
        code = reproduce.main(arguments)
    except SystemExit as err:  # of argparse
        code = err.code
    assert code == 2 and message in capsys.readouterr().err
