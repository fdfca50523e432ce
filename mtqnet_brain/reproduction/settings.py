"""What a reproduction is asked for.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Request:
    """What is to be reproduced.

    Arguments
    ---------
    recipes : Path
        Folder ``recipes/TMHINT-QI``.
    output : Path
        Where everything goes.
    systems : list of System
        Of `classical.choose_systems`.
    seeds : list of int
        One run per system and seed; the split is the same for all.
    scale : str
        ``paper`` or ``demo``.
    data_folder, teacher_data_folder : Path
        Corpora; None on the demo scale.
    split : str
        As in the recipes.
    labels : dict of str to str
        Label options of the recipes, by name.
    teacher : str
        A trained teacher instead of one trained on
        ``teacher_data_folder``, for what needs MOSA-Net with HuBERT (without
        SSL: for all).
    options : dict of str to str
        Further options of every train.py.
    ssl_models : dict of str to str
        Local folders instead of hub names, under ``hubert``, ``wavlm`` and
        ``wav2vec2``.
    """

    recipes: Path
    output: Path
    systems: list
    seeds: list
    scale: str = "paper"
    data_folder: Path = None
    teacher_data_folder: Path = None
    split: str = "paper"
    labels: dict = None
    teacher: str = None
    options: dict = None
    ssl_models: dict = None

    @property
    def demo(self):
        """Whether everything is made on the spot."""
        return self.scale == "demo"


def yaml_keys(path: Path) -> set[str]:
    """Return the top keys of a hyperparameter file.

    Arguments
    ---------
    path : Path
        The file; nothing in it is executed.

    Returns
    -------
    set of str
        E.g. ``lr``.
    """
    with open(path, encoding="utf-8") as file:
        root = yaml.compose(file, Loader=yaml.SafeLoader)
    return {key.value for key, _ in root.value}


def run_options() -> set[str]:
    """Return SpeechBrain's own options.

    Returns
    -------
    set of str
        E.g. ``device``.
    """
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
    if "ssl" in (request.options or {}):
        raise ValueError(
            "--ssl would give all systems one SSL model; give "
            "--ssl_models hubert=FOLDER wavlm=FOLDER wav2vec2=FOLDER, or "
            "--no_ssl"
        )
    known = run_options()
    for system in request.systems:
        folder = request.recipes / system.recipe / "hparams"
        known |= yaml_keys(folder / f"{system.hparams}.yaml")
    unknown = [name for name in request.options or {} if name not in known]
    if unknown:
        raise ValueError(
            f"--{', --'.join(unknown)}: no option of the chosen systems"
        )
