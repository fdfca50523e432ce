"""Check that a device exists.

Authors
 * The mtqnet-brain developers 2026
"""


def check_device(device: str | None) -> None:
    """Raise a ValueError if a device does not exist."""
    import torch

    try:
        if torch.empty(0, device=device).is_meta:
            raise RuntimeError("the meta device cannot compute")
    except (RuntimeError, AssertionError) as err:
        reason = str(err).splitlines()[0]
        raise ValueError(f"--device {device}: {reason}") from err
