"""SSL models small enough to be made by a test.

Authors
 * The mtqnet-brain developers 2026
"""


def save_tiny_ssl(folder, family, norm="layer", hidden_size=16):
    """Save a randomly initialised SSL model with its preprocessor."""
    import torch
    import transformers

    names = {"wavlm": "WavLM", "hubert": "Hubert", "wav2vec2": "Wav2Vec2"}
    config = getattr(transformers, names[family] + "Config")(
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
    model = getattr(transformers, names[family] + "Model")(config)
    model.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(
        do_normalize=norm == "layer", return_attention_mask=True
    ).save_pretrained(folder)
    return str(folder)
