"""Checks the folder of an SSL model before transformers reads it.

Another person's model can name any folder or hub repository as its SSL
model: nothing in it may run, ask for input, or take more memory than the size
of its weights justifies.

Authors
 * The mtqnet-brain developers 2026
"""

import math
import zipfile
from pathlib import Path
from typing import Any

from mtqnet_brain.utils.pickles import check_archive
from mtqnet_brain.utils.untrusted_json import ModelError, attempt, read_json

FAMILIES = ("hubert", "wav2vec2", "wavlm")
EXTRACTOR = "Wav2Vec2FeatureExtractor"
MAX_NUMBER = 10**6
MAX_LIST = 1000
MAX_LAYERS = 128
MAX_LABELS = 10_000
MIN_STRIDE = 80  # samples per frame; known models have 320
CHOOSING = ("attn_implementation", "attn_implementation_internal")
ATTENTION = (None, "eager", "sdpa")
SMALL_BYTES = 64 * 1024 * 1024  # whatever the weights' size
WEIGHTS = (".safetensors", ".bin", ".ckpt")


def check_ssl_folder(folder: str | Path) -> str:
    """Refuse an SSL model that is not WavLM, HuBERT or wav2vec 2.0.

    Arguments
    ---------
    folder : str or Path
        With config.json, weights and perhaps preprocessor_config.json.

    Returns
    -------
    str
        Its family, one of `FAMILIES`.

    Raises
    ------
    ModelError
        If it is of another family, contains anything but files and folders,
        needs far more memory than its weights fill, or its weights are not
        just tensors.
    """
    folder = Path(folder)
    for path in folder.iterdir():
        if not path.is_file() and not path.is_dir():
            raise ModelError(f"{path}: not a regular file")
    config = _read(folder / "config.json")
    if config.get("model_type") not in FAMILIES:
        raise ModelError(
            f"{folder}: a {config.get('model_type')!r:.80} model; SSL streams "
            f"are {', '.join(FAMILIES)}"
        )
    _check_numbers(config, folder / "config.json")
    _check_frames(config, folder / "config.json")
    _check_elsewhere(folder, config)
    _check_extractor(folder / "preprocessor_config.json")
    _check_extractor(folder / "processor_config.json", "feature_extractor")
    _check_weights(folder, config)
    return config["model_type"]


def _read(path):
    """Return a mapping from a JSON file."""
    if not path.is_file():
        raise ModelError(
            f"{path}: no such file; not the folder of an SSL model"
        )
    content = read_json(path)
    if not isinstance(content, dict):
        raise ModelError(f"{path}: not a mapping")
    return content


def _check_numbers(value: Any, path: Path) -> None:
    """Refuse sizes larger than those of any known model."""
    if isinstance(value, dict | list):
        if len(value) > MAX_LIST:
            raise ModelError(f"{path}: {len(value)} entries in one list")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_numbers(inner, path)
    elif isinstance(value, int | float) and abs(value) > MAX_NUMBER:
        raise ModelError(f"{path}: {value} is more than {MAX_NUMBER}")


def _check_frames(config, path):
    """Refuse more than one frame per 5 ms, and outputs of another form."""
    lists = [config.get(f"conv_{kind}") for kind in ("dim", "kernel", "stride")]
    if any(part is not None for part in lists):
        if not all(
            isinstance(p, list) and len(p) == len(lists[0]) for p in lists
        ):
            raise ModelError(
                f"{path}: conv_dim, conv_kernel, conv_stride differ in length"
            )
        if not all(type(n) is int and n > 0 for part in lists for n in part):
            raise ModelError(
                f"{path}: conv settings are not positive whole numbers"
            )
        if math.prod(lists[2]) < MIN_STRIDE:
            raise ModelError(
                f"{path}: conv_stride {lists[2]!r:.80}: too many frames"
            )
    if config.get("return_dict", True) is not True:
        raise ModelError(f"{path}: return_dict must be true")
    reach = _whole(config, "max_bucket_distance", path)
    if "max_bucket_distance" in config and reach < 2:
        raise ModelError(f"{path}: max_bucket_distance {reach}, need 2 or more")


def _check_elsewhere(folder, config):
    """Refuse what would make transformers read or run other files."""
    if (folder / "adapter_config.json").exists():
        raise ModelError(f"{folder}: an adapter; need the whole model")
    for key, value in config.items():
        if key.endswith(CHOOSING) and value not in ATTENTION:
            raise ModelError(f"{folder}/config.json: {key} {value!r:.80}")
    for path in folder.glob("*.index.json"):
        parts = _read(path).get("weight_map")
        names = parts.values() if isinstance(parts, dict) else [None]
        held = {entry.name for entry in folder.iterdir() if entry.is_file()}
        if not all(isinstance(n, str) and n in held for n in names):
            raise ModelError(f"{path}: names files outside its folder")


def _check_extractor(path, part=None):
    """Refuse any feature extractor but the one of these models."""
    if not path.exists():
        return
    config = _read(path)
    config = config.get(part, {}) if part else config
    if not isinstance(config, dict):
        raise ModelError(f"{path}: {part} is not a mapping")
    _check_numbers(config, path)
    kind = config.get("feature_extractor_type", EXTRACTOR)
    if kind != EXTRACTOR:
        raise ModelError(f"{path}: {kind!r:.80}, need {EXTRACTOR}")


def _check_weights(folder, config):
    """Refuse weights that do not fill the network, or are not just tensors."""
    kinds = {p.suffix for p in folder.iterdir() if p.suffix in WEIGHTS}
    # SpeechBrain's lobe reads .ckpt only where there is nothing else.
    kinds = kinds - {".ckpt"} or kinds
    files = [p for p in folder.iterdir() if p.suffix in kinds]
    held = sum(path.stat().st_size for path in files)
    wanted = 4 * _count_weights(config, folder / "config.json")
    # float16 files fill half of it.
    if wanted > 2 * held + SMALL_BYTES:
        raise ModelError(
            f"{folder}: config.json describes a network of "
            f"{wanted / 1e9:.1f} GB, the weights there are {held / 1e9:.1f} GB"
        )
    for path in files:
        # The format before 2020 is left to torch, which runs no code in it.
        if path.suffix != ".safetensors" and zipfile.is_zipfile(path):
            _check_pickled(path)


def _check_pickled(path):
    """Check the archive of `torch.save`."""
    try:
        check_archive(path, str(path))
    except ModelError:
        raise
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as err:
        raise ModelError(f"{path}: damaged ({err})") from err


def _count_weights(config, path):
    """Return how many weights a network of this configuration has."""
    import torch
    from transformers import CONFIG_MAPPING, AutoModel

    for key in ("num_hidden_layers", "num_adapter_layers"):
        _whole(config, key, path, MAX_LAYERS)
    _whole(config, "num_labels", path, MAX_LABELS)

    def make():
        """Build it without allocating its weights."""
        settings = CONFIG_MAPPING[config["model_type"]].from_dict(config)
        with torch.device("meta"):
            return AutoModel.from_config(settings)

    network = attempt(make, str(path))
    return sum(weight.numel() for weight in network.state_dict().values())


def _whole(config, key, path, limit=MAX_NUMBER):
    """Return a count from the configuration, 0 if it is not there."""
    value = config.get(key, 0)
    if type(value) is not int or not 0 <= value <= limit:
        raise ModelError(f"{path}: {key} {value!r:.80}, need 0 to {limit}")
    return value
