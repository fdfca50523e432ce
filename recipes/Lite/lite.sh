#!/usr/bin/env bash
# Makes the model that ships, from clean speech and noise to its folder.
# Run again, it goes on where it was stopped.
#   SPEECH=FOLDER NOISE=FOLDER bash recipes/Lite/lite.sh
set -euo pipefail
cd "$(dirname "$0")"
: "${SPEECH:?give SPEECH=FOLDER of clean wavs, talker__utterance.flac}"
: "${NOISE:?give NOISE=FOLDER of noise wavs}"
SPEECH=$(cd "$SPEECH" && pwd)
NOISE=$(cd "$NOISE" && pwd)
LITE=${LITE:-$(cd ../.. && pwd)/lite_output}
CLIPS=${CLIPS:-15000}      # of the corpus
PAIRS=${PAIRS:-2000}       # noisy clips that train the enhancers
HELD=${HELD:-2000}         # clips of an enhancer that training never hears
EPOCHS=${EPOCHS:-20}
ENHANCER_EPOCHS=${ENHANCER_EPOCHS:-12}
mkdir -p "$LITE"
LITE=$(cd "$LITE" && pwd)

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
for system in fcn ddae transformer; do
    run python train.py "hparams/$system.yaml" --data_folder="$LITE/pairs" \
        --output_folder="$LITE/$system" --number_of_epochs="$ENHANCER_EPOCHS"
done
cd ../../Lite

run "${BUILD[@]}" --clips "$CLIPS" --output "$LITE/corpus" \
    --enhancers MMSE KLT "FCN=$LITE/fcn" "DDAE=$LITE/ddae" \
    --degradations Lowpass Clip MNRU Reverb Mask Complex Phase
run "${BUILD[@]}" --clips "$HELD" --output "$LITE/held" \
    --enhancers "Trans=$LITE/transformer"

run python train.py hparams/lite.yaml --data_folder="$LITE/corpus" \
    --output_folder="$LITE/run" --number_of_epochs="$EPOCHS" "$@"

echo "Talkers, noises and an enhancer that it has never heard:"
run mtqnet score "$LITE/held/test" --model "$LITE/run" \
    --output "$LITE/held.csv"
run mtqnet evaluate "$LITE/held.csv" "$LITE/held/labels.csv" \
    --label s_mos=csig n_mos=cbak g_mos=covl
