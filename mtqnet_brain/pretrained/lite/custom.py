"""The interface for SpeechBrain's foreign_class, which runs this file."""

from mtqnet_brain.inference.predictor import SpeechQualityPredictor

CustomInterface = SpeechQualityPredictor
