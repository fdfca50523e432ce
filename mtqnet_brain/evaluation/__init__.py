"""Metrics, their intervals, and reports on a run.

Authors
 * The mtqnet-brain developers 2026
"""
