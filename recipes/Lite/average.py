#!/usr/bin/env python3
"""The weighted average of two runs, one of which began with the other.

To run this script, do the following:
> python average.py BEFORE AFTER --share 0.3 --output FOLDER

Authors
 * The mtqnet-brain developers 2026
"""

import argparse

from mtqnet_brain.checkpoints.run_folder import load_model, save_model
from mtqnet_brain.training.user_errors import plain_errors


def average(before, after, share):
    """Average the weights of two networks, into the second one.

    Arguments
    ---------
    before, after : torch.nn.Module
        Networks with the same settings.
    share : float
        Weight of the second network, 0 to 1; the rest is the first's.

    References
    ----------
    Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022.
    """
    weights, others = after.state_dict(), before.state_dict()
    for name, weight in weights.items():
        if weight.is_floating_point():  # batch norm also counts its batches
            weights[name] = others[name].lerp(weight, share)
    after.load_state_dict(weights)


@plain_errors()
def main():
    """Run the script from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("before", help="output folder of the first run")
    parser.add_argument(
        "after", help="output folder of the run that began with it"
    )
    parser.add_argument(
        "--share", type=float, required=True, help="weight of AFTER"
    )
    parser.add_argument("--output", required=True, help="folder")
    args = parser.parse_args()
    if not 0 <= args.share <= 1:
        parser.error(f"--share must be 0 to 1, got {args.share}")
    (before, first), (after, info) = map(load_model, (args.before, args.after))
    if first["network"] != info["network"]:
        parser.error(
            f"{args.before} and {args.after}: their network settings differ"
        )
    average(before, after, args.share)
    runs = [read["provenance"].get("run") for read in (first, info)]
    name = f"{1 - args.share:g} {runs[0]} + {args.share:g} {runs[1]}"
    save_model(args.output, after, info["provenance"] | {"run": name})


if __name__ == "__main__":
    main()
