"""The systems of Tables 1 to 3 and Fig. 2, and where each is shown.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

SCORES = ("s_mos", "n_mos", "g_mos")
NO_SSL = "no SSL"


@dataclass(frozen=True)
class System:
    """One row of a table: what is trained.

    Arguments
    ---------
    name : str
        Name of the system and of its run folder.
    recipe : str
        Folder under ``recipes/TMHINT-QI``.
    hparams : str
        Hyperparameter file in it, without extension.
    ssl : str
        SSL stream, as Table 1 names it.
    method : str
        ``From Scratch``, ``KT``, ``MPL`` or ``MOS-SSL``.
    loss : str
        ``MSE``, ``MAE``, ``Huber`` or ``L1``.
    delta : float, optional
        Where the Huber loss becomes linear.
    teacher : str, optional
        Hyperparameter file of the MOSA-Net whose weights it begins with (KT)
        or whose pseudo-labels it learns (MPL).
    scores : tuple of str
        Scores that it predicts.
    overrides : dict of str to str
        Settings that replace those of the hyperparameter file.
    """

    name: str
    recipe: str
    hparams: str
    ssl: str
    method: str
    loss: str
    delta: float | None = None
    teacher: str | None = None
    scores: tuple[str, ...] = SCORES
    overrides: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Model and SSL stream, as the tables name it."""
        model = "MOS-SSL" if self.method == "MOS-SSL" else "MTQ-Net"
        return f"{model} ({self.ssl})"

    @property
    def loss_title(self) -> str:
        """The loss, with delta where it is not 1."""
        if self.delta in (None, 1.0):
            return self.loss
        return f"{self.loss}, delta {self.delta:g}"

    @property
    def call(self) -> str:
        """Hyperparameter file and overrides, as typed."""
        flags = [f"--{name}={text}" for name, text in self.overrides.items()]
        return " ".join([f"{self.hparams}.yaml", *flags])


def _mtqnet(name, *description, **more):
    """Return a system with a hyperparameter file of its own."""
    return System(name, "MTQ-Net", name, *description, **more)


def _mpl(name, loss, delta=None):
    """Return MPL with a fine-tuned WavLM: mpl_huber.yaml with another loss."""
    overrides = {}
    if loss != "Huber":
        overrides["loss_kind"] = loss.lower()
    elif delta != 1.0:
        overrides["delta"] = f"{delta:g}"
    return System(
        name,
        "MTQ-Net",
        "mpl_huber",
        "FT-WavLM",
        "MPL",
        loss,
        delta,
        teacher="mosanet_hubert",
        overrides=overrides,
    )


def _mos_ssl(score):
    """Return MOS-SSL for one score."""
    return System(
        f"mos_ssl_{score}",
        "MOS-SSL",
        "mos_ssl",
        "FT-wav2vec 2.0",
        "MOS-SSL",
        "L1",
        scores=(score,),
        overrides={"score": score},
    )


SYSTEMS = {
    system.name: system
    for system in (
        _mtqnet("scratch_hubert", "HuBERT", "From Scratch", "MSE"),
        _mtqnet("kt_hubert", "HuBERT", "KT", "MSE", teacher="mosanet_hubert"),
        _mtqnet("kt_wavlm", "WavLM", "KT", "MSE", teacher="mosanet_wavlm"),
        _mtqnet("mpl_wavlm", "WavLM", "MPL", "MSE", teacher="mosanet_hubert"),
        _mpl("mpl_mse", "MSE"),
        _mpl("mpl_mae", "MAE"),
        _mpl("mpl_huber", "Huber", 1.0),
        _mpl("mpl_huber_delta_050", "Huber", 0.5),
        _mpl("mpl_huber_delta_075", "Huber", 0.75),
        _mpl("mpl_huber_delta_125", "Huber", 1.25),
        *map(_mos_ssl, SCORES),
    )
}

MOS_SSL = tuple(f"mos_ssl_{score}" for score in SCORES)
DELTAS = (
    "mpl_huber_delta_050",
    "mpl_huber_delta_075",
    "mpl_huber",
    "mpl_huber_delta_125",
)
DELTAS_NO_SSL = tuple(f"{name}_no_ssl" for name in DELTAS)
LOSSES = ("mpl_mse", "mpl_mae", "mpl_huber")
LOSSES_NO_SSL = tuple(f"{name}_no_ssl" for name in LOSSES)
MECHANISMS = (
    "scratch_hubert",
    "kt_hubert",
    "kt_wavlm",
    "mpl_wavlm",
    "mpl_mse",
)
MECHANISMS_NO_SSL = ("scratch_no_ssl", "kt_no_ssl", "mpl_mse_no_ssl")
# The paper's rows, then those without SSL stream, for machines without GPU.
TABLES = {
    1: MECHANISMS + MECHANISMS_NO_SSL,
    2: LOSSES + LOSSES_NO_SSL,
    3: (*MOS_SSL, "mpl_huber", "mpl_huber_no_ssl"),
}
FIGURES = {2: DELTAS + DELTAS_NO_SSL}


def _without_ssl(name, system):
    """Return a system of SYSTEMS without its SSL stream."""
    teacher = system.teacher and "mosanet_no_ssl"
    return replace(system, name=name, ssl=NO_SSL, teacher=teacher)


# Without the SSL stream, systems that differ in nothing else are one; nothing
# is left of MOS-SSL.
WITHOUT_SSL = {
    f"{name}_no_ssl": _without_ssl(f"{name}_no_ssl", SYSTEMS[origin])
    for name, origin in {
        "scratch": "scratch_hubert",
        "kt": "kt_hubert",
        "mpl_mse": "mpl_mse",
        "mpl_mae": "mpl_mae",
        **{delta: delta for delta in DELTAS},
    }.items()
}
ALL_SYSTEMS = {**SYSTEMS, **WITHOUT_SSL}


def choose_systems(
    tables: list[int],
    figures: list[int],
    names: list[str] | None = None,
    ssl: bool = True,
) -> list[System]:
    """Return the systems that tables and figures need, each once.

    Arguments
    ---------
    tables, figures : list of int
        Numbers as in the paper.
    names : list of str, optional
        Systems to take instead of those of tables and figures.
    ssl : bool
        Whether with SSL streams; without, ``kt`` means ``kt_no_ssl``.

    Returns
    -------
    list of System
        In the order of `ALL_SYSTEMS`.

    Raises
    ------
    ValueError
        If a name is unknown.
    """
    if names:
        if not ssl:
            names = [
                n if n.endswith("_no_ssl") else f"{n}_no_ssl" for n in names
            ]
        unknown = [name for name in names if name not in ALL_SYSTEMS]
        if unknown:
            raise ValueError(
                f"systems {', '.join(unknown)}: not among "
                f"{', '.join(ALL_SYSTEMS)}"
            )
        wanted = set(names)
    else:
        shown = [TABLES[n] for n in tables] + [FIGURES[n] for n in figures]
        wanted = set().union(*shown) & {*(SYSTEMS if ssl else WITHOUT_SSL)}
    return [s for name, s in ALL_SYSTEMS.items() if name in wanted]
