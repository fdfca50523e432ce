"""Manifests, splits, tables of scores, and the datasets made from them.

Authors
 * The mtqnet-brain developers 2026
"""
