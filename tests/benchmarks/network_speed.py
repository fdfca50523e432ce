"""Scoring and training step per 3-s clip, against the plain path.

The plain path is one clip at a time, float32, default memory format, as the
published PyTorch code runs. Both paths are timed in every round.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import statistics

import torch
from networks import NETWORKS, SSL_CASES, count_conv_flops, make_network
from networks import make_plain as plain
from timing import (
    MIN_ROUNDS,
    machine_name,
    matrix_rate,
    median_ratio,
    time_in_turns,
    wait_for,
)
from tqdm import tqdm

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.training.losses import QualityLoss
from mtqnet_brain.utils.files import write_json
from mtqnet_brain.utils.outputs import target_of

SECONDS = 3
PRECISIONS = {"fp32": None, "bf16": torch.bfloat16}


class Case:
    """One network on one device, and the paths that run it.

    Arguments
    ---------
    name : str
        Case of `networks.make_network`.
    device : torch.device
        Where it runs.
    batch : int
        Clips per batch of our path.
    """

    def __init__(self, name, device, batch):
        self.name, self.device, self.batch = name, device, batch
        self.ours = make_network(name).to(device)
        self.plain = plain(make_network(name)).to(device)
        generator = torch.Generator().manual_seed(1)
        wavs = 0.1 * torch.randn(
            batch, SECONDS * SAMPLE_RATE, generator=generator
        )
        self.wavs = wavs.to(device)
        self.labels = 1 + 3 * torch.rand(batch, 6, generator=generator)
        self.labels = self.labels.to(device)
        self.n_samples = torch.full((batch,), wavs.shape[1])
        self.loss = QualityLoss(self.ours.tasks)
        self.embeddings = None
        if self.ours.encoder.ssl is not None:
            # As a cache holds them, shape (batch, frames, channels).
            self.embeddings = self._embed("fp32").half()

    def _embed(self, precision):
        """Run the SSL model alone over the batch."""
        counts = self.n_samples.tolist()
        with torch.no_grad(), self._cast(precision):
            return self.ours.encoder.ssl(self.wavs, counts)

    def _cache_error(self):
        """Return the largest change of a score by float16 embeddings."""
        network = self.ours.eval()
        with torch.no_grad():
            exact = network(self.wavs, self.n_samples).utterance
            cached = network(self.wavs, self.n_samples, self.embeddings)
        return max(
            (exact[name] - cached.utterance[name]).abs().max().item()
            for name in exact
        )

    def score(self, network, n_items, precision):
        """Score the batch, so many clips at once."""
        network.eval()
        with torch.no_grad(), self._cast(precision):
            for wavs, counts, _ in self._pieces(n_items):
                network(wavs, counts)

    def step(self, network, optimizer, n_items, precision, cached=False):
        """Train on the batch, so many clips at once."""
        network.train()
        given = (self.embeddings,) if cached else ()
        for wavs, counts, labels in self._pieces(n_items):
            optimizer.zero_grad(set_to_none=True)
            with self._cast(precision):
                scores = network(wavs, counts, *given)
            self.loss(scores, labels).backward()
            optimizer.step()

    def _pieces(self, n_items):
        """Cut the batch; the plain path gets four clips, one by one."""
        stop = self.batch if n_items > 1 else min(4, self.batch)
        for i in range(0, stop, n_items):
            part = slice(i, i + n_items)
            yield self.wavs[part], self.n_samples[part], self.labels[part]

    def _cast(self, precision):
        """Return the autocast context of a precision."""
        dtype = PRECISIONS[precision]
        return torch.autocast(
            self.device.type, dtype=dtype, enabled=dtype is not None
        )

    def measure(self, rounds):
        """Time scoring and step, plain and ours in either precision.

        Arguments
        ---------
        rounds : int
            At least `MIN_ROUNDS`.

        Returns
        -------
        dict
            Milliseconds per clip (medians) and ratios to the plain path.
        """
        one = min(4, self.batch)
        adam = [
            torch.optim.Adam(p for p in net.parameters() if p.requires_grad)
            for net in (self.plain, self.ours)
        ]
        score = {"plain": lambda: self.score(self.plain, 1, "fp32")}
        step = {"plain": lambda: self.step(self.plain, adam[0], 1, "fp32")}
        for p in PRECISIONS:
            score[p] = lambda p=p: self.score(self.ours, self.batch, p)
            step[p] = lambda p=p: self.step(self.ours, adam[1], self.batch, p)
        row = {"network": self.name}
        if self.embeddings is not None:
            row["cache_error"] = self._cache_error()
            step["cached"] = lambda: self.step(
                self.ours, adam[1], self.batch, "bf16", cached=True
            )
            for p in PRECISIONS:
                score[f"bare_{p}"] = lambda p=p: self._embed(p)
        for what, calls in (("score", score), ("step", step)):
            times = time_in_turns(calls, rounds, self.device)
            times = {
                path: [
                    t / (one if path == "plain" else self.batch) for t in own
                ]
                for path, own in times.items()
            }
            for path, own in times.items():
                row[f"{what}_{path}_ms"] = 1000 * statistics.median(own)
                row[f"{what}_{path}_ratio"] = median_ratio(times["plain"], own)
        if self.embeddings is not None:
            row["bare_ms"] = min(
                row.pop(f"score_bare_{p}_ms") for p in PRECISIONS
            )
            without = min(row[f"step_{p}_ms"] for p in PRECISIONS)
            row["cached_ratio"] = without / row["step_cached_ms"]
        return row | self._conv_rates(rounds)

    def _conv_rates(self, rounds):
        """Measure what the convolutions alone reach, forward and step."""
        conv = self.ours.encoder.conv
        flops = count_conv_flops(self.ours, self.wavs, self.n_samples)
        x, n_frames = self._conv_inputs(conv)
        calls = {}
        for p in PRECISIONS:
            calls[f"forward_{p}"] = lambda p=p: self._convolve(
                conv, x, p, False
            )
            calls[f"step_{p}"] = lambda p=p: self._convolve(conv, x, p, True)
        self._frames = n_frames
        times = time_in_turns(calls, rounds, self.device)
        return {
            f"conv_{path}_flops": flops
            * (3 if path.startswith("step") else 1)
            / statistics.median(own)
            for path, own in times.items()
        }

    def _conv_inputs(self, conv):
        """Return what the network gives to its convolutions."""
        given = []
        hook = conv.register_forward_pre_hook(
            lambda _, args: given.append(args)
        )
        with torch.no_grad():
            self.ours(self.wavs, self.n_samples)
        hook.remove()
        return given[0]  # (batch, frames, bins) and the frames of each item

    def _convolve(self, conv, x, precision, backward):
        """Run the convolutions, and back through them."""
        with torch.set_grad_enabled(backward), self._cast(precision):
            y, _ = conv(x, self._frames)
            if backward:
                y.float().sum().backward()


def measure(cases, device, batch, rounds):
    """Measure ceilings and cases.

    Arguments
    ---------
    cases : list of str
        Names of networks.
    device : torch.device
        Where.
    batch, rounds : int
        Clips per batch; times each is timed.

    Returns
    -------
    dict
        ``device``, ``ceilings`` in FLOP/s, ``rows``.
    """
    ceilings = {
        "fp32": matrix_rate(torch.float32, device),
        "bf16": matrix_rate(torch.bfloat16, device),
    }
    rows = []
    for name in tqdm(cases, desc="networks"):
        rows.append(Case(name, device, batch).measure(rounds))
        wait_for(device)
    return {
        "device": machine_name(device),
        "batch": batch,
        "rounds": rounds,
        "ceilings": ceilings,
        "rows": rows,
    }


def table(found):
    """Return the Markdown tables of what `measure` found."""
    fp32, bf16 = found["ceilings"]["fp32"], found["ceilings"]["bf16"]
    lines = [
        f"{found['device']}; clips of {SECONDS} s, batches of "
        f"{found['batch']}, medians of {found['rounds']} rounds. Matrix "
        f"product: {fp32 / 1e12:.2f} TFLOP/s in fp32, {bf16 / 1e12:.2f} in "
        "bf16.",
        "",
        "| network | what | plain ms | fp32 ms | times faster | bf16 ms | "
        "times faster |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in found["rows"]:
        for what in ("score", "step"):
            lines.append(
                f"| {row['network']} | {what} | {row[f'{what}_plain_ms']:.2f} "
                f"| {row[f'{what}_fp32_ms']:.3f} "
                f"| {row[f'{what}_fp32_ratio']:.1f} "
                f"| {row[f'{what}_bf16_ms']:.3f} "
                f"| {row[f'{what}_bf16_ratio']:.1f} |"
            )
        if "step_cached_ms" in row:
            lines.append(
                f"| {row['network']} | step, cached embeddings | | | | "
                f"{row['step_cached_ms']:.3f} | {row['cached_ratio']:.1f} "
                "than without |"
            )
            lines.append(
                f"| {row['network']} | bare SSL forward, the faster precision "
                f"| | | | {row['bare_ms']:.3f} | |"
            )
    errors = [
        row["cache_error"] for row in found["rows"] if "cache_error" in row
    ]
    if errors:
        lines += [
            "",
            f"Largest change of a score by float16 caches: {max(errors):.1g}.",
        ]
    lines += [
        "",
        "| network | convolutions | fp32 TFLOP/s | of the ceiling | bf16 "
        "TFLOP/s | of the ceiling |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in found["rows"]:
        for what in ("forward", "step"):
            a, b = (row[f"conv_{what}_{p}_flops"] for p in PRECISIONS)
            lines.append(
                f"| {row['network']} | {what} | {a / 1e12:.3f} | {a / fp32:.0%}"
                f" | {b / 1e12:.3f} | {b / bf16:.0%} |"
            )
    return "\n".join(lines)


def main():
    """Print the tables; write the measurements with --output."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--device", type=torch.device, default="cpu")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--networks", nargs="+", default=["paper", "lite", "wavlm-base"]
    )
    parser.add_argument("--output", help="JSON file to write")
    args = parser.parse_args()
    if args.rounds < MIN_ROUNDS:
        parser.error(f"--rounds {args.rounds}, need at least {MIN_ROUNDS}")
    unknown = set(args.networks) - {*NETWORKS, *SSL_CASES}
    if unknown:
        parser.error(f"--networks {sorted(unknown)}: unknown")
    found = measure(args.networks, args.device, args.batch, args.rounds)
    print(table(found))
    if args.output:
        write_json(target_of(args.output), found)


if __name__ == "__main__":
    main()
