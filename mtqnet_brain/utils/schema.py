"""Rules for plain values: their types, ranges and keys.

A rule is a function of a value and of the name that an error gives it; it
returns the value or raises a `ModelError`.

Authors
 * The mtqnet-brain developers 2026
"""

import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

from mtqnet_brain.utils.untrusted_json import ModelError, Tagged

Rule = Callable[[Any, str], Any]
MAX_TEXT = 500
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def fail(value: Any, where: str, need: str) -> NoReturn:
    """Raise a `ModelError` that shows the start of a value."""
    if isinstance(value, Tagged):
        value = value.tag
    raise ModelError(f"{where}: {value!r:.80} is invalid, need {need}")


def integer(low: int, high: int) -> Rule:
    """Return the rule for a whole number from ``low`` to ``high``."""

    def rule(value: Any, where: str) -> int:
        """Check one value."""
        if type(value) is not int or not low <= value <= high:
            fail(value, where, f"a whole number from {low} to {high}")
        return value

    return rule


def real(low: float, high: float) -> Rule:
    """Return the rule for a finite number from ``low`` to ``high``."""

    def rule(value: Any, where: str) -> float:
        """Check one value."""
        # The range excludes NaN.
        if type(value) not in (int, float) or not low <= value <= high:
            fail(value, where, f"a number from {low:g} to {high:g}")
        if not math.isfinite(value):
            fail(value, where, "a finite number")
        return value

    return rule


def choice(*values: str) -> Rule:
    """Return the rule for one of the given words."""

    def rule(value: Any, where: str) -> str:
        """Check one value."""
        if not isinstance(value, str) or value not in values:
            fail(value, where, f"one of {', '.join(values)}")
        return value

    return rule


def boolean(value: Any, where: str) -> bool:
    """Check that a value is true or false."""
    if not isinstance(value, bool):
        fail(value, where, "true or false")
    return value


def name(value: Any, where: str) -> str:
    """Check that a value is a name: letters, digits and underscores."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        fail(value, where, "a name of letters, digits and underscores")
    return value


def text(value: Any, where: str) -> str:
    """Check that a value is one line of printable text."""
    printable = isinstance(value, str) and value.isprintable()
    if not printable or len(value) > MAX_TEXT:
        fail(value, where, f"printable text of at most {MAX_TEXT} characters")
    return value


def anything(value: Any, where: str) -> Any:
    """Accept a value that is checked elsewhere."""
    return value


def optional(inner: Rule) -> Rule:
    """Return the rule for null or what another rule accepts."""

    def rule(value: Any, where: str) -> Any:
        """Check one value."""
        return None if value is None else inner(value, where)

    return rule


def sequence(inner: Rule, shortest: int, longest: int) -> Rule:
    """Return the rule for a list of what another rule accepts."""

    def rule(value: Any, where: str) -> list:
        """Check one value."""
        if not isinstance(value, list) or not shortest <= len(value) <= longest:
            count = (
                f"{shortest} to {longest}" if shortest < longest else longest
            )
            fail(value, where, f"a list of {count} values")
        return [inner(item, f"{where}[{i}]") for i, item in enumerate(value)]

    return rule


def mapping(rules: dict[str, Rule], needed: tuple[str, ...] = ()) -> Rule:
    """Return the rule for a mapping with known keys, some of them required."""

    def rule(value: Any, where: str) -> dict[str, Any]:
        """Check one value."""
        if not isinstance(value, dict):
            fail(value, where, "a mapping")
        for key in value:
            if key not in rules:
                fail(key, where, f"keys among {', '.join(rules)}")
        for key in needed:
            if key not in value:
                raise ModelError(f"{where}: no {key}")
        return {k: rules[k](v, f"{where}: {k}") for k, v in value.items()}

    return rule


def mapping_of(inner: Rule) -> Rule:
    """Return the rule for a mapping of any text to what a rule accepts."""

    def rule(value: Any, where: str) -> dict[str, Any]:
        """Check one value."""
        if not isinstance(value, dict):
            fail(value, where, "a mapping")
        return {
            text(key, where): inner(item, f"{where}: {key:.80}")
            for key, item in value.items()
        }

    return rule


def plain(value: Any, where: str) -> Any:
    """Check that a value is made of text, finite numbers, lists and dicts."""
    if isinstance(value, Tagged):
        fail(value, where, "plain values")
    if isinstance(value, dict):
        return mapping_of(plain)(value, where)
    if isinstance(value, list):
        return [plain(inner, where) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        fail(value, where, "finite numbers")
    return text(value, where) if isinstance(value, str) else value
