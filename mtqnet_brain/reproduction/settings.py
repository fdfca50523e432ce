"""What a reproduction is asked for.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.utils.hparams_files import setting_names

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.systems import System

Labels = dict[str, str | list[str]]


@dataclass(frozen=True)
class Request:
    """Request: what to reproduce.

    Arguments
    ---------
    recipes : Path
        Folder ``recipes/TMHINT-QI``.
    output : Path
        Folder of all results.
    systems : list of System
        Result of `systems.choose_systems`.
    seeds : list of int
        One run per system and seed; the split is the same for all.
    scale : str
        ``paper`` or ``demo``.
    data_folder, teacher_data_folder : Path, optional
        Corpora; not used on the demo scale.
    split : str
        As in the recipes.
    labels : dict of str to str or list of str
        Label options of the recipes, by name.
    teacher : str or Path, optional
        A trained teacher instead of one trained on
        ``teacher_data_folder``, for what needs MOSA-Net with HuBERT (without
        SSL: for all).
    options : dict of str to str
        Further options of every train.py.
    ssl_models : dict of str to Path
        Local folders instead of hub names, under ``hubert``, ``wavlm`` and
        ``wav2vec2``.
    """

    recipes: Path
    output: Path
    systems: list[System]
    seeds: list[int]
    scale: str = "paper"
    data_folder: Path | None = None
    teacher_data_folder: Path | None = None
    split: str = "paper"
    labels: Labels = field(default_factory=dict)
    teacher: str | Path | None = None
    options: dict[str, str] = field(default_factory=dict)
    ssl_models: dict[str, Path] = field(default_factory=dict)

    @property
    def demo(self) -> bool:
        """Whether corpora and SSL models are made on the spot."""
        return self.scale == "demo"


def run_options() -> set[str]:
    """Return the names of SpeechBrain's own options, such as ``device``."""
    from speechbrain.utils.run_opts import RunOptions

    return {field.name for field in fields(RunOptions)}


def check_options(request: Request) -> None:
    """Refuse an option that none of the chosen systems has.

    Arguments
    ---------
    request : Request
        With systems and options.

    Raises
    ------
    ValueError
        Names the options.
    """
    if "ssl" in request.options:
        raise ValueError(
            "--ssl would give all systems one SSL model; give "
            "--ssl_models hubert=FOLDER wavlm=FOLDER wav2vec2=FOLDER, or "
            "--no_ssl"
        )
    known = run_options()
    for system in request.systems:
        folder = request.recipes / system.recipe / "hparams"
        known |= setting_names(folder / f"{system.hparams}.yaml")
    unknown = [name for name in request.options if name not in known]
    if unknown:
        raise ValueError(
            f"--{', --'.join(unknown)}: no option of the chosen systems"
        )
