#!/usr/bin/env python3
"""Run the recipes in tests/recipes/*.csv, SpeechBrain's recipe tests.

Each row trains briefly with its own flags on a corpus in ``tests/tmp`` and is
then checked. From the root of the repository:
> mtqnet build-corpus --preset demo --clips 48 --output tests/tmp/corpus
> python tests/recipe_data.py
> python tests/recipe_tests.py

The test suite runs one row of each kind, all with MTQNET_ALL_RECIPES=1.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import operator
import os
import re
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm
from warm import run_warm

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "tests" / "recipes"
OUTPUT = "tests/tmp"
FIRST_ROW = 2  # the header is row 1
CHECK = re.compile(r"(\w+)=\[([^\]]*)\]")
COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


class Recipe(NamedTuple):
    """A row of a table: its name and its cells by column."""

    name: str
    cells: dict


def read_recipes(folder=TABLES):
    """Read every table in a folder.

    Arguments
    ---------
    folder : str or Path
        With one CSV per dataset, in SpeechBrain's format.

    Returns
    -------
    list of Recipe
        In the order of files and rows, named ``DATASET_row_NN``.
    """
    recipes = []
    for path in sorted(Path(folder).glob("*.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for number, cells in enumerate(rows, FIRST_ROW):
            recipes.append(Recipe(f"{path.stem}_row_{number:02d}", cells))
    return recipes


def read_checks(recipe):
    """Return the checks of a row: (kind, list of arguments) each."""
    cell = recipe.cells["test_debug_checks"]
    return [
        (kind, [part.strip() for part in content.split(",")])
        for kind, content in CHECK.findall(cell)
    ]


def recipe_command(recipe, output=OUTPUT):
    """Compose the command line of a row, to be run in the root.

    Arguments
    ---------
    recipe : Recipe
        The row.
    output : str or Path
        Stands for ``tests/tmp`` wherever the row's flags name that.

    Returns
    -------
    list of str
        Shortened by ``--debug`` unless the row checks its performance.
    """
    flags = recipe.cells["test_debug_flags"].replace(OUTPUT, str(output))
    command = [
        sys.executable,
        recipe.cells["Script_file"],
        recipe.cells["Hparam_file"],
        *shlex.split(flags),
        "--device=cpu",
        f"--output_folder={output}/{recipe.name}",
    ]
    if "performance_check" not in dict(read_checks(recipe)):
        command += ["--debug", "--debug_persistently"]
    return command


def run_recipe(recipe, output=OUTPUT):
    """Run a row and check what it leaves.

    Arguments
    ---------
    recipe : Recipe
        The row.
    output : str or Path
        Folder for the results, instead of ``tests/tmp``.

    Returns
    -------
    list of str
        What failed; empty if nothing did.
    """
    folder = ROOT / output / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    script = ROOT / recipe.cells["Script_file"]
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = os.pathsep.join([str(script.parent), *filter(None, inherited)])
    code, text = run_warm(
        recipe_command(recipe, output),
        ROOT,
        printed=folder / "printed.txt",
        PYTHONPATH=path,
    )
    if code != 0:
        end = "\n".join(text.split("\n")[-15:])
        return [f"{recipe.name} ended with {code}: {end}"]
    return [f"{recipe.name}: {f}" for f in failed_checks(recipe, folder)]


def failed_checks(recipe, folder):
    """Apply the checks of a row to the folder of its results."""
    failed = []
    for kind, arguments in read_checks(recipe):
        if kind == "file_exists":
            missing = [n for n in arguments if not (folder / n).exists()]
            failed += [f"{name} is missing" for name in missing]
        elif kind == "performance_check":
            failed += check_performance(folder, *arguments)
        else:
            failed.append(f"{kind} is no check")
    return failed


def check_performance(folder, log, figure, limit, epoch):
    """Compare a figure in a train log with its limit.

    Arguments
    ---------
    folder : Path
        Of the results.
    log : str
        Name of the log.
    figure : str
        Name of the figure, e.g. ``train loss``.
    limit : str
        Comparison and number, e.g. ``<0.5``.
    epoch : str
        Which line of the log, e.g. ``epoch: 2``.

    Returns
    -------
    list of str
        The failure; empty if there is none.
    """
    pattern = rf"\b{re.escape(epoch)}\b.*\b{re.escape(figure)}: ([^\s,]+)"
    found = re.findall(pattern, (folder / log).read_text(encoding="utf-8"))
    if not found:
        return [f"{log} has no {figure} of {epoch}"]
    sign, number = re.fullmatch(r"([<>=]+)(.+)", limit).groups()
    if COMPARE[sign](float(found[-1]), float(number)):
        return []
    return [f"{figure} of {epoch} is {found[-1]}, expected {limit}"]


def run_recipes(output=OUTPUT, recipes=None):
    """Run rows, one per core at a time.

    Arguments
    ---------
    output : str or Path
        Folder for the results; holds the corpora.
    recipes : list of Recipe
        The rows. Default: all of every table.

    Returns
    -------
    list of str
        What failed; empty if nothing did.
    """
    recipes = recipes or read_recipes()
    runs = {}

    def run_in_turn(recipe):
        """Run a row behind those whose results its flags name."""
        flags = recipe.cells["test_debug_flags"]
        for name, run in list(runs.items()):
            if f"{OUTPUT}/{name}" in flags:
                run.result()
        return run_recipe(recipe, output)

    # Threads only wait: each row is a process of its own.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for recipe in recipes:
            runs[recipe.name] = pool.submit(run_in_turn, recipe)
        done = tqdm(runs.values(), unit="recipe")
        return [failure for run in done for failure in run.result()]


if __name__ == "__main__":
    failures = run_recipes()
    print("\n".join(failures) or "All recipes passed.")
    sys.exit(bool(failures))
