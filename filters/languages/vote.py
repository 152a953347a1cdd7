"""The identifier's vote on sentences: for languages that have no word list here.

Word lists of other languages find much in a Hungarian or a Catalan chain that is its own; and they find nothing in
a Swahili sentence. In both cases a sentence is long enough for an identifier to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from filters.languages.identify import Identifier
from filters.languages.lexicon import BITS, TELLING, WORD
from filters.languages.mixing import Segment
from filters.languages.scripts import scripts_of

_END = re.compile(r"[.!?;\n。！？；]")
_SENTENCE = re.compile(r"[^.!?;\n。！？；]{1,1000}")
_LETTERS, _WORDS = 30, 4
"""Letters and words from which a sentence is long enough to be identified."""
_FEW = 6
"""One word in so many may be a listed one of the chain's language: short words are spelled alike in several."""
_SURE = 0.8
"""Probability from which such a sentence is in another language."""
_LIKELY = 0.5
"""Probability from which a sentence with foreign words in it is in their language."""
_AROUND = 300
"""Characters around a segment that may belong to its sentence."""


def needs_vote(target: str) -> bool:
    """Whether a language is written in Latin letters and has no word list here."""
    return target not in BITS and "latin" in scripts_of(target)


def confirmed(prose: str, segments: Sequence[Segment], identifier: Identifier) -> list[Segment]:
    """The segments that are in another script, or whose sentence is in one of the languages with a word list."""
    return [
        segment
        for segment in segments
        if "latin" not in scripts_of(segment.language) or _is_listed(prose, segment, identifier)
    ]


def _is_listed(prose: str, segment: Segment, identifier: Identifier) -> bool:
    before, after = prose[max(0, segment.start - _AROUND) : segment.start], prose[segment.end :][:_AROUND]
    begin, end = _END.split(before)[-1], _END.split(after, maxsplit=1)[0]
    language, probability = identifier.identify(begin + prose[segment.start : segment.end] + end)
    return language in BITS and probability >= _LIKELY


def strange_sentences(prose: str, accepted: frozenset[str], identifier: Identifier) -> Iterator[Segment]:
    """Sentences in Latin letters with hardly a listed word of the accepted languages that are in another language."""
    own = sum(BITS.get(language, 0) for language in accepted)
    for sentence in _SENTENCE.finditer(prose):
        words = WORD.findall(sentence[0])
        if len(words) < _WORDS or sum(map(len, words)) < _LETTERS:
            continue
        mine = sum(bool(TELLING.get(word.lower().replace("’", "'"), 0) & own) for word in words)
        if mine * _FEW > len(words):
            continue
        language, probability = identifier.identify(sentence[0])
        if probability >= _SURE and language not in accepted and "latin" in scripts_of(language):
            yield Segment(*sentence.span(), language, len(words))
