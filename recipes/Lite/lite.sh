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
for system in fcn ddae gru_mask crn transformer; do
    run python train.py "hparams/$system.yaml" --data_folder="$LITE/pairs" \
        --output_folder="$LITE/$system" --number_of_epochs="$ENHANCER_EPOCHS"
done
cd ../../Lite

run "${BUILD[@]}" --clips "$CLIPS" --output "$LITE/corpus" \
    --enhancers MMSE KLT "FCN=$LITE/fcn" "DDAE=$LITE/ddae" \
    "GRU=$LITE/gru_mask" "CRN=$LITE/crn" \
    --degradations Lowpass Clip MNRU Reverb Mask Complex Phase
run "${BUILD[@]}" --clips "$HELD" --output "$LITE/held" \
    --enhancers "Trans=$LITE/transformer"

RUN=(hparams/lite.yaml --data_folder="$LITE/corpus"
    --output_folder="$LITE/run")
SKIP=()
if [[ -n "$HOLD_OUT" ]]; then
    # shellcheck disable=SC2086  # several words, several talkers
    run python hold_out.py "${RUN[@]}" $HOLD_OUT
    SKIP=(--skip_prep=True)
fi
run python train.py "${RUN[@]}" --number_of_epochs="$EPOCHS" "${SKIP[@]}" "$@"

# Talkers and noises that it has never heard, then an enhancer too.
for set in corpus held; do
    run mtqnet score "$LITE/$set/test" --model "$LITE/run" \
        --output "$LITE/$set.csv" --restart
done
run python conditions.py --output "$LITE/conditions.md" \
    "Unseen talkers and noises" "$LITE/corpus.csv" "$LITE/corpus/labels.csv" \
    "An enhancer that was not in training, too" \
    "$LITE/held.csv" "$LITE/held/labels.csv"
cat "$CARD" <(echo) "$LITE/conditions.md" > "$LITE/notes.md"
rm -rf "$LITE/lite"
run mtqnet export "$LITE/run" "$LITE/lite" --notes "$LITE/notes.md"
cat "$LITE/conditions.md"
