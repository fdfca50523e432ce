"""Models as folders that SpeechBrain's model zoo expects.

Authors
 * The mtqnet-brain developers 2026
"""
