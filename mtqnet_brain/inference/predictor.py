"""The predictor: scores of files, arrays and batches.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import torch
from speechbrain.inference.interfaces import Pretrained
from speechbrain.utils.distributed import infer_device

from mtqnet_brain.audio.arrays import check_sample_rate, mono_samples
from mtqnet_brain.audio.io import SAMPLE_RATE, resample_audio
from mtqnet_brain.checkpoints.loading import find_file, load_network
from mtqnet_brain.inference.calibration import (
    CALIBRATION,
    Calibration,
    pooled_channels,
    read_calibration,
)
from mtqnet_brain.inference.engine import Engine
from mtqnet_brain.inference.keywords import standard_keywords
from mtqnet_brain.inference.predictor_io import (
    check_batch,
    check_path,
    count_samples,
    describe_file,
    describe_scored,
)
from mtqnet_brain.inference.window_scorer import check_weights, full_float32
from mtqnet_brain.utils.precision import AUTO, choose_precision

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from mtqnet_brain.tasks import Task

# Trained by recipes/Lite; its card lies in the folder.
SHIPPED = Path(__file__).parents[1] / "pretrained" / "lite"

# A forked process has none of torch's threads, and would wait for them for
# ever: DataLoader workers, multiprocessing.Pool, gunicorn --preload.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))


class SpeechQualityPredictor(Pretrained):
    """Predicts speech quality without a clean reference.

    `score_file`, `score_files` and `score_array` give the scores that
    ``mtqnet score`` gives: clips of any rate, length and channel count are
    screened, long quiet pauses are cut out, and long clips are scored in
    windows. `score_batch` and `forward` run the network alone, as a loss
    needs it.

    Arguments
    ---------
    modules : dict
        ``network``: an MTQNet or MOSSSL.
    hparams : dict
        Not used by the predictor itself.
    run_opts : dict, optional
        SpeechBrain's, such as ``{"device": "cuda:0", "precision": "auto"}``:
        fp32 (the default), bf16, or bf16 where the processor has instructions
        for it.
    **options
        Other arguments of SpeechBrain's Pretrained, such as
        ``freeze_params``.

    Example
    -------
    >>> from mtqnet_brain.model.mtqnet import MTQNet
    >>> from mtqnet_brain.tasks import Task
    >>> network = MTQNet([Task("g_mos", 1, 5)], channels=(2, 2, 2, 2)).eval()
    >>> predictor = SpeechQualityPredictor({"network": network}, {})
    >>> scores = predictor.score_batch(torch.rand(2, 16000))
    >>> scores["g_mos"].shape
    torch.Size([2])
    """

    MODULES_NEEDED = ["network"]
    calibration: Calibration | None = None

    def __init__(
        self,
        modules: dict,
        hparams: dict,
        run_opts: dict | None = None,
        **options: Any,
    ) -> None:
        if run_opts and run_opts.get("precision") == AUTO:
            device = run_opts.get("device") or infer_device()
            run_opts = {**run_opts, "precision": choose_precision(AUTO, device)}
        super().__init__(modules, hparams, run_opts, **options)

    @overload
    @classmethod
    def from_hparams(
        cls,
        source: str | Path,
        savedir: str | Path | None = None,
        trust: bool = False,
        fetch: dict | None = None,
        download_only: Literal[False] = False,
        **options: Any,
    ) -> SpeechQualityPredictor: ...

    @overload
    @classmethod
    def from_hparams(
        cls,
        source: str | Path,
        savedir: str | Path | None = None,
        trust: bool = False,
        fetch: dict | None = None,
        *,
        download_only: Literal[True],
        **options: Any,
    ) -> None: ...

    @classmethod
    def from_hparams(
        cls,
        source: str | Path,
        savedir: str | Path | None = None,
        trust: bool = False,
        fetch: dict | None = None,
        download_only: bool = False,
        **options: Any,
    ) -> SpeechQualityPredictor | None:
        """Load a model from a folder or from the Hugging Face hub.

        Arguments
        ---------
        source : str or Path
            A folder that ``mtqnet export`` wrote, its name on the hub, or the
            output folder of a training run.
        savedir : str or Path, optional
            Folder for files from the hub. Default: the hub's cache.
        trust : bool, optional
            Whether code in its hyperparameter file may run.
        fetch : dict, optional
            ``fetch_config`` and ``local_strategy`` of SpeechBrain's fetch.
        download_only : bool, optional
            Whether to fetch and check the files, and return None.
        **options
            Arguments of the class, such as ``run_opts``; ``fetch_config``,
            ``local_strategy``, ``revision`` and ``use_auth_token`` of
            SpeechBrain. ``overrides`` and other files of hyperparameters are
            refused.

        Returns
        -------
        SpeechQualityPredictor or None
            In eval mode.

        Raises
        ------
        TypeError, FileNotFoundError, ValueError
            If the source is not a path, or as `loading.load_network`.
        """
        if not isinstance(source, (str, os.PathLike)):
            kind = type(source).__name__
            raise TypeError(
                f"source: {kind}, need a folder or a name on the hub; "
                "from_pretrained() loads the model that comes with the package"
            )
        if not str(source):
            raise ValueError(
                "source: empty, need a folder or a name on the hub"
            )
        fetch, options = standard_keywords(fetch, options)
        network, hparams = load_network(source, savedir, trust, **fetch)
        path = find_file(source, CALIBRATION, savedir, **fetch)
        if download_only:
            return None
        predictor = cls({"network": network}, dict(hparams), **options)
        if path is not None:
            predictor.calibration = read_calibration(
                path,
                f"{source}/{CALIBRATION}",
                predictor.tasks,
                pooled_channels(network),
                hparams.get("weights_sha256", ""),
            )
        return predictor

    @classmethod
    def from_pretrained(cls, **options: Any) -> SpeechQualityPredictor:
        """Load the model that comes with the package.

        Options are those of the class, such as ``run_opts``. Its card, the
        ``README.md`` in the folder `SHIPPED`, says what its S-MOS, N-MOS and
        G-MOS mean and how far they can be trusted.
        """
        return cls.from_hparams(SHIPPED, **options)

    def train(self, mode: bool = True) -> SpeechQualityPredictor:
        """Stay in eval mode, also inside a network that is trained.

        Training mode would change the scores, and the statistics of batch
        norm.
        """
        return super().train(False)

    @property
    def tasks(self) -> list[Task]:
        """Tasks of the network: names and ranges of the scores."""
        return self.mods.network.tasks

    def score_batch(
        self, wavs: torch.Tensor, wav_lens: torch.Tensor | None = None
    ) -> dict[str, torch.Tensor]:
        """Score a batch; gradients flow back to the wavs.

        This is the network alone. In contrast to `score_array`, nothing is
        resampled, screened or refused for its content, there are no warnings,
        pauses stay, and each item is heard as a whole, however long it is
        (memory grows with it). For clips without pauses of a second and more,
        up to 10 s long, the scores are the same.

        Arguments
        ---------
        wavs : torch.Tensor
            16 kHz mono, shape (batch, samples), float32, full scale = 1; or
            one wav, shape (samples,), as a batch of one.
        wav_lens : torch.Tensor, optional
            Length of each item relative to the longest, shape (batch,).
            Default: all have the same length.

        Returns
        -------
        dict of str to torch.Tensor
            Utterance scores per task, shape (batch,), on the wavs' device.

        Raises
        ------
        ValueError
            If a shape, type or length is wrong, an item is shorter than 400
            samples, or the network is not in float32.
        """
        if isinstance(wavs, torch.Tensor) and wavs.ndim == 1:
            wavs = wavs.unsqueeze(0)  # (1, samples)
        check_batch(wavs)
        check_weights(self.mods.network)
        n_samples = count_samples(wavs, wav_lens)
        heard = wavs.to(self.device, torch.float32)
        with self.inference_ctx, full_float32():
            scores = self.mods.network(heard, n_samples).utterance
        return {name: score.to(wavs.device) for name, score in scores.items()}

    def forward(
        self, wavs: torch.Tensor, wav_lens: torch.Tensor | None = None
    ) -> dict[str, torch.Tensor]:
        """Score a batch, as `score_batch`."""
        return self.score_batch(wavs, wav_lens)

    def score_array(
        self,
        samples: ArrayLike,
        sample_rate: int | float,
        frames: bool = False,
        intervals: bool = False,
    ) -> dict:
        """Score samples of any length, rate and channel count.

        Arguments
        ---------
        samples : array_like
            Shape (samples,), (samples, channels) or (channels, samples): the
            longer axis is time, channels are averaged. Floats with full scale
            1, or integers of their type's full scale, 2**31 for int32.
            Tensors too.
        sample_rate : int or float
            In Hz.
        frames : bool, optional
            Whether to return scores over time.
        intervals : bool, optional
            Whether to return 90 % intervals of the scores; the model needs a
            `Calibration`.

        Returns
        -------
        dict
            A float per task, ``warning`` (str), and with ``frames`` a dict
            ``frames`` of ``time`` in s and a score per task and time, each of
            shape (times,), every 16 ms, a mean over 0.24 s; with
            ``intervals`` ``s_mos_low``, ``s_mos_high`` and so on.

        Raises
        ------
        AudioError
            If the samples are refused.
        ValueError
            If the rate is not a whole number of Hz, or there are no intervals.
        """
        rate = check_sample_rate(sample_rate)
        mono, warning = mono_samples(samples)
        mono = resample_audio(mono, rate, SAMPLE_RATE)
        engine = self.engine(frames=frames, intervals=intervals)
        clip = engine.open_samples("samples", mono, warning)
        return describe_scored(next(engine.score_clips([clip])))

    def score_file(
        self,
        path: str | Path,
        frames: bool = False,
        intervals: bool = False,
    ) -> dict:
        """Score a file of any length, rate and channel count.

        Arguments
        ---------
        path : str or Path
            Any format that libsndfile reads: wav, flac, ogg, opus, mp3 and
            more.
        frames, intervals : bool, optional
            As for `score_array`.

        Returns
        -------
        dict
            As for `score_array`.

        Raises
        ------
        AudioError
            If the file is refused, with the reason.
        TypeError
            If it is not a path.
        """
        check_path(path)
        engine = self.engine(frames=frames, intervals=intervals)
        return describe_scored(next(engine.score_paths([(path, path)], 1)))

    def score_files(
        self, paths: Iterable[str | Path], workers: int = 2, **settings: Any
    ) -> Iterator[dict]:
        """Score many files; a refused file does not stop the others.

        Arguments
        ---------
        paths : iterable of str or Path
            As for `score_file`.
        workers : int, optional
            Threads that read.
        **settings
            ``frames``, ``intervals``, ``window``, ``batch_size``,
            ``precision`` of `engine.Engine`.

        Yields
        ------
        dict
            As of `score_array`, with ``file`` and ``error`` (str); a refused
            file has no scores. In the order of the paths.
        """
        if isinstance(paths, (str, Path)):
            paths = [paths]
        engine = self.engine(**settings)
        ready, position = {}, 0
        for result in engine.score_paths(enumerate(paths), workers):
            ready[result.key] = result
            while position in ready:
                yield describe_file(ready.pop(position))
                position += 1

    def engine(self, **settings: Any) -> Engine:
        """Return the engine that scores clips with this model.

        Settings are those of `engine.Engine`; the precision is the predictor's
        by default, and may be ``auto``.
        """
        settings["precision"] = choose_precision(
            settings.get("precision") or self.precision, self.device
        )
        settings["calibration"] = self.calibration
        return Engine(self.mods.network, **settings)
