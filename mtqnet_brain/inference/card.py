"""The model card of an exported model.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.evaluation.metrics import format_figure
from mtqnet_brain.tasks import primary_tasks
from mtqnet_brain.utils.files import whole_file

if TYPE_CHECKING:
    from mtqnet_brain.model.mos_ssl import MOSSSL
    from mtqnet_brain.model.mtqnet import MTQNet

MEANINGS = {
    "s_mos": "how natural the speech itself sounds",
    "n_mos": "how little the noise intrudes",
    "g_mos": "how good the clip is overall",
}
COMPOSITE = (
    "S-MOS, N-MOS and G-MOS were learnt from CSIG, CBAK and COVL (Hu and "
    "Loizou, 2008), open measures of the same three questions of ITU-T P.835. "
    "They are not 3QUEST and not listeners' votes."
)
LIMITS = (
    "Distortions, languages, microphones and enhancement systems that were "
    "not in the training data may be scored wrongly, by more than a point. "
    "Check the model with labels of your own (`mtqnet evaluate`) before you "
    "compare systems with it. Music, several talkers at once and clips "
    "without speech are outside its scope. Scores may leave the scale a "
    "little."
)


def write_card(
    folder: Path,
    network: MTQNet | MOSSSL,
    provenance: dict,
    metrics: dict,
    golden: dict[str, float],
    notes: str = "",
) -> None:
    """Write ``README.md``.

    Arguments
    ---------
    folder : Path
        Of the exported model.
    network : MTQNet or MOSSSL
        With the primary tasks.
    provenance : dict
        Of the run: label sources, training utterances.
    metrics : dict
        Of `model_files.read_metrics`.
    golden : dict of str to float
        Scores of ``golden.wav``.
    notes : str
        What the author adds, in Markdown.
    """
    sections = [
        _header(network),
        _use(Path(folder).name),
        _scales(network, provenance),
        _training(provenance),
        _metrics(metrics),
        *([notes.strip()] if notes.strip() else []),
        f"## Limits\n\n{LIMITS}",
        _golden(golden),
        "## Licence\n\nApache-2.0, unless the model's author says otherwise.",
    ]
    with whole_file(Path(folder) / "README.md") as file:
        file.write("\n\n".join(sections) + "\n")


def _header(network):
    """Return the front matter of the hub, and what the model is."""
    ssl = network.settings()["ssl"]
    lines = [
        *("---", "library_name: speechbrain", "license: apache-2.0"),
        *("tags:", "- speechbrain", "- speech-quality", "- mtqnet-brain"),
        *("---", "", f"# {type(network).__name__}: speech quality of a wav"),
        "",
        "Predicts, without a clean reference: "
        + ", ".join(task.name for task in network.tasks)
        + ".",
    ]
    if ssl:
        frozen = "frozen, not part of this folder" if ssl["freeze"] else "tuned"
        revision = ssl["revision"] or "no revision given"
        lines += [
            "",
            f"SSL model: {as_text(ssl['source'])} "
            f"({as_text(revision)}; {frozen}).",
        ]
    return "\n".join(lines)


def _use(name):
    """Return how the model is used."""
    return f"""## Use

```bash
mtqnet score WAVS --model FOLDER  # this one, or OWNER/{name} of the hub
```

```python
from mtqnet_brain.inference.predictor import SpeechQualityPredictor

predictor = SpeechQualityPredictor.from_hparams("FOLDER")
predictor.score_file("speech.wav")
```

Intended for comparing recordings and processing systems of like material. Any
rate and channel count is read; the network hears 16 kHz mono."""


def _scales(network, provenance):
    """Return meaning, range and label source of each score."""
    sources = provenance.get("label_sources", {})
    lines = ["## Scales", "", "| score | meaning | range | labels |"]
    lines += ["|---|---|---|---|"]
    for task in primary_tasks(network.tasks):
        meaning = MEANINGS.get(task.name, "as its labels")
        source = as_text(sources.get(task.name, "unknown"))
        lines.append(
            f"| {task.name} | {meaning} | {task.low:g} (worst) to "
            f"{task.high:g} (best) | {source} |"
        )
    if any("CSIG" in source for source in sources.values()):
        lines += ["", COMPOSITE]
    return "\n".join(lines)


def _training(provenance):
    """Return what the model was trained on."""
    n_clips = provenance.get("train_utterances", "an unknown number of")
    lines = ["## Training data", "", f"{n_clips} utterances."]
    if provenance.get("pretrained"):
        lines.append(f"It began with {as_text(provenance['pretrained'])}.")
    return "\n".join(lines)


def _metrics(metrics):
    """Return the figures of the run's test set."""
    if not metrics:
        return "## Metrics\n\nNot measured."
    lines = ["## Metrics", "", "On the run's own test set:", ""]
    lines += [
        "| score | n | LCC | SRCC | MSE | labels |",
        "|---|---|---|---|---|---|",
    ]
    for name, figures in metrics.items():
        shown = [format_figure(figures[f]) for f in ("lcc", "srcc", "mse")]
        cells = [name, str(figures["n"]), *shown, as_text(figures["source"])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def as_text(words: str) -> str:
    """Return words of others so that Markdown and HTML show them as they are.

    Example
    -------
    >>> as_text("<b> [a](x)")
    '&lt;b&gt; \\\\[a\\\\](x)'
    """
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", html.escape(words, quote=False))


def _golden(golden):
    """Return the scores of the golden wav."""
    scores = ", ".join(f"{name} {score:.6g}" for name, score in golden.items())
    return f"## Golden score\n\n`golden.wav` (synthetic): {scores}."
