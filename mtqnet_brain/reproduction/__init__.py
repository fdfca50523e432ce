"""The paper's experiments: its systems, their runs, the report on them.

Authors
 * The mtqnet-brain developers 2026
"""
