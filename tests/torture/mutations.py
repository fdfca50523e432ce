"""Mutations of a table or a list of files.

Each mutation takes the lines of a table (header first) as lists of cells, a
random generator, and returns the bytes of the file. ``SAME`` ones have the same
content in another form: a command refuses them or finds the same numbers.
``WRONG`` ones must be refused or warned of.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import io
from functools import partial


def text_of(lines, delimiter=",", end="\n", quoting=csv.QUOTE_MINIMAL):
    """Return lines of cells as the text of a table."""
    file = io.StringIO()
    options = {"delimiter": delimiter, "lineterminator": end}
    csv.writer(file, quoting=quoting, **options).writerows(lines)
    return file.getvalue()


def _same(lines, rng, encoding="utf-8", before=b"", **form):
    """Write the same in another form."""
    return before + text_of(lines, **form).encode(encoding)


def _text(lines, rng, change):
    """Change the text."""
    return change(text_of(lines)).encode("utf-8", "surrogateescape")


def _cell(lines, rng, value, column=-1, row=1):
    """Replace a cell."""
    lines = [list(cells) for cells in lines]
    lines[row][column] = value
    return text_of(lines).encode()


def _rows(lines, rng, change):
    """Change the lines."""
    return text_of(change([list(cells) for cells in lines])).encode()


def _fuzz(lines, rng, n_bytes):
    """Overwrite bytes anywhere."""
    content = bytearray(text_of(lines).encode())
    for at in rng.integers(0, len(content), n_bytes):
        content[at] = rng.integers(0, 256)
    return bytes(content)


def _cut(lines, rng):
    """Cut the end off."""
    content = text_of(lines).encode()
    return content[: rng.integers(0, len(content))]


def _blanks(lines):
    """Put blanks around every cell."""
    return [[f" {cell} " for cell in cells] for cells in lines]


def _constant(lines, rng, content):
    """Return other content."""
    return content


SAME = {
    "as it should be": _same,
    "a byte-order mark": partial(_same, encoding="utf-8-sig"),
    "UTF-16": partial(_same, encoding="utf-16"),
    "UTF-16 without a mark": partial(_same, encoding="utf-16-le"),
    "UTF-32": partial(_same, encoding="utf-32"),
    "CRLF": partial(_same, end="\r\n"),
    "CR alone": partial(_same, end="\r"),
    "every cell in quotes": partial(_same, quoting=csv.QUOTE_ALL),
    "semicolons": partial(_same, delimiter=";"),
    "tabs": partial(_same, delimiter="\t"),
    "blank lines": partial(_text, change=lambda t: t.replace("\n", "\n\n")),
    "blanks around cells": partial(_rows, change=_blanks),
    "no newline at the end": partial(_text, change=str.rstrip),
    "a row twice": partial(_rows, change=lambda x: [*x, x[1]]),
    "every row twice": partial(_rows, change=lambda x: [*x, *x[1:]]),
    "a column twice": partial(_rows, change=lambda x: [[*c, c[-1]] for c in x]),
    "a column twice, the second one wrong": partial(
        _rows,
        change=lambda x: [[*x[0], x[0][-1]], *([*c, "1.5"] for c in x[1:])],
    ),
    "a row twice, the second one wrong": partial(
        _rows, change=lambda x: [*x, [*x[1][:-1], "1.25"]]
    ),
}
WRONG = {
    "1_0": partial(_cell, value="1_0"),
    "nan": partial(_cell, value="nan"),
    "NaN in all rows": partial(
        _rows, change=lambda x: [x[0], *([*c[:-1], "NaN"] for c in x[1:])]
    ),
    "-1": partial(_cell, value="-1"),
    "0": partial(_cell, value="0"),
    "inf": partial(_cell, value="inf"),
    "1e999": partial(_cell, value="1e999"),
    "0x3": partial(_cell, value="0x3"),
    "a word": partial(_cell, value="good"),
}
OTHER = {
    "an Arabic digit": partial(_cell, value="\u0663"),
    "Latin-1": partial(
        _constant, content="f\xfcr,\xe4\n1,2\n".encode("latin1")
    ),
    "a Latin-1 cell": partial(_text, change=lambda t: t + "\udcfc.wav,3,3\n"),
    "a NUL": partial(_text, change=lambda t: t[:12] + "\0" + t[12:]),
    "NULs at the end": partial(_text, change=lambda t: t + "\0" * 4096),
    "an open quote in the header": partial(_text, change=lambda t: '"' + t),
    "an open quote at the end": partial(_text, change=lambda t: t + '"x'),
    "a quote inside": partial(_cell, value='3"'),
    "an unclosed quote inside": partial(
        _text, change=lambda t: t.replace(",", ',"', 5)
    ),
    "a cell of 200,000": partial(_cell, value="x" * 200_000),
    "a name of 200,000": partial(_cell, value="x" * 200_000, column=0),
    "a name of 5 MB": partial(_cell, value="x" * 5_000_000, column=0),
    "a header of 200,000": partial(_cell, value="x" * 200_000, row=0),
    "the header alone": partial(_rows, change=lambda x: x[:1]),
    "no header": partial(_rows, change=lambda x: x[1:]),
    "nothing": partial(_constant, content=b""),
    "a newline alone": partial(_constant, content=b"\n"),
    "commas alone": partial(_constant, content=b",,,\n,,,\n"),
    "100,000 commas": partial(_text, change=lambda t: t + "," * 100_000),
    "a cell more": partial(_rows, change=lambda x: [*x, [*x[1], "more"]]),
    "a cell less": partial(_rows, change=lambda x: [*x, x[1][:-1]]),
    "a column less": partial(_rows, change=lambda x: [c[:-1] for c in x]),
    "the first column less": partial(
        _rows, change=lambda x: [c[1:] for c in x]
    ),
    "empty names": partial(_cell, value="", column=0),
    "a name that is a folder": partial(_cell, value=".", column=0),
    "a name with NUL": partial(_cell, value="a\0b.wav", column=0),
    "a name that is a formula": partial(_cell, value="=1+1", column=0),
    "a name with line breaks": partial(_cell, value="a\nb\r.wav", column=0),
    "a name with line separators": partial(
        _cell, value="a\u2028b\x85c\x0cd.wav", column=0
    ),
    "a name outside": partial(_cell, value="../../../etc/passwd", column=0),
    "a placeholder": partial(_cell, value="$data_root/x.wav", column=0),
    "a web page": partial(_constant, content=b"<html><td>1</td></html>\n"),
    "a spreadsheet": partial(_constant, content=b"PK\3\4" + bytes(500)),
    "JSON": partial(_constant, content=b'[{"file": "a.wav"}]\n'),
    "noise": lambda lines, rng: rng.bytes(5000),
    "deep JSON": partial(_constant, content=b"[" * 100_000),
    "cut": _cut,
    "3 other bytes": partial(_fuzz, n_bytes=3),
    "1 other byte": partial(_fuzz, n_bytes=1),
    "30 other bytes": partial(_fuzz, n_bytes=30),
    "2 other bytes": partial(_fuzz, n_bytes=2),
}
ALL = SAME | WRONG | OTHER
