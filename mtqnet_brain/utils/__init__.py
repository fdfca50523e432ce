"""What no part of the package owns: files and processes.

Authors
 * The mtqnet-brain developers 2026
"""
