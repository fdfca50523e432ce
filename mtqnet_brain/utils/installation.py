"""Checks of what is installed, which need the standard library alone.

Authors
 * The mtqnet-brain developers 2026
"""

import re
import shutil
import sysconfig
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType

OLDEST = (2, 7, 1)
NEWEST_MINOR = (2, 11)  # torchaudio ends there
COMPILERS = ("cc", "gcc", "clang")
# Extras with a package that pip must compile: pip installs all or nothing.
COMPILED = {"labels": "pesq", "corpus": "pesq"}


class InstallationError(ImportError):
    """A package is missing or too old or new; with the command to type."""


def check_torch_pair() -> None:
    """Check that torch and torchaudio are installed and match each other.

    Reads their metadata and imports neither.

    Raises
    ------
    InstallationError
        If one is missing, torch is not in 2.7.1 ... 2.11, or their minor
        versions differ; with the pip command that repairs it.
    """
    versions = {name: _version(name) for name in ("torch", "torchaudio")}
    torch, torchaudio = map(_release, versions.values())
    if _supported(torch) and torchaudio[:2] == torch[:2]:
        return
    found = ", ".join(f"{k} {v or '(none)'}" for k, v in versions.items())
    raise InstallationError(
        f"found {found}; mtqnet-brain needs torch from 2.7.1 to 2.11 and "
        "torchaudio of the same minor version. Type:\n"
        f"    {_pip_command(torch, torchaudio)}"
    )


def _version(name):
    """Return the installed version of a package, None if there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _release(version):
    """Return the leading numbers of a version: 2.11.0+cpu is (2, 11, 0)."""
    numbers = re.match(r"\d+(\.\d+)*", version or "")
    return tuple(map(int, numbers[0].split("."))) if numbers else ()


def _supported(release):
    """Whether a release of torch is in the range of setup.py."""
    return OLDEST <= release and release[:2] <= NEWEST_MINOR


def _pip_command(torch, torchaudio):
    """Return the command that keeps as much as possible of what is there."""
    usable = (r[:2] for r in (torch, torchaudio) if OLDEST[:2] <= r[:2])
    major, minor = next((r for r in usable if r <= NEWEST_MINOR), NEWEST_MINOR)
    pin = f"{major}.{minor}.*"
    if (major, minor) == OLDEST[:2]:
        # 2.7.0 would satisfy 2.7.* and stay.
        pin = ".".join(map(str, OLDEST))
    return f'pip install "torch=={pin}" "torchaudio=={pin}"'


def require(extra: str, *modules: str) -> list[ModuleType]:
    """Import the optional modules of an extra.

    Arguments
    ---------
    extra : str
        The extra in setup.py that installs them.
    *modules : str
        Names as in ``import``.

    Returns
    -------
    list of module
        The modules in the order asked for.

    Raises
    ------
    InstallationError
        If one does not import, with the pip command and, where pip has to
        compile, what is missing for that.

    Example
    -------
    >>> (wave,) = require("labels", "wave")
    >>> wave.__name__
    'wave'
    """
    imported = []
    for name in modules:
        try:
            imported.append(import_module(name))
        except ImportError as err:
            advice = f"{name} is needed ({err}): {_extra_command(extra)}"
            raise InstallationError(advice) from err
    return imported


def _extra_command(extra):
    """Say what to type for an extra."""
    command = f'pip install "mtqnet-brain[{extra}]"'
    missing = missing_build_tools()
    if extra in COMPILED and missing:
        command += (
            f"; {COMPILED[extra]} has no wheel and is compiled, which needs "
            f"{' and '.join(missing)}: first apt-get install gcc python3-dev"
        )
    return command


def missing_build_tools() -> list[str]:
    """List what is missing for compiling a package.

    Returns
    -------
    list of str
        A C compiler, the headers of Python, or neither.
    """
    missing = []
    if not any(map(shutil.which, COMPILERS)):
        missing.append("a C compiler")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        missing.append("the Python headers")
    return missing
