"""The paper's claims, and whether our results support them.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass

from mtqnet_brain.evaluation.bootstrap import METRICS
from mtqnet_brain.evaluation.metrics import HIGHER_IS_BETTER
from mtqnet_brain.reproduction.paper_tables import markdown_row, title_of
from mtqnet_brain.reproduction.published import PUBLISHED
from mtqnet_brain.reproduction.statistics import Evaluated
from mtqnet_brain.reproduction.systems import MOS_SSL, NO_SSL, SCORES

OTHER_DELTAS = ("050", "075", "125")


@dataclass(frozen=True)
class Claim:
    """The paper's claim that some systems are better than others.

    Arguments
    ---------
    text : str
        The claim.
    pairs : tuple of tuple of str
        Better and worse system.
    scores : tuple of str
        Scores that it is about.
    metrics : tuple of str
        Metrics by which the better system is better.
    """

    text: str
    pairs: tuple[tuple[str, str], ...]
    scores: tuple[str, ...] = SCORES
    metrics: tuple[str, ...] = METRICS


def _delta_pairs(suffix=""):
    """Return delta 1.0 against the three others."""
    return tuple(
        (f"mpl_huber{suffix}", f"mpl_huber_delta_{delta}{suffix}")
        for delta in OTHER_DELTAS
    )


def _general(suffix, scratch, kt, mpl):
    """Return the claims that also hold for systems without SSL stream."""
    mse, mae, huber = (f"mpl_{k}{suffix}" for k in ("mse", "mae", "huber"))
    return [
        Claim(
            "knowledge transfer over training from scratch", ((kt, scratch),)
        ),
        Claim("MPL over knowledge transfer", (mpl,)),
        Claim("Huber over MSE", ((huber, mse),)),
        Claim("MSE over MAE", ((mse, mae),)),
        Claim(
            "delta 1.0 over 0.5, 0.75 and 1.25",
            _delta_pairs(suffix),
            metrics=("srcc",),
        ),
    ]


CLAIMS = [
    *_general("", "scratch_hubert", "kt_hubert", mpl=("mpl_wavlm", "kt_wavlm")),
    Claim("WavLM over HuBERT", (("kt_wavlm", "kt_hubert"),)),
    Claim("fine-tuned over frozen WavLM", (("mpl_mse", "mpl_wavlm"),)),
    Claim(
        "MTQ-Net over MOS-SSL for S-MOS",
        (("mpl_huber", MOS_SSL[0]),),
        ("s_mos",),
    ),
    Claim(
        "MTQ-Net over MOS-SSL for G-MOS",
        (("mpl_huber", MOS_SSL[2]),),
        ("g_mos",),
    ),
    Claim(
        "MOS-SSL over MTQ-Net for N-MOS",
        ((MOS_SSL[1], "mpl_huber"),),
        ("n_mos",),
    ),
]
CLAIMS_NO_SSL = [
    *_general(
        "_no_ssl",
        "scratch_no_ssl",
        "kt_no_ssl",
        mpl=("mpl_mse_no_ssl", "kt_no_ssl"),
    ),
    Claim(
        "MPL over training from scratch",
        (("mpl_mse_no_ssl", "scratch_no_ssl"),),
    ),
]


@dataclass(frozen=True)
class Comparison:
    """One metric of one score, better system minus worse.

    Arguments
    ---------
    score, metric : str
        The score and metric compared.
    better, worse : str
        Systems, as the claim has them.
    difference : float
        Difference of the means over seeds; positive is in favour of the
        claim, also for the MSE.
    low, high : float
        95 % interval of the paired difference.
    """

    score: str
    metric: str
    better: str
    worse: str
    difference: float
    low: float
    high: float


def compare(claim: Claim, evaluated: Evaluated) -> list[Comparison]:
    """Compare the systems of a claim.

    Arguments
    ---------
    claim : Claim
        The claim.
    evaluated : dict
        Result of `statistics.evaluate`.

    Returns
    -------
    list of Comparison
        Results of the systems that were run.
    """
    compared = []
    for better, worse in claim.pairs:
        for score in claim.scores:
            keys = (better, score), (worse, score)
            if not all(key in evaluated for key in keys):
                continue
            for name in claim.metrics:
                one, other = (evaluated[key][name] for key in keys)
                found = one.advantage(other)
                if found is not None:
                    compared.append(
                        Comparison(score, name, better, worse, *found)
                    )
    return compared


def verdict(compared: list[Comparison]) -> str:
    """Return what comparisons mean for a claim.

    Arguments
    ---------
    compared : list of Comparison
        Results of `compare`.

    Returns
    -------
    str
        ``supported`` or ``contradicted`` if half of the comparisons or more
        are significantly so and none the other way; ``partly ...`` if fewer;
        ``mixed`` if some point each way; ``not settled`` if none is
        significant; ``not tested`` without comparisons.
    """
    if not compared:
        return "not tested"
    wins = sum(c.low > 0 for c in compared)
    losses = sum(c.high < 0 for c in compared)
    if wins and losses:
        return "mixed"
    if not wins and not losses:
        return "not settled"
    word = "supported" if wins else "contradicted"
    whole = 2 * max(wins, losses) >= len(compared)
    return word if whole else f"partly {word}"


def claims_section(evaluated: Evaluated) -> str:
    """Write whether the results support the paper's claims.

    Arguments
    ---------
    evaluated : dict
        Result of `statistics.evaluate`.

    Returns
    -------
    str
        Markdown: a paragraph for the paper's systems, one for those without
        SSL stream.
    """
    lines = ["## The paper's claims", ""]
    for suffix, compared in _all_compared(evaluated).items():
        sentences = [_sentence(c, found) for c, found in compared.items()]
        lines += [f"Systems{suffix or ' of the paper'}: {' '.join(sentences)}"]
        lines += [""]
    lines += [
        "A claim is supported (contradicted) if at least half of its "
        "differences are significant in its favour (against it) and none the "
        "other way, partly so if fewer are; significant: the 95 % interval of "
        "the paired bootstrap lies on one side of 0. " + _seed_note(evaluated),
    ]
    return "\n".join(lines)


def difference_section(evaluated: Evaluated) -> str:
    """Lay out every difference that a claim rests on.

    Arguments
    ---------
    evaluated : dict
        Result of `statistics.evaluate`.

    Returns
    -------
    str
        Markdown; empty if no claim was tested.
    """
    head = ["Claim", "Systems", "Score", "Metric", "In favour [95 %]"]
    rows = []
    for suffix, compared in _all_compared(evaluated).items():
        for claim, found in compared.items():
            rows += [_difference_row(claim.text + suffix, c) for c in found]
    if not rows:
        return ""
    lines = ["## Differences behind the claims", "", markdown_row(head)]
    return "\n".join([*lines, markdown_row(["---"] * len(head)), *rows])


def _all_compared(evaluated):
    """Return comparisons by claim, of the paper's systems and of ours.

    Those of which none was run are left out, if the others were.
    """
    found = {"": {claim: compare(claim, evaluated) for claim in CLAIMS}}
    bare = {claim: compare(claim, evaluated) for claim in CLAIMS_NO_SSL}
    if not any(bare.values()):
        return found
    with_ssl = found if any(found[""].values()) else {}
    return with_ssl | {f" ({NO_SSL})": bare}


def _seed_note(evaluated):
    """Say what the intervals cover."""
    counts = {len(f["lcc"].by_seed) for f in evaluated.values()}
    if counts <= {1}:
        return (
            "**One seed: the intervals cover the choice of test utterances, "
            "not the chance of initial weights, which is often larger. Run "
            "several seeds before believing a difference.**"
        )
    note = "The intervals cover utterances and seeds"
    if 1 in counts:
        note += ", where a system has several; of one seed, only utterances"
    if len(counts) > 1:
        note += ". Systems are compared on the seeds that both have"
    return f"{note}."


def _sentence(claim, compared):
    """Say what became of a claim."""
    wins = sum(c.low > 0 for c in compared)
    losses = sum(c.high < 0 for c in compared)
    ahead = sum(c.difference > 0 for c in compared)
    text = f"{claim.text[0].upper()}{claim.text[1:]}: {verdict(compared)}"
    if compared:
        text += (
            f" ({ahead} of {len(compared)} values better, {wins} "
            f"significantly, {losses} significantly worse"
        )
        paper = _published_share(claim)
        text += f"; in the paper {paper} better)" if paper else ")"
    return text + "."


def _published_share(claim):
    """Return in how many of the paper's own metrics its claim holds."""
    ahead = total = 0
    for better, worse in claim.pairs:
        for score in claim.scores:
            one, other = (
                PUBLISHED.get(name, {}).get(score) for name in (better, worse)
            )
            if one is None or other is None:
                continue
            for name in claim.metrics:
                i, higher = METRICS.index(name), HIGHER_IS_BETTER[name]
                ahead += one[i] > other[i] if higher else one[i] < other[i]
                total += 1
    return f"{ahead} of {total}" if total else ""


def _difference_row(text, compared):
    """Lay out one difference, bold if it is significant."""
    low, high = compared.low, compared.high
    shown = f"{compared.difference:+.3f} [{low:+.3f}, {high:+.3f}]"
    if low > 0 or high < 0:
        shown = f"**{shown}**"
    pair = f"{compared.better} - {compared.worse}"
    score, metric = title_of(compared.score), compared.metric.upper()
    return markdown_row([text, pair, score, metric, shown])
