"""Tables of scores and of labels.

Authors
 * The mtqnet-brain developers 2026
"""

from mtqnet_brain.utils.files import write_csv

LATIN = b"caf\xe9.wav".decode("utf-8", "surrogateescape")


def write_tables(folder, files, names=None, labels=(1, 2, 4, 3)):
    """Write scores of files, as `mtqnet score` does, and labels of names."""
    rows = [
        {"file": file, "g_mos": 1.5 * i, "warning": "", "error": ""}
        for i, file in enumerate(files)
    ]
    write_csv(folder / "s.csv", rows)
    names = files if names is None else names
    rows = [{"file": n, "g": g} for n, g in zip(names, labels, strict=False)]
    write_csv(folder / "l.csv", rows)
    return folder / "s.csv", folder / "l.csv", {"g_mos": "g"}
