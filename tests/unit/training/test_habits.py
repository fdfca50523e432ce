"""What users of SpeechBrain's recipes set by habit, on a small network.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import partial

import pytest
import speechbrain as sb
import torch
from speechbrain.augment.augmenter import Augmenter
from speechbrain.augment.time_domain import DropChunk, SpeedPerturb
from speechbrain.nnet import schedulers
from speechbrain.utils.train_logger import FileTrainLogger
from synthetic import make_wave

from mtqnet_brain.audio.io import save_audio
from mtqnet_brain.data.dataset import make_parts
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.training import base_brain, distributed
from mtqnet_brain.training.augmentation import apply_augmenter
from mtqnet_brain.training.brain import QualityBrain, QualityEpochCounter
from mtqnet_brain.training.checkpointer import WholeCheckpointer
from mtqnet_brain.training.early_checks import check_augmenter, check_scheduler
from mtqnet_brain.training.loader_settings import part_options
from mtqnet_brain.training.losses import QualityLoss

TASKS = [Task("g_mos", 1, 5)]
SMALL = {"channels": (2, 2, 2, 4), "blstm_hidden": 4, "dense_units": 4}


@pytest.fixture
def parts(tmp_path):
    """Seven clips of 0.3 to 0.9 s, the same in each part."""
    found = {}
    for part in ("train", "valid", "test"):
        found[part] = []
        for i in range(7):
            path, seconds = tmp_path / f"{part}{i}.wav", 0.3 + 0.1 * i
            save_audio(path, make_wave(seconds, i))
            row = {"ID": f"{part}{i}", "wav": str(path), "method": "Noisy"}
            found[part].append(
                row | {"duration": seconds, "g_mos": str(1 + i / 2)}
            )
    return found


def loaded(parts, hparams):
    """Return datasets and loader options as train.py makes them."""
    return make_parts(
        parts, TASKS, True, 2.0, 1, 0, None, part_options(**hparams)
    )


def sizes(parts, hparams, part):
    """Return how many clips each batch of a part has."""
    _, loaders = loaded(parts, hparams)
    return [len(batch) for batch in loaders[part]["batch_sampler"]]


def test_batch_size_counts_clips(parts):
    """Of any length, each clip once; without it, seconds count."""
    for part in parts:
        assert sorted(sizes(parts, {"batch_size": 3}, part)) == [1, 3, 3]
        assert sorted(sizes(parts, {}, part)) != [1, 3, 3]


@pytest.mark.parametrize(
    "name", ["valid_dataloader_opts", "valid_loader_kwargs"]
)
def test_options_of_one_part_go_before_the_shared(parts, name):
    """The other parts have the shared ones."""
    hparams = {
        "batch_size": 3,
        "dataloader_opts": {"batch_size": 2, "pin_memory": True},
        name: {"batch_size": 4, "pin_memory": False},
        "train_dataloader_opts": {"drop_last": True},
    }
    assert sorted(sizes(parts, hparams, "valid")) == [3, 4]
    assert sorted(sizes(parts, hparams, "train")) == [2, 2, 2]
    assert sorted(sizes(parts, hparams, "test")) == [1, 2, 2, 2]
    _, loaders = loaded(parts, hparams)
    pinned = {part: loaders[part]["pin_memory"] for part in loaders}
    assert pinned == {"train": True, "valid": False, "test": True}


def test_an_unknown_loader_option_is_named():
    """A sampler of one's own would not resume."""
    with pytest.raises(ValueError, match="dataloader_opts.*sampler"):
        part_options(train_dataloader_opts={"sampler": 1})


def test_plain_loader_options_are_split_between_ranks(monkeypatch, parts):
    """Brain.fit(valid_loader_kwargs={"batch_size": 2}) on the second of two."""
    monkeypatch.setattr(distributed, "n_ranks", lambda: 2)
    monkeypatch.setattr(distributed, "this_rank", lambda: 1)
    options = distributed.rank_options({"batch_size": 2, "num_workers": 0}, 7)
    assert list(options.pop("batch_sampler")) == [[2, 3], [6]]
    assert options == {"num_workers": 0}
    assert base_brain.rank_options is distributed.rank_options


class Killed(Exception):
    """Stands for what ends a run."""


class Watching(QualityBrain):
    """Notes the rates of every step; dies after some."""

    steps, seen = 10**9, ()

    def on_fit_batch_start(self, batch, should_step):
        """Note them."""
        super().on_fit_batch_start(batch, should_step)
        if self.optimizer_step == self.steps:
            raise Killed
        rates = [o.param_groups[0]["lr"] for o in self.optimizers_dict.values()]
        self.seen = [*self.seen, rates]


def make_brain(folder, epochs=4, **settings):
    """Assemble a Brain as train.py does, with two learning rates."""
    torch.manual_seed(0)
    network = MTQNet(TASKS, ssl=None, **SMALL)
    counter = QualityEpochCounter(epochs, 50, "loss")
    return Watching(
        modules={"network": network},
        opt_class=partial(torch.optim.SGD, lr=0.01),
        encoder_opt_class=partial(torch.optim.SGD, lr=0.001),
        ssl_opt_class=None,
        loss=QualityLoss(TASKS),
        epoch_counter=counter,
        train_logger=FileTrainLogger(str(folder / "log.txt")),
        select_by="loss",
        seed=7,
        hparams={"unused": None},
        run_opts={
            "device": "cpu",
            "noprogressbar": True,
            "ckpt_interval_steps": 1,
        },
        checkpointer=WholeCheckpointer(
            folder / "save",
            recoverables={"network": network, "counter": counter},
        ),
        **settings,
    )


def fit(brain, parts):
    """Train and validate; return the rates of each step."""
    datasets, loaders = loaded(parts, {"batch_size": 4})
    brain.fit(
        brain.epoch_counter,
        datasets["train"],
        datasets["valid"],
        train_loader_kwargs=loaders["train"],
        valid_loader_kwargs=loaders["valid"],
    )
    return brain.seen


def test_a_scheduler_of_epochs_sets_all_rates(parts, tmp_path):
    """Two steps per epoch; the encoder keeps a tenth of the heads' rate."""
    steps = schedulers.LinearScheduler(0.01, 0.004, 4)
    seen = fit(make_brain(tmp_path, lr_annealing=steps), parts)
    heads = [0.01, 0.01, 0.008, 0.008, 0.006, 0.006, 0.004, 0.004]
    assert [rate for rate, _ in seen] == pytest.approx(heads)
    assert [rate for _, rate in seen] == pytest.approx([r / 10 for r in heads])


def test_a_scheduler_hears_the_validation_loss(parts, tmp_path):
    """NewBob halves when no epoch improves by as much as it asks."""
    bob = schedulers.NewBobScheduler(0.01, 0.5, improvement_threshold=10.0)
    seen = fit(make_brain(tmp_path, lr_annealing=bob), parts)
    assert [rate for rate, _ in seen[::2]] == [0.01, 0.01, 0.005, 0.0025]


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedulers.NoamScheduler(0.01, 3),
        lambda: schedulers.NewBobScheduler(0.01, improvement_threshold=10.0),
        lambda: schedulers.ReduceLROnPlateau(factor=0.5, patience=0),
        lambda: schedulers.WarmCoolDecayLRSchedule(0.01, 2, 2, 8),
    ],
)
def test_a_killed_run_goes_on_with_a_scheduler(make, parts, tmp_path):
    """In the middle of an epoch: the same rates, bit-equal weights."""
    check_scheduler(make(), 1.0)
    (tmp_path / "whole").mkdir()
    whole = make_brain(tmp_path / "whole", lr_annealing=make())
    (tmp_path / "cut").mkdir()
    expected = fit(whole, parts)
    cut = make_brain(tmp_path / "cut", lr_annealing=make())
    cut.steps = 5
    with pytest.raises(Killed):
        fit(cut, parts)
    resumed = make_brain(tmp_path / "cut", lr_annealing=make())
    fit(resumed, parts)
    n_left = len(resumed.seen)
    assert 0 < n_left < len(expected) == 8
    assert resumed.seen == expected[-n_left:]
    assert_same(whole, resumed)


def assert_same(one, other):
    """Both networks have the same weights to the bit."""
    weights = other.modules.state_dict()
    for name, weight in one.modules.state_dict().items():
        assert torch.equal(weight, weights[name]), name


def augmenter():
    """Half of the speeds and a gap, beside the clips as they are."""
    return Augmenter(
        concat_original=True,
        shuffle_augmentations=True,
        min_augmentations=1,
        max_augmentations=2,
        augment_prob=0.8,
        augmentations=[
            SpeedPerturb(16000, speeds=[80, 125]),
            DropChunk(drop_length_low=100, drop_length_high=400),
        ],
    )


def test_an_augmented_run_resumes_bit_equal(parts, tmp_path):
    """Python's generator is in another state by then."""
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole = make_brain(tmp_path / "whole", wav_augment=augmenter())
    plain = make_brain(tmp_path / "cut")
    assert whole.changes_wavs and not plain.changes_wavs
    fit(whole, parts)
    cut = make_brain(tmp_path / "cut", wav_augment=augmenter())
    cut.steps = 5
    with pytest.raises(Killed):
        fit(cut, parts)
    resumed = make_brain(tmp_path / "cut", wav_augment=augmenter())
    fit(resumed, parts)
    assert_same(whole, resumed)
    first = {k: v.clone() for k, v in plain.modules.state_dict().items()}
    weights = resumed.modules.state_dict()
    assert not all(torch.equal(first[name], weights[name]) for name in first)


def test_augmented_clips_have_their_labels_and_lengths(tmp_path):
    """The clips as they are, then at 4/5 of the speed: 5/4 as long."""
    slower = Augmenter(
        concat_original=True,
        min_augmentations=1,
        max_augmentations=1,
        augmentations=[SpeedPerturb(16000, speeds=[80])],
    )
    wavs = torch.randn(2, 8000)
    wavs[1, 4000:] = 0
    n_samples = torch.tensor([8000, 4000])
    made, n_made = apply_augmenter(slower, wavs, n_samples)
    assert n_made.tolist() == [8000, 4000, 10000, 5000]
    assert torch.equal(made[:2, :8000], wavs)
    assert made[3, 5000:].abs().max() == 0 < made[3, 4900:5000].abs().max()
    brain = make_brain(tmp_path, wav_augment=slower)
    given = []
    brain.loss = lambda scores, labels: given.append(labels)
    batch = sb.dataio.batch.PaddedBatch(
        [{"labels": torch.tensor([float(i)])} for i in (2, 4)]
    )
    brain.compute_objectives(None, batch, sb.Stage.TRAIN)
    assert given[0].flatten().tolist() == [2, 4, 2, 4]


def test_wrong_objects_are_refused():
    """In one line that says what would do."""
    with pytest.raises(ValueError, match="lr_annealing.*NewBobScheduler"):
        check_scheduler(torch.optim.lr_scheduler.ExponentialLR, 1.0)
    with pytest.raises(ValueError, match="final_lr_share: 0.1"):
        check_scheduler(schedulers.NoamScheduler(0.01, 3), 0.1)
    with pytest.raises(ValueError, match="wav_augment: DropChunk.*Augmenter"):
        check_augmenter(DropChunk())
    check_augmenter(None)
