"""What the predictor takes as samples, rates, lengths and networks.

Authors
 * The mtqnet-brain developers 2026
"""

import io
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from scipy.io import wavfile
from synthetic import RATE, make_wave

from mtqnet_brain.audio.arrays import mono_samples
from mtqnet_brain.audio.io import AudioError
from mtqnet_brain.checkpoints.run_folder import load_model
from mtqnet_brain.inference.predictor import SpeechQualityPredictor

GOLDEN = Path(__file__).parents[2] / "golden" / "tiny_model"
WAVE = make_wave(1.0, 2)
WAVS = torch.ones(2, 900)


def load_network():
    """Return the committed network, its primary heads."""
    return load_model(GOLDEN)[0].drop_auxiliary()


@pytest.fixture(scope="module")
def predictor():
    """A predictor of it."""
    return SpeechQualityPredictor({"network": load_network()}, {})


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_32", "FLOAT"])
def test_arrays_of_scipy_are_those_of_the_file(subtype, predictor, tmp_path):
    """Of every type that a wav holds; 8 bits are unsigned."""
    path = tmp_path / "x.wav"
    soundfile.write(path, 0.9 * WAVE, RATE, subtype=subtype)
    rate, samples = wavfile.read(path)
    expected = predictor.score_file(path)
    found = predictor.score_array(samples, np.float64(rate))
    found.pop("warning"), expected.pop("warning")
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("samples", "atol"),
    [
        (WAVE[None], 0),
        (np.stack([2 * WAVE, 0 * WAVE]), 0),
        (np.stack([2 * WAVE, 0 * WAVE], axis=1), 0),
        (WAVE.astype(np.float64), 0),
        (WAVE.tolist(), 0),
        (torch.from_numpy(WAVE)[None].requires_grad_(), 0),
        (torch.from_numpy(WAVE).bfloat16(), 2e-3),
        (WAVE.astype(np.float16), 3e-4),
        (np.uint16(WAVE * 2**15 + 2**15), 2**-14),
    ],
)
def test_the_longer_axis_is_time(samples, atol):
    """Channels are averaged, whatever library has read them."""
    found, warning = mono_samples(samples)
    assert not warning
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, WAVE, atol=atol + 1e-7)


def test_a_faint_clip_scores_as_a_loud_one():
    """Of floats, down to what counts as silence: -85 dBFS here."""
    shipped = SpeechQualityPredictor.from_pretrained()
    loud = shipped.score_array(WAVE, 16000)
    faint = shipped.score_array(WAVE * (10 ** (-85 / 20) / WAVE.std()), 16000)
    assert "hardly any speech level" in faint.pop("warning")
    del loud["warning"]
    assert faint == pytest.approx(loud, abs=0.02)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("int32", np.int32(WAVE * 2**15)),
        ("uint32", np.uint32(WAVE * 2**15 + 2**15)),
    ],
)
def test_values_of_16_bits_in_32_are_suspected(kind, values, predictor):
    """They are near silence, which the refusal explains; 16 bits score."""
    with pytest.raises(AudioError) as caught:
        predictor.score_array(values, RATE)
    narrow = kind.replace("32", "16")
    assert "silence: " in str(caught.value)
    assert f"all values fit into {narrow}; if they" in str(caught.value)
    mos = predictor.score_array(values.astype(narrow), RATE)["g_mos"]
    assert mos == pytest.approx(
        predictor.score_array(WAVE, RATE)["g_mos"], 1e-2
    )


def test_24_bits_of_scipy_are_not_suspected(tmp_path):
    """It puts them into the upper bits of int32."""
    path = tmp_path / "x.wav"
    soundfile.write(path, WAVE, RATE, subtype="PCM_24")
    samples = wavfile.read(path)[1]
    assert samples.dtype == np.int32
    found, warning = mono_samples(samples)
    np.testing.assert_allclose(found, WAVE, atol=2**-23)
    assert not warning


def test_channels_that_cancel(predictor):
    """The loudest is scored, and that is said."""
    stereo = np.stack([WAVE, -0.9 * WAVE], axis=1)
    scores = predictor.score_array(stereo, 16000)
    alone = predictor.score_array(WAVE, 16000)
    assert "channel 1 of 2 alone" in scores.pop("warning")
    del alone["warning"]
    assert scores == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([], r"shape \(0,\): need \(samples,\)"),
        (np.float32(1), r"shape \(\)"),
        (np.ones((1, 1, 900)), r"need .* or \(channels, samples\)"),
        (np.ones((500, 500)), "the time axis is ambiguous"),
        (np.ones((500, 600)), "more than 64 channels"),
        ([[0.1, 0.2], [0.3]], "samples are not an array"),
        (np.ones(900, bool), "type bool: need real floats or integers"),
        (np.ones(900, complex), "type complex128"),
        (np.full(900, None), "type object"),
        (np.arange(900), "type int64, whose full scale is unknown"),
        (b"RIFF", "bytes is not an array; decode it first"),
        (io.BytesIO(b"RIFF"), "BytesIO is not an array; decode it first"),
        (np.full(900, np.nan), "NaN or infinite samples"),
        (np.full(900, 1e300), "peak 1e.300: samples of no known scale"),
        (torch.ones(900).to_sparse(), "this tensor cannot be made an array"),
        (
            torch.empty(900, device="meta"),
            "this tensor cannot be made an array",
        ),
    ],
)
def test_what_is_no_samples_is_refused(samples, message, predictor):
    """With shape or type, and what is needed."""
    with pytest.raises(ValueError, match=message):
        predictor.score_array(samples, RATE)


@pytest.mark.parametrize(
    "rate",
    [
        16000.0,
        np.int64(16000),
        np.float32(16000),
        np.array(16000),
        torch.tensor(16000),
    ],
)
def test_rates_may_be_any_number(rate, predictor):
    """Of whole Hz."""
    expected = predictor.score_array(WAVE, RATE)
    assert predictor.score_array(WAVE, rate) == expected


@pytest.mark.parametrize("rate", [0, -1, None, True, "16000", 1.5, np.nan])
def test_wrong_rates_are_named(rate, predictor):
    """With the value."""
    with pytest.raises(
        ValueError, match=f"sample_rate must .* Hz, got {rate!r}"
    ):
        predictor.score_array(WAVE, rate)


def test_swapped_arguments_are_named(predictor):
    """In one line, without the samples."""
    message = r"sample_rate: ndarray of shape \(16000,\), .* rate second$"
    with pytest.raises(ValueError, match=message):
        predictor.score_array(RATE, WAVE)


def test_masked_samples_are_refused(predictor):
    """Their values would be scored; a mask of nothing is as none."""
    masked = np.ma.masked_greater(WAVE, 0.0)
    with pytest.raises(AudioError, match="are masked; cut them out"):
        predictor.score_array(masked, RATE)
    nothing = np.ma.masked_greater(WAVE, 2.0)
    expected = predictor.score_array(WAVE, RATE)
    assert predictor.score_array(nothing, RATE) == expected


def test_sources_that_name_no_model():
    """None, as of a setting that was forgotten, and an empty name."""
    load = SpeechQualityPredictor.from_hparams
    with pytest.raises(TypeError, match="source: NoneType, need a folder"):
        load(None)
    with pytest.raises(ValueError, match="source: empty"):
        load("")


def test_long_names_are_shortened_in_messages(predictor):
    """As of a list whose lines have no ends; a row has the whole name."""
    name = "x" * 10**6
    with pytest.raises(AudioError, match="File name too long") as caught:
        predictor.score_file(name)
    assert len(str(caught.value)) < 400
    (row,) = predictor.score_files([name])
    assert row["file"] == name and len(row["error"]) < 100


@pytest.mark.parametrize(
    ("wavs", "lens", "message"),
    [
        (torch.ones(2, 1, 900), None, "need 2-D"),
        (torch.ones(0, 900), None, "at least one wav"),
        (torch.ones(2, 900).short(), None, "type torch.int16: need floats"),
        (WAVS, torch.ones(3), "wav_lens .* for 2 wavs"),
        (WAVS, torch.ones(2, 1), "wav_lens .* for 2 wavs"),
        (WAVS, 900 * torch.ones(2), "in .0, 1. per wav; got ."),
        (WAVS, torch.tensor([1.0, np.nan]), "in .0, 1. per wav; got .*nan"),
        (WAVS, torch.tensor([1.0, 0.0]), "in .0, 1. per wav; got .* 0.0"),
        (WAVS, torch.tensor([1.0, -1.0]), "in .0, 1. per wav; got .* -1.0"),
        (WAVS, torch.tensor([1.0, 0.1]), "90 samples .* at least 400"),
    ],
)
def test_wrong_batches_are_named(wavs, lens, message, predictor):
    """With what is needed."""
    with pytest.raises(ValueError, match=message):
        predictor.score_batch(wavs, lens)


@pytest.mark.parametrize("kind", ["half", "bfloat16", "double"])
def test_networks_of_other_types_are_refused(kind):
    """With the way back to float32."""
    network = getattr(load_network(), kind)()
    predictor = SpeechQualityPredictor({"network": network}, {})
    for score in (
        lambda: predictor.score_array(WAVE, RATE),
        lambda: predictor.score_batch(WAVS),
    ):
        with pytest.raises(ValueError, match=r"need torch\.float32: call"):
            score()


@pytest.mark.parametrize("data", [b"RIFF", io.BytesIO(b"RIFF")])
def test_what_is_no_path_is_refused(data, predictor):
    """Bytes and open files, with the way to score them."""
    with pytest.raises(TypeError, match="is not a path; decode it"):
        predictor.score_file(data)


def _score_there(queue, predictor):
    """Score in a process of its own."""
    queue.put(predictor.score_array(WAVE, RATE)["g_mos"])


def test_a_fork_scores_too(predictor):
    """Torch's threads do not live on in it, and are not waited for."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        expected = predictor.score_array(make_wave(4.0, 1), RATE)
        expected = predictor.score_array(WAVE, RATE)["g_mos"]
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        child = context.Process(target=_score_there, args=(queue, predictor))
        child.start()
        try:
            found = queue.get(timeout=60)
        finally:
            child.kill()
            child.join()
    finally:
        torch.set_num_threads(before)
    assert found == pytest.approx(expected, abs=1e-5)


def test_what_is_no_path_harms_no_other(predictor, tmp_path):
    """A row of its own, as of any other file; the first as bytes."""
    soundfile.write(tmp_path / "a.wav", WAVE, RATE)
    name = str(tmp_path / "a.wav")
    rows = list(predictor.score_files([name.encode(), None, 7.5, name]))
    assert [row["error"] for row in rows] == [
        "",
        "None is not a path",
        "7.5 is not a path",
        "",
    ]
    assert rows[0] == rows[3]


@pytest.mark.parametrize(
    ("switch", "odd", "usual"),
    [
        (torch.set_default_dtype, torch.float64, torch.float32),
        (torch.set_default_device, "meta", "cpu"),
    ],
)
def test_the_defaults_of_others_change_no_score(switch, odd, usual, predictor):
    """As a program sets that computes in float64, or on a GPU."""
    expected = predictor.score_array(WAVE, RATE)
    switch(odd)
    try:
        found = predictor.score_array(WAVE, RATE)
    finally:
        switch(usual)
    assert found == expected


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float8_e5m2])
def test_tensors_of_few_bits(kind, predictor):
    """The score of the same numbers in float32."""
    few = torch.tensor(WAVE).to(kind)
    expected = predictor.score_array(few.float().numpy(), RATE)
    assert predictor.score_array(few, RATE) == expected
