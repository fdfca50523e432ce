"""``mtqnet export``.

Authors
 * The mtqnet-brain developers 2026
"""


def add_arguments(commands):
    """Add the command to a parser.

    Arguments
    ---------
    commands : argparse subparsers
        Of ``mtqnet``.
    """
    parser = commands.add_parser(
        "export",
        help="turn a training run into a folder for SpeechBrain's model zoo",
    )
    parser.add_argument("run_folder", help="output folder of a training run")
    parser.add_argument("output", help="folder to write")
    parser.set_defaults(run=_run)


def _run(args):
    """Run ``mtqnet export``."""
    from mtqnet_brain.zoo.export import export_model

    golden = export_model(args.run_folder, args.output)
    scores = ", ".join(f"{name} {score:.4g}" for name, score in golden.items())
    print(f"{args.output}: checked, scores of golden.wav: {scores}")
    return 0
