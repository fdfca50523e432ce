"""The Brain that trains MTQ-Net and MOSA-Net.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import speechbrain as sb
import torch
from speechbrain.utils.epoch_loop import EpochCounterWithStopper

from mtqnet_brain.evaluation.metrics import (
    HIGHER_IS_BETTER,
    QualityStats,
    direction,
)
from mtqnet_brain.training.augmentation import (
    apply_augmenter,
    draw_channels,
    draw_speeds,
)
from mtqnet_brain.training.base_brain import RecipeBrain
from mtqnet_brain.training.distributed import gather
from mtqnet_brain.training.joined_clips import (
    Parts,
    draw_parts,
    frame_labels,
)
from mtqnet_brain.training.learning_rates import LearningRates, has_state
from mtqnet_brain.training.optimizers import make_optimizers

if TYPE_CHECKING:
    from speechbrain.augment.augmenter import Augmenter
    from speechbrain.dataio.batch import PaddedBatch

    from mtqnet_brain.model.mtqnet import MTQNet, Scores
    from mtqnet_brain.training.losses import QualityLoss


class QualityEpochCounter(EpochCounterWithStopper):
    """Counts epochs; stops when the validation metric no longer improves.

    Arguments
    ---------
    limit : int
        Largest number of epochs.
    patience : int
        Epochs without improvement before training stops.
    select_by : str
        The metric, one of `metrics.HIGHER_IS_BETTER`.

    Raises
    ------
    ValueError
        If there is no such metric.
    """

    def __init__(self, limit: int, patience: int, select_by: str) -> None:
        super().__init__(limit, patience, 0, direction(select_by))


class QualityBrain(RecipeBrain):
    """Trains a network on the tasks of a `QualityLoss`.

    Arguments
    ---------
    modules : dict
        ``network``: an MTQNet.
    opt_class, ssl_opt_class, encoder_opt_class : callable
        As for `optimizers.make_optimizers`.
    loss : QualityLoss
        The objective.
    final_lr_share : float
        Learning rates of the last epoch as a fraction of those of the first;
        between them they fall linearly. Default: they stay.
    lr_annealing : callable, optional
        A scheduler of ``speechbrain.nnet.schedulers``, which sets the learning
        rates instead. Its state is kept in the checkpoints.
    wav_augment : Augmenter, optional
        SpeechBrain's, applied to the training utterances; labels stay, so that
        what changes quality does not belong in it. What it draws depends on
        the seed and the step alone, except for the order in which AddNoise
        and AddReverb read their files, which begins anew in a resumed run.
    channel_db : float, optional
        Largest gain or attenuation in dB of a random frequency response,
        drawn for each training utterance, so that its microphone tells
        nothing. Default: none is drawn.
    speeds : list of int, optional
        Speeds in percent; each training utterance is played at one of them,
        drawn at random: more voices than were recorded. Default: as recorded.
    joined_fraction : float, optional
        Fraction of the training utterances that are joined of parts of two, so
        that their frames have the labels of their part. Default: none.
    cropped_fraction : float, optional
        Fraction of the other training utterances that are cropped at random,
        so that scores do not follow the length. Default: none.
    dropout_epochs : int, optional
        Epochs with dropout; the others train the network as it is used. The
        attention is sharper without dropout, which moves all scores.
        Default: all.
    **brain_options
        The other arguments of `RecipeBrain`. ``select_by`` is ``loss``,
        ``mse``, ``lcc``, ``srcc`` or ``ktau``, averaged over the primary
        tasks.
    """

    def __init__(
        self,
        modules: dict,
        opt_class: Callable,
        ssl_opt_class: Callable | None,
        loss: QualityLoss,
        encoder_opt_class: Callable | None = None,
        final_lr_share: float = 1.0,
        lr_annealing: Callable | None = None,
        wav_augment: Augmenter | None = None,
        channel_db: float | None = None,
        speeds: list[int] | None = None,
        joined_fraction: float | None = None,
        cropped_fraction: float | None = None,
        dropout_epochs: int | None = None,
        **brain_options: Any,
    ) -> None:
        super().__init__(modules, opt_class, **brain_options)
        self.ssl_opt_class = ssl_opt_class
        self.encoder_opt_class = encoder_opt_class
        self.final_lr_share = final_lr_share
        self.lr_annealing = lr_annealing
        self.wav_augment = wav_augment
        self.channel_db = channel_db
        self.speeds = speeds
        self.joined_fraction = joined_fraction
        self.cropped_fraction = cropped_fraction
        self.parts: Parts | None = None  # of the last training batch
        self.dropout_epochs = dropout_epochs
        self.loss = loss
        self.stats = QualityStats(loss.tasks)

    @property
    def changes_wavs(self) -> bool:
        """Whether training uses other wavs than those of the manifest."""
        settings = (self.channel_db, self.speeds, self.wav_augment)
        return self._makes_parts or any(s is not None for s in settings)

    @property
    def _makes_parts(self):
        """Whether training utterances are joined or cropped."""
        fractions = (self.joined_fraction, self.cropped_fraction)
        return fractions != (None, None)

    def compute_forward(self, batch: PaddedBatch, stage: sb.Stage) -> Scores:
        """Score a batch.

        Arguments
        ---------
        batch : PaddedBatch
            With ``sig``, ``n_samples`` and, from a cache, ``embeddings``.
        stage : sb.Stage
            In training, speeds, channels and parts are drawn.

        Returns
        -------
        Scores
            The network's output.
        """
        batch = batch.to(self.device)
        wavs, n_samples = batch.sig.data, batch.n_samples  # (batch, samples)
        if stage == sb.Stage.TRAIN:
            wavs, n_samples = self._augment(wavs, n_samples)
        embeddings = getattr(batch, "embeddings", None)
        network = self.network(stage)
        if embeddings is None:
            return network(wavs, n_samples)
        return network(wavs, n_samples, embeddings.data)

    def _augment(self, wavs, n_samples):
        """Change speed and channel, which do not change quality; join."""
        if self.speeds is not None:
            wavs, n_samples = draw_speeds(wavs, n_samples, self.speeds)
        if self.channel_db is not None:
            wavs = draw_channels(wavs, n_samples, self.channel_db)
        if self.wav_augment is not None:
            wavs, n_samples = apply_augmenter(self.wav_augment, wavs, n_samples)
        if self._makes_parts:
            wavs, self.parts = draw_parts(
                wavs,
                n_samples,
                self.joined_fraction or 0.0,
                self.cropped_fraction or 0.0,
            )
            n_samples = n_samples.new_tensor(self.parts.n_samples)
        return wavs, n_samples

    def compute_objectives(
        self, predictions: Scores, batch: PaddedBatch, stage: sb.Stage
    ) -> torch.Tensor:
        """Compute the loss; outside training, collect the scores.

        Arguments
        ---------
        predictions : Scores
            Result of `compute_forward`.
        batch : PaddedBatch
            With ``id`` and ``labels``.
        stage : sb.Stage
            In training, scores are not collected.

        Returns
        -------
        torch.Tensor
            Scalar.
        """
        labels = batch.labels.data  # (batch, tasks)
        if stage != sb.Stage.TRAIN:
            columns = [predictions.utterance[t.name] for t in self.loss.tasks]
            scores = torch.stack(columns, dim=1).float()  # (batch, tasks)
            self.stats.append(batch.id, scores.cpu(), labels.cpu())
            return self.loss(predictions, labels)
        if self.wav_augment is not None:
            labels = self.wav_augment.replicate_labels(labels)
        if self.parts is not None:
            encoder = cast("MTQNet", self.own_network).encoder
            tracks = [encoder.tracks(n) for n in self.parts.n_samples]
            labels = frame_labels(labels, self.parts, tracks)
        return self.loss(predictions, labels)

    def init_optimizers(self) -> None:
        """Make one optimiser per learning rate."""
        self.optimizers_dict = make_optimizers(
            self.modules.named_parameters(),
            self.opt_class,
            self.ssl_opt_class,
            self.encoder_opt_class,
        )
        self.optimizer = self.optimizers_dict["optimizer"]
        for name, optimizer in self.optimizers_dict.items():
            if self.checkpointer is not None:
                self.checkpointer.add_recoverable(name, optimizer)
        self.rates = LearningRates(
            self.optimizers_dict,
            self.epoch_counter.limit,
            self.final_lr_share,
            self.lr_annealing,
        )
        if self.checkpointer is not None and has_state(self.lr_annealing):
            self.checkpointer.add_recoverable("lr_annealing", self.lr_annealing)

    def on_stage_start(self, stage: sb.Stage, epoch: int | None = None) -> None:
        """Clear the collected scores; in training, set rates and dropout."""
        super().on_stage_start(stage, epoch)
        self.stats.clear()
        if stage == sb.Stage.TRAIN and epoch is not None:  # from 1
            self.rates.begin_epoch(epoch)
            if self.dropout_epochs is not None and epoch > self.dropout_epochs:
                cast("MTQNet", self.own_network).encoder.dropout.p = 0.0

    def on_fit_batch_end(
        self,
        batch: PaddedBatch,
        outputs: Scores,
        loss: torch.Tensor,
        should_step: bool,
    ) -> None:
        """After a step, let a scheduler of steps set the learning rates."""
        if should_step:
            self.rates.end_step(self.optimizer_step)

    def on_stage_end(
        self, stage: sb.Stage, stage_loss: float, epoch: int | None = None
    ) -> None:
        """Log; after validation, save a checkpoint."""
        if stage == sb.Stage.TRAIN:
            self.train_loss = stage_loss
            return
        self.stats.merge(gather(self.stats))
        metrics = self.summarize(self.gather_loss(stage_loss))
        if stage == sb.Stage.VALID and epoch is not None:
            self.rates.end_epoch(epoch, metrics["loss"])
        self.end_evaluation(stage, metrics, epoch)

    def summarize(self, loss: float) -> dict[str, float]:
        """Return every metric that can pick a checkpoint."""
        correlations = {
            name: self.stats.summarize(name)
            for name in HIGHER_IS_BETTER
            if name != "loss"
        }
        return {"loss": float(loss), **correlations}
