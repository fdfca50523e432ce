"""What ``auto`` chooses, and where it is said.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
import soundfile
from synthetic import RATE, make_wave

from mtqnet_brain.cli import main
from mtqnet_brain.inference.predictor import SpeechQualityPredictor
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.utils import precision
from mtqnet_brain.utils.precision import choose_precision, processor_flags
from mtqnet_brain.utils.resumable_tables import ResumableCsv

# Lines of /proc/cpuinfo of real machines, shortened.
CPUS = {
    "EPYC 9004, AVX512 hidden": ("flags\t\t: fpu avx2 sha_ni rdpid", "fp32"),
    "Xeon Skylake": ("flags\t\t: fpu avx2 avx512f avx512bw", "fp32"),
    "EPYC 9004": ("flags\t\t: fpu avx512f avx512_bf16 rdpid", "bf16"),
    "Xeon Sapphire Rapids": ("flags\t\t: amx_bf16 amx_tile", "bf16"),
    "Graviton 2": ("Features\t: fp asimd fphp asimddp", "fp32"),
    "Graviton 3": ("Features\t: fp asimd svebf16 i8mm bf16", "bf16"),
}


@pytest.mark.parametrize("name", CPUS)
def test_auto_goes_by_the_processor(name, tmp_path, monkeypatch):
    """And says in a line what it has chosen."""
    line, expected = CPUS[name]
    info = tmp_path / "cpuinfo"
    info.write_text(f"processor\t: 0\nmodel name\t: x\n{line}\nbugs\t: y\n")
    flags = processor_flags(info)
    monkeypatch.setattr(precision, "processor_flags", lambda: flags)
    said = []
    assert choose_precision("auto", "cpu", said.append) == expected
    (line,) = said
    assert expected in line and "\n" not in line


def test_other_systems_have_float32(tmp_path):
    """No such file there."""
    assert processor_flags(tmp_path / "cpuinfo") == set()


def test_a_gpu_keeps_float32(monkeypatch):
    """Its scores are to be the CPU's."""
    monkeypatch.setattr(precision, "processor_flags", lambda: {"bf16"})
    assert choose_precision("auto", "cuda:0", str) == "fp32"


@pytest.mark.parametrize("wanted", ["fp32", "bf16", "fp16"])
def test_what_is_wanted_is_taken_in_silence(wanted):
    """Whatever the processor has."""
    assert choose_precision(wanted, "cpu", pytest.fail) == wanted


@pytest.fixture(params=["fp32", "bf16"])
def machine(request, monkeypatch):
    """A machine for which auto chooses this."""
    flags = {"bf16"} if request.param == "bf16" else set()
    monkeypatch.setattr(precision, "processor_flags", lambda: flags)
    return request.param


def test_the_predictor_takes_auto(machine):
    """As a run option and per call; by itself it stays in float32."""
    network = MTQNet([Task("g_mos", 1, 5)], channels=(2, 2, 2, 2)).eval()
    parts = {"network": network}, {}
    options = {"device": "cpu"}
    auto = SpeechQualityPredictor(
        *parts, run_opts={"precision": "auto", **options}
    )
    assert auto.precision == auto.engine().precision == machine
    plain = SpeechQualityPredictor(*parts, run_opts=options)
    assert plain.engine().precision == "fp32"
    assert plain.engine(precision="auto").precision == machine


def test_scoring_says_it_and_goes_on_in_it_alone(
    machine, tmp_path, monkeypatch, capsys
):
    """Scores of a machine of the other kind are refused, not mixed in."""
    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", make_wave(1.0, 1, 20), RATE)
    command = ["score", f"{tmp_path}/a.wav", f"{tmp_path}/b.wav"]
    command += ["--output", f"{tmp_path}/scores.csv", "--device", "cpu"]
    monkeypatch.setattr(ResumableCsv, "finish", _killed)
    with pytest.raises(KeyError):
        main(command)
    assert f"precision: {machine}" in capsys.readouterr().err
    monkeypatch.undo()
    others = set() if machine == "bf16" else {"bf16"}
    monkeypatch.setattr(precision, "processor_flags", lambda: others)
    assert main(command) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert "other settings" in line and f"'precision': '{machine}'" in line
    assert main([*command, "--precision", machine]) == 0
    assert (tmp_path / "scores.csv").exists()


def _killed(*_):
    """End before the table is whole."""
    raise KeyError
