#!/usr/bin/env python3
"""Recipe for training a speech enhancement system on noisy and clean pairs.

The corpus builder then applies it beside MMSE and KLT
(``mtqnet build-corpus --enhancers MMSE KLT FCN=results/fcn/1986``).

To run this recipe, do the following:
> python train.py hparams/fcn.yaml --data_folder /path/to/CORPUS

Authors
 * The mtqnet-brain developers 2026
"""

import sys

import mtqnet_brain  # noqa: F401  first: it checks torch and torchaudio
import speechbrain as sb
from enhancement_prepare import prepare_enhancement
from hyperpyyaml import load_hyperpyyaml
from mtqnet_brain.data.dataset import loader_options
from mtqnet_brain.data.manifest import read_manifest
from mtqnet_brain.corpus.enhancement.comparison import finish_enhancement
from mtqnet_brain.corpus.enhancement.training import (
    EnhancementBrain,
    make_pairs,
)
from mtqnet_brain.training.distributed import leave_together
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.training.command_line import parse_recipe
from mtqnet_brain.training.run_settings import begin_run
from mtqnet_brain.training.run_identity import check_same_run
from speechbrain.utils.distributed import ddp_init_group, run_on_main


def dataio_prep(hparams):
    """Make the datasets and how each is batched.

    Arguments
    ---------
    hparams : dict
        Of the hyperparameter file.

    Returns
    -------
    dict of str to DynamicItemDataset
        Under ``train``, ``valid`` and ``test``.
    dict of str to dict
        Keyword arguments of their loaders.
    """
    datasets, loaders = {}, {}
    for split in ("train", "valid", "test"):
        datasets[split] = make_pairs(hparams[f"{split}_csv"])
        loaders[split] = loader_options(
            datasets[split],
            hparams["max_batch_seconds"],
            shuffle=split == "train",
            seed=hparams["seed"],
            num_workers=hparams["num_workers"],
        )
    return datasets, loaders


if __name__ == "__main__":
    with plain_errors(passes_debug=True):
        # Command line, hyperparameters, output folder
        hparams_file, run_opts, overrides = parse_recipe(sys.argv[1:])
        ddp_init_group(run_opts)
        with open(hparams_file, encoding="utf-8") as fin:
            hparams = load_hyperpyyaml(fin, overrides)
        sb.create_experiment_directory(
            experiment_directory=hparams["output_folder"],
            hyperparams_to_save=hparams_file,
            overrides=overrides,
        )
        run_opts = begin_run(run_opts, hparams)

        # Manifests of noisy clips and their references
        run_on_main(
            prepare_enhancement,
            kwargs={
                "data_folder": hparams["data_folder"],
                "save_folder": hparams["manifest_folder"],
                "seed": hparams["seed"],
                "skip_prep": hparams["skip_prep"],
            },
        )
        manifests = {
            part: hparams[f"{part}_csv"] for part in ("train", "valid", "test")
        }
        parts = {p: read_manifest(path) for p, path in manifests.items()}
        run_on_main(check_same_run, args=[hparams["output_folder"], parts])
        datasets, loaders = dataio_prep(hparams)

        # Training
        brain = EnhancementBrain(
            modules=hparams["modules"],
            opt_class=hparams["opt_class"],
            segment_seconds=hparams["segment_seconds"],
            epoch_counter=hparams["epoch_counter"],
            train_logger=hparams["train_logger"],
            seed=hparams["seed"],
            hparams=hparams,
            run_opts=run_opts,
            checkpointer=hparams["checkpointer"],
        )
        brain.fit(
            brain.epoch_counter,
            datasets["train"],
            datasets["valid"],
            train_loader_kwargs=loaders["train"],
            valid_loader_kwargs=loaders["valid"],
        )

        # Test with the best checkpoint, PESQ, STOI and segmental SNR
        brain.evaluate(datasets["test"], test_loader_kwargs=loaders["test"])
        finish_enhancement(
            hparams["output_folder"],
            hparams["network"],
            manifests,
            hparams["measure_workers"],
        )
        leave_together()
