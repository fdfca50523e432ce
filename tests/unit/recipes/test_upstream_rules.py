"""SpeechBrain's rules for contributions, and those of this repository.

After upstream's tests/consistency, which is in no wheel.

Authors
 * The mtqnet-brain developers 2026
"""

import ast
import csv
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
from speechbrain.utils.run_opts import RunOptions

from mtqnet_brain.utils.hparams_files import base_of

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "mtqnet_brain" / "pretrained" / "lite"
TABLES = sorted((ROOT / "tests" / "recipes").glob("*.csv"))
YAMLS = sorted((ROOT / "recipes").glob("**/hparams/**/*.yaml"))
MODULES = sorted(
    path
    for folder in ("mtqnet_brain", "recipes", "tests")
    for path in (ROOT / folder).rglob("*.py")
)
RUN_OPTIONS = {field.name for field in fields(RunOptions)}
COLUMNS = (
    "Task,Dataset,Script_file,Hparam_file,Data_prep_file,Readme_file,"
    "Result_url,HF_repo,test_debug_flags,test_debug_checks,performance"
)
MAX_BYTES = 2**20
# Home folders of the usual systems.
MACHINE_PATH = re.compile(r"(/(home|root|Users)/\w|\b[A-Z]:\\Users)")


def name_of(path):
    """Name a test's file from the root on."""
    return str(path.relative_to(ROOT))


def read_tables():
    """Return every row of the recipe tables."""
    rows = []
    for path in TABLES:
        with open(path, encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return rows


ROWS = read_tables()


def unreferenced_keys(text):
    """List the unindented keys of a YAML that no later !ref uses."""
    keys = []
    for line in text.splitlines():
        key = re.match(r"([^\s#:][^:]*):", line)
        if key and "!apply" not in line and "!!" not in line:
            keys.append(key[1])
        if "!ref" in line:
            used = re.findall(r"<(\w+)", line)
            keys = [key for key in keys if key not in used]
    return keys


def is_used(key, script):
    """Whether a script uses a key in a form that upstream's check knows."""
    word = re.escape(key)
    forms = (
        rf'\["{word}"\]',
        rf"(hparams|modules)\.{word}\b",
        rf'attr\(self\.hparams, "{word}\b',
        rf'hparams\.get\("{word}\b',
    )
    if any(re.search(form, script) for form in forms):
        return True
    parts = re.findall(r'\[f"(\w*)\{[^}]*\}(\w*)"\]', script)
    return any(
        key.startswith(before) and key.endswith(after)
        for before, after in parts
        if before or after
    )


def unused_keys(text, script):
    """List the keys of a YAML that neither it nor its script uses."""
    return [
        key
        for key in unreferenced_keys(text)
        if not is_used(key, script) and key not in RUN_OPTIONS
    ]


def docstring_faults(text):
    """List what a module lacks in docstrings."""
    faults = []
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(text)):
        # __init__ is documented by its class, an overload by its function.
        if (
            not isinstance(node, kinds)
            or getattr(node, "name", "") == "__init__"
            or "overload"
            in map(ast.unparse, getattr(node, "decorator_list", ()))
        ):
            continue
        name = getattr(node, "name", "module")
        docstring = ast.get_docstring(node)
        if not docstring:
            faults.append(f"{name} has no docstring")
        elif re.search(r"^Parameters\n-+$", docstring, re.M):
            faults.append(f"{name} says Parameters, not Arguments")
        elif name == "module" and not re.search(
            r"^Authors\n \* .+ \d{4}$", docstring, re.M
        ):
            faults.append("module names no Authors")
    return faults


def test_the_checks_see_faults():
    """Each check on a text that breaks its rule."""
    yaml = "a: 1\nb: 2\nc: !ref <a>\nd: !apply:f []\n# e: 1\nprecision: x\n"
    assert unreferenced_keys(yaml) == ["b", "c", "precision"]
    assert unused_keys(yaml, 'hparams["b"]') == ["c"]
    assert unused_keys(yaml, "hparams.bc(self.hparams.c)") == ["b"]
    assert unused_keys("train_csv: x\nother: x\n", 'h[f"{s}_csv"]') == ["other"]
    assert not is_used("a", 'h["ab"] modules.ab hparams.get("ab")')
    code = '"""X.\n\nAuthors\n * A 2026\n"""\ndef f(a):\n    """F.\n\n'
    code += '    Parameters\n    ----------\n    """\nclass A:\n    x = 1\n'
    assert docstring_faults(code) == [
        "f says Parameters, not Arguments",
        "A has no docstring",
    ]
    assert docstring_faults('"""X."""') == ["module names no Authors"]
    assert MACHINE_PATH.search("x = '/ho" + "me/me/corpus'")


def test_there_is_something_to_check():
    """The lists that the tests run over are not empty."""
    assert TABLES and ROWS and YAMLS and len(MODULES) > 50


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["Hparam_file"])
def test_every_key_is_used(row):
    """By a !ref in the YAML or by the text of its train.py.

    A variant has the keys of its base, and no others.
    """
    path = ROOT / row["Hparam_file"]
    yaml = (base_of(path) or path).read_text(encoding="utf-8")
    script = (ROOT / row["Script_file"]).read_text(encoding="utf-8")
    assert unused_keys(yaml, script) == []


@pytest.mark.parametrize("path", YAMLS, ids=name_of)
def test_every_yaml_has_a_row_and_a_header(path):
    """Exactly one row; boxed header with authors; the seed or base first."""
    rows = [row for row in ROWS if row["Hparam_file"] == name_of(path)]
    assert len(rows) == 1
    text = path.read_text(encoding="utf-8")
    header = re.match(r"# #{76}\n((# .+\n)+)# #{76}\n", text)
    assert header and "# Authors: " in header[1]
    settings = [x for x in text.splitlines() if x and not x.startswith("#")]
    if base_of(path) is not None:
        assert settings[0].startswith("base: ")
        assert settings[1].startswith("output_folder: ")
        return
    assert re.match(r"seed: \d+", settings[0])
    seeding = "__set_seed: !apply:speechbrain.utils.seed_everything"
    assert settings[1].startswith(seeding)


@pytest.mark.parametrize("path", TABLES, ids=name_of)
def test_columns(path):
    """Of the recipe tables, in upstream's order."""
    with open(path, encoding="utf-8") as file:
        assert file.readline().strip() == COLUMNS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["Hparam_file"])
def test_files_of_a_row_exist(row):
    """All four; the preparation also stands beside the script."""
    for column in ("Script_file", "Hparam_file", "Readme_file"):
        assert (ROOT / row[column]).is_file(), column
    preparation = ROOT / row["Data_prep_file"]
    beside = (ROOT / row["Script_file"]).with_name(preparation.name)
    assert beside.resolve() == preparation.resolve()
    assert preparation.is_file()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["Hparam_file"])
def test_row_is_filled_in(row):
    """Task, flags and checks; links appear in the README."""
    for column in ("Task", "Dataset", "test_debug_flags", "test_debug_checks"):
        assert row[column].strip(), column
    readme = (ROOT / row["Readme_file"]).read_text(encoding="utf-8")
    for column in ("Result_url", "HF_repo"):
        assert row[column] in readme, column


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_docstrings(path):
    """Modules, classes, functions; NumPy style with SpeechBrain's words."""
    assert docstring_faults(path.read_text(encoding="utf-8")) == []


@pytest.fixture(scope="module")
def tracked_files():
    """Return the files that git tracks or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("not a git repository")
    paths = [ROOT / name for name in done.stdout.splitlines()]
    return [path for path in paths if path.is_file()]


def test_no_large_file(tracked_files):
    """Above 1 MB, upstream's limit, but the weights that ship: up to 10."""
    limits = {SHIPPED / "network.ckpt": 10 * MAX_BYTES}
    large = [
        path
        for path in tracked_files
        if path.stat().st_size > limits.get(path, MAX_BYTES)
    ]
    assert large == []


def test_no_machine_paths(tracked_files):
    """Nor any file that only its author has."""
    found = []
    for path in tracked_files:
        content = path.read_bytes()
        if b"\0" in content:
            continue  # binary
        match = MACHINE_PATH.search(content.decode("utf-8"))
        found += [f"{name_of(path)}: {match[0]}"] if match else []
    assert found == []
