"""Scripts as a user runs them, without waiting for imports each time.

A process that has imported what the recipes need is forked for every run; the
imports of one run take longer than a short training. Arguments, folder,
environment, output, exit code and signals are those of a process of its own.

Authors
 * The mtqnet-brain developers 2026
"""

import multiprocessing
import os
import runpy
import signal
import sys
import tempfile
from pathlib import Path

from speechbrain.utils import logger

WARM = (
    "torch._dynamo",  # what every optimiser imports
    "scipy.stats",
    "matplotlib.pyplot",
    "transformers.models.hubert.modeling_hubert",
    "transformers.models.wav2vec2.modeling_wav2vec2",
    "transformers.models.wavlm.modeling_wavlm",
    "mtqnet_brain.training.brain",
    "mtqnet_brain.corpus.build",
    "mtqnet_brain.corpus.enhancement.trained",
    "mtqnet_brain.corpus.enhancement.comparison",
    "mtqnet_brain.corpus.enhancement.training",
    "mtqnet_brain.labels.labelling",
    "mtqnet_brain.training.run",
    "mtqnet_brain.training.command_line",
    "mtqnet_brain.training.run_settings",
    "mtqnet_brain.model.ssl",
    "mtqnet_brain.teacher.trained_network",
    "mtqnet_brain.checkpoints.transfer",
)
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(list(WARM))


class WarmRun:
    """A script that runs in a process of its own.

    Arguments
    ---------
    command : list of str
        ``python script.py argument...``, as for subprocess.
    cwd : str or Path
        Where it runs.
    printed : str or Path
        File that gets its output and errors. Default: a temporary one.
    **environment
        Variables that it has besides this process's.
    """

    def __init__(self, command, cwd, printed=None, **environment):
        if printed is None:
            handle, printed = tempfile.mkstemp(suffix=".txt")
            os.close(handle)
        self.printed = Path(printed)
        variables = {**os.environ, **environment}
        self.process = PROCESSES.Process(
            target=_run_printing,
            args=(command[1:], str(cwd), str(printed), variables),
        )
        self.process.start()
        self.pid, self.kill = self.process.pid, self.process.kill

    def poll(self):
        """Return the exit code; None while it runs."""
        return self.process.exitcode

    def send_signal(self, number):
        """Send it a signal."""
        os.kill(self.pid, number)

    def wait(self, timeout=None):
        """Wait for its end; return the exit code, None if that is to come."""
        self.process.join(timeout)
        return self.process.exitcode

    def finish(self, timeout=300):
        """Wait for its end; return exit code and what it printed."""
        code = self.wait(timeout)
        text = self.printed.read_text(encoding="utf-8")
        if code is None:
            self.kill()
            raise TimeoutError(f"no end after {timeout} s: {text}")
        return code, text


def run_warm(command, cwd, **settings):
    """Run a script to its end; return exit code and what it printed."""
    return WarmRun(command, cwd, **settings).finish()


class ForkedRun:
    """``subprocess.Popen`` of a Python script, forked from this process.

    For scripts that start others, in a process that is warm itself.

    Arguments
    ---------
    command : sequence of str
        ``python script.py argument...``.
    cwd, env, stdin, stdout
        As for subprocess; the output is a file, errors go there too.
    **others
        Ignored: it gets a session of its own, and all open files.
    """

    def __init__(self, command, cwd, env, stdin, stdout, **others):
        sys.stdout.flush()
        sys.stderr.flush()
        self.returncode, self.pid = None, os.fork()
        if self.pid:
            return
        code = 1
        try:
            os.setsid()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            _run_script(command[1:], str(cwd), stdout.fileno(), env)
            code = 0
        except SystemExit as end:
            code = end.code
            if isinstance(code, str):
                print(code, file=sys.stderr)
                code = 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code or 0)

    def wait(self):
        """Wait for its end; return the exit code."""
        _, status = os.waitpid(self.pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _run_printing(arguments, cwd, printed, variables):
    """Run a script that prints into a new file."""
    output = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    _run_script(arguments, cwd, output, variables)


def _run_script(arguments, cwd, output, variables):
    """Become the process that Python would be with these arguments."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(cwd)
    # Spawned workers look there for the script.
    multiprocessing.process.ORIGINAL_DIR = os.getcwd()
    folder = os.path.dirname(os.path.realpath(arguments[0]))
    extra = variables.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [folder, *filter(None, extra)]
    sys.argv[:] = arguments
    # ``pip freeze`` takes longer than a short training.
    logger.get_environment_description = lambda: "not listed\n"
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit:
        raise
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stdout.flush()
        sys.exit(1)
