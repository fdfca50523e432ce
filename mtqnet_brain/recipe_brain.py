"""What the Brains of all recipes share: seeds, checkpoints, refusals.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import speechbrain as sb
import torch
from speechbrain.utils.logger import get_logger

from mtqnet_brain.metrics import direction

logger = get_logger(__name__)


class RecipeBrain(sb.Brain):
    """A Brain that resumes bit-equal and picks its best checkpoint.

    Arguments
    ---------
    modules : dict
        What is trained.
    opt_class : callable
        Makes an optimiser of a list of parameters.
    epoch_counter : EpochCounterWithStopper
        Counts epochs, stops early on the ``select_by`` figure.
    train_logger : FileTrainLogger
        Gets a line per epoch.
    select_by : str
        Validation figure that picks the best checkpoint, one of
        `metrics.HIGHER_IS_BETTER`.
    seed : int
        Of dropout, together with the step and the rank.
    **brain_options
        ``hparams``, ``run_opts``, ``checkpointer`` of sb.Brain.
    """

    def __init__(
        self,
        modules,
        opt_class,
        epoch_counter,
        train_logger,
        select_by,
        seed,
        **brain_options,
    ):
        super().__init__(modules, opt_class, **brain_options)
        self.epoch_counter = epoch_counter
        self.train_logger = train_logger
        self.select_by = select_by
        self.seed = seed
        self.train_loss = None

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

    def end_validation(self, figures, epoch):
        """Log the epoch, count it for early stopping, save it.

        Arguments
        ---------
        figures : dict of str to float
            Of the validation set, ``select_by`` among them.
        epoch : int
            Of training.

        Raises
        ------
        ValueError
            If the figure that selects is not finite.
        """
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
