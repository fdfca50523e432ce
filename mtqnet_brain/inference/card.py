"""The model card of an exported model.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from mtqnet_brain.evaluation.metrics import format_metric
from mtqnet_brain.tasks import primary_tasks
from mtqnet_brain.utils.files import whole_file

if TYPE_CHECKING:
    from mtqnet_brain.model.mos_ssl import MOSSSL
    from mtqnet_brain.model.mtqnet import MTQNet

# Optional paragraphs begin with their own blank line, or are empty.
CARD = Template("""\
---
library_name: speechbrain
${license_line}\
pipeline_tag: audio-classification
metrics:
- pearson correlation
- spearman correlation
- mse
tags:
- speechbrain
- speech-quality
- mtqnet-brain
---

# $network: speech quality of a wav

Predicts, without a clean reference: $tasks.$ssl_model

## Use

In the folder of this card:

```bash
pip install mtqnet-brain
mtqnet score golden.wav --model .
```

```python
from mtqnet_brain.inference import SpeechQualityPredictor

predictor = SpeechQualityPredictor.from_hparams(source=".")
print(predictor.score_file("golden.wav"))
```

On a GPU, add `run_opts={"device": "cuda:0"}`. This way runs no code of the \
folder. SpeechBrain's own way gives the same scores, but runs the folder's \
code (`custom.py`, `hyperparams.yaml`); take it for folders you trust only:

```python
from speechbrain.inference.interfaces import foreign_class

predictor = foreign_class(
    source=".",
    pymodule_file="custom.py",
    classname="SpeechQualityPredictor",
)
print(predictor.score_file("golden.wav"))
```

Intended for comparing recordings and processing systems of like material. Any
rate and channel count is read; the network hears 16 kHz mono.

## Scales

$scales$composite

## Training data

$n_clips utterances.$pretrained

## Metrics

$metrics$notes

## Limits

Distortions, languages, microphones and enhancement systems that were not in \
the training data may be scored wrongly, by more than a point. Check the \
model with labels of your own (`mtqnet evaluate`) before you compare systems \
with it. Music, several talkers at once and clips without speech are outside \
its scope. Scores may leave the scale a little.

## Golden score

`golden.wav` (synthetic): $golden.

## Licence

$licence
""")
MEANINGS = {
    "s_mos": "how natural the speech itself sounds",
    "n_mos": "how little the noise intrudes",
    "g_mos": "how good the clip is overall",
}
COMPOSITE_NOTE = """

S-MOS, N-MOS and G-MOS were learnt from CSIG, CBAK and COVL (Hu and Loizou, \
2008), open measures of the same three questions of ITU-T P.835. They are not \
3QUEST and not listeners' votes."""


def write_card(
    folder: Path,
    network: MTQNet | MOSSSL,
    provenance: dict,
    metrics: dict,
    golden: dict[str, float],
    notes: str = "",
    license_name: str = "",
) -> None:
    """Write ``README.md``.

    Arguments
    ---------
    folder : Path
        Folder of the exported model.
    network : MTQNet or MOSSSL
        With the primary tasks.
    provenance : dict
        Facts about the run: label sources, training utterances.
    metrics : dict
        Result of `model_files.read_metrics`.
    golden : dict of str to float
        Scores of ``golden.wav``.
    notes : str, optional
        The author's additions, in Markdown.
    license_name : str, optional
        The model's licence as the hub names it; never assumed.
    """
    sources = provenance.get("label_sources", {})
    composite = any("CSIG" in source for source in sources.values())
    begun = provenance.get("pretrained")
    card = CARD.substitute(
        network=type(network).__name__,
        tasks=", ".join(task.name for task in network.tasks),
        ssl_model=_ssl_model(network.settings()["ssl"]),
        license_line=f"license: {license_name}\n" if license_name else "",
        licence=license_name or "None given; ask the model's author.",
        scales=_scales(network, sources),
        composite=COMPOSITE_NOTE if composite else "",
        n_clips=provenance.get("train_utterances", "an unknown number of"),
        pretrained=f"\nIt began with {as_text(begun)}." if begun else "",
        metrics=_metrics(metrics),
        notes=f"\n\n{notes.strip()}" if notes.strip() else "",
        golden=", ".join(f"{name} {golden[name]:.6g}" for name in golden),
    )
    with whole_file(Path(folder) / "README.md") as file:
        file.write(card)


def _ssl_model(ssl: dict | None) -> str:
    """Return a paragraph about the SSL model; empty without one."""
    if not ssl:
        return ""
    source = as_text(ssl["source"])
    revision = as_text(ssl["revision"] or "no revision given")
    frozen = "frozen, not part of this folder" if ssl["freeze"] else "tuned"
    return f"\n\nSSL model: {source} ({revision}; {frozen})."


def _scales(network: MTQNet | MOSSSL, sources: dict[str, str]) -> str:
    """Return meaning, range and label source of each score."""
    rows = [
        (
            task.name,
            MEANINGS.get(task.name, "as its labels"),
            f"{task.low:g} (worst) to {task.high:g} (best)",
            as_text(sources.get(task.name, "unknown")),
        )
        for task in primary_tasks(network.tasks)
    ]
    return _table(("score", "meaning", "range", "labels"), rows)


def _metrics(metrics: dict) -> str:
    """Return the metrics of the run's test set."""
    if not metrics:
        return "Not measured."
    rows = [
        (
            name,
            str(values["n"]),
            *(format_metric(values[key]) for key in ("lcc", "srcc", "mse")),
            as_text(values["source"]),
        )
        for name, values in metrics.items()
    ]
    table = _table(("score", "n", "LCC", "SRCC", "MSE", "labels"), rows)
    return f"On the run's own test set:\n\n{table}"


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(cells)} |" for cells in [header, *rows]]
    return "\n".join([lines[0], f"|{'---|' * len(header)}", *lines[1:]])


def as_text(words: str) -> str:
    """Escape Markdown and HTML in text from other people.

    Example
    -------
    >>> as_text("<b> [a](x)")
    '&lt;b&gt; \\\\[a\\\\](x)'
    """
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", html.escape(words, quote=False))
