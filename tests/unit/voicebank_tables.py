"""Tables of scores for the miniature of VoiceBank-DEMAND.

Authors
 * The mtqnet-brain developers 2026
"""

SAVE = "save"
TEST = ["p232_001", "p232_002", "p232_003"]


def write_table(path, names, score="2,5"):
    """Write a table of scores with semicolons and decimal commas."""
    lines = ["file;S;N;G"] + [f"{name};{score};3;1,25" for name in names]
    path.write_text("\n".join(lines) + "\n")
    return path


def own_scores(table):
    """Return the settings for scores from a table."""
    label = {"s_mos": "S", "n_mos": "N", "g_mos": "G"}
    return {"label_csv": table, "label": label, "label_source": "lab"}


def stems(folder):
    """Return the names of the noisy clips, without folder."""
    return [path.stem for path in folder.glob("noisy_*/*.wav")]


def by_id(parts):
    """Return the rows of all parts by ID."""
    return {row["ID"]: row for rows in parts.values() for row in rows}
