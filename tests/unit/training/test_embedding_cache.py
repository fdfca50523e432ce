"""The cache of a frozen SSL model's embeddings.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib
import json
import multiprocessing
import os
import shutil
import time
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from speechbrain.dataio.batch import PaddedBatch
from synthetic import make_wave

from mtqnet_brain.audio.io import load_audio
from mtqnet_brain.data.dataset import make_parts
from mtqnet_brain.data.embedding_store import EmbeddingStore, audio_key
from mtqnet_brain.data.manifest import read_manifest, write_manifest
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.training import embedding_cache
from mtqnet_brain.training.embedding_cache import open_cache

TASKS = [Task("g_mos", 1, 5)]
CPU = torch.device("cpu")
LENGTHS = (0.5, 0.9, 0.7, 1.1, 0.5)  # s


@pytest.fixture(params=["layer", "group"])
def network(request, tiny_ssl):
    """A small network with a frozen SSL stream."""
    return make_network(tiny_ssl("wavlm", request.param))


def make_network(source, **ssl):
    """Return a small network with an SSL stream."""
    torch.manual_seed(0)
    ssl = {"source": source, "freeze": True, **ssl}
    sizes = {"channels": (2, 2, 2, 2), "blstm_hidden": 4, "dense_units": 4}
    return MTQNet(TASKS, ssl=ssl, **sizes).eval()


@pytest.fixture
def manifest(tmp_path):
    """Manifest of five wavs, the last of which is a copy of the first."""
    rows = []
    for i, seconds in enumerate(LENGTHS):
        path = tmp_path / f"{i}.wav"
        wave = make_wave(seconds, i % 4, 10)
        soundfile.write(path, wave, 16000, subtype="FLOAT")
        row = {"ID": str(i), "duration": f"{seconds:.6f}", "wav": str(path)}
        rows.append(row | {"g_mos": "3"})
    write_manifest(tmp_path / "all.csv", rows)
    return tmp_path / "all.csv"


def fill(folder, network, manifest):
    """Open a cache over one manifest."""
    return open_cache(folder, network, read_manifest(manifest), True, CPU)


def test_key_is_a_hash_of_the_samples():
    """blake2b of little-endian float32, whatever the memory order."""
    samples = make_wave(0.1, 0)
    expected = hashlib.blake2b(samples.astype("<f4").tobytes(), digest_size=16)
    assert audio_key(samples) == expected.hexdigest()
    assert audio_key(np.repeat(samples, 2)[::2]) == expected.hexdigest()


def test_embeddings_are_the_model_s(network, manifest, tmp_path):
    """Those of each wav alone, rounded to float16; one shard per fill."""
    store = fill(tmp_path / "cache", network, manifest)
    assert len(store.shards) == 4  # one wav is a copy
    assert len(list(store.folder.glob("*.safetensors"))) == 1
    for i in range(5):
        samples = load_audio(tmp_path / f"{i}.wav")
        with torch.no_grad():
            wav = torch.from_numpy(samples)[None]
            expected = network.encoder.ssl(wav, [len(samples)])[0]
        cached = store.load(samples)
        assert cached.dtype == torch.float16 and cached.shape == expected.shape
        torch.testing.assert_close(
            cached.float(), expected, atol=2e-3, rtol=2e-3
        )


def test_cached_batches_score_alike(network, manifest, tmp_path):
    """Through the datasets and loaders of a recipe."""
    store = fill(tmp_path / "cache", network, manifest)
    found = {}
    for name, embeddings in (("plain", None), ("cached", store)):
        parts = {"test": read_manifest(manifest)}
        sets, loaders = make_parts(parts, TASKS, True, 3.0, 1, 0, embeddings)
        loader = torch.utils.data.DataLoader(
            sets["test"],
            collate_fn=PaddedBatch,
            **loaders["test"],
        )
        scores = {}
        for batch in loader:
            given = getattr(batch, "embeddings", None)
            given = given and (given.data,)
            with torch.no_grad():
                out = network(batch.sig.data, batch.n_samples, *(given or ()))
            scores |= dict(zip(batch.id, out.utterance["g_mos"].tolist()))
        found[name] = scores
    assert list(found["cached"]) == list(found["plain"])
    for key, score in found["plain"].items():
        assert found["cached"][key] == pytest.approx(score, abs=2e-3)


def test_only_what_is_missing_is_computed(network, manifest, tmp_path):
    """A second run computes nothing, a changed wav is computed anew."""
    fill(tmp_path / "cache", network, manifest)
    calls = []
    network.encoder.ssl.forward = lambda *a: calls.append(a) or 1 / 0
    again = fill(tmp_path / "cache", network, manifest)
    assert calls == [] and len(again.shards) == 4
    wave = make_wave(0.8, 9, 10)
    soundfile.write(tmp_path / "0.wav", wave, 16000, subtype="FLOAT")
    assert audio_key(wave) not in again
    with pytest.raises(ZeroDivisionError):
        fill(tmp_path / "cache", network, manifest)
    assert len(calls) == 1


def test_another_model_has_other_embeddings(tiny_ssl, manifest, tmp_path):
    """Weights, normalisation and revision all count, not the name alone."""
    source = shutil.copytree(tiny_ssl("wavlm", "layer"), tmp_path / "model")
    folders = set()
    for change in (None, "normalize", "weights"):
        ssl = {"normalize": False} if change == "normalize" else {}
        network = make_network(str(source), **ssl)
        if change == "weights":
            weight = next(network.encoder.ssl.encoder.parameters())
            weight.data += 0.01
        folders.add(fill(tmp_path / "cache", network, manifest).folder)
    assert len(folders) == 3


def test_nothing_to_cache(tiny_ssl, manifest, tmp_path):
    """No folder, no stream, a fine-tuned one, wavs that training changes."""
    source = tiny_ssl("wavlm", "layer")
    frozen, tuned = make_network(source), make_network(source, freeze=False)
    without = SimpleNamespace(encoder=SimpleNamespace(ssl=None))
    folder = tmp_path / "cache"
    assert fill(None, frozen, manifest) is None
    assert fill(folder, without, manifest) is None
    assert fill(folder, tuned, manifest) is None
    rows = read_manifest(manifest)
    opened = open_cache(folder, frozen, rows, True, CPU, changed=True)
    assert opened is None and not folder.exists()


def test_a_full_disk_is_noticed_before(
    network, manifest, tmp_path, monkeypatch
):
    """With what is needed: 16 channels of 2 bytes, 50 frames per second."""
    monkeypatch.setattr(
        "shutil.disk_usage", lambda _: SimpleNamespace(free=1e9 + 100)
    )
    with pytest.raises(OSError, match=r"4 utterances take 0\.0 GB.*1\.0 GB"):
        fill(tmp_path / "cache", network, manifest)
    assert not list(tmp_path.rglob("*.safetensors"))


def test_a_broken_shard_is_named(network, manifest, tmp_path):
    """Cut by a full disk of another program, say."""
    store = fill(tmp_path / "cache", network, manifest)
    (shard,) = store.folder.glob("*.safetensors")
    shard.rename(shard.with_name("cut.safetensors"))
    cut = shard.with_name("cut.safetensors")
    cut.write_bytes(cut.read_bytes()[:-9])
    model = json.loads((store.folder / "model.json").read_text())
    with pytest.raises(
        ValueError, match="cut.safetensors: damaged file of embed"
    ):
        EmbeddingStore(tmp_path / "cache", model)


@pytest.mark.parametrize(
    "tensor, reason",
    [
        (torch.zeros(3, 16), "torch.float32 and shape .3, 16., no embed"),
        (torch.zeros(3).half(), "torch.float16 and shape .3,., no embed"),
        (torch.full((3, 16), torch.inf).half(), "NaN or infinity"),
    ],
)
def test_what_is_no_embedding_is_named(tmp_path, tensor, reason):
    """Another type, another shape, no numbers."""
    store, samples = EmbeddingStore(tmp_path, {"a": "b"}), make_wave(0.1, 0)
    store.write({audio_key(samples): tensor})
    with pytest.raises(ValueError, match=rf"safetensors: .*{reason}"):
        store.load(samples)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_shard_that_is_no_file_is_named(tmp_path, make):
    """And not waited for."""
    store = EmbeddingStore(tmp_path, {"a": "b"})
    make(store.folder / "x.safetensors")
    with pytest.raises(ValueError, match="x.safetensors: not a file; delete"):
        store.refresh()


def fill_slowly(folder, source, manifest, told):
    """Fill a cache, a shard per wav; tell of every batch."""
    embedding_cache.SHARD_BYTES = 1
    embedding_cache.BATCH_SECONDS = 0.1
    network = make_network(source)
    ssl = network.encoder.ssl
    encode = ssl.forward

    def slow(*args):
        """Wait to be killed."""
        told.put("batch")
        time.sleep(0.3)
        return encode(*args)

    ssl.forward = slow
    fill(folder, network, manifest)


def test_a_killed_fill_goes_on(tiny_ssl, manifest, tmp_path):
    """kill -9 in the middle: what was written stays, the rest follows."""
    source, folder = tiny_ssl("wavlm", "layer"), tmp_path / "cache"
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    process = context.Process(
        target=fill_slowly, args=(folder, source, manifest, told)
    )
    process.start()
    for _ in range(3):
        assert told.get() == "batch"
    process.kill()
    process.join()
    before = list(folder.rglob("*.safetensors"))
    assert len(before) == 2
    old = folder / before[0].parent.name / "x.safetensors.partial"
    old.write_bytes(b"left by another")
    os.utime(old, (time.time() - 9999,) * 2)
    store = fill(folder, make_network(source), manifest)
    assert len(store.shards) == 4 and len(set(store.shards.values())) == 3
    assert not old.exists()
