"""Fixtures of the unit tests.

Authors
 * The mtqnet-brain developers 2026
"""

import importlib.util

import pytest
from tiny_corpus import build, write_sources
from tmhintqi_release import RECIPE, write_release


@pytest.fixture(scope="session")
def recipe():
    """Return the preparation script, which is part of no package."""
    path = RECIPE / "tmhintqi_prepare.py"
    spec = importlib.util.spec_from_file_location("tmhintqi_prepare", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
