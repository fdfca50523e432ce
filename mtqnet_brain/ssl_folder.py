"""What the folder of an SSL model may hold before transformers reads it.

Another person's model can name any folder or hub repository as its SSL
model: nothing in it may run, ask questions, or take memory that the size of
its weights does not justify.

Authors
 * The mtqnet-brain developers 2026
"""

import zipfile
from pathlib import Path
from typing import Any

from mtqnet_brain.utils.documents import ModelError, read_json
from mtqnet_brain.utils.pickles import check_archive

FAMILIES = ("hubert", "wav2vec2", "wavlm")
EXTRACTOR = "Wav2Vec2FeatureExtractor"
MAX_NUMBER = 10**6
MAX_LIST = 1000
MAX_LAYERS = 128
SMALL_BYTES = 64 * 1024 * 1024  # whatever the weights' size
WEIGHTS = (".safetensors", ".bin", ".ckpt")


def check_ssl_folder(folder: str | Path) -> str:
    """Refuse an SSL model that is not WavLM, HuBERT or wav2vec 2.0.

    Arguments
    ---------
    folder : str or Path
        With config.json and weights, preprocessor_config.json where there is
        one.

    Returns
    -------
    str
        Its family, one of `FAMILIES`.

    Raises
    ------
    ModelError
        If it is of another family, holds anything but files, wants far more
        memory than its weights fill, or weights that are more than tensors.
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
    _check_extractor(folder / "preprocessor_config.json")
    _check_weights(folder, config)
    return config["model_type"]


def _read(path):
    """Return a mapping from a JSON file."""
    if not path.is_file():
        raise ModelError(f"{path}: no such file; the folder is no SSL model")
    content = read_json(path)
    if not isinstance(content, dict):
        raise ModelError(f"{path}: no mapping")
    return content


def _check_numbers(value: Any, path):
    """Refuse sizes beyond those of any such model."""
    if isinstance(value, dict | list):
        if len(value) > MAX_LIST:
            raise ModelError(f"{path}: {len(value)} entries in one list")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_numbers(inner, path)
    elif isinstance(value, int | float) and abs(value) > MAX_NUMBER:
        raise ModelError(f"{path}: {value} is more than {MAX_NUMBER}")


def _check_extractor(path):
    """Refuse another feature extractor than the one of these models."""
    if not path.exists():
        return
    config = _read(path)
    _check_numbers(config, path)
    kind = config.get("feature_extractor_type", EXTRACTOR)
    if kind != EXTRACTOR:
        raise ModelError(f"{path}: {kind!r:.80}, need {EXTRACTOR}")


def _check_weights(folder, config):
    """Refuse weights that do not fill the network, or are more than weights."""
    files = [p for p in folder.iterdir() if p.suffix in WEIGHTS]
    held = sum(path.stat().st_size for path in files)
    wanted = 4 * _count_weights(config, folder / "config.json")
    # float16 files fill half of it.
    if wanted > 2 * held + SMALL_BYTES:
        raise ModelError(
            f"{folder}: config.json describes a network of "
            f"{wanted / 1e9:.1f} GB, the weights there are {held / 1e9:.1f} GB"
        )
    for path in files:
        # The format before 2020 is left to torch, which runs no code of it.
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
    """Return about how many weights a Transformer of these settings has."""
    layers = _whole(config, "num_hidden_layers", path, MAX_LAYERS)
    hidden = _whole(config, "hidden_size", path)
    inner = _whole(config, "intermediate_size", path)
    widths = config.get("conv_dim", [])
    kernels = config.get("conv_kernel", [])
    for values in (widths, kernels):
        if not isinstance(values, list) or not all(
            type(v) is int and v > 0 for v in values
        ):
            raise ModelError(f"{path}: conv_dim or conv_kernel is no list")
    convs = sum(
        a * b * kernel for a, b, kernel in zip([1, *widths], widths, kernels)
    )
    groups = max(_whole(config, "num_conv_pos_embedding_groups", path), 1)
    position = _whole(config, "num_conv_pos_embeddings", path)
    position *= hidden * hidden // groups
    return layers * (4 * hidden + 2 * inner) * hidden + convs + position


def _whole(config, key, path, limit=MAX_NUMBER):
    """Return a count that the configuration names, 0 if it does not."""
    value = config.get(key, 0)
    if type(value) is not int or not 0 <= value <= limit:
        raise ModelError(f"{path}: {key} {value!r:.80}, need 0 to {limit}")
    return value
