"""The keywords of SpeechBrain's ``from_hparams``, taken or refused.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import Any

from speechbrain.utils.fetching import FetchConfig

# Keywords that would change or replace the checked hyperparameters, with the
# values that change nothing.
REFUSED: dict[str, tuple] = {
    "hparams_file": ("hyperparams.yaml", None),
    "pymodule_file": ("custom.py", None),
    "overrides": ({}, "", None),
    "overrides_must_match": (True, False),
}
HUB = {"revision": "revision", "use_auth_token": "token"}


def standard_keywords(
    fetch: dict | None, options: dict[str, Any]
) -> tuple[dict, dict]:
    """Sort keywords into those of the fetch and those of the class.

    Arguments
    ---------
    fetch : dict or None
        ``fetch_config`` and ``local_strategy``, as `from_hparams` takes them.
    options : dict
        Other keywords of `from_hparams`.

    Returns
    -------
    dict, dict
        Keywords of `loading.load_network`, and of the class.

    Raises
    ------
    ValueError
        If a keyword would change the checked hyperparameters.
    """
    fetch, options = dict(fetch or {}), dict(options)
    for name, harmless in REFUSED.items():
        if name in options and options.pop(name) not in harmless:
            raise ValueError(
                f"{name}: refused, with and without trust=True: the model is "
                "built from its own checked hyperparams.yaml alone; with code "
                "you trust, use SpeechBrain's foreign_class"
            )
    for name in ("fetch_config", "local_strategy"):
        if name in options:
            fetch[name] = options.pop(name)
    hub = {HUB[k]: options.pop(k) for k in HUB if k in options}
    hub = {k: v for k, v in hub.items() if v not in (None, False)}
    if hub:
        config = fetch.get("fetch_config") or FetchConfig()
        fetch["fetch_config"] = FetchConfig(**{**vars(config), **hub})
    return fetch, options
