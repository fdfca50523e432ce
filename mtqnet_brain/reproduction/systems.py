"""The systems of Tables 1 to 3 and Fig. 2, and where each is shown.

Authors
 * The mtqnet-brain developers 2026
"""

from dataclasses import dataclass, replace

SCORES = ("s_mos", "n_mos", "g_mos")
NO_SSL = "no SSL"


@dataclass(frozen=True)
class System:
    """One row of a table: what is trained.

    Arguments
    ---------
    name : str
        Of its run folder.
    recipe : str
        Folder under ``recipes/TMHINT-QI``.
    hparams : str
        Hyperparameter file in it, without ending.
    ssl : str
        SSL stream, as Table 1 names it.
    method : str
        ``From Scratch``, ``KT``, ``MPL`` or ``MOS-SSL``.
    loss : str
        ``MSE``, ``MAE``, ``Huber`` or ``L1``.
    delta : float
        Of the Huber loss.
    teacher : str
        Hyperparameter file of the MOSA-Net that it begins with (KT) or that
        labels for it (MPL).
    scores : tuple of str
        What it predicts.
    """

    name: str
    recipe: str
    hparams: str
    ssl: str
    method: str
    loss: str
    delta: float = None
    teacher: str = None
    scores: tuple = SCORES

    @property
    def title(self):
        """How tables name it."""
        if self.method == "MOS-SSL":
            return f"MOS-SSL ({self.ssl})"
        return f"MTQ-Net ({self.ssl})"

    @property
    def loss_title(self):
        """Its loss, with delta where it is not 1."""
        if self.delta in (None, 1.0):
            return self.loss
        return f"{self.loss}, delta {self.delta:g}"


def _mtqnet(name, *description, **more):
    """Return a system of the MTQ-Net recipe."""
    return System(name, "MTQ-Net", name, *description, **more)


def _mpl(name, loss, delta=None):
    """Return MPL with a fine-tuned WavLM."""
    teacher = "mosanet_hubert"
    return _mtqnet(name, "FT-WavLM", "MPL", loss, delta, teacher)


def _mos_ssl(score):
    """Return MOS-SSL for one score."""
    description = ("mos_ssl", "FT-wav2vec 2.0", "MOS-SSL", "L1")
    return System(
        f"mos_ssl_{score}", "MOS-SSL", *description, scores=(score,)
    )


SYSTEMS = {
    system.name: system
    for system in (
        _mtqnet("scratch_hubert", "HuBERT", "From Scratch", "MSE"),
        _mtqnet(
            "kt_hubert", "HuBERT", "KT", "MSE", teacher="mosanet_hubert"
        ),
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
TABLES = {
    1: ("scratch_hubert", "kt_hubert", "kt_wavlm", "mpl_wavlm", "mpl_mse"),
    2: ("mpl_mse", "mpl_mae", "mpl_huber"),
    3: (*MOS_SSL, "mpl_huber"),
}
FIGURES = {2: DELTAS}

# Without the SSL stream, systems that differ in nothing else are one.
NAMES_WITHOUT_SSL = {
    "scratch_hubert": "scratch",
    "kt_hubert": "kt",
    "kt_wavlm": "kt",
    "mpl_wavlm": "mpl_mse",
}


def without_ssl(name):
    """Return a system without its SSL stream.

    Arguments
    ---------
    name : str
        In `SYSTEMS`.

    Returns
    -------
    System
        Named as in `NAMES_WITHOUT_SSL`; None for MOS-SSL, which is an SSL
        model.
    """
    system = SYSTEMS[name]
    if system.method == "MOS-SSL":
        return None
    return replace(
        system,
        name=NAMES_WITHOUT_SSL.get(name, name),
        ssl=NO_SSL,
        teacher=system.teacher and "mosanet_no_ssl",
    )


def choose_systems(tables, figures, names=None, ssl=True):
    """Return the systems that tables and figures need, each once.

    Arguments
    ---------
    tables, figures : list of int
        Numbers as in the paper.
    names : list of str
        Of systems, instead of tables and figures.
    ssl : bool
        Whether with SSL streams.

    Returns
    -------
    list of System
        In the order of `SYSTEMS`.

    Raises
    ------
    ValueError
        If a number or name is unknown.
    """
    known = {} if ssl else {s.name: s for s in map(without_ssl, SYSTEMS) if s}
    known = SYSTEMS if ssl else known
    if names:
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(
                f"systems {', '.join(unknown)}: not among {', '.join(known)}"
            )
        return [system for name, system in known.items() if name in names]
    wanted = {n for t in tables for n in _known(TABLES, "table", t)}
    wanted |= {n for f in figures for n in _known(FIGURES, "figure", f)}
    if not ssl:
        wanted = {NAMES_WITHOUT_SSL.get(name, name) for name in wanted}
    return [system for name, system in known.items() if name in wanted]


def _known(shown, kind, number):
    """Return the systems of one table or figure."""
    if number not in shown:
        raise ValueError(f"{kind} {number}: the paper's are {list(shown)}")
    return shown[number]
