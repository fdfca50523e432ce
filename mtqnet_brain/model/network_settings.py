"""The settings of the networks: defaults, valid values, their plain form.

The only place where a setting is declared. Constructors, hyperparameter
files, run folders and the check of other people's models all use it.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Self

from mtqnet_brain.utils import schema
from mtqnet_brain.utils.schema import Rule


def setting(
    rule: Rule, default: Any = MISSING, must_match: bool = False
) -> Any:
    """Declare one setting.

    Arguments
    ---------
    rule : Callable
        Checks a value, as those of `mtqnet_brain.utils.schema`.
    default : object, optional
        Default value. Without one, the setting must be given.
    must_match : bool, optional
        Whether weights trained with one value are wrong with another
        although their shapes fit.

    Returns
    -------
    dataclasses.Field
        The field of a subclass of `Settings`.
    """
    metadata = {"rule": rule, "must_match": must_match}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Checked plain values; a base for dataclasses of `setting` fields.

    Raises
    ------
    ModelError
        If a value breaks its rule; it names setting, value and valid values.
    """

    label: ClassVar[str] = "network"  # in errors

    def __post_init__(self) -> None:
        """Check every value."""
        for one in fields(self):
            value = getattr(self, one.name)
            value = one.metadata["rule"](value, f"{self.label} {one.name}")
            object.__setattr__(self, one.name, value)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Make settings of plain values, refusing unknown names."""
        names = cls.rules()
        for name in values:
            if name not in names:
                schema.fail(name, cls.label, f"keys among {', '.join(names)}")
        return cls(**values)

    @classmethod
    def rules(cls) -> dict[str, Rule]:
        """Return the rule of each setting, by name."""
        return {one.name: one.metadata["rule"] for one in fields(cls)}

    def to_dict(self) -> dict[str, Any]:
        """Return the values in plain form, for JSON and YAML."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        }

    def mismatches(self, other: Settings) -> list[str]:
        """Say which values must match those of another network and do not."""
        pairs = [
            (one.name, getattr(self, one.name), getattr(other, one.name))
            for one in fields(self)
            if one.metadata["must_match"]
        ]
        return [
            f"{name}: {own} here, {theirs} there"
            for name, own, theirs in pairs
            if own != theirs
        ]


def _widths(value: Any, where: str) -> tuple[int, ...]:
    """Check the widths of the CNN, a list or a tuple."""
    value = list(value) if isinstance(value, tuple) else value
    return tuple(schema.sequence(schema.integer(1, 256), 4, 4)(value, where))


@dataclass(frozen=True)
class NetworkSettings(Settings):
    """Settings of MTQ-Net besides its tasks and its SSL model.

    The upper limits keep other people's settings harmless: the largest network
    without an SSL model has 50 million weights.

    Arguments
    ---------
    spectrum : bool
        Whether the magnitude spectrum is a stream.
    spectrum_ends : str
        ``zeros``, or ``reflect`` as in the published MOSA-Net.
    filter_bank : str
        ``sinc`` (learnable), ``fixed`` (the published MOSA-Net's) or
        ``none``.
    waveform_norm : str
        ``none``; ``level`` to remove offset and strong rumble from each wav
        and give it the same RMS; ``peak`` to divide each by its largest |x|.
    compression : str
        ``none``, or ``power``: (|X|^2 + floor^2)^(power / 2).
    compression_power, compression_floor : float
        Used by ``compression: power``.
    conv_norm : str
        ``none``, or ``batch`` with masked statistics.
    conv_strides : str
        ``late``, or ``early``: a fraction of the work, one frame per 32 ms.
    channels : tuple of int
        Widths of the CNN, three convolutions each.
    blstm_hidden : int
        LSTM units per direction.
    dense_units : int
        Units of the dense layer.
    dropout : float
        Dropout probability after the dense layer.
    attention_seconds : float or None
        A frame attends to the frames of its stream up to so many seconds
        before and after it. Default: to the whole clip, as in the paper.
    """

    spectrum: bool = setting(schema.boolean, True, must_match=True)
    spectrum_ends: str = setting(
        schema.choice("zeros", "reflect"), "zeros", must_match=True
    )
    filter_bank: str = setting(
        schema.choice("sinc", "fixed", "none"), "sinc", must_match=True
    )
    waveform_norm: str = setting(
        schema.choice("none", "level", "peak"), "none", must_match=True
    )
    compression: str = setting(
        schema.choice("none", "power"), "none", must_match=True
    )
    compression_power: float = setting(
        schema.real(0.01, 2), 0.3, must_match=True
    )
    compression_floor: float = setting(
        schema.real(0, 10), 0.01, must_match=True
    )
    conv_norm: str = setting(
        schema.choice("none", "batch"), "none", must_match=True
    )
    conv_strides: str = setting(
        schema.choice("late", "early"), "late", must_match=True
    )
    channels: tuple[int, ...] = setting(_widths, (16, 32, 64, 128))
    blstm_hidden: int = setting(schema.integer(1, 512), 128)
    dense_units: int = setting(schema.integer(1, 1024), 128)
    dropout: float = setting(schema.real(0, 0.99), 0.3)
    attention_seconds: float | None = setting(
        schema.optional(schema.real(0.1, 60)), None, must_match=True
    )

    def mismatches(self, other: Settings) -> list[str]:
        """As the base class, without settings that no compression uses."""
        found = super().mismatches(other)
        if "power" in (self.compression, getattr(other, "compression", "")):
            return found
        return [one for one in found if not one.startswith("compression_")]


@dataclass(frozen=True)
class SSLSettings(Settings):
    """Settings of an SSL model that a network is saved with.

    Arguments
    ---------
    source : str
        Name on the Hugging Face hub, or a local folder with config.json,
        weights and preprocessor_config.json.
    freeze : bool
        Whether the model keeps its weights; otherwise it is fine-tuned.
    revision : str or None
        Commit, tag or branch on the hub. Default: the main branch.
    normalize : bool
        Whether wavs get zero mean and unit variance where the model's
        ``preprocessor_config.json`` asks for it. The published MOSA-Net did
        not.
    """

    label = "ssl"

    source: str = setting(schema.text, must_match=True)
    freeze: bool = setting(schema.boolean, False)
    revision: str | None = setting(schema.optional(schema.text), None)
    normalize: bool = setting(schema.boolean, True, must_match=True)
