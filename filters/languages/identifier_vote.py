"""The identifier's vote on sentences: for languages that have no word list here.

Word lists of other languages find much in a Hungarian or a Catalan chain that is its own; and of a Swahili sentence
they know a few common words at most. In both cases a sentence is long enough for an identifier to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from filters.languages.hint_words import add_confusable_languages
from filters.languages.identifiers import Identifier
from filters.languages.lexicon import LANGUAGE_BITS, WORD, WORD_BITS, find_hinted_language, normalize_word
from filters.languages.mixing import UNKNOWN, Segment
from filters.languages.scripts import list_scripts

_END = re.compile(r"[.!?;\n。！？；]")
_FEW = 6
"""One word in so many may be a listed one of the chain's language: short words are spelled alike in several."""
_SURE = 0.8
"""Probability from which a sentence in a chain of such a language is in a listed one."""
_LIKELY = 0.5
"""Probability from which a sentence with hints in it is in the language that the identifier names."""
_AROUND = 300
"""Characters around a segment that may belong to its sentence."""


def needs_vote(target: str) -> bool:
    """Whether a language is written in Latin letters and has no word list here."""
    return target not in LANGUAGE_BITS and "latin" in list_scripts(target)


def confirm_segments(
    prose: str, segments: Sequence[Segment], accepted: frozenset[str], identifier: Identifier
) -> Iterator[Segment]:
    """The segments that the identifier does not speak against, named by it where the words name no language.

    It is asked where an accepted language has no word list, and of segments that only hints speak of.
    """
    unlisted = any(map(needs_vote, accepted))
    for segment in segments:
        if "latin" not in list_scripts(segment.language):
            yield segment
        elif segment.language == UNKNOWN:
            yield from _name_segment(prose, segment, accepted, identifier)
        elif not unlisted:
            yield segment
        else:
            language, probability = identifier.identify(_find_sentence(prose, segment))
            if language in LANGUAGE_BITS and probability >= _SURE:
                yield segment


def _name_segment(
    prose: str, segment: Segment, accepted: frozenset[str], identifier: Identifier
) -> Iterator[Segment]:
    """A segment that only hints or strange letters speak of, where the identifier sees no accepted language.

    It need not be sure of a sentence with several hints, unless an accepted language has no word list.
    """
    sentence = _find_sentence(prose, segment)
    language, probability = identifier.identify(sentence)
    sure = probability >= _LIKELY and "latin" in list_scripts(language)
    enough = sure or (segment.words > 1 and not any(map(needs_vote, accepted)))
    if language not in add_confusable_languages(accepted) and enough and not _is_own(sentence, accepted):
        yield replace(segment, language=language if sure else find_hinted_language(sentence))
    elif not prose[segment.start : segment.end].isascii():
        yield segment


def _find_sentence(prose: str, segment: Segment) -> str:
    before, after = prose[max(0, segment.start - _AROUND) : segment.start], prose[segment.end :][:_AROUND]
    begin, end = _END.split(before)[-1], _END.split(after, maxsplit=1)[0]
    return begin + prose[segment.start : segment.end] + end


def _is_own(sentence: str, accepted: frozenset[str]) -> bool:
    """Whether a sentence holds more than a few common words of the accepted languages."""
    own = sum(LANGUAGE_BITS.get(language, 0) for language in accepted)
    words = WORD.findall(sentence)
    mine = sum(bool(WORD_BITS.get(normalize_word(word), 0) & own) for word in words)
    return mine * _FEW > len(words)
