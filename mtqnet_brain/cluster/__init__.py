"""The same work on a Ray cluster: one machine, or many.

Authors
 * The mtqnet-brain developers 2026
"""
