"""Damaged tables end in a reason of one paragraph, never in a traceback.

Authors
 * The mtqnet-brain developers 2026
"""

import random

import pytest
import soundfile

from mtqnet_brain.cli import main
from mtqnet_brain.clip_table import ClipTable
from mtqnet_brain.labels import read_pairs
from mtqnet_brain.scores import join_quest

N_CLIPS = 6
N_MUTATIONS = 60
ODD = [b'"', b"\0", b"\xff\xfe", b"\xe9", b";", b"\t", b"\r", b"\n", b",,"]
ODD += [b"1_0", b"inf", b"1e999", "\u2028\x85٣".encode(), b"=1+1", b"../" * 9]
SCORES = "file,g_mos,warning,error\n" + "".join(
    f"d/{i}.wav,{1 + i / 2},,\n" for i in range(N_CLIPS)
)
LABELS = 'file;"mos; G-MOS";system\n' + "".join(
    f'"d/{i}.wav";{1 + i % 4},5;{"AB"[i % 2]}\n' for i in range(1, N_CLIPS)
)
PAIRS = "reference,degraded\n" + "".join(
    f"d\\{i}.wav,d/{i}.wav\n" for i in range(N_CLIPS)
)


def mutate(text, seed):
    """Return bytes of a table with one to three faults."""
    rng = random.Random(seed)
    content = text.encode()
    for _ in range(rng.randint(1, 3)):
        lines = content.split(b"\n")
        i, j = rng.randrange(len(lines)), rng.randrange(len(content) + 1)
        kind = rng.randrange(9)
        if kind == 0:  # bytes at random
            content = content[:j] + rng.randbytes(3) + content[j:]
        elif kind == 1:
            content = content[:j] + rng.choice(ODD) + content[j:]
        elif kind == 2:  # a deleted quote, or all
            content = content.replace(b'"', b"", rng.choice([1, -1]))
        elif kind == 3:  # a doubled row or header
            content = b"\n".join([*lines[: i + 1], *lines[i:]])
        elif kind == 4:  # cut anywhere
            content = content[:j]
        elif kind == 5:  # a huge cell
            content = content[:j] + b"x" * 140_000 + content[j:]
        elif kind == 6:  # shuffled rows, the header among them
            content = b"\n".join(rng.sample(lines, len(lines)))
        elif kind == 7:  # a doubled column
            content = b"\n".join(line + b"," + line for line in lines)
        else:
            text = content.decode("utf-8", "replace")
            encoding = rng.choice(["utf-16", "utf-16-le", "utf-8-sig"])
            content = text.encode(encoding)
    return content


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Six clips and whole tables about them."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "d").mkdir()
    for i in range(N_CLIPS):
        soundfile.write(folder / f"d/{i}.wav", [0.1, -0.1] * 400, 16000)
    for name, text in (("s", SCORES), ("l", LABELS), ("p", PAIRS)):
        (folder / f"{name}.csv").write_text(text)
    return folder


def evaluate(scores, labels):
    """Run ``mtqnet evaluate``, which catches what a user is to read."""
    label = ["--label", "g_mos=mos; G-MOS", "--resamples", "20"]
    assert main(["evaluate", str(scores), str(labels), *label]) in (0, 2)


def fine_tuning(table, folder):
    """Read the table as the preparation of fine_tune.py does."""
    label = {"mos": "mos; G-MOS:1:5"}
    found = ClipTable(table, folder, "file", label, group_column="system")
    return found.read_rows("lab")


def quest(table, folder):
    """Join the table as the preparations of TMHINT-QI and VoiceBank do."""
    clips = [
        {"ID": str(i), "wav": str(folder / f"d/{i}.wav")}
        for i in range(N_CLIPS)
    ]
    return join_quest(clips, table)


def test_whole_tables_are_read(corpus, capsys):
    """Else the mutations would say nothing."""
    evaluate(corpus / "s.csv", corpus / "l.csv")
    assert f"g_mos{N_CLIPS - 1:>19}" in capsys.readouterr().out
    assert len(fine_tuning(corpus / "l.csv", corpus)) == N_CLIPS - 1
    assert quest(corpus / "l.csv", corpus).n_matched == N_CLIPS - 1
    assert read_pairs(corpus / "p.csv")[0].reference == corpus / "d/0.wav"


@pytest.mark.parametrize("seed", range(N_MUTATIONS))
def test_mutated_tables(seed, corpus, capsys):
    """Every reader of tables takes them or says why not."""
    table = corpus / "mutated.csv"
    table.write_bytes(mutate(SCORES, seed))
    evaluate(table, corpus / "l.csv")
    table.write_bytes(mutate(LABELS, seed))
    evaluate(corpus / "s.csv", table)
    for read, text in (
        (lambda: fine_tuning(table, corpus), LABELS),
        (lambda: quest(table, corpus), LABELS),
        (lambda: read_pairs(table), PAIRS),
    ):
        table.write_bytes(mutate(text, seed))
        try:
            read()
        except ValueError as err:
            assert str(err).startswith((str(table), "1 fault", "2 faults")) or (
                " faults, the first: " in str(err)
            )
