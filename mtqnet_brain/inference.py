"""The predictor: scores of files, arrays and batches.

Authors
 * The mtqnet-brain developers 2026
"""

import os
from pathlib import Path

import torch
from speechbrain.inference.interfaces import Pretrained
from speechbrain.utils.distributed import infer_device

from mtqnet_brain.audio import SAMPLE_RATE, AudioError, resample_audio
from mtqnet_brain.precision import AUTO, choose_precision
from mtqnet_brain.scoring.arrays import check_sample_rate, mono_samples
from mtqnet_brain.scoring.clips import Result
from mtqnet_brain.scoring.engine import Engine, check_weights
from mtqnet_brain.zoo.loading import load_network

# Made by recipes/Lite; its card lies beside it.
SHIPPED = Path(__file__).parent / "pretrained" / "lite"

# A forked process has none of torch's threads, and would wait for them for
# ever: DataLoader workers, multiprocessing.Pool, gunicorn --preload.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))


class SpeechQualityPredictor(Pretrained):
    """Predicts speech quality from wavs alone.

    Arguments
    ---------
    modules : dict
        ``network``: an MTQNet or MOSSSL.
    hparams : dict
        Not used by the predictor itself.
    **options
        ``run_opts``, ``freeze_params`` of SpeechBrain's Pretrained;
        ``run_opts={"device": "cuda:0", "precision": "auto"}``: fp32 (the
        default), bf16, or bf16 where the device has instructions for it.

    Example
    -------
    >>> from mtqnet_brain.model import MTQNet
    >>> from mtqnet_brain.tasks import Task
    >>> network = MTQNet([Task("g_mos", 1, 5)], channels=(2, 2, 2, 2)).eval()
    >>> predictor = SpeechQualityPredictor({"network": network}, {})
    >>> scores = predictor.score_batch(torch.rand(2, 16000))
    >>> scores["g_mos"].shape
    torch.Size([2])
    """

    MODULES_NEEDED = ["network"]

    def __init__(self, modules, hparams, run_opts=None, **options):
        wanted = (run_opts or {}).get("precision")
        if wanted == AUTO:
            device = run_opts.get("device") or infer_device()
            chosen = choose_precision(wanted, device)
            run_opts = {**run_opts, "precision": chosen}
        super().__init__(modules, hparams, run_opts, **options)

    @classmethod
    def from_hparams(
        cls, source, savedir=None, trust=False, fetch=None, **options
    ):
        """Load a model from a folder or from the Hugging Face hub.

        Arguments
        ---------
        source : str or Path
            What ``mtqnet export`` wrote, its name on the hub, or the output
            folder of a training run.
        savedir : str or Path
            Where files from the hub are kept. Default: the hub's cache.
        trust : bool
            Whether code in its hyperparameter file may run.
        fetch : dict
            ``fetch_config`` and ``local_strategy`` of SpeechBrain's fetch.
        **options
            Of the class.

        Returns
        -------
        SpeechQualityPredictor
            In eval mode.

        Raises
        ------
        FileNotFoundError, ValueError
            As `zoo.loading.load_network`.
        """
        network, hparams = load_network(source, savedir, trust, **(fetch or {}))
        return cls({"network": network}, dict(hparams), **options)

    @classmethod
    def from_pretrained(cls, **options):
        """Load the model that ships with the package.

        Arguments
        ---------
        **options
            Of the class.

        Returns
        -------
        SpeechQualityPredictor
            Of S-MOS, N-MOS and G-MOS; what they mean and how far they hold
            stands in ``SHIPPED / "README.md"``.
        """
        return cls.from_hparams(SHIPPED, **options)

    def train(self, mode=True):
        """Stay in eval mode, inside a network that is trained too.

        Scores would be others in training mode, and batch norm would forget
        what it has learnt.

        Arguments
        ---------
        mode : bool
            Not used.

        Returns
        -------
        SpeechQualityPredictor
            Itself.
        """
        return super().train(False)

    @property
    def tasks(self):
        """Tasks of the network: names and ranges of the scores."""
        return self.mods.network.tasks

    def score_batch(self, wavs, wav_lens=None):
        """Score a batch; gradients flow back to the wavs.

        Arguments
        ---------
        wavs : torch.Tensor
            16 kHz mono, shape (batch, samples), float32, full scale = 1.
        wav_lens : torch.Tensor
            Length of each item relative to the longest, shape (batch,).
            Default: all are whole.

        Returns
        -------
        dict of str to torch.Tensor
            Utterance scores per task, shape (batch,).

        Raises
        ------
        ValueError
            If a shape, type or length is wrong, an item is shorter than 400
            samples, or the network is not in float32.
        """
        _check_batch(wavs)
        check_weights(self.mods.network)
        n_samples = _count_samples(wavs, wav_lens)
        wavs = wavs.to(self.device, torch.float32)
        with self.inference_ctx:
            return self.mods.network(wavs, n_samples).utterance

    def forward(self, wavs, wav_lens=None):
        """Score a batch, as `score_batch`.

        Arguments
        ---------
        wavs, wav_lens
            As for `score_batch`.

        Returns
        -------
        dict of str to torch.Tensor
            Of `score_batch`.
        """
        return self.score_batch(wavs, wav_lens)

    def score_array(self, samples, sample_rate, frames=False):
        """Score samples at hand.

        Arguments
        ---------
        samples : array_like
            Shape (samples,), (samples, channels) or (channels, samples): the
            longer axis is time, channels are averaged. Floats with full scale
            1, or integers of their type's full scale, 2**31 of int32. Tensors
            too.
        sample_rate : int or float
            In Hz; other rates than 16 kHz are resampled.
        frames : bool
            Whether scores over time are wanted.

        Returns
        -------
        dict
            A float per task, ``warning`` (str), and with ``frames`` a dict
            ``frames`` of ``time`` in s and a score per task and time, each of
            shape (times,), every 16 ms.

        Raises
        ------
        AudioError
            If the samples are refused.
        ValueError
            If the rate is no whole number of Hz.
        """
        rate = check_sample_rate(sample_rate)
        mono, warning = mono_samples(samples)
        mono = resample_audio(mono, rate, SAMPLE_RATE)
        engine = self.engine(frames=frames)
        clip = engine.open_samples("samples", mono, warning)
        return _accepted(next(engine.score_clips([clip])), "samples")

    def score_file(self, path, frames=False):
        """Score a file of any length, rate and channel count.

        Arguments
        ---------
        path : str or Path
            Whatever libsndfile reads: wav, flac, ogg, opus, mp3 and more.
        frames : bool
            As for `score_array`.

        Returns
        -------
        dict
            As of `score_array`.

        Raises
        ------
        AudioError
            If the file is refused, with the reason.
        TypeError
            If it is no path.
        """
        _check_path(path)
        engine = self.engine(frames=frames)
        return _accepted(next(engine.score_paths([(path, path)], 1)), path)

    def score_files(self, paths, workers=2, **settings):
        """Score many files; one that is refused harms no other.

        Arguments
        ---------
        paths : iterable of str or Path
            Whatever libsndfile reads: wav, flac, ogg, opus, mp3 and more.
        workers : int
            Threads that read.
        **settings
            ``frames``, ``window``, ``batch_size``, ``precision`` of
            `scoring.engine.Engine`.

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
                yield _row(ready.pop(position))
                position += 1

    def engine(self, **settings):
        """Return what scores clips with this model.

        Arguments
        ---------
        **settings
            Of `scoring.engine.Engine`; the precision is the predictor's
            unless given, and may be ``auto``.

        Returns
        -------
        Engine
            For files and samples.
        """
        wanted = settings.get("precision", self.precision)
        settings["precision"] = choose_precision(wanted, self.device)
        return Engine(self.mods.network, **settings)


def _describe(result: Result):
    """Return scores, warning and frames as a plain dict."""
    described = dict(result.scores or {})
    described["warning"] = "; ".join(result.warnings)
    if result.frames is not None:
        described["frames"] = result.frames
    return described


def _row(result):
    """Return what became of a file."""
    described = _describe(result)
    path = result.path
    name = os.fsdecode(path) if isinstance(path, bytes) else str(path)
    return {"file": name, **described, "error": result.error}


def _accepted(result, name):
    """Return a result; raise if its clip was refused."""
    if result.error:
        raise AudioError(f"{name}: {result.error}")
    return _describe(result)


def _check_path(path):
    """Refuse what is no path."""
    if isinstance(path, (bytes, bytearray, memoryview)) or hasattr(
        path, "read"
    ):
        raise TypeError(
            f"{type(path).__name__} is no path; decode it and use score_array:"
            " samples, rate = soundfile.read(io.BytesIO(data))"
        )


def _check_batch(wavs):
    """Refuse what is no batch of wavs."""
    if not isinstance(wavs, torch.Tensor):
        kind = type(wavs).__name__
        raise ValueError(f"wavs: {kind}, need a tensor (torch.as_tensor)")
    if wavs.ndim != 2 or not len(wavs):
        raise ValueError(
            f"wavs of shape {tuple(wavs.shape)}: need 2-D, (batch, samples), "
            "at least one wav"
        )
    if not wavs.is_floating_point():
        raise ValueError(
            f"wavs of type {wavs.dtype}: need floats of full scale 1"
        )


def _count_samples(wavs, wav_lens):
    """Return the true samples of each item, shape (batch,), int64."""
    if wav_lens is None:
        return torch.full((len(wavs),), wavs.shape[1])
    shares = torch.as_tensor(wav_lens).detach().cpu().double()
    # NaN is in no range.
    fits = shares.shape == wavs.shape[:1] and bool(
        ((shares > 0) & (shares <= 1)).all()
    )
    if not fits:
        raise ValueError(
            f"wav_lens {shares.tolist()} of {len(wavs)} wavs: need one share "
            "of the longest each, above 0, at most 1"
        )
    return (shares * wavs.shape[1]).round().long()
