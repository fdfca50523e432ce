"""What the settings of each enhancement network may be.

Authors
 * The mtqnet-brain developers 2026
"""

from typing import Any

from mtqnet_brain.utils import schema


def _odd(value: Any, where: str) -> int:
    """Check that the number of taps is odd: an even one changes the length."""
    if schema.integer(1, 127)(value, where) % 2 == 0:
        schema.fail(value, where, "an odd number")
    return value


# The largest of each has 40 million weights, 160 MB.
SIZES: dict[str, dict[str, schema.Rule]] = {
    "FCN": {
        "channels": schema.integer(1, 128),
        "kernel_size": _odd,
        "dilations": schema.sequence(schema.integer(1, 1024), 1, 16),
    },
    "DDAE": {
        "layers": schema.integer(1, 6),
        "units": schema.integer(1, 2048),
        "context": schema.integer(0, 16),
    },
    "Transformer": {
        "layers": schema.integer(1, 12),
        "heads": schema.integer(1, 64),
        "d_model": schema.integer(1, 512),
        "d_ffn": schema.integer(1, 2048),
        "dropout": schema.real(0, 0.99),
    },
    "GRUMask": {
        "layers": schema.integer(1, 4),
        "units": schema.integer(1, 768),
        "bidirectional": schema.boolean,
    },
    "CRN": {
        "channels": schema.sequence(schema.integer(1, 64), 1, 6),
        "units": schema.integer(1, 1024),
    },
    "ConvTasNet": {
        "filters": schema.integer(1, 512),
        "kernel_size": schema.integer(2, 512),
        "bottleneck": schema.integer(1, 512),
        "hidden": schema.integer(1, 512),
        "blocks": schema.integer(1, 8),
        "repeats": schema.integer(1, 4),
    },
}
