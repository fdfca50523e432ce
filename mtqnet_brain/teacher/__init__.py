"""Stage one of MPL: teachers write pseudo-labels into a manifest.

Authors
 * The mtqnet-brain developers 2026
"""

from mtqnet_brain.teacher.keras_mosanet import (
    import_mosanet,
    load_keras_mosanet,
)
from mtqnet_brain.teacher.pseudo_label import pseudo_label_manifest
from mtqnet_brain.teacher.registry import (
    follow_teacher,
    open_teacher,
    open_teachers,
    resources,
    teacher_names,
)

__all__ = [
    "follow_teacher",
    "import_mosanet",
    "load_keras_mosanet",
    "open_teacher",
    "open_teachers",
    "pseudo_label_manifest",
    "resources",
    "teacher_names",
]
