"""Reads text that others wrote: lists of files, and tables.

Authors
 * The mtqnet-brain developers 2026
"""

import codecs
import os
import re
import stat
import unicodedata
from pathlib import Path

# The longer marks first: that of UTF-32-LE begins with that of UTF-16-LE.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


class TextError(ValueError):
    """A file is not text."""


def decode_text(
    content: bytes, name: str | Path, allow_nul: bool = False
) -> str:
    """Turn the bytes of a list or table into text.

    A byte-order mark decides: UTF-8, UTF-16 or UTF-32. Without one the text
    is UTF-8, and bytes that are not stay what they are (surrogateescape), so
    that a Latin-1 list names the files whose names have those very bytes.

    Arguments
    ---------
    content : bytes
        The whole file.
    name : str or Path
        Name of the file in errors.
    allow_nul : bool, optional
        Whether NULs stay in the text.

    Returns
    -------
    str
        Without byte-order mark, line ends unchanged.

    Raises
    ------
    TextError
        If it has a NUL, like binary files and UTF-16 without a mark, or is
        damaged UTF-16 or UTF-32.
    """
    encoding = next(
        (kind for mark, kind in _MARKS.items() if content.startswith(mark)),
        "utf-8",
    )
    errors = "surrogateescape" if "8" in encoding else "strict"
    try:
        text = content.decode(encoding, errors)
    except UnicodeDecodeError as err:
        reason = f"damaged {encoding.upper()}: {err.reason}, byte {err.start}"
        raise TextError(f"{name}: {reason}; save it as UTF-8") from err
    if "\0" in text and not allow_nul:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TextError(
            f"{name}: line {line} has a NUL, so this is not text; save it as "
            "UTF-8, a table as CSV"
        )
    return text


def read_text(path: str | Path) -> str:
    """Read a list or table, as `read_file` and `decode_text` do."""
    return decode_text(read_file(path), path)


def read_file(path: str | Path) -> bytes:
    """Return the bytes of a list or table.

    Raises
    ------
    TextError
        If it is a pipe or a device: these may never end, and tables are read
        more than once.
    """
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise TextError(f"{path}: a pipe or device; save it as a file first")
    return Path(path).read_bytes()


def split_lines(text: str) -> list[str]:
    r"""Split text at ``\n``, ``\r\n`` and ``\r``.

    Not at U+2028 and U+0085 as ``str.splitlines``: file names may have them.

    Example
    -------
    >>> split_lines("a\r\n\nb\u2028c")
    ['a', '', 'b\u2028c']
    """
    return re.split(r"\r\n|\r|\n", text)


def unquote(cell: str) -> str:
    """Return a cell without blanks and one pair of quotes around it.

    Example
    -------
    >>> unquote(' "a b.wav" ')
    'a b.wav'
    """
    cell = cell.strip()
    if len(cell) > 1 and cell[0] == cell[-1] and cell[0] in "\"'":
        return cell[1:-1].strip()
    return cell


def compose(text: str) -> str:
    r"""Return text in the spelling that its variants have in common (NFC).

    A Mac writes an accent as a character of its own (NFD). Bytes that are not
    UTF-8 are taken for Latin-1, which old tables use.

    Example
    -------
    >>> compose("e\u0301") == compose("\udce9") == "\u00e9"
    True
    """
    if text.isascii():
        return text
    text = re.sub("[\udc80-\udcff]", lambda m: chr(ord(m[0]) & 0xFF), text)
    return unicodedata.normalize("NFC", text)
