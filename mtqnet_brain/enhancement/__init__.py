"""Neural speech enhancement: the three trained systems of TMHINT-QI's kind.

Authors
 * The mtqnet-brain developers 2026
"""
