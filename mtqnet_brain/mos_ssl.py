"""The path of `MOSSSL` that exported folders name.

Authors
 * The mtqnet-brain developers 2026
"""

from mtqnet_brain.model.mos_ssl import MOSSSL

__all__ = ["MOSSSL"]
