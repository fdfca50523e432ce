"""ConvTasNet: a mask over a learnt basis of the waveform.

The methods are those of `network_base`.

Authors
 * The mtqnet-brain developers 2026
"""

import torch
import torch.nn.functional as F
from speechbrain.lobes.models.conv_tasnet import MaskNet
from speechbrain.lobes.models.dual_path import Decoder, Encoder

from mtqnet_brain.corpus.enhancement.network_base import WaveformNetwork


class ConvTasNet(WaveformNetwork):
    """SpeechBrain's Conv-TasNet with one output: it uses no spectra.

    It normalises the channels of each frame, so that padding and the length
    of a clip change nothing.

    Arguments
    ---------
    filters : int
        Filters of the learnt basis.
    kernel_size : int
        Samples per filter; the hop is half of it.
    bottleneck, hidden : int
        Channels between and inside the blocks.
    blocks, repeats : int
        Blocks of dilation 1, 2, 4, ... and how often they are repeated.

    Source: Luo and Mesgarani, "Conv-TasNet: surpassing ideal time-frequency
    magnitude masking for speech separation", IEEE/ACM TASLP 27(8), 2019.
    """

    def __init__(
        self,
        filters: int = 128,
        kernel_size: int = 64,
        bottleneck: int = 64,
        hidden: int = 128,
        blocks: int = 6,
        repeats: int = 2,
    ) -> None:
        super().__init__(
            filters=filters,
            kernel_size=kernel_size,
            bottleneck=bottleneck,
            hidden=hidden,
            blocks=blocks,
            repeats=repeats,
        )
        self.kernel_size = kernel_size
        self.encoder = Encoder(kernel_size, filters)
        self.mask = MaskNet(
            filters, bottleneck, hidden, 3, blocks, repeats, 1, "cLN"
        )
        self.decoder = Decoder(
            filters, 1, kernel_size, stride=kernel_size // 2, bias=False
        )

    def estimate(self, noisy: torch.Tensor) -> torch.Tensor:
        """Return enhanced wavs, shape (batch, samples)."""
        n_samples = noisy.shape[1]
        # Whole filters at both ends, so that each sample lies under two.
        hop = self.kernel_size // 2
        padded = F.pad(noisy, (hop, hop + -n_samples % hop))
        basis = self.encoder(padded)  # (B, filters, T)
        masked = self.mask(basis)[0] * basis  # (B, filters, T)
        wavs = self.decoder(masked).reshape(len(noisy), -1).float()
        return wavs[:, hop : hop + n_samples]
