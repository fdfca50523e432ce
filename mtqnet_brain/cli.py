"""The ``mtqnet`` command: the only place of the library that reads argv.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import atexit
import os
import sys
import warnings

from mtqnet_brain.commands import (
    build_corpus,
    evaluate,
    export,
    import_mosanet,
    label,
    pseudo_label,
    report,
    score,
)
from mtqnet_brain.error_text import error_text
from mtqnet_brain.leaving import leave_now
from mtqnet_brain.parallel import SAFE_PATH, plain_warning

COMMANDS = (
    score,
    evaluate,
    label,
    build_corpus,
    pseudo_label,
    import_mosanet,
    export,
    report,
)


def build_parser():
    """Return the parser of the ``mtqnet`` command.

    Returns
    -------
    argparse.ArgumentParser
        Every subcommand sets ``run``, which takes the parsed arguments and
        returns the exit code.
    """
    parser = argparse.ArgumentParser(
        prog="mtqnet",
        description="Speech quality without a reference: scores, labels, "
        "corpora, models.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_arguments(commands)
    return parser


def main(argv=None):
    """Run the ``mtqnet`` command.

    Arguments
    ---------
    argv : list of str
        Arguments after the command's name. Default: those of the process.

    Returns
    -------
    int
        Exit code: 0 all done, 1 some items failed, 2 a wrong call or input,
        130 stopped by Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # File names may be no UTF-8, terminals too.
            stream.reconfigure(errors="backslashreplace")
    args = build_parser().parse_args(argv)
    try:
        _check_folder()
        code = args.run(args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing is left to flush.
        _drop_output()
        return 1
    except KeyboardInterrupt:
        print("mtqnet: stopped; the same command goes on", file=sys.stderr)
        return 130  # as shells say it
    except MemoryError as err:
        print(f"mtqnet: not enough memory: {_one_line(err)}", file=sys.stderr)
        return 2
    except (ValueError, OSError, ImportError) as err:
        print(f"mtqnet: {_one_line(err)}", file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:
            _drop_output()
        return 2


def _drop_output():
    """Let what cannot be written go: Python would try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(err):
    """Return what an error says, in one line."""
    return " ".join(error_text(err).split())


def _check_folder():
    """Refuse a current folder that was removed: libraries die in it."""
    try:
        os.getcwd()
    except FileNotFoundError as err:
        raise FileNotFoundError(
            "the current folder has been removed; change into another"
        ) from err


def _open_streams():
    """Open what was closed of standard input, output and error.

    Else the next file that is opened takes its number, and what libraries
    print goes into that file. What is written to a closed output is an error.
    """
    missing = [n for n in range(3) if not _is_open(n)]
    for number in missing:
        mode = os.O_WRONLY if number == 2 else os.O_RDONLY
        found = os.open(os.devnull, mode)
        if found != number:
            os.dup2(found, number)
            os.close(found)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, closefd=False))


def _is_open(number):
    """Whether a file descriptor is open."""
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def command():
    """Run `main` as a process, and end it with its exit code."""
    _open_streams()
    warnings.formatwarning = plain_warning
    # No Python that it starts may take modules from the current folder.
    os.environ[SAFE_PATH] = "1"
    code = main()
    if "pyarrow" in sys.modules:
        # Its threads outlive the interpreter: where a table was read and
        # nothing more, one process in five aborted (SIGABRT) at its end.
        atexit._run_exitfuncs()  # Ray's cluster ends here
        leave_now(code)
    sys.exit(code)


if __name__ == "__main__":
    command()
