"""The Brain that trains MTQ-Net and MOSA-Net.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import speechbrain as sb
import torch
from speechbrain.utils.epoch_loop import EpochCounterWithStopper
from speechbrain.utils.logger import get_logger

from mtqnet_brain.metrics import HIGHER_IS_BETTER, QualityStats, direction
from mtqnet_brain.optimizers import make_optimizers

logger = get_logger(__name__)


class QualityEpochCounter(EpochCounterWithStopper):
    """Counts epochs; stops when the validation figure no longer improves.

    Arguments
    ---------
    limit : int
        Most epochs.
    patience : int
        Epochs without improvement before training stops.
    select_by : str
        The figure; its direction is known.

    Raises
    ------
    ValueError
        If ``select_by`` is none of the figures.
    """

    def __init__(self, limit, patience, select_by):
        super().__init__(limit, patience, 0, direction(select_by))


class QualityBrain(sb.Brain):
    """Trains a network on the tasks of a `QualityLoss`.

    Arguments
    ---------
    modules : dict
        ``network``: an MTQNet.
    opt_class : callable
        Makes the optimiser of what the two others leave.
    ssl_opt_class : callable
        Makes the optimiser of a fine-tuned SSL model.
    loss : QualityLoss
        The objective.
    epoch_counter : EpochCounterWithStopper
        Counts epochs, stops early on the ``select_by`` figure.
    train_logger : FileTrainLogger
        Gets a line per epoch.
    select_by : str
        Validation figure that picks the best checkpoint: ``loss``, ``mse``,
        ``lcc``, ``srcc`` or ``ktau``, averaged over the primary tasks.
    seed : int
        Of dropout, together with the step and the rank.
    encoder_opt_class : callable
        Makes the optimiser of the rest of the encoder. Default: it belongs
        to ``opt_class``.
    **brain_options
        ``hparams``, ``run_opts``, ``checkpointer`` of sb.Brain.
    """

    def __init__(
        self,
        modules,
        opt_class,
        ssl_opt_class,
        loss,
        epoch_counter,
        train_logger,
        select_by,
        seed,
        encoder_opt_class=None,
        **brain_options,
    ):
        super().__init__(modules, opt_class, **brain_options)
        self.ssl_opt_class = ssl_opt_class
        self.encoder_opt_class = encoder_opt_class
        self.loss = loss
        self.epoch_counter = epoch_counter
        self.train_logger = train_logger
        self.select_by = select_by
        self.seed = seed
        self.stats = QualityStats(loss.tasks)
        self.train_loss = None

    def compute_forward(self, batch, stage):
        """Score a batch.

        Arguments
        ---------
        batch : PaddedBatch
            With ``sig`` and ``n_samples``.
        stage : sb.Stage
            Not used: modules know their mode.

        Returns
        -------
        Scores
            Of the network.
        """
        batch = batch.to(self.device)
        return self.modules.network(batch.sig.data, batch.n_samples)

    def compute_objectives(self, predictions, batch, stage):
        """Compute the loss; outside training, collect the scores.

        Arguments
        ---------
        predictions : Scores
            Of `compute_forward`.
        batch : PaddedBatch
            With ``id`` and ``labels``.
        stage : sb.Stage
            Decides about collecting.

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

    def on_fit_batch_start(self, batch, should_step):
        """Seed dropout from (seed, step, micro-batch, rank).

        A resumed run then ends bit-equal to an uninterrupted one, which
        saving the generator's state does not achieve.

        Arguments
        ---------
        batch : PaddedBatch
            Not used.
        should_step : bool
            Not used.
        """
        micro_batch = self.step % self.grad_accumulation_factor
        rank = getattr(self, "rank", None) or 0
        entropy = [self.seed, self.optimizer_step, micro_batch, rank]
        state = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
        torch.manual_seed(int(state[0]) >> 1)

    def init_optimizers(self):
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

    def make_dataloader(self, dataset, stage, *args, **loader_kwargs):
        """Make a loader, and have each epoch reshuffle its batches.

        Arguments
        ---------
        dataset : DynamicItemDataset
            Of `data.make_dataset`.
        stage : sb.Stage
            Training batches are reshuffled.
        *args
            Of sb.Brain.
        **loader_kwargs
            Of `data.loader_options`.

        Returns
        -------
        DataLoader
            For the dataset.
        """
        loader = super().make_dataloader(dataset, stage, *args, **loader_kwargs)
        if stage == sb.Stage.TRAIN and self.train_sampler is None:
            self.train_sampler = loader_kwargs.get("batch_sampler")
        return loader

    def on_stage_start(self, stage, epoch=None):
        """Forget the scores of the stage before.

        Arguments
        ---------
        stage : sb.Stage
            What begins.
        epoch : int
            Not used.
        """
        self.stats.clear()

    def on_stage_end(self, stage, stage_loss, epoch=None):
        """Log, and after validation save a checkpoint.

        Arguments
        ---------
        stage : sb.Stage
            What ends.
        stage_loss : float
            Mean loss over the batches.
        epoch : int
            Of training.
        """
        if stage == sb.Stage.TRAIN:
            self.train_loss = stage_loss
        elif stage == sb.Stage.VALID:
            self._end_validation(stage_loss, epoch)
        else:
            self.train_logger.log_stats(
                {"epochs trained": self.epoch_counter.current},
                test_stats=self._figures(stage_loss),
            )

    def _end_validation(self, valid_loss, epoch):
        """Log the epoch, count it for early stopping, save it."""
        figures = self._figures(valid_loss)
        selected = figures[self.select_by]
        if not np.isfinite(selected):
            raise ValueError(
                f"epoch {epoch}: validation {self.select_by} is {selected}; "
                "the training has diverged: lower the learning rate (lr)"
            )
        self.train_logger.log_stats(
            {"epoch": epoch},
            train_stats={"loss": float(self.train_loss)},
            valid_stats=figures,
        )
        self.epoch_counter.update_metric(selected)
        if self.checkpointer is not None:
            self.checkpointer.save_and_keep_only(
                meta={"epoch": epoch, self.select_by: selected},
                **{f"{direction(self.select_by)}_keys": [self.select_by]},
            )

    def _figures(self, loss):
        """Return every figure that can pick a checkpoint, as floats."""
        correlations = {
            name: self.stats.summarize(name)
            for name in HIGHER_IS_BETTER
            if name != "loss"
        }
        return {"loss": float(loss), **correlations}

    def on_evaluate_start(self, max_key=None, min_key=None):
        """Load the best checkpoint; refuse to score without one.

        Arguments
        ---------
        max_key, min_key : str
            Figure that picks the checkpoint. Default: ``select_by``.

        Raises
        ------
        FileNotFoundError
            If no checkpoint has that figure: the scores would be those of
            random weights.
        """
        keys = {"max_key": max_key, "min_key": min_key}
        if max_key is None and min_key is None:
            keys = {f"{direction(self.select_by)}_key": self.select_by}
        folder = getattr(self.checkpointer, "checkpoints_dir", None)
        loaded = None
        if self.checkpointer is not None:
            loaded = self.checkpointer.recover_if_possible(**keys)
        if loaded is None:
            raise FileNotFoundError(
                f"no checkpoint with {keys} in {folder}: nothing trained to "
                "evaluate; run the training first"
            )
        meta = {k: v for k, v in loaded.meta.items() if k != "unixtime"}
        logger.info(f"Scoring with the checkpoint of {meta}")
