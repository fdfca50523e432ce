"""A script that starts others as steps: it, without their imports each time.

    python warm_steps.py reproduce.py argument...

Authors
 * The mtqnet-brain developers 2026
"""

import os
import runpy
import subprocess
import sys
from types import SimpleNamespace

from warm import ForkedRun

from mtqnet_brain.reproduction import runner

if __name__ == "__main__":
    runner.subprocess = SimpleNamespace(
        Popen=ForkedRun, DEVNULL=subprocess.DEVNULL, STDOUT=subprocess.STDOUT
    )
    del sys.argv[0]
    sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
    runpy.run_path(sys.argv[0], run_name="__main__")
