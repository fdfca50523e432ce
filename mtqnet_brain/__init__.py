"""MTQ-Net: speech quality without a reference, as a SpeechBrain plugin.

Importing it checks torch and torchaudio and imports neither.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

from mtqnet_brain.utils.installation import check_torch_pair

__all__ = ["__version__"]

# Before SpeechBrain, which fails obscurely on a pair that does not fit.
check_torch_pair()

__version__ = Path(__file__).with_name("version.txt").read_text().strip()
