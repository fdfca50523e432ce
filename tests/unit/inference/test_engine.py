"""The engine and the predictor: any batch, any length, any state.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from synthetic import RATE, make_wave

from mtqnet_brain.audio.io import AudioError
from mtqnet_brain.checkpoints.run_folder import load_model
from mtqnet_brain.inference.engine import Engine
from mtqnet_brain.inference.predictor import SpeechQualityPredictor
from mtqnet_brain.model.mos_ssl import MOSSSL
from mtqnet_brain.tasks import Task

GOLDEN = Path(__file__).parents[2] / "golden" / "tiny_model"


WAVS = torch.ones(2, 900)


@pytest.fixture(scope="module")
def network():
    """The committed network, its primary heads."""
    return load_model(GOLDEN)[0].drop_auxiliary()


@pytest.fixture(scope="module")
def predictor(network):
    """A predictor of it."""
    return SpeechQualityPredictor({"network": network}, {})


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Twelve clips of 0.4 to 3 s, as names and samples."""
    folder = tmp_path_factory.mktemp("clips")
    found = {}
    for i in range(12):
        wave = make_wave(0.4 + 0.23 * ((i * 5) % 12), i, (0, 20, None)[i % 3])
        soundfile.write(folder / f"{i}.wav", wave, RATE, subtype="FLOAT")
        found[folder / f"{i}.wav"] = wave
    return found


def score(engine, paths, workers=2):
    """Return results by path."""
    results = engine.score_paths([(path, path) for path in paths], workers)
    return {result.key: result for result in results}


def expected_scores(network, wave):
    """Return the network's scores of a clip alone."""
    with torch.no_grad():
        scores = network(
            torch.from_numpy(wave)[None], torch.tensor([len(wave)])
        )
    return {name: float(s[0]) for name, s in scores.utterance.items()}


@pytest.mark.parametrize(
    ("batch_size", "workers", "backwards"),
    [(1, 1, False), (5, 2, True), (16, 4, False)],
)
def test_scores_are_those_of_the_clip_alone(
    batch_size, workers, backwards, network, clips
):
    """Whatever the batch, the order and the number of workers."""
    paths = list(clips)[:: -1 if backwards else 1]
    results = score(Engine(network, batch_size=batch_size), paths, workers)
    assert results.keys() == clips.keys()
    for path, wave in clips.items():
        expected = expected_scores(network, wave)
        assert results[path].scores == pytest.approx(expected, abs=1e-5)
        assert results[path].seconds == len(wave) / RATE


def test_frames_average_to_the_score(network, clips):
    """Every 16 ms from 0 on; the mean over time is the utterance's score."""
    engine = Engine(network, frames=True)
    for path, result in score(engine, clips).items():
        frames = result.frames
        np.testing.assert_allclose(np.diff(frames["time"]), 0.016)
        assert len(frames["time"]) == 1 + len(clips[path]) // 256
        for name, value in result.scores.items():
            assert len(frames[name]) == len(frames["time"])
            # The spectrum may have one frame more than the filter bank.
            assert frames[name].mean() == pytest.approx(value, abs=0.01)


def test_long_clips_are_scored_in_windows(network, tmp_path):
    """By hand: cut in the pauses, each window alone, mean over time."""
    speech, pause = make_wave(0.768, 3, 10), np.zeros(2048, np.float32)
    wave = np.r_[speech, pause, speech, pause, speech[:8192]]
    soundfile.write(tmp_path / "x.wav", wave, RATE, subtype="FLOAT")
    engine = Engine(network, window=1.024, frames=True, batch_size=2)
    (result,) = score(engine, [tmp_path / "x.wav"]).values()
    assert len(result.frames["time"]) == 1 + len(wave) // 256
    # In the middle of a pause, to half of the 1536 samples that are compared.
    cuts = [0, 12288 + 768, 26624 + 768, len(wave)]
    total, seconds = 0.0, 0.0
    for start, end in zip(cuts, cuts[1:]):
        alone = expected_scores(network, wave[start:end])["g_mos"]
        total += alone * (end - start)
        seconds += end - start
    assert result.scores["g_mos"] == pytest.approx(total / seconds, abs=2e-3)
    mean = result.frames["g_mos"].mean()
    assert result.scores["g_mos"] == pytest.approx(mean, abs=1e-2)


def test_memory_that_one_clip_lacks_harms_no_other(network, clips, monkeypatch):
    """Batches are halved until it is alone; other errors are seen."""
    engine = Engine(network)
    longest = max(clips, key=lambda path: len(clips[path]))
    run, message = (
        engine.score_windows,
        "DefaultCPUAllocator: can't allocate memory",
    )

    def fail(samples):
        """Run short of memory where the longest clip is in the batch."""
        if any(len(one) == len(clips[longest]) for one in samples):
            raise RuntimeError(message)
        return run(samples)

    monkeypatch.setattr(engine, "score_windows", fail)
    results = score(engine, clips)
    bad = [path for path, result in results.items() if result.error]
    assert bad == [longest]
    assert results[longest].error.startswith("out of memory")
    message = "mat1 and mat2 shapes cannot be multiplied"
    with pytest.raises(RuntimeError, match="mat1"):
        score(engine, clips)


def test_batches_are_bounded_by_what_is_heard(network, monkeypatch):
    """A clip with a long pause is short: it does not widen a batch of others.

    Sorted by length with the pauses, 3 s would be the first of a batch.
    """
    engine = Engine(network)
    engine.batch_seconds = 4
    sizes, run = [], engine.score_windows

    def note(samples):
        """Note the padded seconds of a batch."""
        sizes.append(len(samples) * max(map(len, samples)) / RATE)
        return run(samples)

    monkeypatch.setattr(engine, "score_windows", note)
    paused = np.r_[make_wave(1.0, 1), np.zeros(3 * RATE, np.float32)]
    waves = [make_wave(3.0, 0), paused, paused, paused]
    clips = [engine.open_samples(i, wave) for i, wave in enumerate(waves)]
    assert {one.key for one in engine.score_clips(clips)} == {0, 1, 2, 3}
    assert len(sizes) == 2 and max(sizes) <= 4


def test_scores_far_outside_the_range_are_doubtful(clips):
    """Named with the range; also in a table; a little outside is usual."""
    path, wave = next(iter(clips.items()))
    for bias, wanted in ((5.4, ""), (8.6, "g_mos 8.6: score outside 1..5")):
        off = load_model(GOLDEN)[0].drop_auxiliary()
        linear = off.heads["g_mos"].linear
        linear.weight.data.zero_()
        linear.bias.data.fill_(bias)
        (result,) = score(Engine(off), [path]).values()
        found = [text for text in result.warnings if "outside" in text]
        assert found == [wanted] * bool(wanted)
        predictor = SpeechQualityPredictor({"network": off}, {})
        assert wanted in predictor.score_array(wave, RATE)["warning"]


def test_scores_that_are_not_finite_are_errors(clips):
    """Of a whole clip, of a long one, with frames and without."""
    broken, _ = load_model(GOLDEN)
    broken.heads["g_mos"].linear.bias.data.fill_(float("nan"))
    path = list(clips)[1]
    for settings in ({}, {"window": 0.6}, {"frames": True}):
        (result,) = score(Engine(broken, **settings), [path]).values()
        assert result.error == "the network's score is not finite: g_mos"
        assert result.scores is None and result.frames is None
    predictor = SpeechQualityPredictor({"network": broken}, {})
    with pytest.raises(AudioError, match="not finite: g_mos"):
        predictor.score_array(clips[path], RATE)


def test_a_clip_of_one_window_is_scored_whole(network, tmp_path):
    """To the sample; one more makes two windows."""
    wave = make_wave(1.1, 1)
    paths = []
    for n in (16000, 16001):
        paths.append(tmp_path / f"{n}.wav")
        soundfile.write(paths[-1], wave[:n], RATE, subtype="FLOAT")
    results = score(Engine(network, window=1.0), paths)
    whole = expected_scores(network, wave[:16000])
    assert results[paths[0]].scores == pytest.approx(whole, abs=1e-5)
    other = expected_scores(network, wave[:16001])
    assert results[paths[1]].scores == pytest.approx(other, abs=0.1)


def test_bad_files_harm_no_other(network, clips, tmp_path):
    """Each with its reason; also one that breaks in a later window."""
    nan = np.r_[make_wave(1.0, 0), np.float32("nan"), make_wave(1.0, 1)]
    soundfile.write(tmp_path / "nan.wav", nan, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "zero.wav", np.zeros(48000), RATE)
    (tmp_path / "text.wav").write_text("no sound")
    bad = [tmp_path / f"{n}.wav" for n in ("nan", "zero", "text", "missing")]
    good = list(clips)
    paths = good[:4] + bad + good[4:]
    for window in (0.5, 10.0):
        results = score(Engine(network, window=window), paths)
        assert [bool(results[path].error) for path in paths] == [
            *[False] * 4,
            *[True] * 4,
            *[False] * 8,
        ]
        assert all(results[path].scores is None for path in bad)
    assert results[bad[0]].error == "1 NaN or infinite samples"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window": 0.1}, "window must be 0.5 to 40 s, got 0.1"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"precision": "fp16"}, "need fp32 or bf16"),
    ],
)
def test_senseless_settings_are_refused(settings, message, network):
    """With what would make sense."""
    with pytest.raises(ValueError, match=message):
        Engine(network, **settings)


def test_ssl_model_alone_has_a_timeline(tiny_ssl, clips):
    """MOS-SSL: its frames every 20 ms, put on the same grid."""
    torch.manual_seed(0)
    network = MOSSSL([Task("g_mos", 1, 5)], {"source": tiny_ssl("wavlm")})
    engine = Engine(network.eval(), frames=True)
    for result in score(engine, list(clips)[:3]).values():
        frames = result.frames["g_mos"]
        assert frames.mean() == pytest.approx(result.scores["g_mos"], abs=0.05)


def test_file_array_and_batch_agree(predictor, network, clips):
    """Three ways to the same scores."""
    for path, wave in list(clips.items())[:3]:
        expected = expected_scores(network, wave)
        scores = predictor.score_file(path)
        assert isinstance(scores.pop("warning"), str)
        assert scores == pytest.approx(expected, abs=1e-5)
        scores = predictor.score_array(wave, RATE, frames=True)
        assert scores["g_mos"] == pytest.approx(expected["g_mos"], abs=1e-5)
        assert scores["frames"].keys() == {"time", *expected}
    padded = torch.full((2, 20000), 9.0)
    waves = list(clips.values())[3:5]
    for row, wave in zip(padded, waves):
        row[: len(wave[:20000])] = torch.from_numpy(wave[:20000])
    lens = torch.tensor([len(wave[:20000]) / 20000 for wave in waves])
    batch = predictor.score_batch(padded, lens)
    for i, wave in enumerate(waves):
        expected = expected_scores(network, wave[:20000])["g_mos"]
        assert float(batch["g_mos"][i]) == pytest.approx(expected, abs=1e-5)


def test_a_batch_is_the_network_alone(predictor, tmp_path):
    """The same numbers up to one window without long pauses, and only there."""
    speech = make_wave(9.9, 2, 20)
    paused = np.r_[speech[:64000], np.zeros(32000), speech[64000:96000]]
    long = np.r_[speech, speech]
    for wave, same in ((speech, True), (paused, False), (long, False)):
        wave = wave.astype(np.float32)
        soundfile.write(tmp_path / "x.wav", wave, RATE, subtype="FLOAT")
        batch = predictor.score_batch(torch.from_numpy(wave)[None])
        (row,) = predictor.score_files([tmp_path / "x.wav"])
        array = predictor.score_array(wave, RATE)
        file = predictor.score_file(tmp_path / "x.wav")
        for name, score in batch.items():
            assert (float(score) == array[name]) == same
            assert file[name] == row[name]
            assert file[name] == pytest.approx(array[name], abs=1e-5)


def test_channels_and_rates_of_an_array(predictor):
    """Averaged and resampled, as from a file."""
    wave = make_wave(1.0, 2)
    stereo = np.stack([2 * wave, np.zeros_like(wave)], axis=1)
    mono = predictor.score_array(wave, RATE)
    assert predictor.score_array(stereo, RATE) == pytest.approx(mono, abs=1e-5)
    with pytest.raises(AudioError, match="samples: digital silence"):
        predictor.score_array(np.zeros(48000), 48000)
    with pytest.raises(AudioError, match="shape"):
        predictor.score_array(np.zeros((1, 1, 1)), RATE)


def test_scores_are_a_training_loss(predictor):
    """Gradients reach the wavs; those of the network stay off."""
    wavs = torch.from_numpy(np.stack([make_wave(0.5, i, 5) for i in (0, 1)]))
    wavs.requires_grad_()
    predictor(wavs)["g_mos"].sum().backward()
    assert torch.isfinite(wavs.grad).all() and (wavs.grad != 0).any(dim=1).all()
    assert not any(p.requires_grad for p in predictor.parameters())
    step = 0.01 * wavs.grad / wavs.grad.norm(dim=1, keepdim=True)
    with torch.no_grad():
        before = predictor(wavs)["g_mos"]
        after = predictor(wavs + step)["g_mos"]
    assert (after > before).all()


def test_training_mode_changes_nothing(predictor):
    """Nor what batch norm has learnt, of a loss inside a larger network."""
    wavs = torch.from_numpy(np.stack([make_wave(0.5, i, 5) for i in (0, 1)]))
    before = predictor(wavs)["g_mos"]
    weights = [w.clone() for w in predictor.state_dict().values()]
    torch.nn.ModuleList([predictor]).train()
    found = predictor(wavs.double())["g_mos"]
    assert torch.equal(found, before) and not predictor.mods.network.training
    for weight, kept in zip(predictor.state_dict().values(), weights):
        assert torch.equal(weight, kept)


def test_score_files_gives_dicts(predictor, clips, tmp_path):
    """One per file, with file, warning and error."""
    paths = [*list(clips)[:2], tmp_path / "missing.wav"]
    rows = {
        row["file"]: row for row in predictor.score_files(paths, frames=True)
    }
    assert rows.keys() == {str(path) for path in paths}
    assert rows[str(paths[2])] == {
        "file": str(paths[2]),
        "warning": "",
        "error": "no such file",
    }
    assert rows[str(paths[0])]["frames"]["time"][0] == 0
    with pytest.raises(AudioError, match=r"missing\.wav: no such file"):
        predictor.score_file(paths[2])
    with pytest.raises(AudioError, match="a folder, not an audio file"):
        predictor.score_file(paths[0].parent)
    with pytest.raises(AudioError, match="a folder without audio files"):
        predictor.score_file(tmp_path)
