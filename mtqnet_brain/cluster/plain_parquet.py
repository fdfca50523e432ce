"""Parquet files of others: plain text and bytes are read, nothing else.

A column of an extension type is made by code that its file names: Ray's
``ray.data.arrow_pickled_object`` unpickles what stands in the cells.

Authors
 * The mtqnet-brain developers 2026
"""

import base64
import re
from typing import Any

from mtqnet_brain.installation import require

MAGIC = b"PAR1"
MAX_FOOTER_BYTES = 64 * 1024 * 1024
MAX_CELL_BYTES = 1 << 28  # a cell takes four times that while it is read
# Of the bytes of a row group: sound is never packed so tightly.
MAX_PACKED_BYTES, MAX_PACKING = 1 << 29, 100
EXTENSION = b"ARROW:extension:name"
# Arrow's own schema stands in the footer in base64.
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}")


def open_plain(file: Any, columns: dict[str, str]) -> Any:
    """Open a Parquet file that has no extension types.

    Arguments
    ---------
    file : file
        Open for reading bytes, seekable.
    columns : dict of str to str
        ``string`` or ``binary`` by the name of each column to be read; those
        that the file lacks are passed over.

    Returns
    -------
    pyarrow.parquet.ParquetFile
        For these columns.

    Raises
    ------
    ValueError
        If it is no Parquet, has an extension type, or a column of another
        kind.
    """
    (parquet,) = require("ray", "pyarrow.parquet")
    _check_footer(file)
    content = parquet.ParquetFile(file)
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
    # Text that one row writes out and a million rows refer to stays one.
    texts = [
        name
        for name, kind in columns.items()
        if kind == "string" and name in content.schema_arrow.names
    ]
    return parquet.ParquetFile(file, read_dictionary=texts)


def check_group(content: Any, group: int, name: str) -> None:
    """Refuse a row group that unpacks to far more than there is.

    Arguments
    ---------
    content : pyarrow.parquet.ParquetFile
        Of `open_plain`.
    group : int
        Which one.
    name : str
        The column to be read.

    Raises
    ------
    ValueError
        If its column has above 512 MiB, packed to less than a hundredth.
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
                f"{size}, no sound"
            )


def _check_footer(file):
    """Refuse extension types before Arrow makes them from the schema."""
    size = file.seek(0, 2)
    if size < 12:
        raise ValueError("no Parquet: too short")
    file.seek(size - 8)
    tail = file.read(8)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != MAGIC or length > min(size - 12, MAX_FOOTER_BYTES):
        raise ValueError("no Parquet, or cut")
    file.seek(size - 8 - length)
    footer = file.read(length)
    file.seek(0)
    if EXTENSION in footer or any(map(_names_extension, _runs(footer))):
        raise ValueError(
            "a column of an extension type, which could run code of the "
            "file's author; write it with columns of text and bytes only"
        )


def _runs(footer):
    """Yield what may be base64, from each place where it may begin."""
    for match in _BASE64.finditer(footer):
        # A length before it may look like a part of it.
        for start in range(4):
            yield match[0][start:]


def _names_extension(run):
    """Return whether base64 text holds the name of an extension type."""
    return EXTENSION in base64.b64decode(run[: len(run) // 4 * 4])
