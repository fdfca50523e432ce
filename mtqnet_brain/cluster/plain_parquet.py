"""Reads only plain text and bytes from untrusted Parquet files.

The file names the code that decodes a column of an extension type: Ray's
``ray.data.arrow_pickled_object`` unpickles the cells.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from mtqnet_brain.utils.installation import require

if TYPE_CHECKING:
    from pyarrow import parquet

MAGIC = b"PAR1"
MAX_FOOTER_BYTES = 64 * 1024 * 1024
MAX_CELL_BYTES = 1 << 28  # reading a cell takes four times its size
# Bytes of a row group, unpacked, and their ratio to those in the file: audio
# is never compressed so well.
MAX_PACKED_BYTES, MAX_PACKING = 1 << 29, 100
EXTENSION = b"ARROW:extension:name"
# Arrow's own schema stands in the footer in base64.
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}")


def open_plain(file: IO[bytes], columns: dict[str, str]) -> parquet.ParquetFile:
    """Open a Parquet file that has no extension types.

    Arguments
    ---------
    file : file
        Open for reading bytes, seekable.
    columns : dict of str to str
        ``string`` or ``binary`` by the name of each column to be read; the
        file need not have them.

    Returns
    -------
    pyarrow.parquet.ParquetFile
        The open file.

    Raises
    ------
    ValueError
        If it is not Parquet, or has an extension type or a column of another
        type.
    """
    (pyarrow_parquet,) = require("ray", "pyarrow.parquet")
    _check_footer(file)
    content = pyarrow_parquet.ParquetFile(file)
    for name, kind in columns.items():
        if name not in content.schema_arrow.names:
            continue
        if content.schema_arrow.names.count(name) > 1:
            raise ValueError(f"two columns {name}")
        found = str(content.schema_arrow.field(name).type)
        if found not in (kind, f"large_{kind}"):
            raise ValueError(
                f"column {name} is of type {found:.80}, need {kind}"
            )
    # A text in a million rows is kept once, not a million times.
    texts = [
        name
        for name, kind in columns.items()
        if kind == "string" and name in content.schema_arrow.names
    ]
    return pyarrow_parquet.ParquetFile(file, read_dictionary=texts)


def check_group(content: parquet.ParquetFile, group: int, name: str) -> None:
    """Refuse a row group that unpacks to far more bytes than the file has.

    Raises
    ------
    ValueError
        If the column has over 512 MiB in less than a hundredth of that.
    """
    chunks = content.metadata.row_group(group)
    for i in range(chunks.num_columns):
        chunk = chunks.column(i)
        size, packed = (
            chunk.total_uncompressed_size,
            chunk.total_compressed_size,
        )
        is_bomb = size > max(MAX_PACKED_BYTES, MAX_PACKING * packed)
        if chunk.path_in_schema == name and is_bomb:
            raise ValueError(
                f"row group {group}: {packed} bytes of {name} that unpack to "
                f"{size}, which is not audio"
            )


def _check_footer(file: IO[bytes]) -> None:
    """Refuse extension types before Arrow makes them from the schema."""
    size = file.seek(0, 2)
    if size < 12:
        raise ValueError("not Parquet: too short")
    file.seek(size - 8)
    tail = file.read(8)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != MAGIC or length > min(size - 12, MAX_FOOTER_BYTES):
        raise ValueError("not Parquet, or truncated")
    file.seek(size - 8 - length)
    footer = file.read(length)
    file.seek(0)
    if EXTENSION in footer or any(map(_names_extension, _runs(footer))):
        raise ValueError(
            "a column of an extension type, which could run code of the "
            "file's author; write it with columns of text and bytes only"
        )


def _runs(footer: bytes) -> Iterator[bytes]:
    """Yield what may be base64, from each byte where it may begin."""
    for match in _BASE64.finditer(footer):
        # The length in front may look like a part of it.
        for start in range(4):
            yield match[0][start:]


def _names_extension(run: bytes) -> bool:
    """Whether base64 text holds the name of an extension type."""
    return EXTENSION in base64.b64decode(run[: len(run) // 4 * 4])
