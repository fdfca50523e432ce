#!/usr/bin/env bash
# Makes the model that ships, from clean speech, noise and rooms to its folder.
# Run again, it goes on where it was stopped.
#   DATA=FOLDER bash recipes/Lite/lite.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${DATA:?give DATA=FOLDER with speech/SOURCE/, noise/, rir/, manifest.csv}"
DATA=$(cd "$DATA" && pwd)
NOISE=${NOISE:-$DATA/noise/permissive}
CARD=$(realpath "${CARD:-$here/card.md}")  # what the card says of the data
LITE=${LITE:-$here/../../lite_output}
CLIPS=${CLIPS:-2000} # of each of two corpora; of the two others a quarter more
EPOCHS=${EPOCHS:-26}
HOLD_OUT=${HOLD_OUT:-dspspeech ovos hedgewars}  # sources only tests hear
VOTES=${VOTES:-}           # tables of listeners' votes, to judge by
mkdir -p "$LITE"
LITE=$(cd "$LITE" && pwd)
cd "$here"

run() {
    printf '\n$'
    printf ' %q' "$@"
    printf '\n'
    "$@"
}

# shellcheck disable=SC2206  # several words, several names
BUILD=(mtqnet build-corpus --speech "$DATA"/speech/*/
    --speech_table "$DATA/manifest.csv" --hold_out $HOLD_OUT
    --whole picovoice_sti+picovoice_ww --rir "$DATA/rir" --noise "$NOISE"
    --noises babble pink white brown ssn street files --split_seed 1986)
# Speech in noise, enhanced well and badly; speech in calls
NOISY=(--enhancers MMSE KLT
    --degradations MNRUNoise MNRU Mask Complex Phase Musical Reverb)
CALLS=(--enhancers
    --degradations Band Echo Reverb MNRUNoise Hum Wind Clicks Clip Overload
    Quantise Gain Holes Musical Opus MP3 Vorbis GSM MuLaw ADPCM AMR G722 G723
    G726 Telephone Tandem Loss Dropouts Several)
# Many mixtures of few utterances, then few of many, of other lengths
MANY=(--clips "$CLIPS" --seed 1986)
VARIED=(--clips $((CLIPS * 5 / 4)) --clean 0.2 --seconds 2 7 --pauses 0.15)
run "${BUILD[@]}" "${MANY[@]}" --output "$LITE/noise" \
    --snr -5 0 5 10 15 20 25 30 40 "${NOISY[@]}"
run "${BUILD[@]}" "${MANY[@]}" --output "$LITE/calls" \
    --snr 10 25 40 "${CALLS[@]}"
run "${BUILD[@]}" "${VARIED[@]}" --seed 7 --output "$LITE/calls2" \
    --snr 15 30 45 "${CALLS[@]}"
run "${BUILD[@]}" "${VARIED[@]}" --seed 8 --output "$LITE/noise2" \
    --snr -3 2 7 12 17 22 28 35 45 "${NOISY[@]}"

# Measures, teachers, the labels fused of them
run python manifests.py hparams/lite.yaml --output_folder "$LITE/run" \
    --corpora "$LITE"/{noise,calls,calls2,noise2} \
    --teacher_cache "$LITE/teacher_scores"
run python train.py hparams/lite.yaml --data_folder="$LITE/noise" \
    --output_folder="$LITE/run" --skip_prep=True \
    --number_of_epochs="$EPOCHS" --dropout_epochs=$((EPOCHS - EPOCHS / 6)) "$@"

# What it does on sources, talkers, noises and rooms that it has never heard
run python conditions.py "$LITE/run" --output "$LITE/conditions.md"
cat "$CARD" "$LITE/conditions.md" > "$LITE/notes.md"
if [ -n "$VOTES" ]; then
    # shellcheck disable=SC2086
    run mtqnet judge $VOTES --model "$LITE/run" --beside dnsmos distillmos \
        --output "$LITE/judged"
    cat "$LITE/judged/card.md" >> "$LITE/notes.md"
fi
rm -rf "$LITE/lite"
run mtqnet export "$LITE/run" "$LITE/lite" --notes "$LITE/notes.md" \
    ${LICENSE:+--license "$LICENSE"}
# 90 % intervals, by sources that training never heard
run python calibrate.py "$LITE/lite" --clips "$LITE/run/manifests/test.csv" \
    --speech "$DATA"/speech/*/ --other "$NOISE"
cat "$LITE/conditions.md"
