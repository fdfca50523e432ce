"""SSL models with random weights, for tests and the demo's tables.

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from pathlib import Path

CLASSES = {"wavlm": "WavLM", "hubert": "Hubert", "wav2vec2": "Wav2Vec2"}


def save_tiny_ssl(
    folder: str | Path, family: str, norm: str = "layer", hidden_size: int = 16
) -> str:
    """Save a randomly initialised SSL model with its preprocessor.

    Arguments
    ---------
    folder : str or Path
        Created if needed.
    family : str
        ``wavlm``, ``hubert`` or ``wav2vec2``.
    norm : str
        Norm of the convolutions: ``layer``, as in the large models, or
        ``group``, as in the base ones.
    hidden_size : int
        Channels of an embedding.

    Returns
    -------
    str
        The folder.
    """
    import torch
    import transformers

    config = getattr(transformers, CLASSES[family] + "Config")(
        hidden_size=hidden_size,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(8,) * 7,
        feat_extract_norm=norm,
        do_stable_layer_norm=norm == "layer",
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        layerdrop=0.0,
    )
    torch.manual_seed(3)
    model = getattr(transformers, CLASSES[family] + "Model")(config)
    model.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(
        do_normalize=norm == "layer", return_attention_mask=True
    ).save_pretrained(folder)
    return str(folder)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: python -m mtqnet_brain.reproduction.tiny_ssl FOLDER")
    for name in CLASSES:
        norm = "group" if name == "wav2vec2" else "layer"
        save_tiny_ssl(Path(sys.argv[1]) / name, name, norm)
