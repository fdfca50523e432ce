"""Errors of the user end in one line, others in a traceback.

Authors
 * The mtqnet-brain developers 2026
"""

import sys

import pytest

from mtqnet_brain.training.user_errors import plain_errors


def raised(err, monkeypatch, *argv, **settings):
    """Return the exit code of a script that raises an error."""
    monkeypatch.setattr(sys, "argv", ["/recipes/train.py", *argv])
    with pytest.raises(SystemExit) as end, plain_errors(**settings):
        raise err
    return end.value.code


def test_the_users_errors_end_in_one_line(monkeypatch, capsys, caplog):
    """The traceback is for the log."""
    caplog.set_level("DEBUG")
    assert raised(ValueError("x.csv: no column S"), monkeypatch) == 2
    assert capsys.readouterr().err == "train.py: x.csv: no column S\n"
    assert "Traceback" in caplog.text
    monkeypatch.setenv("RANK", "1")
    assert raised(OSError("no x"), monkeypatch) == 2
    assert capsys.readouterr().err == "train.py (rank 1): no x\n"
    lost = RuntimeError("gloo/pair.cc: Connection closed by peer [::1]:1")
    assert raised(lost, monkeypatch) == 2
    line = "train.py (rank 1): another rank has ended\n"
    assert capsys.readouterr().err == line
    assert raised(KeyboardInterrupt(), monkeypatch) == 130


def test_errors_of_a_workers_process_lose_its_traceback(monkeypatch, capsys):
    """As DataLoader hands them on."""
    text = "Caught AudioError in DataLoader worker process 0.\nOriginal "
    text += 'Traceback:\n  File "x"\nmtqnet_brain.audio.AudioError: a.wav: cut'
    assert raised(ValueError(text), monkeypatch) == 2
    assert capsys.readouterr().err == "train.py: a.wav: cut\n"


def test_debug_and_faults_of_the_code_show_the_traceback(monkeypatch):
    """The first as SpeechBrain's option, and for scripts without it."""
    monkeypatch.setattr(sys, "argv", ["train.py", "--debug", "x"])
    with pytest.raises(ValueError), plain_errors(passes_debug=True):
        assert "--debug" in sys.argv
        raise ValueError
    with pytest.raises(ValueError), plain_errors():
        assert sys.argv == ["train.py", "x"]
        raise ValueError
    monkeypatch.setattr(sys, "argv", ["train.py"])
    with pytest.raises(RuntimeError), plain_errors():
        raise RuntimeError
    with pytest.raises(KeyError), plain_errors():
        raise KeyError


def test_what_hyperparameters_raise_is_the_users(monkeypatch, capsys):
    """Whatever it is."""
    code = "raise TypeError('Invalid argument', 'no blstm')"
    monkeypatch.setattr(sys, "argv", ["train.py"])
    with pytest.raises(SystemExit), plain_errors():
        exec(code, {"__name__": "hyperpyyaml.core"})
    assert capsys.readouterr().err == "train.py: Invalid argument: no blstm\n"
