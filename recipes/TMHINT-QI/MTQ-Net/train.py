#!/usr/bin/env python3
"""Recipe for training MTQ-Net and MOSA-Net, and for fine-tuning them.

Both are one network with another list of tasks, and a corpus differs in its
preparation only, so all recipes run this script; the hyperparameter file
decides.

To run this recipe, do the following:
> python train.py hparams/mpl_huber.yaml --data_folder /path/to/TMHINT-QI \
    --quest_csv scores.csv --teacher /path/to/MOSA-Net/results/...
or, in recipes/AnyCorpus:
> python fine_tune.py hparams/fine_tune.yaml --csv labels.csv \
    --data_folder /path/to/wavs --wav_column file --label mos=score:1:5 \
    --label_source listeners --pretrained /path/to/MTQ-Net/results/...

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from pathlib import Path

import mtqnet_brain  # noqa: F401  first: it checks torch and torchaudio
import speechbrain as sb
from hyperpyyaml import load_hyperpyyaml
from mtqnet_brain.teacher.student import student_overrides
from mtqnet_brain.training.brain import QualityBrain
from mtqnet_brain.data.dataset import make_parts
from mtqnet_brain.data.manifest import read_manifest
from mtqnet_brain.training.embedding_cache import open_cache
from mtqnet_brain.training.distributed import leave_together
from mtqnet_brain.training.loader_settings import part_options
from mtqnet_brain.training.run import finish_run, train_and_test
from mtqnet_brain.training.run_command import public_command
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.training.command_line import parse_recipe
from mtqnet_brain.training.run_settings import begin_run
from mtqnet_brain.training.run_identity import check_same_run
from mtqnet_brain.checkpoints.transfer import begin_with, build_network
from speechbrain.utils.distributed import ddp_init_group, run_on_main

# Where this script is a link, Python searches the folder behind the link; the
# preparation that the hyperparameter file names lies beside the link.
sys.path.insert(0, str(Path(__file__).absolute().parent))

if __name__ == "__main__":
    with plain_errors(passes_debug=True):
        # Command line, hyperparameters, output folder
        hparams_file, run_opts, overrides = parse_recipe(sys.argv[1:])
        ddp_init_group(run_opts)
        overrides = student_overrides(hparams_file, overrides)
        with open(hparams_file, encoding="utf-8") as fin:
            hparams = load_hyperpyyaml(fin, overrides)

        # Network: with the settings of the file, or of the pretrained run
        network = build_network(
            hparams["network"],
            hparams["tasks"],
            hparams.get("pretrained"),
            hparams.get("adopt_settings", False),
            seed=hparams["seed"],
        )
        hparams["modules"]["network"] = network
        hparams["checkpointer"].add_recoverable("network", network)

        sb.create_experiment_directory(
            experiment_directory=hparams["output_folder"],
            hyperparams_to_save=hparams_file,
            overrides=overrides,
        )
        run_opts = begin_run(run_opts, hparams)

        # Knowledge transfer, fine-tuning: the encoder of a trained network
        origin = begin_with(
            network,
            hparams.get("pretrained"),
            hparams.get("freeze_encoder", False),
        )

        # Manifests with labels and pseudo-labels
        run_on_main(hparams["prepare"])
        parts = {
            part: read_manifest(hparams[f"{part}_csv"])
            for part in ("train", "valid", "test")
        }
        labels = [task.column for task in hparams["tasks"]]
        run_on_main(
            check_same_run,
            args=[hparams["output_folder"], parts, labels, origin],
        )

        # Brain
        brain = QualityBrain(
            modules=hparams["modules"],
            opt_class=hparams["opt_class"],
            encoder_opt_class=hparams.get("encoder_opt_class"),
            ssl_opt_class=hparams.get("ssl_opt_class"),
            final_lr_share=hparams["final_lr_share"],
            lr_annealing=hparams.get("lr_annealing"),
            wav_augment=hparams.get("wav_augment"),
            channel_db=hparams.get("channel_db"),
            speeds=hparams.get("speeds"),
            joined_fraction=hparams.get("joined_fraction"),
            cropped_fraction=hparams.get("cropped_fraction"),
            dropout_epochs=hparams.get("dropout_epochs"),
            loss=hparams["loss"],
            epoch_counter=hparams["epoch_counter"],
            train_logger=hparams["train_logger"],
            select_by=hparams["select_by"],
            seed=hparams["seed"],
            hparams=hparams,
            run_opts=run_opts,
            checkpointer=hparams["checkpointer"],
        )

        # What is missing of a frozen SSL model's embeddings; batches
        embeddings = open_cache(
            hparams.get("ssl_cache"),
            network,
            [row for rows in parts.values() for row in rows],
            hparams["resample"],
            brain.device,
            changed=brain.changes_wavs,
        )
        options = part_options(
            batch_size=hparams.get("batch_size"),
            dataloader_opts=hparams.get("dataloader_opts"),
            train_dataloader_opts=hparams.get("train_dataloader_opts"),
            train_loader_kwargs=hparams.get("train_loader_kwargs"),
            valid_dataloader_opts=hparams.get("valid_dataloader_opts"),
            valid_loader_kwargs=hparams.get("valid_loader_kwargs"),
            test_dataloader_opts=hparams.get("test_dataloader_opts"),
            test_loader_kwargs=hparams.get("test_loader_kwargs"),
        )
        datasets, loaders = make_parts(
            parts,
            hparams["tasks"],
            hparams["resample"],
            hparams["max_batch_seconds"],
            hparams["seed"],
            hparams["num_workers"],
            embeddings,
            options,
        )

        # Training; test with the best checkpoint; report
        train_and_test(brain, datasets, loaders)
        finish_run(
            hparams["output_folder"],
            network,
            brain.stats,
            parts,
            hparams["train_csv"],
            pretrained=origin,
            command=public_command(sys.argv),
        )
        leave_together()
