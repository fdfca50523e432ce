"""Checks of counts that a caller gives.

Authors
 * The mtqnet-brain developers 2026
"""


def check_at_least_one(name: str, count: int) -> None:
    """Raise a ValueError that names a count below 1."""
    if count < 1:
        raise ValueError(f"{name} must be at least 1, got {count}")
