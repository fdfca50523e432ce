"""Checks that a file of `torch.save` holds tensors by name and no more.

Authors
 * The mtqnet-brain developers 2026
"""

import pickletools
import re
import zipfile
from pathlib import Path

from mtqnet_brain.utils.untrusted_json import ModelError

MAX_PICKLE_BYTES = 2 * 1024 * 1024
# What torch.save writes for a dict of tensors: another opcode could ask for
# memory without end, another name for code.
_OPCODES = set(
    "PROTO STOP GLOBAL MARK REDUCE BUILD BINPERSID BINPUT LONG_BINPUT BINGET "
    "LONG_BINGET BINUNICODE BININT BININT1 BININT2 LONG1 NONE NEWFALSE "
    "NEWTRUE EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_DICT SETITEM "
    "SETITEMS".split()
)
# What it may refer to twice: other things could be multiplied without end.
_SHARED = {"GLOBAL", "BINUNICODE"}
_KINDS = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short")
_GLOBALS = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    *(f"torch {kind}Storage" for kind in (*_KINDS, "Byte", "Bool")),
}

# A compiled module has code besides.
_ENTRY = re.compile(
    r"[^/]+/(data\.pkl|data/\d+|version|byteorder|\.format_version|"
    r"\.storage_alignment|\.data/serialization_id)"
)


def check_archive(path: str | Path, where: str) -> None:
    """Refuse an archive that is compressed or whose pickle could run code.

    Arguments
    ---------
    path : str or Path
        A regular file.
    where : str
        Name of the file in errors.

    Raises
    ------
    ModelError
        If it is not an archive of `torch.save`, or holds more than tensors.
    zipfile.BadZipFile, ValueError
        If it is damaged.
    """
    if not zipfile.is_zipfile(path):
        raise ModelError(
            f"{where}: not weights of torch.save; save them with torch.save"
        )
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        for entry in entries:
            name = entry.filename
            if entry.compress_type != zipfile.ZIP_STORED:
                raise ModelError(f"{where}: compressed ({name!r:.80})")
            if not _ENTRY.fullmatch(name):
                raise ModelError(
                    f"{where}: holds {name!r:.80}, which is not weights"
                )
        # torch finds entries whatever the case of their letters.
        names = {entry.filename.casefold() for entry in entries}
        if len(names) < len(entries):
            raise ModelError(f"{where}: two entries of the same name")
        pickles = [e for e in entries if e.filename.endswith(".pkl")]
        if len(pickles) != 1 or pickles[0].file_size > MAX_PICKLE_BYTES:
            raise ModelError(
                f"{where}: expected exactly one data.pkl, within the size limit"
            )
        _check_pickle(archive.read(pickles[0]), where)


def _check_pickle(content, where):
    """Refuse a pickle with opcodes or names that no state dict needs."""
    before = ""
    shared: set[int] = set()
    for n_ops, (opcode, argument, _) in enumerate(pickletools.genops(content)):
        if opcode.name not in _OPCODES:
            raise ModelError(f"{where}: pickle with {opcode.name}: refused")
        if opcode.name == "GLOBAL" and argument not in _GLOBALS:
            raise ModelError(
                f"{where}: pickle that names {argument!r:.80}: refused"
            )
        memo = argument if isinstance(argument, int) else -1
        if opcode.name == "LONG_BINPUT" and memo > n_ops:
            raise ModelError(f"{where}: invalid memo index: refused")
        if opcode.name.endswith("BINPUT"):
            (shared.add if before in _SHARED else shared.discard)(memo)
        if opcode.name.endswith("BINGET") and memo not in shared:
            raise ModelError(f"{where}: the pickle reuses an object: refused")
        before = opcode.name
