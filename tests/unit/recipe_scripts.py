"""Scripts of recipes, which are part of no package.

Authors
 * The mtqnet-brain developers 2026
"""

import importlib.util

from tmhintqi_release import RECIPE


def load_script(folder, name):
    """Return a script of a recipe's folder as a module."""
    path = RECIPE.with_name(folder) / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
