"""The network (Fig. 1): streams, CNN, BLSTM, attention, one head per task.

Authors
 * The mtqnet-brain developers 2026
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtqnet_brain.model.mtqnet import MTQNet

__all__ = ["MTQNet"]


def __getattr__(name: str) -> object:
    """Import the network when it is asked for.

    The path is in exported folders and in programs; what needs a smaller module
    of this package alone is not to wait for all of it.
    """
    if name in __all__:
        import mtqnet_brain.model.mtqnet as module

        return getattr(module, name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
