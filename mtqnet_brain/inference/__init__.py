"""Scores of files, arrays and batches; exported models.

Authors
 * The mtqnet-brain developers 2026
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtqnet_brain.inference.predictor import SpeechQualityPredictor

__all__ = ["SpeechQualityPredictor"]


def __getattr__(name: str) -> object:
    """Import the predictor when it is asked for.

    Programs import it from here; others that need a smaller module of this
    package do not wait for all of it.
    """
    if name in __all__:
        import mtqnet_brain.inference.predictor as module

        return getattr(module, name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
