"""Models on disk: run folders, exported models, and how both are checked.

Authors
 * The mtqnet-brain developers 2026
"""
