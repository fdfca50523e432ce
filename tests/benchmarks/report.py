"""One report, Markdown and plots, of all benchmarks: ``make bench``.

Every part is kept as JSON when it is done; run again, the report measures what
is missing.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import network_speed
import numpy as np
import plots
import scaling
import stages
import throughput
import torch
from networks import NETWORKS, SSL_CASES, make_network
from noisy_clips import SECONDS
from targets import targets_table
from timing import MIN_ROUNDS, machine_name, matrix_rate

from mtqnet_brain.audio.io import save_audio
from mtqnet_brain.corpus.noises import pink_noise
from mtqnet_brain.data.manifest import write_manifest
from mtqnet_brain.utils.files import whole_file, write_json
from mtqnet_brain.utils.precision import AUTO, choose_precision

CPU = torch.device("cpu")
N_CLIPS = 96  # of 3 s: manifests, profiles


def make_clips(folder, seconds=SECONDS):
    """Write noise clips and their manifest.

    Arguments
    ---------
    folder : Path
        Exists.
    seconds : int
        Length of each clip.

    Returns
    -------
    list of str
        Files.
    Path
        Manifest with labels.
    """
    rng = np.random.default_rng(0)
    tasks = [task.name for task in make_network("lite").tasks]
    rows = []
    for i in range(N_CLIPS):
        path = folder / f"clip{i:03}.wav"
        noise = pink_noise(seconds * 16000, rng)
        save_audio(path, (0.05 * noise / noise.std()).astype(np.float32))
        labels = dict.fromkeys(tasks, 0.5 + 3 * rng.random())
        rows.append({"ID": path.stem, "duration": seconds, "wav": str(path)})
        rows[-1] |= labels
        rows[-1] |= {f"{task}_source": "none" for task in tasks}
    write_manifest(folder / "clips.csv", rows)
    return [row["wav"] for row in rows], folder / "clips.csv"


class Parts:
    """Measures each part once and keeps it.

    Arguments
    ---------
    output : Path
        Folder of the report.
    rounds : int
        Timed calls of everything.
    batch : int
        Clips per batch of the networks.
    networks : list of str
        Cases of `networks.make_network`.
    """

    def __init__(self, output, rounds, batch, networks):
        self.output, self.rounds = output, rounds
        self.batch, self.networks = batch, networks

    def get(self, name):
        """Return a part; measure it if it is not there.

        Arguments
        ---------
        name : str
            A method's.

        Returns
        -------
        object
            As JSON holds it.
        """
        path = self.output / f"{name}.json"
        if not path.exists():
            print(f"\n{name} ...", file=sys.stderr)
            with tempfile.TemporaryDirectory(dir=self.output) as folder:
                write_json(path, getattr(self, name)(Path(folder)))
        return json.loads(path.read_text())

    def machine(self, folder):
        """Measure the ceilings of the machine."""
        return {
            "name": machine_name(CPU),
            "fp32": matrix_rate(torch.float32, CPU),
            "bf16": matrix_rate(torch.bfloat16, CPU),
            "disk": throughput.disk_rate(folder, self.rounds),
            "rounds": self.rounds,
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
        }

    def speed(self, _folder):
        """Time scoring and training step of each network."""
        return network_speed.measure(
            self.networks, CPU, self.batch, self.rounds
        )

    def durations(self, folder):
        """Time files of 1 s to 1 h."""
        return scaling.by_duration(folder, self.rounds)

    def counts(self, folder):
        """Time 1 to 10,000 files of 1 s."""
        clips, _ = make_clips(folder, 1)
        return scaling.by_count(clips, folder, self.rounds)

    def labels(self, folder):
        """Time the labels, in a process with one core."""
        output = folder / "labels.md"
        script = Path(__file__).with_name("labels.py")
        rounds = ["--rounds", str(self.rounds)]
        command = [sys.executable, str(script), "--output", str(output)]
        subprocess.run(
            [*command, *rounds], check=True, stdout=subprocess.DEVNULL
        )
        return output.read_text()

    def throughput(self, folder):
        """Time corpus building and pseudo-labelling."""
        _, manifest = make_clips(folder)
        rate = throughput.pseudo_label_rate(
            manifest, N_CLIPS, make_network("paper"), folder, self.rounds
        )
        return {
            "corpus": throughput.build_rate(folder, self.rounds),
            "pseudo": rate / stages.threads(),
        }

    def profile(self, folder):
        """Profile a training epoch and a scoring run."""
        clips, manifest = make_clips(folder)
        return {
            "training": stages.profile_training(manifest, self.rounds),
            "scoring": stages.profile_scoring(clips, self.rounds),
        }


def write_report(parts):
    """Write ``report.md`` and its plots.

    Arguments
    ---------
    parts : Parts
        What is missing is measured.

    Returns
    -------
    str
        The report.
    """
    machine = parts.get("machine")
    speed = parts.get("speed")
    durations, counts = parts.get("durations"), parts.get("counts")
    rates, profile = parts.get("throughput"), parts.get("profile")
    labels = parts.get("labels")
    plots.plot_durations(durations, parts.output / "durations.png")
    plots.plot_counts(counts, parts.output / "counts.png")
    plots.plot_speed(speed, parts.output / "speed.png")
    text = "\n\n".join(
        [
            "# Benchmark report",
            f"{machine['name']}, {machine['threads']} threads, torch "
            f"{machine['torch']}; medians of {machine['rounds']} rounds. "
            f"Ceilings: matrix product {machine['fp32'] / 1e12:.2f} TFLOP/s "
            f"in fp32, {machine['bf16'] / 1e12:.2f} in bf16; disk read "
            f"{machine['disk'] / 1e6:.0f} MB/s.",
            "## Targets",
            targets_table(machine, speed, profile),
            "## Scoring and training step",
            "The plain path is batch 1, fp32, default memory format.",
            network_speed.table(speed),
            "![Times faster than the plain path](speed.png)",
            "## Cost against duration",
            "The model that ships, one file in a process of its own; peak "
            "memory of that process, imports included. The plain path runs "
            "the whole clip at once.",
            durations_table(durations),
            "![Time and memory against duration](durations.png)",
            "## Cost against the number of files",
            "Files of 1 s; seconds. The plain path scores a file at a time.",
            counts_table(counts),
            "![Time against number of files](counts.png)",
            "## Labels, corpus, pseudo-labels",
            "| work | clips per second and core |\n|---|---:|\n"
            f"| corpus of synthetic talkers, labels included "
            f"| {rates['corpus']:.2f} |\n"
            f"| pseudo-labels of a paper-size teacher, clips of {SECONDS} s "
            f"| {rates['pseudo']:.1f} |",
            labels.strip(),
            "## Where the time goes",
            "A training epoch of the paper's network, wavs read from disk, "
            f"{N_CLIPS} clips of {SECONDS} s; a scoring run of the lite "
            f"network; in {choose_precision(AUTO)}.",
            profile_table(profile),
        ]
    )
    with whole_file(parts.output / "report.md") as file:
        file.write(text + "\n")
    return text


def durations_table(rows):
    """Return the cost per duration as Markdown."""
    lines = [
        "| duration, s | s | times real time | peak GB | plain s | times "
        "faster | plain GB |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        ours, plain = row["ours"], row.get("plain")
        cells = ["", "", ""]
        if plain:
            ratio = plain["time"] / ours["time"]
            cells = [f"{plain['time']:.3f}", f"{ratio:.2f}"]
            cells.append(f"{plain['gigabytes']:.2f}")
        lines.append(
            f"| {row['seconds']} | {ours['time']:.3f} "
            f"| {row['seconds'] / ours['time']:.0f} "
            f"| {ours['gigabytes']:.2f} | {' | '.join(cells)} |"
        )
    return "\n".join(lines)


def counts_table(rows):
    """Return the cost per number of files as Markdown."""
    lines = [
        "| files | command | without start-up | plain | times faster |",
        "|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        cells = " | "
        if "plain" in row:
            ratio = row["plain"] / row["engine"]
            cells = f"{row['plain']:.2f} | {ratio:.2f}"
        lines.append(
            f"| {row['files']} | {row['command']:.2f} | {row['engine']:.2f} "
            f"| {cells} |"
        )
    return "\n".join(lines)


def profile_table(profile):
    """Return the fraction of time of each stage as Markdown."""
    lines = ["| run | stage | fraction |", "|---|---|---:|"]
    for run, fractions in profile.items():
        for stage, fraction in fractions.items():
            lines.append(f"| {run} | {stage} | {fraction:.1%} |")
    return "\n".join(lines)


def main():
    """Print the report and write it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--output", type=Path, default="bench_output")
    parser.add_argument("--rounds", type=int, default=MIN_ROUNDS)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument(
        "--networks", nargs="+", default=[*NETWORKS, *SSL_CASES]
    )
    args = parser.parse_args()
    if args.rounds < MIN_ROUNDS:
        parser.error(f"--rounds {args.rounds}, need at least {MIN_ROUNDS}")
    args.output.mkdir(parents=True, exist_ok=True)
    parts = Parts(args.output, args.rounds, args.batch, args.networks)
    print(write_report(parts))


if __name__ == "__main__":
    main()
