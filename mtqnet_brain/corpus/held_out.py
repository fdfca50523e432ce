"""What a corpus keeps for its test, and what stays in one piece.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mtqnet_brain.corpus.recordings import TALKER_MARK, clean_name

if TYPE_CHECKING:
    from mtqnet_brain.corpus.recordings import Utterance


class HeldOut(NamedTuple):
    """Names that training must not hear, and sources that stay whole.

    A source whose talkers are not known for certain, as where labels are
    clusters of recordings, is in training as a whole unless it is held out.

    Arguments
    ---------
    names : tuple of str
        Sources, languages, talkers, noise files and room responses. A file
        also answers to what stands before and after ``__`` in its name, and
        to its folder's name. Case and punctuation do not count.
    whole : tuple of str
        Sources; ``A+B`` for two that may share talkers: if one of them, a
        language or a talker of theirs is held out, so are all.
    """

    names: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()

    @property
    def whole_sources(self) -> set[str]:
        """Sources that are not split by talkers."""
        return {name for group in self.whole for name in group.split("+")}

    def spread(self, utterances: Iterable[Utterance]) -> HeldOut:
        """Add the sources that are held out together with others."""
        touched = {u.source for u in utterances if self.has_speech(u)}
        groups = [group.split("+") for group in self.whole]
        more = [n for group in groups if touched & {*group} for n in group]
        return self._replace(names=(*self.names, *more))

    def has_speech(self, utterance: Utterance) -> bool:
        """Whether an utterance is kept for the test."""
        return bool(_speech_names(utterance) & _cleaned(self.names))

    def has_file(self, path: Path) -> bool:
        """Whether a noise file or a room response is kept for the test."""
        return bool(file_names([path]) & _cleaned(self.names))

    def refuse_unknown(
        self, utterances: Iterable[Utterance], files: set[str]
    ) -> None:
        """Refuse names that nothing answers to.

        Arguments
        ---------
        utterances : list of Utterance
            All speech.
        files : set of str
            Names of noise files and room responses, of `file_names`.

        Raises
        ------
        ValueError
            With the names that there are.
        """
        utterances = list(utterances)
        known = files.union(*map(_speech_names, utterances))
        lost = [n for n in self.names if not _cleaned([n]) & known]
        sources = sorted({u.source for u in utterances} - {""})
        lost += sorted(self.whole_sources - {*sources})
        if lost:
            languages = sorted({u.language for u in utterances} - {""})
            raise ValueError(
                f"{', '.join(lost)}: no source, language, talker, noise or "
                f"room of that name to keep whole or for the test; sources: "
                f"{', '.join(sources) or 'one folder'}; languages: "
                f"{', '.join(languages) or 'not known'}"
            )

    def without(
        self, heard: Iterable[Utterance], chosen: Iterable[Utterance]
    ) -> list[str]:
        """Return the names of speech of which no clip was chosen.

        Arguments
        ---------
        heard : list of Utterance
            All speech.
        chosen : list of Utterance
            That of the test.

        Returns
        -------
        list of str
            Sources, languages and talkers; a small test lacks some.
        """
        known, used = (
            set().union(*map(_speech_names, speech))
            for speech in (heard, chosen)
        )
        lost = known - used
        return [name for name in self.names if _cleaned([name]) & lost]


def file_names(paths: Iterable[Path]) -> set[str]:
    """Return the names that files answer to, in small letters."""
    names: set[str] = set()
    for path in map(Path, paths):
        group, _, own = path.stem.partition(TALKER_MARK)
        found = [path.stem, group, own, path.parent.name]
        names |= _cleaned(filter(None, found))
    return names


def _speech_names(utterance: Utterance) -> set[str]:
    """Return the names that an utterance answers to."""
    _, talker, _, source, language, _ = utterance
    return _cleaned(filter(None, [talker, source, language]))


def _cleaned(names: Iterable[str]) -> set[str]:
    """Reduce names to letters, digits and hyphens."""
    return {clean_name(name).lower() for name in names}
