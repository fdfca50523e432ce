"""Hostile settings (``model.json``) of training runs.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from functools import partial

from .yaml_attacks import RUN, VALUES

CODE = "(!!python/object/apply:" + RUN + ")"


def _edit(settings, facts, change):
    """Change the settings as Python values."""
    change(settings, CODE.format(**facts))
    return json.dumps(settings).encode()


def _network(name, value):
    """Return a change of one setting of the network."""

    def change(settings, code):
        """Set it."""
        settings["network"][name] = code if value is CODE else value

    return partial(_edit, change=change)


def _task(name, value):
    """Return a change of one setting of the first task."""

    def change(settings, code):
        """Set it."""
        settings["network"]["tasks"][0][name] = code if value is CODE else value

    return partial(_edit, change=change)


def _origin(name, value):
    """Return a change of the provenance."""

    def change(settings, code):
        """Set it."""
        settings["provenance"][name] = code if value is CODE else value

    return partial(_edit, change=change)


def _top(name, value):
    """Return a change of an entry of the file; None removes it."""

    def change(settings, code):
        """Set it."""
        settings[name] = value
        if value is None:
            del settings[name]

    return partial(_edit, change=change)


def _text(settings, facts, change):
    """Change the settings as text."""
    text = change(json.dumps(settings))
    return text if isinstance(text, bytes) else text.encode()


def _switch(old, new):
    """Return a change that replaces text."""
    return partial(_text, change=lambda text: text.replace(old, new, 1))


def _injected(settings, facts, value):
    """Put a value of the YAML attacks into the provenance."""
    code = VALUES[value].format(**facts)
    settings["provenance"]["train_utterances"] = code
    settings["provenance"]["label_sources"] = {code: "x", "s_mos": code}
    settings["network"]["tasks"][0]["column"] = code
    return json.dumps(settings).encode()


def all_json_attacks():
    """Return the attacks by name.

    Each takes the good settings and a dict of ``canary`` and ``folder``, and
    returns the bytes of ``model.json``.
    """
    return {**ATTACKS}


DEEP = "[" * 100_000
ATTACKS = {
    "as it should be": partial(_text, change=lambda text: text),
    "code as label sources": _origin("label_sources", {"s_mos": CODE}),
    "code as origin": _origin("label_sources", CODE),
    "code as count": _origin("train_utterances", CODE),
    "code as run": _origin("run", CODE),
    "code as hash": _origin("train_manifest_sha256", CODE),
    "code as column": _task("column", CODE),
    "code as task": _task("name", CODE),
    "code as role": _task("role", CODE),
    "code as dropout": _network("dropout", CODE),
    "code as choice": _network("compression", CODE),
    "a YAML document as run": _origin("run", "\n--- !apply:os.system [id]\n"),
    "Markdown as run": _origin("run", "](javascript:x) <script>x</script>"),
    "a table as source": _origin("label_sources", {"s_mos": "a | b\n| c |"}),
    "no provenance": _top("provenance", None),
    "a list as provenance": _top("provenance", [1]),
    "no network": _top("network", None),
    "a list as network": _top("network", []),
    "no hash": _top("weights_sha256", None),
    "a number as hash": _top("weights_sha256", 3),
    "another hash": _top("weights_sha256", "0" * 64),
    "another class": _top("class", "MOSSSL"),
    "an unknown class": _top("class", "os.system"),
    "a list as class": _top("class", ["MTQNet"]),
    "1e9 hidden units": _network("blstm_hidden", 10**9),
    "9,000 hidden units": _network("blstm_hidden", 9000),
    "-1 hidden units": _network("blstm_hidden", -1),
    "0 hidden units": _network("blstm_hidden", 0),
    "true hidden units": _network("blstm_hidden", True),
    "NaN hidden units": _network("blstm_hidden", float("nan")),
    "words as units": _network("dense_units", "128"),
    "wide channels": _network("channels", [10**6] * 4),
    "many channels": _network("channels", [2] * 100_000),
    "no channels": _network("channels", []),
    "nested channels": _network("channels", [[2], [2]]),
    "dropout of 5": _network("dropout", 5),
    "dropout of NaN": _network("dropout", float("nan")),
    "a power of 1e300": _network("compression_power", 1e300),
    "a floor of -1": _network("compression_floor", -1),
    "an unknown setting": _network("save_path", "/tmp"),
    "a class as setting": _network("__class__", "x"),
    "tasks as words": _network("tasks", "s_mos"),
    "no tasks": _network("tasks", []),
    "20,000 tasks": _network(
        "tasks", [{"name": f"t{n}", "low": 1} for n in range(20_000)]
    ),
    "an infinite task": _task("high", float("inf")),
    "a task of NaN": _task("low", float("nan")),
    "a task with a path": _task("name", "../../x"),
    "a task with a point": _task("name", "a.b"),
    "a task with a line break": _task("name", "a\nb"),
    "a task that is a column": _task("name", "error"),
    "a task without name": _task("name", ""),
    "a number as task": _task("name", 3),
    "an unknown key of a task": _task("key", 3),
    "a lone surrogate": _switch('"s_mos"', '"\\ud800"'),
    "a NUL": _switch('"s_mos"', '"a\\u0000b"'),
    "a raw NUL": _switch("s_mos", "s\0mos"),
    "a number of 100,000 digits": _switch("0.3", "9" * 100_000),
    "1e999": _switch("0.3", "1e999"),
    "a key twice": _switch("{", '{"network": {}, '),
    "deep": partial(_text, change=lambda text: DEEP),
    "deep provenance": _switch(
        '"run"', f'"x": {"[" * 5000}{"]" * 5000}, "run"'
    ),
    "a list": partial(_text, change=lambda text: "[]"),
    "nothing": partial(_text, change=lambda text: ""),
    "null": partial(_text, change=lambda text: "null"),
    "cut": partial(_text, change=lambda text: text[:200]),
    "UTF-16": partial(_text, change=lambda text: text.encode("utf-16")),
    "a byte-order mark": partial(
        _text, change=lambda text: text.encode("utf-8-sig")
    ),
    "Latin-1": partial(_text, change=lambda text: text.encode() + b"\xfc"),
    "200 MB of blanks": partial(_text, change=lambda t: t + " " * 200_000_000),
    "YAML": partial(_text, change=lambda text: "network:\n  a: 1\n"),
    **{
        f"{value}, to be written into YAML": partial(_injected, value=value)
        for value in list(VALUES)[:20]
    },
}
