"""The folders of a case; changes outside its output are faults.

::

    BOX/in      inputs; must not change
    BOX/cwd     current folder of the command; must not change
    BOX/home    HOME; caches may appear, nothing else
    BOX/out     output
    BOX/canary  where hostile code would write
    BOX/log     standard streams; the input must not be read

Authors
 * The mtqnet-brain developers 2026
"""

import os
import shutil
from pathlib import Path

FOLDERS = ("in", "cwd", "home", "out", "canary", "log", "tmp")
WATCHED = ("in", "cwd", "home", "canary")
ANSWER = "y\n" * 500  # to questions that must not be asked


class Box:
    """Folders of one case, made below ``root``."""

    def __init__(self, root):
        self.root = Path(root)
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        self.inputs, self.cwd = self.root / "in", self.root / "cwd"
        self.output, self.home = self.root / "out", self.root / "home"
        self.canary = self.root / "canary" / "ran"
        (self.root / "log" / "stdin").write_text(ANSWER)
        self._before = {}

    def log(self, stream):
        """Return the path of a standard stream."""
        return self.root / "log" / stream

    def close(self):
        """Note what is there before the command begins."""
        self._before = self._look()

    def faults(self):
        """List what the command made, changed or removed outside `out`."""
        now = self._look()
        faults = [
            f"{'hostile code ran' if 'canary' in name else 'wrote'}: {name!r}"
            for name in sorted(now.keys() - self._before.keys())
        ]
        for name in sorted(self._before.keys() - now.keys()):
            faults.append(f"removed: {name!r}")
        for name in sorted(now.keys() & self._before.keys()):
            if now[name] != self._before[name]:
                faults.append(f"changed: {name!r}")
        return faults[:5]

    def _look(self):
        """Return size and time of every file that must not change."""
        found = {}
        for top in WATCHED:
            for folder, inner, files in os.walk(self.root / top):
                if top == "home":  # of libraries
                    inner[:] = [n for n in inner if not n.startswith(".")]
                for name in files:
                    path = os.path.join(folder, name)
                    state = os.lstat(path)
                    shown = os.path.relpath(path, self.root)
                    found[shown] = state.st_size, state.st_mtime_ns
        return found

    def remove(self):
        """Remove all folders."""
        shutil.rmtree(self.root, ignore_errors=True)
