"""Audio: from a file or an array to checked mono samples at 16 kHz.

Authors
 * The mtqnet-brain developers 2026
"""
