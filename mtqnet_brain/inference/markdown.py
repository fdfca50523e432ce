"""Tables and other people's words in Markdown.

Authors
 * The mtqnet-brain developers 2026
"""

import html
import re
from collections.abc import Sequence


def markdown_table(
    header: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(cells)} |" for cells in [header, *rows]]
    return "\n".join([lines[0], f"|{'---|' * len(header)}", *lines[1:]])


def as_text(words: str) -> str:
    """Escape Markdown and HTML in text from other people.

    Example
    -------
    >>> as_text("<b> [a](x)")
    '&lt;b&gt; \\\\[a\\\\](x)'
    """
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", html.escape(words, quote=False))
