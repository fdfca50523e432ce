#!/usr/bin/env bash
# The main job on a small corpus made on the spot, through the commands that a
# user of TMHINT-QI types. Run again, it goes on where it was stopped.
set -euo pipefail
cd "$(dirname "$0")"
DEMO=${DEMO:-$(cd ../.. && pwd)/demo_output}
mkdir -p "$DEMO"
DEMO=$(cd "$DEMO" && pwd)

# For ten minutes on two cores instead of hours on a GPU: no SSL stream, a
# narrow CNN with batch norm that strides early (0.4 of the work), compressed
# magnitudes, a larger step.
NETWORK='{channels: [8, 16, 24, 32], conv_norm: batch, conv_strides: early, compression: power, blstm_hidden: 64, dense_units: 64}'
QUICK=(--network="$NETWORK" --lr=0.001 --precision=auto --device=cpu
    --num_workers=1 --ckpt_interval_minutes=1)

run() {
    printf '\n$'
    printf ' %q' "$@"
    printf '\n'
    "$@"
}

SECONDS=0
echo "Stage one: a teacher, MOSA-Net, on its own talkers and sentences"
run mtqnet build-corpus --preset demo_teacher --clips 480 \
    --output "$DEMO/teacher_corpus"
cd MOSA-Net
run python train.py hparams/mosanet_no_ssl.yaml \
    --data_folder="$DEMO/teacher_corpus" --output_folder="$DEMO/mosanet" \
    --split=official --label_source=composite \
    --number_of_epochs=8 "${QUICK[@]}"
cd ..

printf '\nStage two: MTQ-Net learns the labels and the pseudo-labels\n'
run mtqnet build-corpus --preset demo --clips 960 --output "$DEMO/corpus"
cd MTQ-Net
run python train.py hparams/mpl_huber.yaml \
    --data_folder="$DEMO/corpus" --output_folder="$DEMO/mtqnet" \
    --split=official --label_source=composite --teacher="$DEMO/mosanet" \
    --ssl=null --number_of_epochs=10 "${QUICK[@]}"
echo "The demo took $((SECONDS / 60)) min $((SECONDS % 60)) s."
