"""The paper's numbers: Tables 1 to 3, and the values of Fig. 2 and its text.

Authors
 * The mtqnet-brain developers 2026
"""

# (LCC, SRCC, MSE) by system and score.
PUBLISHED: dict[str, dict[str, tuple[float, float, float]]] = {
    "scratch_hubert": {
        "s_mos": (0.891, 0.884, 0.055),
        "n_mos": (0.734, 0.775, 0.107),
        "g_mos": (0.851, 0.850, 0.047),
    },
    "kt_hubert": {
        "s_mos": (0.894, 0.892, 0.055),
        "n_mos": (0.745, 0.787, 0.102),
        "g_mos": (0.860, 0.863, 0.045),
    },
    "kt_wavlm": {
        "s_mos": (0.899, 0.887, 0.048),
        "n_mos": (0.739, 0.786, 0.115),
        "g_mos": (0.868, 0.865, 0.044),
    },
    "mpl_wavlm": {
        "s_mos": (0.902, 0.895, 0.046),
        "n_mos": (0.737, 0.788, 0.123),
        "g_mos": (0.876, 0.880, 0.043),
    },
    "mpl_mse": {
        "s_mos": (0.913, 0.908, 0.045),
        "n_mos": (0.714, 0.775, 0.115),
        "g_mos": (0.877, 0.876, 0.042),
    },
    "mpl_mae": {
        "s_mos": (0.904, 0.897, 0.074),
        "n_mos": (0.712, 0.783, 0.117),
        "g_mos": (0.864, 0.864, 0.047),
    },
    "mpl_huber": {
        "s_mos": (0.912, 0.903, 0.043),
        "n_mos": (0.739, 0.789, 0.108),
        "g_mos": (0.881, 0.882, 0.039),
    },
    "mos_ssl_s_mos": {"s_mos": (0.904, 0.903, 0.056)},
    "mos_ssl_n_mos": {"n_mos": (0.770, 0.811, 0.093)},
    "mos_ssl_g_mos": {"g_mos": (0.849, 0.852, 0.052)},
}

# Fig. 2 prints no values; section 3.4 names the best delta of each score.
BEST_DELTA = {"s_mos": 0.75, "n_mos": 1.0, "g_mos": 1.0}
