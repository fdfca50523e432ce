"""The folder of a corpus: what it holds, and what may be removed from it.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtqnet_brain.corpus.corpus_labels import (
    EXCERPTS,
    PARTS_FILE,
    PARTS_LABELS,
)
from mtqnet_brain.corpus.corpus_settings import DEFAULTS
from mtqnet_brain.corpus.joined import JOINED, part_paths
from mtqnet_brain.corpus.planning import CLEAN_SPEECH
from mtqnet_brain.corpus.presets import speech_files
from mtqnet_brain.corpus.raw_data import raw_columns, raw_rows
from mtqnet_brain.corpus.talker_split import SPLITS
from mtqnet_brain.corpus.unlabelled import UNLABELLED_FILE
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.utils.files import (
    PARTIAL,
    TEXT,
    file_hash,
    write_csv,
    write_json,
)

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item
    from mtqnet_brain.corpus.unlabelled import Unlabelled

DEGRADATIONS_FILE = "degradations.csv"
TAKES_FILE = "takes.csv"


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
        self.settings: dict[str, Any] = {}

    def _recorded(self) -> dict[str, Any]:
        """Return the settings that the folder records; empty for none."""
        for path in (self.partial, self.marker):
            if path.exists():
                return _read_settings(path)
        return {}

    def refuse_inputs(self, *folders: str | Path | None) -> None:
        """Refuse a corpus inside its speech or noise, which would then grow.

        Raises
        ------
        ValueError
            If the corpus would lie in one of the folders; None is none.
        """
        for read in [folder for folder in folders if folder]:
            if self.path.resolve().is_relative_to(Path(read).resolve()):
                raise ValueError(
                    f"{self.path}: lies in {read}, from which speech or noise "
                    "is read; choose another folder"
                )

    def claim(self, settings: dict[str, Any]) -> None:
        """Use the folder for a corpus with these settings.

        Files that a command with other settings has left are removed if it
        was stopped before its first clip.

        Arguments
        ---------
        settings : dict
            Everything that the corpus depends on.

        Raises
        ------
        ValueError
            If it holds clips made with other settings, or files that this
            command has not made.
        """
        recorded = self._recorded()
        self._refuse_foreign(recorded)
        self.settings = json.loads(json.dumps(settings))
        changed = self._changes(recorded or self.settings)
        if changed and self._has_clips():
            raise ValueError(
                f"{self.path} holds a corpus with {changed[0]}; choose another "
                "folder, repeat the earlier command or give --restart"
            )
        if changed:
            self.remove(
                keep_speech=recorded["preset"] == self.settings["preset"]
            )
        if changed or not recorded:
            self._record(self.settings)

    def _changes(self, recorded: dict[str, Any]) -> list[str]:
        """List the settings that differ from the recorded ones."""
        return [
            f"{name} {recorded.get(name)}, now {self.settings.get(name)}"
            for name in dict.fromkeys((*self.settings, *DEFAULTS))
            if recorded.get(name) != self.settings.get(name)
        ]

    def _has_clips(self):
        """Whether a clip or a label has been written."""
        wavs = (self.path.glob(f"{split}/*.wav") for split in SPLITS)
        return any(map(any, wavs)) or (self.path / "labels.csv").exists()

    def _refuse_foreign(self, recorded):
        """Refuse a folder with a corpus that this command has not made."""
        tables = ("raw_data.csv", "labels.csv", DEGRADATIONS_FILE)
        more = (TAKES_FILE, PARTS_FILE, UNLABELLED_FILE)
        names = (*SPLITS, CLEAN_SPEECH, *tables, *more)
        found = [name for name in names if (self.path / name).exists()]
        if found and not recorded:
            raise ValueError(
                f"{self.path} holds {', '.join(found)}, not made by "
                "build-corpus; choose another folder"
            )

    def _record(self, content):
        """Record the settings of a corpus that is not yet complete."""
        # Not in the marker: its temporary file would have this very name.
        write_json(self.partial, content)

    def fix_plan(
        self, items: Sequence[Item], unlabelled: Sequence[Unlabelled] = ()
    ) -> None:
        """Write raw_data.csv, or check that the plan is the recorded one.

        The tables of another plan are replaced if it has no clip yet.

        Arguments
        ---------
        items : list of Item
            The plan.
        unlabelled : list of Unlabelled
            Clips without labels.

        Raises
        ------
        ValueError
            If the speech or noise folders have changed since the start.
        """
        digests = {
            "plan": _digest(_names(items)),
            "sources_sha256": _content_digest(items, unlabelled),
        }
        recorded = self._recorded()
        # An earlier release recorded no digest of the content.
        if any(recorded.get(k, v) != v for k, v in digests.items()):
            if self._has_clips():
                raise ValueError(
                    f"{self.path}: the speech or noise files have changed "
                    "since this corpus was started; give --restart"
                )
            self._unlink(self._planned())
        self._record(self.settings | digests)
        # Not complete until every clip has been checked again.
        self.marker.unlink(missing_ok=True)
        if not self.raw_data.exists():
            write_csv(self.raw_data, raw_rows(items), raw_columns(items))
        self._write_plan(items, unlabelled)

    def _write_plan(self, items, unlabelled):
        """Write how clips are made that are not simply mixed, if any."""
        takes = [
            {"file": next(iter(item.clips))} | item.take.row
            for item in items
            if item.take
        ]
        clips = [clip.row for clip in unlabelled]
        for name, rows in ((TAKES_FILE, takes), (UNLABELLED_FILE, clips)):
            if rows and not (self.path / name).exists():
                write_csv(self.path / name, rows)

    def finish(self, content: dict[str, Any]) -> None:
        """Write corpus.json (settings, counts, talkers): it is complete."""
        recorded = self._recorded()
        digests = {name: recorded[name] for name in ("plan", "sources_sha256")}
        self._record(content | digests)
        self.partial.replace(self.marker)

    def remove(self, keep_speech: bool = False) -> None:
        """Remove what build-corpus has written here and nothing else.

        Arguments
        ---------
        keep_speech : bool
            Whether the speech of a preset stays.

        Raises
        ------
        ValueError
            If the folder holds files that this command has not made.
        """
        recorded = self._recorded()
        self._refuse_foreign(recorded)
        if not recorded:
            return
        names = self._planned()
        if recorded["preset"] and not keep_speech:
            spoken = speech_files(recorded["preset"])
            names += [f"{CLEAN_SPEECH}/{name}" for name in spoken]
        self._unlink(names)
        _remove_empty(self.path / CLEAN_SPEECH)
        self._unlink([self.marker.name, self.partial.name])

    def _planned(self):
        """List the files of a plan, relative to the folder."""
        names = ["labels.csv", "labels.png", DEGRADATIONS_FILE, TAKES_FILE]
        names += [PARTS_FILE, PARTS_LABELS, UNLABELLED_FILE, self.raw_data.name]
        unlabelled = self.path / UNLABELLED_FILE
        if unlabelled.exists():
            names += [row["file"] for row in read_csv(unlabelled)]
        if self.raw_data.exists():
            rows = read_csv(self.raw_data)
            clips = [f"{s}/{row['file_name']}" for row in rows for s in SPLITS]
            names += clips + [f"{EXCERPTS}/{clip}" for clip in clips]
            parts = [p for c in clips if JOINED in c for p in part_paths(c)]
            names += [name for pair in parts for name in pair]
        return names

    def _unlink(self, names):
        """Remove files, unfinished ones too, and folders left empty."""
        files = [self.path / name for name in names]
        for path in files:
            path.unlink(missing_ok=True)
            path.with_name(path.name + PARTIAL).unlink(missing_ok=True)
        folders = {f for p in files for f in p.relative_to(self.path).parents}
        for folder in sorted(folders - {Path()}, reverse=True):  # inner first
            _remove_empty(self.path / folder)


def _remove_empty(folder):
    """Remove a folder that exists and is empty."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _read_settings(path):
    """Return the settings that a file records."""
    try:
        content = json.loads(path.read_text(**TEXT))
    except (ValueError, RecursionError) as err:
        raise ValueError(
            f"{path}: damaged ({err}), so the settings of this corpus are "
            "unknown; choose another folder"
        ) from err
    if not isinstance(content, dict) or "preset" not in content:
        raise ValueError(
            f"{path}: not written by build-corpus; choose another folder"
        )
    return content


def _digest(values: list) -> str:
    """Return the SHA-256 of plain values."""
    return hashlib.sha256(repr(values).encode()).hexdigest()


def _content_digest(
    items: Iterable[Item], unlabelled: Iterable[Unlabelled]
) -> str:
    """Return a digest of the content of the speech and noise files used."""
    items = list(items)
    paths = [item.utterance.path for item in items]
    for item in items:
        for mixture in filter(None, item.clips.values()):
            paths += [*mixture.paths, *filter(None, [mixture.room])]
    paths += [path for item in items for path in item.recordings]
    paths += [clip.origin for clip in unlabelled if clip.origin]
    return _digest([file_hash(path) for path in dict.fromkeys(paths)])


def _names(items: Iterable[Item]) -> list:
    """Return the names of clips and files; folders may move."""
    return [
        (clip, mixture and [path.name for path in mixture.paths])
        for item in items
        for clip, mixture in item.clips.items()
    ]
