"""The folder of a corpus: whose it is, and what may be removed from it.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.checkpoints.run_folder import file_hash
from mtqnet_brain.corpus.presets import speech_files
from mtqnet_brain.data.clip_names import CLEAN, parse_name
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.utils.files import PARTIAL, write_csv, write_json

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item

CLEAN_SPEECH = "clean_speech"
PARTS = ("train", "test")
DEGRADATIONS_FILE = "degradations.csv"
# Recorded only where they are not the default.
OPTIONAL = ("noises", "degradations", "trained_enhancers")
COLUMNS = (
    "idx",
    "method",
    "uttr",
    "snr",
    "noise",
    "quality_score",
    "intelligibility_score",
    "file_name",
)


class CorpusFolder:
    """A folder that holds one corpus, complete or not.

    ``corpus.json`` says that it is complete; until then its settings stand
    in ``corpus.json.partial``.

    Arguments
    ---------
    path : str or Path
        The folder; need not exist.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.marker = self.path / "corpus.json"
        self.partial = self.path / ("corpus.json" + PARTIAL)
        self.raw_data = self.path / "raw_data.csv"
        self.settings = None

    def _recorded(self):
        """Return what the folder says of itself; None if nothing."""
        for path in (self.partial, self.marker):
            if path.exists():
                return _read_settings(path)
        return None

    def refuse_sources(self, *folders) -> None:
        """Refuse to write where sources are read: clips would become some.

        Arguments
        ---------
        folders : str or Path
            Of speech and noise; None where there is none.

        Raises
        ------
        ValueError
            If the corpus would lie in one of them.
        """
        for source in filter(None, folders):
            if self.path.resolve().is_relative_to(Path(source).resolve()):
                raise ValueError(
                    f"{self.path}: lies in {source}, which is read; choose "
                    "another folder"
                )

    def claim(self, settings: dict) -> None:
        """Take the folder for a corpus of these settings.

        What a command of other settings has left before its first clip is
        removed.

        Arguments
        ---------
        settings : dict
            What the corpus depends on.

        Raises
        ------
        ValueError
            If it holds clips of other settings, or something that this
            command has not made.
        """
        recorded = self._recorded()
        self._refuse_foreign(recorded)
        self.settings = json.loads(json.dumps(settings))
        changed = self._changes(recorded or self.settings)
        if changed and self._has_clips():
            raise ValueError(
                f"{self.path} holds a corpus with {changed[0]}; choose another "
                "folder, repeat that command or give --restart"
            )
        if changed:
            self.remove(
                keep_speech=recorded["preset"] == self.settings["preset"]
            )
        if recorded is None or changed:
            self._note(self.settings)

    def _changes(self, recorded):
        """List the settings that were others when the corpus was begun."""
        return [
            f"{name} {recorded.get(name)}, now {self.settings.get(name)}"
            for name in dict.fromkeys((*self.settings, *OPTIONAL))
            if recorded.get(name) != self.settings.get(name)
        ]

    def _has_clips(self):
        """Whether a clip or a label of a plan has been written."""
        wavs = (self.path.glob(f"{part}/*.wav") for part in PARTS)
        return any(map(any, wavs)) or (self.path / "labels.csv").exists()

    def _refuse_foreign(self, recorded):
        """Refuse a folder with a corpus that is not ours."""
        tables = ("raw_data.csv", "labels.csv", DEGRADATIONS_FILE)
        names = (*PARTS, CLEAN_SPEECH, *tables)
        found = [name for name in names if (self.path / name).exists()]
        if recorded is None and found:
            raise ValueError(
                f"{self.path} holds {', '.join(found)}, not made by "
                "build-corpus; choose another folder"
            )

    def _note(self, content):
        """Write the settings of a corpus that is not yet complete."""
        write_json(self.partial, content)

    def fix_plan(self, items: list[Item]) -> None:
        """Write raw_data.csv, or check that it lists the same clips.

        The tables of another plan are replaced before its first clip.

        Arguments
        ---------
        items : list of Item
            The plan.

        Raises
        ------
        ValueError
            If the speech or noise folders have changed since the start.
        """
        digests = {
            "plan": hashlib.sha256(repr(_sources(items)).encode()).hexdigest(),
            "sources_sha256": _content_digest(items),
        }
        recorded = self._recorded()
        # An earlier release has recorded no content.
        if any(recorded.get(k, v) != v for k, v in digests.items()):
            if self._has_clips():
                raise ValueError(
                    f"{self.path}: the speech or noise files have changed "
                    "since this corpus was begun; give --restart"
                )
            self._unlink(self._planned())
        self._note(self.settings | digests)
        # Not complete until every clip has been seen again.
        self.marker.unlink(missing_ok=True)
        if not self.raw_data.exists():
            write_csv(self.raw_data, _raw_rows(items), list(COLUMNS))

    def finish(self, content: dict) -> None:
        """Write corpus.json: the corpus is complete.

        Arguments
        ---------
        content : dict
            Settings, counts, talkers, noise files.
        """
        recorded = self._recorded()
        digests = {name: recorded[name] for name in ("plan", "sources_sha256")}
        self._note(content | digests)
        self.partial.replace(self.marker)

    def remove(self, keep_speech: bool = False) -> None:
        """Remove what build-corpus has written here, and nothing else.

        Arguments
        ---------
        keep_speech : bool
            Whether the speech of a preset stays.

        Raises
        ------
        ValueError
            If the folder holds something that this command has not made.
        """
        recorded = self._recorded()
        self._refuse_foreign(recorded)
        if recorded is None:
            return
        names = self._planned()
        if recorded["preset"] and not keep_speech:
            spoken = speech_files(recorded["preset"])
            names += [f"{CLEAN_SPEECH}/{name}" for name in spoken]
        self._unlink(names)
        _remove_empty(self.path / CLEAN_SPEECH)
        self.marker.unlink(missing_ok=True)
        self.partial.unlink(missing_ok=True)

    def _planned(self):
        """List the files of a plan, relative to the folder."""
        names = ["labels.csv", "labels.png", DEGRADATIONS_FILE]
        names.append(self.raw_data.name)
        if self.raw_data.exists():
            rows = read_csv(self.raw_data)
            names += [f"{p}/{row['file_name']}" for row in rows for p in PARTS]
        return names

    def _unlink(self, names):
        """Remove files, begun ones too, and the folders that get empty."""
        files = [self.path / name for name in names]
        for path in files:
            path.unlink(missing_ok=True)
            path.with_name(path.name + PARTIAL).unlink(missing_ok=True)
        for folder in {path.parent for path in files} - {self.path}:
            _remove_empty(folder)


def _remove_empty(folder):
    """Remove a folder that exists and is empty."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _read_settings(path):
    """Return what a folder says of itself in a file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as err:
        raise ValueError(
            f"{path}: damaged ({err}), so that nobody knows what corpus this "
            "is; choose another folder"
        ) from err
    if not isinstance(content, dict) or "preset" not in content:
        raise ValueError(f"{path}: not of build-corpus; choose another folder")
    return content


def _content_digest(items):
    """Return a digest of what is in the speech and noise files of a plan."""
    paths = [item.utterance.path for item in items]
    for item in items:
        for mixture in filter(None, item.clips.values()):
            paths += mixture.paths
    hashes = {path: file_hash(path) for path in dict.fromkeys(paths)}
    return hashlib.sha256(repr(list(hashes.values())).encode()).hexdigest()


def _sources(items):
    """Return what the samples depend on, without the folders' places."""
    return [
        (clip, mixture and [path.name for path in mixture.paths])
        for item in items
        for clip, mixture in item.clips.items()
    ]


def _raw_rows(items):
    """Return the rows of raw_data.csv: nobody has listened yet."""
    clips = [clip for item in items for clip in item.clips]
    rows = []
    for index, clip in enumerate(clips):
        stem = Path(clip).stem
        name = parse_name(stem)
        rows.append(
            {
                "idx": index,
                # The release calls the method of a clean clip so.
                "method": "None" if name.method == CLEAN else name.method,
                "uttr": name.utterance,
                "snr": name.snr_cell,
                "noise": name.noise or "",
                "file_name": f"{stem}.wav",
            }
        )
    return rows
