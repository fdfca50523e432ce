"""What was to be reached, beside what was measured.

Authors
 * The mtqnet-brain developers 2026
"""

# The published PyTorch code, a 3-s clip on two AMX cores (ms), and the matrix
# products of that machine (FLOP/s).
PUBLISHED = {"score": 46.0, "step": 149.0}
PUBLISHED_FP32 = 343e9
BARE_FRACTION = {
    "base": 1.25,
    "large": 1.15,
}  # of the bare SSL forward, at most
CACHED = {"base": 4.0, "large": 8.0}  # times faster, at least
CONV_FRACTION = 0.4  # of the bf16 ceiling
WAITING = 0.05  # of a step


def targets_table(machine, speed, profile):
    """Return targets and measurements as Markdown.

    Arguments
    ---------
    machine, speed, profile : dict
        Parts of `report.Parts`.

    Returns
    -------
    str
        A row per target.
    """
    rows = []
    by_name = {row["network"]: row for row in speed["rows"]}
    if "paper" in by_name:
        rows += _paper_rows(machine, speed, by_name["paper"])
    for name, row in by_name.items():
        size = name.rpartition("-")[2]
        if size in CACHED:
            rows += _ssl_rows(name, size, row)
    waiting = profile["training"].get("waiting", 0.0)
    rows.append(
        (
            "waiting for data, fraction of a step",
            f"< {WAITING:.0%}",
            f"{waiting:.1%}",
            waiting < WAITING,
        )
    )
    lines = ["| target | wanted | measured | |", "|---|---:|---:|---|"]
    lines += [
        f"| {what} | {wanted} | {found} | {'met' if met else 'missed'} |"
        for what, wanted, found, met in rows
    ]
    return "\n".join(lines)


def _paper_rows(machine, speed, row):
    """Return the rows of the network of the paper."""
    found = []
    scale = PUBLISHED_FP32 / machine["fp32"]
    for what, published, own in (("step", 4.0, 2.5), ("score", 3.0, 2.0)):
        best = min(row[f"{what}_bf16_ms"], row[f"{what}_fp32_ms"])
        ratio = PUBLISHED[what] * scale / best
        found.append(
            (
                f"paper, {what}: times faster than the published code, "
                "rescaled by the fp32 ceilings",
                f">= {published:g}",
                f"{ratio:.1f}",
                ratio >= published,
            )
        )
        ratio = max(row[f"{what}_{p}_ratio"] for p in ("bf16", "fp32"))
        found.append(
            (
                f"paper, {what}: times faster than our plain path",
                f">= {own:g}",
                f"{ratio:.1f}",
                ratio >= own,
            )
        )
    for what in ("forward", "step"):
        fraction = row[f"conv_{what}_bf16_flops"] / speed["ceilings"]["bf16"]
        found.append(
            (
                f"paper, convolutions, {what}: of the bf16 ceiling",
                f">= {CONV_FRACTION:.0%}",
                f"{fraction:.0%}",
                fraction >= CONV_FRACTION,
            )
        )
    return found


def _ssl_rows(name, size, row):
    """Return the rows of a network with a frozen SSL model."""
    best = min(row["score_fp32_ms"], row["score_bf16_ms"])
    fraction, most = best / row["bare_ms"], BARE_FRACTION[size]
    cached, least = row["cached_ratio"], CACHED[size]
    return [
        (
            f"{name}, score: of the bare SSL forward",
            f"<= {most:.0%}",
            f"{fraction:.0%}",
            fraction <= most,
        ),
        (
            f"{name}, step on cached embeddings: times faster than without",
            f">= {least:g}",
            f"{cached:.1f}",
            cached >= least,
        ),
    ]
