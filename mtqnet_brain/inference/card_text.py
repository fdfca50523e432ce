"""The fixed text of model cards.

Authors
 * The mtqnet-brain developers 2026
"""

from string import Template

# Optional paragraphs begin with their own blank line, or are empty.
CARD = Template("""\
---
library_name: speechbrain
${front}\
pipeline_tag: audio-classification
metrics:
- pearsonr
- spearmanr
- mse
tags:
- speechbrain
- speech-quality
- mtqnet-brain
---

# $network: speech quality of a wav

Predicts, without a clean reference: $tasks.$ssl_model

## Use

```bash
pip install mtqnet-brain  # or, in its repository: pip install .
```

$use

On a GPU, add `run_opts={"device": "cuda:0"}`. This way runs no code of the \
folder. SpeechBrain's own way gives the same scores, but runs the folder's \
code (`custom.py`, `hyperparams.yaml`); take it for folders you trust only:

$foreign

Intended for comparing recordings and processing systems of like material. Any
rate and channel count is read; the network hears 16 kHz mono.

## Scales

$scales$composite

## Training data

$training

## Metrics

$results

## Limits

Distortions, languages, microphones and enhancement systems that were not in \
the training data may be scored wrongly, by more than a point. Check the \
model with labels of your own (`mtqnet evaluate`) before you compare systems \
with it. Music, several talkers at once and clips without speech are outside \
its scope. Scores may leave the scale a little.

## Golden score

`golden.wav` (synthetic): $golden.

## Licence

$licence

## Citing

$citations
""")
IN_FOLDER = """\
In the folder of this card:

```bash
mtqnet score golden.wav --model .
```

```python
from mtqnet_brain.inference import SpeechQualityPredictor

predictor = SpeechQualityPredictor.from_hparams(source=".")
print(predictor.score_file("golden.wav"))
```"""
FOREIGN_IN_FOLDER = """\
```python
from speechbrain.inference.interfaces import foreign_class

predictor = foreign_class(
    source=".",
    pymodule_file="custom.py",
    classname="SpeechQualityPredictor",
)
print(predictor.score_file("golden.wav"))
```"""
ON_HUB = Template("""\
```bash
mtqnet score WAVS --model $hub
```

```python
from huggingface_hub import hf_hub_download
from mtqnet_brain.inference import SpeechQualityPredictor

predictor = SpeechQualityPredictor.from_hparams(source="$hub")
print(predictor.score_file(hf_hub_download("$hub", "golden.wav")))
```""")
FOREIGN_ON_HUB = Template("""\
```python
from huggingface_hub import hf_hub_download
from speechbrain.inference.interfaces import foreign_class

predictor = foreign_class(
    source="$hub",
    pymodule_file="custom.py",
    classname="SpeechQualityPredictor",
)
print(predictor.score_file(hf_hub_download("$hub", "golden.wav")))
```""")
MEANINGS = {
    "s_mos": "how natural the speech itself sounds",
    "n_mos": "how little the noise intrudes",
    "g_mos": "how good the clip is overall",
}
COMPOSITE_NOTE = """

S-MOS, N-MOS and G-MOS were learnt from CSIG, CBAK and COVL (Hu and Loizou, \
2008), open measures of the same three questions of ITU-T P.835. They are not \
3QUEST and not listeners' votes."""
CITATIONS = """\
The network and its training, SpeechBrain, and this implementation:

```bibtex
@inproceedings{zezario2024mtqnet,
  title     = {Multi-Task Pseudo-Label Learning for Non-Intrusive Speech
               Quality Assessment Model},
  author    = {Zezario, Ryandhimas E. and Bai, Bo-Ren Brian and
               Fuh, Chiou-Shann and Wang, Hsin-Min and Tsao, Yu},
  booktitle = {Proc. ICASSP},
  year      = {2024},
  note      = {arXiv:2308.09262}
}
@misc{ravanelli2021speechbrain,
  title  = {{SpeechBrain}: A General-Purpose Speech Toolkit},
  author = {Ravanelli, Mirco and Parcollet, Titouan and others},
  year   = {2021},
  note   = {arXiv:2106.04624}
}
@misc{mtqnetbrain2026,
  title  = {mtqnet-brain: {MTQ-Net} on {SpeechBrain}},
  author = {{The mtqnet-brain developers}},
  year   = {2026}
}
```"""
