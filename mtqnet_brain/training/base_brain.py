"""The base of all Brains here: seeds, ranks, checkpoints.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import speechbrain as sb
import torch
from speechbrain.utils.epoch_loop import EpochCounterWithStopper
from speechbrain.utils.logger import get_logger
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from mtqnet_brain.evaluation.metrics import direction
from mtqnet_brain.training.distributed import (
    gather,
    n_ranks,
    rank_options,
    this_rank,
)

if TYPE_CHECKING:
    from speechbrain.dataio.batch import PaddedBatch
    from speechbrain.dataio.dataset import DynamicItemDataset
    from speechbrain.utils.epoch_loop import EpochCounter
    from speechbrain.utils.train_logger import FileTrainLogger
    from torch.utils.data import DataLoader

logger = get_logger(__name__)


class RecipeBrain(sb.Brain):
    """A Brain that resumes bit-identical and picks its best checkpoint.

    Arguments
    ---------
    modules : dict
        Networks to train.
    opt_class : callable
        Makes an optimiser of a list of parameters.
    epoch_counter : EpochCounter
        Counts epochs; an EpochCounterWithStopper also stops early on the
        ``select_by`` metric.
    train_logger : FileTrainLogger
        Writes a line per epoch.
    select_by : str
        Validation metric that picks the best checkpoint, one of
        `metrics.HIGHER_IS_BETTER`.
    seed : int
        Seeds dropout, together with the step and the rank.
    **brain_options
        ``hparams``, ``run_opts``, ``checkpointer`` of sb.Brain.
    """

    train_sampler: Any  # set by sb.Brain: a batch sampler, or None

    def __init__(
        self,
        modules: dict,
        opt_class: Callable,
        epoch_counter: EpochCounter,
        train_logger: FileTrainLogger,
        select_by: str,
        seed: int,
        **brain_options: Any,
    ) -> None:
        super().__init__(modules, opt_class, **brain_options)
        self.epoch_counter = epoch_counter
        self.train_logger = train_logger
        self.select_by = select_by
        self.seed = seed
        self.train_loss = np.nan
        self.n_evaluated = 0  # batches of this rank

    def on_fit_batch_start(self, batch: PaddedBatch, should_step: bool) -> None:
        """Seed dropout from (seed, step, micro-batch, rank).

        A resumed run then ends bit-identical to an uninterrupted one, which
        saving the generator's state does not achieve.
        """
        micro_batch = self.step % self.grad_accumulation_factor
        entropy = [self.seed, self.optimizer_step, micro_batch, this_rank()]
        state = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
        torch.manual_seed(int(state[0]) >> 1)

    def make_dataloader(
        self,
        dataset: DynamicItemDataset,
        stage: sb.Stage,
        *args: Any,
        **loader_kwargs: Any,
    ) -> DataLoader:
        """Make a loader whose training batches are reshuffled each epoch.

        Outside training every rank gets its part of the batches, each once.

        Arguments
        ---------
        dataset : DynamicItemDataset
            Made by `dataset.make_dataset`.
        stage : sb.Stage
            Training, validation or test.
        *args
            As for sb.Brain.
        **loader_kwargs
            Result of `dataset.loader_options`, or a DataLoader's own.

        Returns
        -------
        DataLoader
            Loader of the dataset.
        """
        if stage != sb.Stage.TRAIN and n_ranks() > 1:
            loader_kwargs = rank_options(loader_kwargs, len(dataset))
        loader = super().make_dataloader(dataset, stage, *args, **loader_kwargs)
        if stage == sb.Stage.TRAIN and self.train_sampler is None:
            self.train_sampler = loader_kwargs.get("batch_sampler")
        return loader

    def on_stage_start(self, stage: sb.Stage, epoch: int | None = None) -> None:
        """Give all ranks the batch-norm statistics of the first.

        In training every step does so.
        """
        if stage != sb.Stage.TRAIN and n_ranks() > 1:
            for buffer in self.network(stage).buffers():
                distributed.broadcast(buffer, 0)

    def network(self, stage: sb.Stage) -> torch.nn.Module:
        """Return the network to call in a stage.

        Outside training it is not wrapped by DistributedDataParallel, which
        waits for all ranks in every call: they have unequal numbers of calls.
        """
        if stage == sb.Stage.TRAIN:
            return self.modules.network
        return self.own_network

    @property
    def own_network(self) -> torch.nn.Module:
        """The network itself, without the wrapper of a distributed run."""
        network = self.modules.network
        return getattr(network, "module", network)

    def evaluate_batch(
        self, batch: PaddedBatch, stage: sb.Stage
    ) -> torch.Tensor:
        """Return the loss of a batch, and count the batch."""
        self.n_evaluated += 1
        return super().evaluate_batch(batch, stage)

    def gather_loss(self, stage_loss: float) -> float:
        """Return the mean loss over the batches of all ranks.

        Arguments
        ---------
        stage_loss : float
            Mean over the batches that this rank has evaluated.

        Returns
        -------
        float
            The same on every rank.
        """
        sums = gather((float(stage_loss) * self.n_evaluated, self.n_evaluated))
        self.n_evaluated = 0
        total, count = map(sum, zip(*sums))
        return total / count

    def _wrap_distributed(self):
        """Wrap the modules that learn, and keep their batch norm.

        SpeechBrain would replace ours, which knows true lengths, by one that
        runs on GPUs only. Statistics are those of each rank's batch.
        """
        if not self.distributed_launch:
            return super()._wrap_distributed()
        devices = [self.device] if self.device_type == "cuda" else None
        for name, module in self.modules.items():
            if any(p.requires_grad for p in module.parameters()):
                self.modules[name] = DistributedDataParallel(
                    module,
                    device_ids=devices,
                    find_unused_parameters=self.find_unused_parameters,
                )

    def end_evaluation(
        self,
        stage: sb.Stage,
        metrics: dict[str, float],
        epoch: int | None,
    ) -> None:
        """Log the metrics of a stage; after validation, save the epoch.

        Arguments
        ---------
        stage : sb.Stage
            Validation or test.
        metrics : dict of str to float
            Metrics over all ranks.
        epoch : int or None
            Epoch of training; None in a test.
        """
        if stage == sb.Stage.VALID:
            self.end_validation(metrics, epoch)
        else:
            self.train_logger.log_stats(
                {"epochs trained": self.epoch_counter.current},
                test_stats=metrics,
            )

    def end_validation(
        self, metrics: dict[str, float], epoch: int | None
    ) -> None:
        """Log the epoch, count it for early stopping, save it.

        Arguments
        ---------
        metrics : dict of str to float
            Metrics of the validation set, with ``select_by``.
        epoch : int or None
            Epoch of training.

        Raises
        ------
        ValueError
            If the ``select_by`` metric is not finite.
        """
        selected = metrics[self.select_by]
        if not np.isfinite(selected):
            raise ValueError(
                f"epoch {epoch}: validation {self.select_by} is {selected}; "
                "training has diverged: lower the learning rate (lr)"
            )
        self.train_logger.log_stats(
            {"epoch": epoch},
            train_stats={"loss": float(self.train_loss)},
            valid_stats=metrics,
        )
        if isinstance(self.epoch_counter, EpochCounterWithStopper):
            self.epoch_counter.update_metric(selected)
        if self.checkpointer is not None:
            self.checkpointer.save_and_keep_only(
                meta={"epoch": epoch, self.select_by: selected},
                **{f"{direction(self.select_by)}_keys": [self.select_by]},
            )

    def on_evaluate_start(
        self, max_key: str | None = None, min_key: str | None = None
    ) -> None:
        """Load the best checkpoint; refuse to score without one.

        With no epoch to train, a pretrained network is tested as it is.

        Arguments
        ---------
        max_key, min_key : str, optional
            Metric that picks the checkpoint. Default: ``select_by``.

        Raises
        ------
        FileNotFoundError
            If no checkpoint has that metric: the scores would be those of
            random weights.
        """
        keys = {"max_key": max_key, "min_key": min_key}
        if max_key is None and min_key is None:
            keys = {f"{direction(self.select_by)}_key": self.select_by}
        folder = getattr(self.checkpointer, "checkpoints_dir", None)
        loaded = None
        if self.checkpointer is not None:
            loaded = self.checkpointer.recover_if_possible(**keys)
        pretrained = getattr(self.hparams, "pretrained", None)
        if loaded is None and pretrained and self.epoch_counter.limit == 0:
            logger.info(f"Scoring with the weights of {pretrained}")
            return
        if loaded is None:
            raise FileNotFoundError(
                f"no checkpoint with {keys} in {folder}: there is nothing to "
                "test; run the training first"
            )
        meta = {k: v for k, v in loaded.meta.items() if k != "unixtime"}
        logger.info(f"Scoring with the checkpoint of {meta}")
