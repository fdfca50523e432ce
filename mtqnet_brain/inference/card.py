"""The model card of an exported model.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.inference.card_text import (
    CARD,
    CITATIONS,
    COMPOSITE_NOTE,
    FOREIGN_IN_FOLDER,
    FOREIGN_ON_HUB,
    IN_FOLDER,
    MEANINGS,
    ON_HUB,
)
from mtqnet_brain.inference.markdown import as_text, markdown_table
from mtqnet_brain.inference.run_results import CARD_FILE
from mtqnet_brain.tasks import primary_tasks
from mtqnet_brain.utils.files import whole_file

if TYPE_CHECKING:
    from mtqnet_brain.model.mos_ssl import MOSSSL
    from mtqnet_brain.model.mtqnet import MTQNet


@dataclass(frozen=True)
class CardAdditions:
    """What the author of a model adds to its card.

    Arguments
    ---------
    notes : str, optional
        Markdown after the metrics.
    license_name : str, optional
        The model's licence as the hub names it; never assumed.
    languages, datasets : tuple of str, optional
        Of the training data, as the hub names them.
    hub_name : str, optional
        ``OWNER/NAME``, where the model will be found.
    """

    notes: str = ""
    license_name: str = ""
    languages: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    hub_name: str = ""

    def front_matter(self) -> str:
        """Return lines of YAML; what is not given is left out."""
        lists = {"language": self.languages, "datasets": self.datasets}
        lines = []
        for key, values in lists.items():
            if values:
                lines += [f"{key}:", *(f"- {value}" for value in values)]
        if self.license_name:
            lines.append(f"license: {self.license_name}")
        return "".join(f"{line}\n" for line in lines)


def write_card(
    folder: Path,
    network: MTQNet | MOSSSL,
    provenance: dict,
    results: str,
    golden: dict[str, float],
    additions: CardAdditions,
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
    results : str
        Result of `run_results.results_text`.
    golden : dict of str to float
        Scores of ``golden.wav``.
    additions : CardAdditions
        The author's.
    """
    sources = provenance.get("label_sources", {})
    composite = any("CSIG" in source for source in sources.values())
    notes, hub = additions.notes.strip(), additions.hub_name
    use, foreign = IN_FOLDER, FOREIGN_IN_FOLDER
    if hub:
        use, foreign = (
            text.substitute(hub=hub) for text in (ON_HUB, FOREIGN_ON_HUB)
        )
    card = CARD.substitute(
        front=additions.front_matter(),
        network=type(network).__name__,
        tasks=", ".join(task.name for task in network.tasks),
        ssl_model=_ssl_model(network.settings()["ssl"]),
        use=ON_HUB.substitute(hub=hub) if hub else IN_FOLDER,
        foreign=FOREIGN_ON_HUB.substitute(hub=hub)
        if hub
        else FOREIGN_IN_FOLDER,
        scales=_scales(network, sources),
        composite=COMPOSITE_NOTE if composite else "",
        training=_training(provenance),
        results=f"{results}\n\n{notes}" if notes else results,
        golden=", ".join(f"{name} {golden[name]:.6g}" for name in golden),
        licence=additions.license_name or "None given; ask the model's author.",
        citations=CITATIONS,
    )
    with whole_file(Path(folder) / CARD_FILE) as file:
        file.write(card)


def _training(provenance: dict) -> str:
    """Return what the network was trained on, and how, where recorded."""
    n_clips = provenance.get("train_utterances", "An unknown number of")
    lines = [f"{n_clips} clips."]
    if begun := provenance.get("pretrained"):
        # The hash of its weights, perhaps after the name of a folder.
        weights = as_text(begun.split()[-1])
        lines += [f"It began with the weights of another model ({weights})."]
    if commit := provenance.get("commit"):
        lines += [f"Trained with mtqnet-brain at commit {as_text(commit)}."]
    if command := provenance.get("command"):
        command = command.replace("`", "")
        lines += [f"The command:\n\n```bash\n{command}\n```"]
    return "\n".join(lines)


def _ssl_model(ssl: dict | None) -> str:
    """Return a paragraph about the SSL model; empty without one."""
    if not ssl:
        return ""
    source = ssl["source"]
    if Path(source).is_dir() or source.startswith((".", "/", "~")):
        source = Path(source).name  # the author's folders concern nobody
    source = as_text(source)
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
    return markdown_table(("score", "meaning", "range", "labels"), rows)
