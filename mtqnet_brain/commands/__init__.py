"""The subcommands of ``mtqnet``: their arguments, and what they call.

Authors
 * The mtqnet-brain developers 2026
"""
