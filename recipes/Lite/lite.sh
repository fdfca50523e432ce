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
MORE=${MORE:-6000}         # clips of six more, two of them never heard
EPOCHS=${EPOCHS:-15}
MORE_EPOCHS=${MORE_EPOCHS:-13}  # then, on both corpora at random speeds
VOICES=${VOICES:-1500}     # clips of synthetic talkers
LAST_EPOCHS=${LAST_EPOCHS:-2}   # last, on these too
ENHANCER_EPOCHS=${ENHANCER_EPOCHS:-12}
HOLD_OUT=${HOLD_OUT:-}     # talkers that training must not hear
UNHEARD="TasNet GRU-both"  # enhancers of MORE that it must not hear either
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
BUILD=(mtqnet build-corpus --noise "$NOISE" --seed 1986
    --noises babble pink street white brown ssn files
    --snr -5 -2 0 2 5 10 15 20 30)

run "${BUILD[@]}" --speech "$SPEECH" --clips "$PAIRS" --enhancers \
    --output "$LITE/pairs"
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

CONDITIONS=(--enhancers MMSE KLT "FCN=$LITE/fcn" "DDAE=$LITE/ddae"
    "GRU=$LITE/gru_mask" "CRN=$LITE/crn"
    --degradations Lowpass Clip MNRU Reverb Mask Complex Phase)
run "${BUILD[@]}" --speech "$SPEECH" --clips "$CLIPS" --output "$LITE/corpus" \
    "${CONDITIONS[@]}"
run "${BUILD[@]}" --preset demo_teacher --clips "$VOICES" \
    --output "$LITE/voices" "${CONDITIONS[@]}"
run "${BUILD[@]}" --speech "$SPEECH" --clips "$MORE" --output "$LITE/more" \
    --enhancers "TasNet=$LITE/conv_tasnet" "GRU-both=$LITE/gru_both" \
    "GRU-small=$LITE/gru_small" "CRN-small=$LITE/crn_small" \
    "DDAE-small=$LITE/ddae_small" "FCN-small=$LITE/fcn_small"
run "${BUILD[@]}" --speech "$SPEECH" --clips "$HELD" --output "$LITE/held" \
    --enhancers "Trans=$LITE/transformer"

stage() {  # run, its corpora, epochs, those without dropout, options
    local corpora
    read -ra corpora <<< "$2"
    # shellcheck disable=SC2086  # several words, several names
    run python manifests.py hparams/lite.yaml --output_folder="$LITE/$1" \
        --corpora "${corpora[@]/#/$LITE/}" --hold_out $HOLD_OUT $UNHEARD
    run python train.py hparams/lite.yaml --data_folder="$LITE/corpus" \
        --output_folder="$LITE/$1" --skip_prep=True --number_of_epochs="$3" \
        --dropout_epochs=$(($3 - $4)) "${@:5}"
}
speeds='[85, 90, 95, 100, 106, 112, 120]'
stage first corpus "$EPOCHS" 3 "$@"
stage second "corpus more" "$MORE_EPOCHS" 5 --pretrained="$LITE/first" \
    --lr=0.0007 --speeds="$speeds" "$@"
stage third "corpus more voices" "$LAST_EPOCHS" "$LAST_EPOCHS" \
    --pretrained="$LITE/second" --lr=0.0002 --speeds="$speeds" "$@"
run python average.py "$LITE/second" "$LITE/third" --share 0.3 \
    --output "$LITE/average"
stage run corpus 0 0 --pretrained="$LITE/average" "$@"  # tests it

# Talkers and noises that it has never heard, then enhancers too.
for set in corpus held more; do
    run mtqnet score "$LITE/$set/test" --model "$LITE/run" \
        --output "$LITE/$set.csv" --restart
done
unheard="/(Trans|${UNHEARD// /|})_[^/]*,"
for table in "" /labels; do
    awk -v pattern="$unheard" 'NR == 1 || $0 ~ pattern' \
        "$LITE/held$table.csv" "$LITE/more$table.csv" \
        > "$LITE/unheard${table/\//_}.csv"
done
run python conditions.py --output "$LITE/conditions.md" \
    "Unseen talkers and noises" "$LITE/corpus.csv" "$LITE/corpus/labels.csv" \
    "Outputs of enhancers that were not in training" \
    "$LITE/unheard.csv" "$LITE/unheard_labels.csv" \
    "Another corpus: six more enhancers, four of them in training" \
    "$LITE/more.csv" "$LITE/more/labels.csv"
cat "$CARD" <(echo) "$LITE/conditions.md" > "$LITE/notes.md"
rm -rf "$LITE/lite"
run mtqnet export "$LITE/run" "$LITE/lite" --notes "$LITE/notes.md"
cat "$LITE/conditions.md"
