"""A hostile day, replayed: files, tables, models, kills with fixed seeds.

``make torture``, or from the root of the repository
``python -m tests.torture --help``.

Authors
 * The mtqnet-brain developers 2026
"""
