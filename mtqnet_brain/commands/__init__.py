"""The subcommands of ``mtqnet``: their arguments, and what they call.

A command is a module with ``HELP`` (one line), ``EXAMPLES``,
``add_arguments(parser)`` and ``run(args)``, which returns the exit code. What
it needs is imported when it runs: ``mtqnet --help`` is quick.

Authors
 * The mtqnet-brain developers 2026
"""
