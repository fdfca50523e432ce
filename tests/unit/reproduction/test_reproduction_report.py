"""The report: figures, bold, what was not run, the paper's claims.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from mtqnet_brain.cli import main
from mtqnet_brain.data.manifest import write_manifest
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.reproduction.claims import CLAIMS, compare, verdict
from mtqnet_brain.reproduction.report import write_report
from mtqnet_brain.reproduction.results import read_reproduction
from mtqnet_brain.reproduction.statistics import evaluate
from mtqnet_brain.reproduction.systems import SCORES, SYSTEMS
from mtqnet_brain.utils.files import write_csv, write_json

N = 80
SEEDS = (1, 2)
# Standard deviation of each system's error.
ERRORS = {
    "scratch_hubert": 1.0,
    "kt_hubert": 0.5,
    "mpl_mse": 0.3,
    "mpl_huber": 0.3,
    "mos_ssl_n_mos": 0.1,
    "kt_no_ssl": 0.6,
}


def write_run(folder, name, seed, rows, error):
    """Write predictions with errors of a known size; return those of S-MOS."""
    system = SYSTEMS.get(name, SYSTEMS["kt_hubert"])
    generator = np.random.default_rng([seed, *map(ord, name)])
    if name == "mpl_huber":  # as good as mpl_mse, whose errors it has
        generator = np.random.default_rng([seed, *map(ord, "mpl_mse")])
    table = [{"ID": row["ID"], "method": row["method"]} for row in rows]
    for score in system.scores:
        noise = generator.normal(scale=error, size=N)
        for line, row, e in zip(table, rows, noise, strict=True):
            line[f"{score}_true"] = row[score]
            line[f"{score}_predicted"] = row[score] + e
    run = folder / "runs" / name / str(seed)
    write_csv(run / "predictions_test.csv", table[::-1])
    ssl = {"source": "hub/name", "revision": "abc", "freeze": True}
    write_json(
        run / "model" / "model.json",
        {
            "network": {"ssl": None if name.endswith("no_ssl") else ssl},
            "weights_sha256": "0" * 64,
        },
    )
    write_json(run / "metrics.json", {})
    (run / "hyperparams.yaml").write_text(
        "lr: 0.003\nnumber_of_epochs: 7\nloss: !new:some.Thing\n    x: 1\n"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A reproduction: some systems run, one failed, the others not."""
    folder = tmp_path_factory.mktemp("reproduction")
    generator = np.random.default_rng(0)
    rows = [
        {
            "ID": f"u{i:03d}",
            "duration": 1.0,
            "wav": str(folder / f"{i}.wav"),
            "method": ("Noisy", "KLT")[i % 2],
            "snr": (-5, 10)[i % 2],
            "noise": ("white", "street", "babble|pink")[i % 3],
            "speaker": f"s{i % 7}",
            **{score: generator.uniform(1, 5) for score in SCORES},
            **{f"{score}_source": "3QUEST" for score in SCORES},
            "pesq": 2.0 + i,
            "pseudo_pesq": 2.0,
            "pseudo_pesq_source": "mosanet 1234",
        }
        for i in range(N)
    ]
    for part in ("train", "valid", "test"):
        write_manifest(folder / "manifests" / f"{part}.csv", rows)
    for seed in SEEDS:
        for name, error in ERRORS.items():
            write_run(folder, name, seed, rows, error)
            status = folder / "status" / f"{name}_{seed}.json"
            write_json(status, {"state": "done", "reason": None})
        failed = {"state": "failed", "reason": "exit code 1: out | memory"}
        write_json(folder / "status" / f"mpl_wavlm_{seed}.json", failed)
    request = {
        "scale": "paper",
        "systems": [*ERRORS, "mpl_wavlm", "kt_wavlm"],
        "seeds": list(SEEDS),
        "data_folder": "/somewhere/TMHINT-QI",
        "options": {"lr": "0.003"},
    }
    write_json(folder / "reproduction.json", request)
    return folder


@pytest.fixture(scope="module")
def report(folder):
    """Text of the report."""
    return write_report(folder, n_resamples=200).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def evaluated(folder):
    """Figures of the systems."""
    return evaluate(read_reproduction(folder), 200)


def cells(report, title, score, method):
    """Return the cells of a row in a block of a table."""
    section = report[report.index(title) :]
    block = section[section.index(f"**{score}**") :]
    for line in block.splitlines():
        row = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)][1:-1]
        if row[:2] == list(method):
            return row
    raise AssertionError(f"no row {method}")


def test_cells_hold_the_papers_and_our_figures(report, folder):
    """Mean and standard deviation over seeds, by NumPy."""
    row = cells(report, "Table 1", "S-MOS", ("MTQ-Net (HuBERT)", "KT"))
    found = []
    for seed in SEEDS:
        path = folder / "runs" / "kt_hubert" / str(seed)
        table = np.genfromtxt(
            path / "predictions_test.csv", delimiter=",", names=True
        )
        x, y = table["s_mos_true"], table["s_mos_predicted"]
        found.append((np.corrcoef(x, y)[0, 1], np.mean((x - y) ** 2)))
    (lcc, mse), (lcc_std, mse_std) = np.mean(found, 0), np.std(found, 0, ddof=1)
    assert row[2] == "0.894" and row[6] == "0.055"
    assert row[3].startswith(f"{lcc:.3f} ± {lcc_std:.3f} (2 seeds) [")
    assert row[7].startswith(f"{mse:.3f} ± {mse_std:.3f} (2 seeds) [")
    low, high = map(float, re.search(r"\[(.+), (.+)\]", row[3]).groups())
    assert low < lcc < high


def test_what_was_not_run_says_so(report):
    """And what failed says why, without breaking the table."""
    row = cells(report, "Table 1", "S-MOS", ("MTQ-Net (WavLM)", "KT"))
    assert row[2:] == [*("0.899", "not run", "0.887"), "not run", "0.048"] + [
        "not run"
    ]
    row = cells(report, "Table 1", "S-MOS", ("MTQ-Net (WavLM)", "MPL"))
    assert row[3] == "failed (seed 1, 2)"
    assert "- mpl_wavlm, seed 2: exit code 1: out | memory" in report
    row = cells(report, "Table 3", "G-MOS", ("MOS-SSL (FT-wav2vec 2.0)", "L1"))
    assert row[3] == "not run"


def test_only_the_significantly_best_is_bold(report):
    """MPL in Table 1; in Table 2 two equal systems, so none."""
    best = ("MTQ-Net (FT-WavLM)", "MPL")
    for column in (3, 5, 7):
        row = cells(report, "Table 1", "G-MOS", best)
        assert row[column].startswith("**")
        row = cells(
            report, "Table 1", "G-MOS", ("MTQ-Net (HuBERT)", "From Scratch")
        )
        assert "**" not in row[column]
    for loss in ("MSE", "Huber"):
        row = cells(report, "Table 2", "G-MOS", (best[0], loss))
        assert "**" not in "".join(row)


def test_systems_without_ssl_have_rows_of_their_own(report):
    """Only those that were run."""
    row = cells(report, "Table 1", "N-MOS", ("MTQ-Net (no SSL)", "KT"))
    assert row[2] == "-" and row[3] != "not run"
    table = report[report.index("Table 1") : report.index("Table 2")]
    assert "| MTQ-Net (no SSL) | MPL" not in table


def test_provenance_stands_on_top(report):
    """Labels, corpus, SSL checkpoint, seeds, settings."""
    top = report[: report.index("The paper's claims")]
    for text in (
        *("3QUEST", "TMHINT-QI; 80 train, 80 valid, 80 test", "7 talkers"),
        *("hub/name, revision abc (frozen)", "mosanet 1234", "seeds: 1, 2"),
        *("lr 0.003", "number_of_epochs 7", "Runs done: 12, failed: 2"),
        "At an end of their range in the test set: S-MOS 0%",
        "PESQ **all predicted scores are ",
        "Overrides: mpl_mse: `mpl_huber.yaml --loss_kind=mse`; ",
    ):
        assert text in top
    assert "/somewhere" not in report


def test_claims_follow_from_the_numbers(report, evaluated):
    """Better, equal, worse, and not tested."""
    found = {claim.text: verdict(compare(claim, evaluated)) for claim in CLAIMS}
    assert found["knowledge transfer over training from scratch"] == "supported"
    assert found["MPL over knowledge transfer"] == "not tested"
    assert found["Huber over MSE"] == "not settled"
    assert found["MOS-SSL over MTQ-Net for N-MOS"] == "supported"
    assert found["MTQ-Net over MOS-SSL for G-MOS"] == "not tested"
    assert (
        "Knowledge transfer over training from scratch: supported (9 of 9 "
        "values better, 9 significantly, 0 significantly worse; in the "
        "paper 8 of 9 better)." in report
    )


def test_a_claim_may_be_contradicted(evaluated):
    """The other way round."""
    claim = next(c for c in CLAIMS if c.text.startswith("knowledge"))
    (better, worse) = claim.pairs[0]
    swapped = {
        (worse if n == better else better if n == worse else n, score): figures
        for (n, score), figures in evaluated.items()
    }
    assert verdict(compare(claim, swapped)) == "contradicted"


def test_figures_are_drawn(report, folder):
    """Each that the report shows; errors by SNR and noise as tables too."""
    shown = re.findall(r"\]\((\w+\.png)\)", report)
    assert {"figure_2.png", "errors_by_snr.png", "errors_by_noise.png"} <= {
        *shown
    }
    assert {f"scatter_{name}.png" for name in ERRORS} <= {*shown}
    for name in shown:
        assert (folder / "report" / name).read_bytes()[:4] == b"\x89PNG"
    assert "| babble\\|pink | 26 |" in report and "| -5 | 40 |" in report


def test_command(folder, tmp_path, capsys):
    """`mtqnet report`, elsewhere; and on a folder that is none."""
    out = tmp_path / "out"
    assert main(["report", str(folder), "--output", str(out)]) == 0
    assert (out / "report.md").exists()
    assert main(["report", str(tmp_path)]) == 2
    assert "no reproduction.json" in capsys.readouterr().err


def test_runs_on_other_utterances_are_refused(folder, tmp_path):
    """They cannot be compared."""
    run = folder / "runs" / "kt_hubert" / "1" / "predictions_test.csv"
    text = run.read_text(encoding="utf-8")
    run.write_text(text.replace("u003", "x003"), encoding="utf-8")
    try:
        with pytest.raises(ValueError, match="utterances differ from those of"):
            read_reproduction(folder)
    finally:
        run.write_text(text, encoding="utf-8")
    assert json.loads((folder / "reproduction.json").read_text())


def test_systems_are_compared_on_common_seeds(folder):
    """Not on means of other seeds, which would not be paired."""
    evaluated = evaluate(read_reproduction(folder), 50)
    one = evaluated["kt_hubert", "g_mos"]["mse"]
    other = evaluated["scratch_hubert", "g_mos"]["mse"]
    alone = replace(
        other, seeds=(2,), by_seed=other.by_seed[1:], runs=other.runs[1:]
    )
    difference, low, high = one.advantage(alone)
    assert difference == pytest.approx(alone.by_seed[0] - one.by_seed[1])
    assert low < difference < high
    assert one.advantage(replace(alone, seeds=(9,))) is None


def test_labels_that_are_not_3quest_are_said_to_be_other(folder, tmp_path):
    """So are systems worse than the mean of the labels."""
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for part in ("train", "valid", "test"):
        path = copy / "manifests" / f"{part}.csv"
        path.write_text(path.read_text().replace("3QUEST", "composite"))
    for path in copy.glob("runs/scratch_hubert/1/predictions_test.csv"):
        rows = read_csv(path)
        for row in rows:
            row["s_mos_predicted"] = "0.1"
        write_csv(path, rows)
    text = write_report(copy, n_resamples=20).read_text(encoding="utf-8")
    assert "**Not 3QUEST: other labels" in text
    weak = re.search(r"MSEs are worse than that of .*?: (.+)\. Such", text)[1]
    assert "scratch_hubert seed 1 S-MOS" in weak
    assert "mpl" not in weak  # errors of 0.3 on labels from 1 to 5


def test_a_clusters_runs_leave_no_status(folder, tmp_path):
    """They are reported all the same."""
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    shutil.rmtree(copy / "status")
    results = read_reproduction(copy).results
    assert len(results["kt_hubert"].runs) == 2
    assert not results["mpl_wavlm"].runs
