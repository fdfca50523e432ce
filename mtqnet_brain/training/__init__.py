"""Training: the Brain, the losses (eqs 1 to 3), and what surrounds a run.

Authors
 * The mtqnet-brain developers 2026
"""
