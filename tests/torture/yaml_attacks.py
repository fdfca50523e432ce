"""Hostile hyperparameter files of exported models.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import partial

RUN = 'os.system ["touch {canary}"]'
# One value each; {canary} is the file that code of the author would make.
VALUES = {
    "tuple": "(!!python/object/apply:" + RUN + ")",
    "tuple in single quotes": "'(!!python/object/apply:" + RUN + ")'",
    "tuple in double quotes": '"(!!python/object/apply:os.system '
    '[\\"touch {canary}\\"])"',
    "folded tuple": ">-\n      (!!python/object/apply:" + RUN + ")",
    "tuple of two": "(1, !!python/object/apply:" + RUN + ")",
    "tuple of Popen": "(!!python/object/new:subprocess.Popen "
    '[["touch", "{canary}"]])',
    "tuple of exec": "(!!python/object/apply:builtins.exec "
    "[\"open('{canary}', 'w')\"])",
    "tuple in a tuple": "((!!python/object/apply:" + RUN + "))",
    "tuple of a module": "(!!python/module:antigravity )",
    "object": "!!python/object/apply:" + RUN,
    "new object": "!!python/object/new:" + RUN,
    "verbatim tag": "!<tag:yaml.org,2002:python/object/apply:os.system> "
    '["touch {canary}"]',
    "escaped tag": "!!python%2Fobject%2Fapply:" + RUN,
    "python tuple": "!!python/tuple [1, 2]",
    "python name": "!!python/name:os.system",
    "!apply": "!apply:" + RUN,
    "!new": '!new:subprocess.Popen [["touch", "{canary}"]]',
    "!new of ours": "!new:mtqnet_brain.model.ssl.SSLEncoder "
    "{{source: x, save_path: {canary}}}",
    "!name": "!name:" + RUN,
    "!module": "!module:antigravity",
    "!include": "!include:{folder}/other.yaml",
    "!include of /etc/passwd": "!include:/etc/passwd",
    "!include of /dev/zero": "!include:/dev/zero",
    "!applyref": '!applyref:os.system ["touch {canary}"]',
    "!copy": "!copy <network>",
    "!PLACEHOLDER": "!PLACEHOLDER",
    "arithmetic": "!ref 9**9**9",
    "arithmetic of a reference": "!ref <weights_sha256>*999999999",
    "arithmetic without end": "!ref 9**9**9 // 9**9**9",
    "left shift": "!ref 1<<99999999999",
    "call in a reference": "!ref __import__('os').system('touch {canary}')",
    "reference to itself": "!ref <provenance>",
    "reference to nothing": "!ref <nothing>",
    "reference with a path": "!ref <network.__class__>",
    "a set": "!!set {{a, b}}",
    "binary": "!!binary aGVsbG8=",
    "a date": "2001-12-14t21:59:43.10-05:00",
    "a number of 100,000 digits": "9" * 100_000,
    "a sexagesimal number": ":".join(["59"] * 5000),
    "not a number": ".nan",
    "infinity": "-.inf",
    "1e999": "1e999",
    "a huge number": "99999999999999999999",
    "minus one": "-1",
    "a fraction": "16.5",
    "true": "true",
    "nothing": "null",
    "a word": "'128'",
    "a list": "[[1, 2], [3]]",
    "a mapping": "{{a: {{b: c}}}}",
}
PLACES = {
    "a note": ("provenance:", "provenance:\n    note: {value}"),
    "a label's source": ("s_mos: composite (CSIG/CBAK/COVL)", "s_mos: {value}"),
    "a task's name": ("name: n_mos", "name: {value}"),
    "a task's column": ("column: n_mos", "column: {value}"),
    "a task's upper end": ("high: 5.0", "high: {value}"),
    "the dropout": ("dropout: 0.3", "dropout: {value}"),
    "the channels": ("- 128\n", "- {value}\n"),
    "the hidden units": ("blstm_hidden: 128", "blstm_hidden: {value}"),
    "the SSL model": ("ssl: null", "ssl: {value}"),
    "the SSL model's source": ("ssl: null", "ssl:\n        source: {value}"),
    "the tasks": ("tasks: !ref <tasks>", "tasks: {value}"),
    "the modules": ("    network: !ref <network>", "    network: {value}"),
    "a key": ("tasks:\n", "extra: {value}\ntasks:\n"),
    "a key's name": ("provenance:", "provenance:\n    ? {value}\n    : 1"),
    "the weights' hash": ("weights_sha256: ", "weights_sha256: {value} #"),
}
EVERYWHERE = ("tuple in single quotes", "tuple", "!apply", "arithmetic")
SOME = {
    "the hidden units": set(list(VALUES)[-14:]),
    "the channels": {
        "a huge number",
        "minus one",
        "a fraction",
        "not a number",
    },
    "a task's upper end": {"not a number", "infinity", "a word", "a list"},
    "the SSL model": {"a word", "a list", "!new of ours", "a mapping"},
    "a task's name": {"nothing", "a list", "true", "not a number"},
}


def _put(text, facts, place, value):
    """Put a value where the good file has another."""
    before, after = PLACES[place]
    value = VALUES[value].format(**facts)
    return text.replace(before, after.replace("{value}", value), 1)


def _note(text, facts, note):
    """Append something under ``provenance``."""
    return text + "".join(f"    {line}\n" for line in note.split("\n"))


def _bomb(level=24, width=2):
    """Return aliases whose expansion has width ** level items."""
    lines = ["x0: &x0 [lol, lol]"]
    for n in range(1, level):
        lines.append(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * width)}]")
    return "\n".join(lines)


def _merge_bomb(level=22):
    """Return merge keys whose expansion doubles at each level."""
    lines = ["m0: &m0 {k: v}"]
    for n in range(1, level):
        lines.append(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}], k{n}: v}}")
    return "\n".join(lines)


def _change(text, facts, change):
    """Change the whole text."""
    return change(text)


def _tasks(text, n_tasks):
    """Repeat the first task under other names."""
    head, task = text.split("tasks:\n", 1)
    task, rest = task.split("    - !new", 2)[1], text[text.index("network:") :]
    one = "    - !new" + task
    tasks = (one.replace("s_mos", f"t{n}") for n in range(n_tasks))
    return head + "tasks:\n" + "".join(tasks) + rest


def _switch(old, new):
    """Return a change that replaces text."""
    return partial(_change, change=lambda text: text.replace(old, new))


TAGGED = "%TAG ! tag:yaml.org,2002:python/object/apply:\n---\n"
WHOLE = {
    "as it should be": partial(_change, change=lambda text: text),
    "an alias bomb": partial(_note, note=_bomb()),
    "a wide alias bomb": partial(_note, note=_bomb(9, 10)),
    "a merge bomb": partial(_note, note=_merge_bomb()),
    "an alias to itself": partial(_note, note="a: &a [*a]"),
    "an anchor": partial(_note, note="a: &a 1"),
    "brackets, 100,000 deep": partial(_note, note="a: " + "[" * 100_000),
    "brackets, 900 deep": partial(_note, note=f"a: {'[' * 900}{']' * 900}"),
    "round brackets, 5,000 deep": partial(
        _note, note=f"a: {'(' * 5000}1{')' * 5000}"
    ),
    "a scalar of 20 MB": partial(_note, note="a: " + "x" * 20_000_000),
    "30 MB of keys": partial(
        _change,
        change=lambda t: (
            t + "".join(f"    k{n}: some value\n" for n in range(1_200_000))
        ),
    ),
    "a key twice": partial(_note, note="a: 1\na: 2"),
    "provenance twice": partial(_change, change=lambda t: t + "provenance: 1"),
    "two networks": partial(
        _change, change=lambda t: t + "network: !new:torch.nn.Linear [2, 2]\n"
    ),
    "a second document": partial(
        _change, change=lambda t: t + "--- !apply:os.system [id]\n"
    ),
    "a tag directive": partial(_change, change=lambda t: TAGGED + t),
    "YAML 9": partial(_change, change=lambda t: "%YAML 9.9\n---\n" + t),
    "tabs": _switch("    ", "\t"),
    "CRLF": _switch("\n", "\r\n"),
    "a NUL": _switch("provenance", "prov\0enance"),
    "line separators": _switch("composite", "\u2028 \x85 \ufeff"),
    "a lone surrogate": _switch("composite", '"\\ud800"'),
    "a list": partial(_change, change=lambda t: "- 1\n- 2\n"),
    "nothing": partial(_change, change=lambda t: ""),
    "a comment": partial(_change, change=lambda t: "# Model\n"),
    "a mapping as key": partial(
        _change, change=lambda t: "? {a: b}\n: 1\n" + t
    ),
    "a list as key": partial(_change, change=lambda t: "? [a]\n: 1\n" + t),
    "no tasks": partial(_change, change=lambda t: t[t.index("network:") :]),
    "20,000 tasks": partial(_change, change=lambda t: _tasks(t, 20_000)),
    "an empty list of tasks": partial(_change, change=lambda t: _tasks(t, 0)),
    "two tasks of a name": _switch("n_mos", "s_mos"),
    "a task with a point": _switch("name: s_mos", "name: s.mos"),
    "a task with a path": _switch("name: s_mos", "name: ../../s_mos"),
    "a task that is a column": _switch("name: s_mos", "name: error"),
    "a task that is a formula": _switch("name: s_mos", "name: =1+1"),
    "a task of 1 MB": _switch("name: s_mos", "name: " + "x" * 1_000_000),
    "an unknown task": _switch("role: primary", "role: queen"),
    "no primary task": _switch("role: primary", "role: auxiliary"),
    "low above high": _switch("low: 1.0", "low: 9.0"),
    "another network": _switch(".model.MTQNet", ".mos_ssl.MOSSSL"),
    "a layer of PyTorch": _switch(
        "mtqnet_brain.model.MTQNet", "torch.nn.Linear"
    ),
    "an unknown argument": _switch("dropout", "drop_out"),
    "an unknown choice": _switch("compression: power", "compression: zip"),
    "no input": _switch("spectrum: true", "spectrum: false"),
    "a network of 3 GB": _switch("blstm_hidden: 128", "blstm_hidden: 9000"),
    "a network of 300 TB": _switch(
        "blstm_hidden: 128", "blstm_hidden: 4000000"
    ),
    "a wide network": _switch("- 128", "- 1000000"),
    "many layers": _switch("    - 16\n", "    - 16\n" * 2000),
    "a mask of another power": _switch("power: 0.3", "power: -1e300"),
    "its own pretrainer": _switch(
        "    loadables:", "    collect_in: {canary}\n    loadables:"
    ),
    "wrong hash": _switch("weights_sha256: ", "weights_sha256: 00"),
    "no hash": _switch("weights_sha256", "hash"),
}
# As bytes, behind the text.
CODINGS = {
    "UTF-16": ("utf-16", b""),
    "UTF-8 with a mark": ("utf-8-sig", b""),
    "Latin-1": ("latin-1", b"\xfc\n"),
}


def all_yaml_attacks():
    """Return the attacks by name.

    Each takes the text of a good file and a dict of ``canary`` and ``folder``.
    """
    pairs = [("a note", value) for value in VALUES]
    pairs += [(place, v) for place in PLACES for v in EVERYWHERE]
    pairs += [(p, v) for p, values in SOME.items() for v in sorted(values)]
    found = {
        f"{value} as {place}": partial(_put, place=place, value=value)
        for place, value in dict.fromkeys(pairs)
    }
    return found | WHOLE
