"""Several processes, without their imports for every corpus.

Authors
 * The mtqnet-brain developers 2026
"""

import multiprocessing
from types import SimpleNamespace

import pytest
from warm import PROCESSES

from mtqnet_brain.utils import parallel


@pytest.fixture(autouse=True)
def warm_workers(monkeypatch):
    """Fork workers from a warm process; test_parallel.py spawns them."""
    ways = SimpleNamespace(
        get_context=lambda _: PROCESSES,
        parent_process=multiprocessing.parent_process,
    )
    monkeypatch.setattr(parallel, "multiprocessing", ways)
