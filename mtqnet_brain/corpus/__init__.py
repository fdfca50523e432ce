"""Corpora in the layout of TMHINT-QI, from clean speech and noise.

Authors
 * The mtqnet-brain developers 2026
"""

__all__ = ["build_corpus"]


def __getattr__(name):
    """Import `build_corpus` when it is used.

    The signal processing in this package does not need the labels' packages.
    """
    if name == "build_corpus":
        from mtqnet_brain.corpus.build import build_corpus

        return build_corpus
    raise AttributeError(f"module {__name__} has no attribute {name}")
