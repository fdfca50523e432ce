"""Files, processes and what must be installed: nothing about speech.

Authors
 * The mtqnet-brain developers 2026
"""
