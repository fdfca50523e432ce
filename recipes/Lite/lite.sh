#!/usr/bin/env bash
# Makes the model that ships, from clean speech and noise to its folder.
# Run again, it goes on where it was stopped.
#   SPEECH=FOLDER NOISE=FOLDER bash recipes/Lite/lite.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${SPEECH:?give SPEECH=FOLDER of clean wavs, talker__utterance.flac}"
: "${NOISE:?give NOISE=FOLDER of noise wavs}"
SPEECH=$(cd "$SPEECH" && pwd)
NOISE=$(cd "$NOISE" && pwd)
CARD=$(realpath "${CARD:-$here/card.md}")  # what the card says of the data
LITE=${LITE:-$here/../../lite_output}
CLIPS=${CLIPS:-18000}      # of the corpus
PAIRS=${PAIRS:-2000}       # noisy clips that train the enhancers
HELD=${HELD:-2000}         # clips of an enhancer that training never hears
MORE=${MORE:-6000}         # and of six more of them
EPOCHS=${EPOCHS:-15}
ENHANCER_EPOCHS=${ENHANCER_EPOCHS:-12}
HOLD_OUT=${HOLD_OUT:-}     # talkers that training must not hear
mkdir -p "$LITE"
LITE=$(cd "$LITE" && pwd)
cd "$here"

run() {
    printf '\n$'
    printf ' %q' "$@"
    printf '\n'
    "$@"
}

# With one seed, the same talkers and noise files are in test/ everywhere.
BUILD=(mtqnet build-corpus --speech "$SPEECH" --noise "$NOISE" --seed 1986
    --noises babble pink street white brown ssn files
    --snr -5 -2 0 2 5 10 15 20 30)

run "${BUILD[@]}" --clips "$PAIRS" --enhancers --output "$LITE/pairs"
cd ../TMHINT-QI/enhancement
enhancer() {  # folder, hyperparameters, epochs, sizes
    run python train.py "hparams/$2.yaml" --data_folder="$LITE/pairs" \
        --output_folder="$LITE/$1" --number_of_epochs="$3" \
        "${@:4}"
}
for system in fcn ddae gru_mask crn transformer; do
    enhancer "$system" "$system" "$ENHANCER_EPOCHS"
done
# Small ones and briefly trained ones err in other ways.
enhancer conv_tasnet conv_tasnet 6
enhancer gru_both gru_mask 6 --network '{units: 192, bidirectional: True}'
enhancer gru_small gru_mask 3 --network '{layers: 1, units: 96}'
enhancer crn_small crn 4 --network '{channels: [16, 24, 32], units: 128}'
enhancer ddae_small ddae 4 --network '{layers: 2, units: 512, context: 2}'
enhancer fcn_small fcn 4 --network '{channels: 16, kernel_size: 15}'
cd ../../Lite

run "${BUILD[@]}" --clips "$CLIPS" --output "$LITE/corpus" \
    --enhancers MMSE KLT "FCN=$LITE/fcn" "DDAE=$LITE/ddae" \
    "GRU=$LITE/gru_mask" "CRN=$LITE/crn" \
    --degradations Lowpass Clip MNRU Reverb Mask Complex Phase
run "${BUILD[@]}" --clips "$MORE" --output "$LITE/more" \
    --enhancers "TasNet=$LITE/conv_tasnet" "GRU-both=$LITE/gru_both" \
    "GRU-small=$LITE/gru_small" "CRN-small=$LITE/crn_small" \
    "DDAE-small=$LITE/ddae_small" "FCN-small=$LITE/fcn_small"
run "${BUILD[@]}" --clips "$HELD" --output "$LITE/held" \
    --enhancers "Trans=$LITE/transformer"

# shellcheck disable=SC2086  # several words, several talkers
run python manifests.py hparams/lite.yaml --output_folder="$LITE/run" \
    --corpora "$LITE/corpus" --hold_out $HOLD_OUT
run python train.py hparams/lite.yaml --data_folder="$LITE/corpus" \
    --output_folder="$LITE/run" --number_of_epochs="$EPOCHS" \
    --skip_prep=True "$@"

# Talkers and noises that it has never heard, then enhancers too.
for set in corpus held more; do
    run mtqnet score "$LITE/$set/test" --model "$LITE/run" \
        --output "$LITE/$set.csv" --restart
done
run python conditions.py --output "$LITE/conditions.md" \
    "Unseen talkers and noises" "$LITE/corpus.csv" "$LITE/corpus/labels.csv" \
    "An enhancer that was not in training, too" \
    "$LITE/held.csv" "$LITE/held/labels.csv" \
    "Six more enhancers that were not in training" \
    "$LITE/more.csv" "$LITE/more/labels.csv"
cat "$CARD" <(echo) "$LITE/conditions.md" > "$LITE/notes.md"
rm -rf "$LITE/lite"
run mtqnet export "$LITE/run" "$LITE/lite" --notes "$LITE/notes.md"
cat "$LITE/conditions.md"
