"""The ``mtqnet`` command: the only place of the library that reads argv.

Authors
 * The mtqnet-brain developers 2026
"""

import argparse
import atexit
import os
import sys
import warnings
from typing import NoReturn

from mtqnet_brain.commands import (
    build_corpus,
    evaluate,
    export,
    import_mosanet,
    judge,
    label,
    pseudo_label,
    report,
    score,
)
from mtqnet_brain.utils.error_text import error_text
from mtqnet_brain.utils.parallel import SAFE_PATH, plain_warning
from mtqnet_brain.utils.process_exit import (
    STOPPED,
    STOPPED_TEXT,
    WRONG,
    leave_now,
)

COMMANDS = {
    "score": score,
    "evaluate": evaluate,
    "judge": judge,
    "label": label,
    "build-corpus": build_corpus,
    "pseudo-label": pseudo_label,
    "import-mosanet": import_mosanet,
    "export": export,
    "report": report,
}
EXAMPLES = """\
  mtqnet score WAVS --output scores.csv
  mtqnet evaluate scores.csv labels.csv
  mtqnet COMMAND --help
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the ``mtqnet`` command.

    Returns
    -------
    argparse.ArgumentParser
        Every subcommand sets ``run``, which takes the parsed arguments and
        returns the exit code.
    """
    parser = _Parser(
        prog="mtqnet",
        description="Speech quality without a reference: scores, labels, "
        "corpora, models.",
        epilog=f"examples:\n{EXAMPLES}",
        formatter_class=_help_format,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        own = commands.add_parser(
            name,
            help=command.HELP,
            description=f"{command.HELP[0].upper()}{command.HELP[1:]}.",
            epilog=f"examples:\n{command.EXAMPLES}",
            formatter_class=_help_format,
        )
        command.add_arguments(own)
        own.set_defaults(run=command.run)
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; the usage is in ``--help``."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(WRONG, f"{self.prog}: {message}; see {self.prog} --help\n")


def _help_format(prog):
    """Return a formatter that leaves examples as they are."""
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=27)


def main(argv: list[str] | None = None) -> int:
    """Run the ``mtqnet`` command.

    Arguments
    ---------
    argv : list of str, optional
        Arguments after the command's name. Default: those of the process.

    Returns
    -------
    int
        Exit code: 0 all done, 1 some items failed, 2 a wrong call or input,
        130 stopped by Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Neither file names nor terminals need be UTF-8.
            stream.reconfigure(errors="backslashreplace")
    argv = sys.argv[1:] if argv is None else argv
    args = build_parser().parse_args(argv)
    try:
        _check_folder()
        _refuse_empty(args, argv)
        code = args.run(args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output needs no more of it.
        _drop_output()
        return 1
    except KeyboardInterrupt:
        print(f"mtqnet: {STOPPED_TEXT}", file=sys.stderr)
        return STOPPED
    except MemoryError as err:
        print(f"mtqnet: not enough memory: {_one_line(err)}", file=sys.stderr)
        return WRONG
    except (ValueError, OSError, ImportError) as err:
        print(f"mtqnet: {_one_line(err)}", file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:
            _drop_output()
        return WRONG


def _drop_output():
    """Discard output that cannot be written: Python would retry at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(err):
    """Return the message of an error in one line."""
    return " ".join(error_text(err).split())


def _check_folder():
    """Refuse a current folder that was removed: libraries crash in it."""
    try:
        os.getcwd()
    except FileNotFoundError as err:
        raise FileNotFoundError(
            "the current folder has been removed; change into another"
        ) from err


def _refuse_empty(args, argv):
    """Refuse empty values, which would count as options left out."""
    flags = {word.partition("=")[0] for word in argv}
    for name, value in vars(args).items():
        if value == "":
            flag = f"--{name}" if f"--{name}" in flags else name
            raise ValueError(f"{flag}: empty; give a value")


def _open_streams():
    """Open whichever of standard input, output and error are closed.

    Otherwise the next file that is opened takes that number, and what
    libraries print goes into that file. Writing to a closed output is an
    error.
    """
    for number in [n for n in range(3) if not _is_open(n)]:
        found = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
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


def command() -> None:
    """Run `main` as a process, and end it with its exit code."""
    _open_streams()
    warnings.formatwarning = plain_warning
    # No Python that it starts may take modules from the current folder.
    os.environ[SAFE_PATH] = "1"
    codes: list[int] = []
    # Registered before libraries are imported, so it runs after their own:
    # Ray's cluster has ended by then.
    atexit.register(_leave_pyarrow, codes)
    codes.append(main())
    sys.exit(codes[0])


def _leave_pyarrow(codes):
    """End a process that has loaded pyarrow, if `main` has returned a code.

    Its threads outlive the interpreter: where a table was read and nothing
    more, one process in five aborted (SIGABRT) at its end.
    """
    if codes and "pyarrow" in sys.modules:
        leave_now(codes[0])


if __name__ == "__main__":
    command()
