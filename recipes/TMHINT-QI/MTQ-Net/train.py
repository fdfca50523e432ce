#!/usr/bin/env python3
"""Recipe for training MTQ-Net and MOSA-Net on TMHINT-QI.

Both are one network with another list of tasks, so both recipes run this
script; the hyperparameter file decides.

To run this recipe, do the following:
> python train.py hparams/mpl_huber.yaml --data_folder /path/to/TMHINT-QI \
    --quest_csv scores.csv --teacher /path/to/MOSA-Net/results/...

Authors
 * The mtqnet-brain developers 2026
"""

import sys

import mtqnet_brain  # noqa: F401  first: it checks torch and torchaudio
import speechbrain as sb
from hyperpyyaml import load_hyperpyyaml
from mtqnet_brain.brain import QualityBrain
from mtqnet_brain.data import loader_options, make_dataset
from mtqnet_brain.recipe import finish_run, recipe_arguments
from speechbrain.utils.distributed import ddp_init_group, run_on_main
from tmhintqi_prepare import prepare_tmhintqi


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
        datasets[split] = make_dataset(
            hparams[f"{split}_csv"], hparams["tasks"], hparams["resample"]
        )
        loaders[split] = loader_options(
            datasets[split],
            hparams["max_batch_seconds"],
            shuffle=split == "train",
            seed=hparams["seed"],
            num_workers=hparams["num_workers"],
        )
    return datasets, loaders


if __name__ == "__main__":
    # Command line, hyperparameters, output folder
    hparams_file, run_opts, overrides = sb.parse_arguments(
        recipe_arguments(sys.argv[1:])
    )
    ddp_init_group(run_opts)
    with open(hparams_file, encoding="utf-8") as fin:
        hparams = load_hyperpyyaml(fin, overrides)
    sb.create_experiment_directory(
        experiment_directory=hparams["output_folder"],
        hyperparams_to_save=hparams_file,
        overrides=overrides,
    )

    # Manifests with labels and pseudo-labels
    run_on_main(
        prepare_tmhintqi,
        kwargs={
            "data_folder": hparams["data_folder"],
            "save_folder": hparams["manifest_folder"],
            "tasks": hparams["tasks"],
            "split": hparams["split"],
            "label_csv": hparams["label_csv"],
            "label": hparams["label"],
            "label_source": hparams["label_source"],
            "quest_csv": hparams["quest_csv"],
            "teacher": hparams["teacher"],
            "resample": hparams["resample"],
            "seed": hparams["seed"],
            "workers": hparams["prepare_workers"],
            "skip_prep": hparams["skip_prep"],
        },
    )
    datasets, loaders = dataio_prep(hparams)

    # Training
    brain = QualityBrain(
        modules=hparams["modules"],
        opt_class=hparams["opt_class"],
        ssl_opt_class=hparams["ssl_opt_class"],
        loss=hparams["loss"],
        epoch_counter=hparams["epoch_counter"],
        train_logger=hparams["train_logger"],
        select_by=hparams["select_by"],
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

    # Test with the best checkpoint, report
    brain.evaluate(datasets["test"], test_loader_kwargs=loaders["test"])
    finish_run(
        hparams["output_folder"],
        hparams["network"],
        brain.stats,
        {"train": hparams["train_csv"], "test": hparams["test_csv"]},
    )
