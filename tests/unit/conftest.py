"""Fixtures of the unit tests.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
from checkpoint_fixtures import (  # noqa: F401
    exported,
    run,
    template,
    trace,
)
from hparams_fixture import hparams_file  # noqa: F401
from recipe_data import write_voicebank
from recipe_scripts import load_script
from tiny_corpus import build, write_sources
from tmhintqi_release import MOS, read_parts, write_release
from voicebank_tables import SAVE, own_scores, stems, write_table


@pytest.fixture(scope="session")
def recipe():
    """Return the preparation of TMHINT-QI."""
    return load_script("TMHINT-QI", "tmhintqi_prepare")


@pytest.fixture(scope="session")
def reproduce():
    """Return the script that trains the systems of the paper."""
    return load_script("TMHINT-QI", "reproduce")


@pytest.fixture(scope="session")
def voicebank():
    """Return the preparation of VoiceBank-DEMAND."""
    return load_script("Voicebank", "voicebank_demand_prepare")


@pytest.fixture(scope="session")
def anycorpus():
    """Return the preparation of any corpus."""
    return load_script("AnyCorpus", "anycorpus_prepare")


@pytest.fixture
def demand(tmp_path):
    """Return the folder of a miniature VoiceBank-DEMAND."""
    write_voicebank(tmp_path / "demand")
    return tmp_path / "demand"


@pytest.fixture
def release(tmp_path):
    """Return the folder of a miniature TMHINT-QI release."""
    root = tmp_path / "release"
    write_release(root)
    return root


@pytest.fixture(scope="session")
def corpus_sources(tmp_path_factory):
    """Return a folder of clean speech and noise. Not to be changed."""
    root = tmp_path_factory.mktemp("sources")
    write_sources(root)
    return root


@pytest.fixture(scope="session")
def tiny_corpus(corpus_sources, tmp_path_factory):
    """Return a corpus, built by one process. Not to be changed."""
    output = tmp_path_factory.mktemp("one") / "corpus"
    build(corpus_sources, output)
    return output


@pytest.fixture
def prepare_demand(voicebank, demand, tmp_path):
    """Return a function that prepares and returns the rows of each part."""

    def prepare_with(valid_speakers=("p226",), **settings):
        """Prepare with a table of all noisy clips unless told otherwise."""
        if not settings:
            names = stems(demand)
            settings = own_scores(write_table(tmp_path / "t.csv", names))
        voicebank.prepare_voicebank(
            demand, tmp_path / SAVE, MOS, valid_speakers, **settings
        )
        return read_parts(tmp_path / SAVE)

    return prepare_with
