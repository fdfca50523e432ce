"""Seconds of several calls, taken in turns.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import statistics
from functools import partial
from time import perf_counter

import torch
from machine import processor_name

MIN_ROUNDS = 5


def time_in_turns(calls, rounds, device):
    """Time every call once per round, after a first one that is not timed.

    Whatever slows the machine for a while slows all of them.

    Arguments
    ---------
    calls : dict of str to callable
        Each without arguments.
    rounds : int
        How often.
    device : torch.device
        Waited for before the clock is read.

    Returns
    -------
    dict of str to list of float
        Seconds per round.
    """
    seconds = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            wait_for(device)
            start = perf_counter()
            call()
            wait_for(device)
            seconds[name].append(perf_counter() - start)
    return seconds


def wait_for(device):
    """Wait until a GPU has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def median_ratio(slow, fast):
    """Return the median over rounds of one call's time over another's."""
    return statistics.median(a / b for a, b in zip(slow, fast, strict=True))


def matrix_rate(dtype, device, rounds=MIN_ROUNDS):
    """Measure what a matrix product reaches: the machine's ceiling.

    Arguments
    ---------
    dtype : torch.dtype
        Type of both factors.
    device : torch.device
        Where.
    rounds : int
        The best of so many counts.

    Returns
    -------
    float
        Floating-point operations per second, of square factors of 2048 rows
        (on a GPU 8192), or fewer where a product takes longer than 0.1 s: a
        processor that imitates bf16 would need minutes.
    """
    size, most = 256, 8192 if device.type == "cuda" else 2048
    while True:
        a, b = (torch.randn(size, size, device=device).to(dtype) for _ in "ab")
        times = time_in_turns({"product": partial(torch.mm, a, b)}, 1, device)
        if size == most or times["product"][0] > 0.1:
            break
        size *= 2
    times = time_in_turns({"product": partial(torch.mm, a, b)}, rounds, device)
    return 2 * size**3 / min(times["product"])


def machine_name(device):
    """Name the processor or the card, as far as the system tells."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{processor_name()}, {os.cpu_count()} cores"
