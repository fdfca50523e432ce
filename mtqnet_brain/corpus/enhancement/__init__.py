"""Speech enhancement systems that a corpus is processed with.

Authors
 * The mtqnet-brain developers 2026
"""
