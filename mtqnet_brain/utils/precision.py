"""The arithmetic that suits a machine: float32, or bfloat16 where it is fast.

PyTorch computes in bfloat16 on every processor. One without instructions for
it imitates them, three to six times slower than float32.

The processor's flags decide, not a measurement: bfloat16 moves scores by up
to 0.04, so a machine must choose the same in every run, however busy it is.

Authors
 * The mtqnet-brain developers 2026
"""

import logging
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger(__name__)

AUTO = "auto"
PRECISIONS = (AUTO, "fp32", "bf16")
CPU_INFO = Path("/proc/cpuinfo")
# As Linux names them: of x86 since Cooper Lake and Zen 4, of AMX, of ARM.
BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


def processor_flags(cpu_info: Path = CPU_INFO) -> set[str]:
    """Return Linux's names of the processor's flags; empty elsewhere."""
    if not cpu_info.is_file():
        return set()
    for line in cpu_info.read_text(encoding="utf-8").splitlines():
        name, _, flags = line.partition(":")
        if name.strip() in ("flags", "Features"):  # x86, ARM
            return set(flags.split())
    return set()


def choose_precision(
    wanted: str, device: str = "cpu", say: Callable[[str], object] = logger.info
) -> str:
    """Return the precision to compute in.

    Arguments
    ---------
    wanted : str
        ``auto``, or a precision that is returned as it is.
    device : str
        As for PyTorch.
    say : callable
        Called with a line that says what ``auto`` has chosen.

    Returns
    -------
    str
        For ``auto``, ``bf16`` on a processor with instructions for it, else
        ``fp32``: a GPU's float32 is fast, and its scores are the CPU's.
    """
    if wanted != AUTO:
        return wanted
    if not str(device).startswith("cpu"):
        say(f"precision: fp32 on {device} (--precision chooses)")
        return "fp32"
    found = bool(processor_flags() & BF16_FLAGS)
    chosen = "bf16" if found else "fp32"
    say(
        f"precision: {chosen}, since this processor has "
        f"{'' if found else 'no '}bf16 instructions (--precision chooses)"
    )
    return chosen
