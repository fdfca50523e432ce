"""Intrusive labels: scores of a degraded clip against its clean reference.

Authors
 * The mtqnet-brain developers 2026
"""

from mtqnet_brain.labels.intrusive import intrusive_labels
from mtqnet_brain.labels.labelling import label_pairs
from mtqnet_brain.labels.pairs import Pair, find_pairs, read_pairs
from mtqnet_brain.labels.pesq_stoi import LabelError

__all__ = [
    "LabelError",
    "Pair",
    "find_pairs",
    "intrusive_labels",
    "label_pairs",
    "read_pairs",
]
