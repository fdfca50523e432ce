"""The interface for SpeechBrain's foreign_class, which runs this file.

Authors
 * The mtqnet-brain developers 2026
"""

from mtqnet_brain.inference.predictor import SpeechQualityPredictor

CustomInterface = SpeechQualityPredictor
