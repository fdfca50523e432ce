"""Where the time of a training step and of a scoring run goes, by stage.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import statistics
from collections import defaultdict
from contextlib import contextmanager
from time import perf_counter

import torch
from networks import make_network
from speechbrain.dataio.dataloader import make_dataloader

from mtqnet_brain.data.dataset import loader_options, make_dataset
from mtqnet_brain.data.manifest import read_manifest
from mtqnet_brain.inference.engine import Engine
from mtqnet_brain.training.losses import QualityLoss
from mtqnet_brain.utils.precision import AUTO, choose_precision

BATCH_SECONDS = 40


class Stopwatch:
    """Adds up the seconds of stages, on the CPU."""

    def __init__(self):
        self.seconds = defaultdict(float)

    @contextmanager
    def time(self, stage):
        """Add what happens inside to a stage."""
        start = perf_counter()
        yield
        self.seconds[stage] += perf_counter() - start

    def watch(self, network):
        """Time the forward passes of a network's parts."""
        encoder = network.encoder
        for stream in encoder.streams.values():
            self.watch_part(stream, "features")
        self.watch_part(encoder.conv, "convolutions")
        if encoder.ssl is not None:
            self.watch_part(encoder.ssl, "SSL model")
        self.watch_part(encoder.blstm, "BLSTM")
        for head in network.heads.values():
            self.watch_part(head, "heads")

    def watch_part(self, module, stage):
        """Time one part."""
        started = []
        module.register_forward_pre_hook(
            lambda *_: started.append(perf_counter())
        )
        module.register_forward_hook(
            lambda *_: self._add(stage, perf_counter() - started.pop())
        )

    def _add(self, stage, seconds):
        """Add seconds to a stage."""
        self.seconds[stage] += seconds


def profile_training(manifest, rounds, network="paper"):
    """Time one epoch of training per round, wavs read from disk.

    Arguments
    ---------
    manifest : str or Path
        Manifest of 3-s clips with labels.
    rounds : int
        Epochs, besides one that is not timed.
    network : str
        Case of `networks.make_network`.

    Returns
    -------
    dict of str to float
        Median fraction of the epoch by stage.
    """
    model = make_network(network).train()
    bf16 = choose_precision(AUTO) == "bf16"
    tasks = model.tasks
    dataset = make_dataset(read_manifest(manifest), tasks)
    options = loader_options(dataset, BATCH_SECONDS, True, num_workers=1)
    loader = make_dataloader(dataset, **options)
    loss = QualityLoss(tasks)
    optimizer = torch.optim.Adam(model.parameters())
    fractions = []
    watch = Stopwatch()
    watch.watch(model)
    for _ in range(rounds + 1):
        watch.seconds.clear()
        start = perf_counter()
        batches = iter(loader)
        first = True
        while True:
            # Workers that start are no waiting: an epoch here has few steps.
            with watch.time("start of the reader" if first else "waiting"):
                batch = next(batches, None)
            first = False
            if batch is None:
                break
            with watch.time("forward"):
                with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                    scores = model(batch.sig.data, batch.n_samples)
                value = loss(scores, batch.labels.data)
            with watch.time("backward"):
                value.backward()
            with watch.time("optimizer"):
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
        fractions.append(_fractions(watch.seconds, perf_counter() - start))
    return _medians(fractions[1:])


def profile_scoring(paths, rounds, network="lite"):
    """Time a scoring run per round.

    Arguments
    ---------
    paths : list of str
        Files.
    rounds : int
        Runs, besides one that is not timed.
    network : str
        Case of `networks.make_network`.

    Returns
    -------
    dict of str to float
        Median fraction of the run by stage.
    """
    model = make_network(network).eval()
    engine = Engine(model, precision=choose_precision(AUTO))
    fractions = []
    watch = Stopwatch()
    watch.watch(model)
    watch.watch_part(model, "forward")
    for _ in range(rounds + 1):
        watch.seconds.clear()
        start = perf_counter()
        for _ in engine.score_paths([(p, p) for p in paths], workers=2):
            pass
        total = perf_counter() - start
        watch.seconds["waiting for files, and all else"] = (
            total - watch.seconds["forward"]
        )
        fractions.append(_fractions(watch.seconds, total))
    return _medians(fractions[1:])


def _fractions(seconds, total):
    """Return each stage's fraction; what belongs to none of them is apart."""
    seconds = dict(seconds)
    parts = ("features", "SSL model", "convolutions", "BLSTM", "heads")
    inside = sum(seconds.get(part, 0) for part in parts)
    if "forward" in seconds:
        seconds["rest of forward"] = seconds.pop("forward") - inside
    return {stage: value / total for stage, value in seconds.items()}


def _medians(fractions):
    """Return the median fraction of each stage, the largest first."""
    stages = {stage for one in fractions for stage in one}
    medians = {
        stage: statistics.median(one.get(stage, 0) for one in fractions)
        for stage in stages
    }
    return dict(sorted(medians.items(), key=lambda item: -item[1]))


def threads():
    """Return the cores that arithmetic uses."""
    return min(torch.get_num_threads(), os.cpu_count())
