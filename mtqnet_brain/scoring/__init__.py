"""From files of any length, rate and state to scores.

Authors
 * The mtqnet-brain developers 2026
"""
