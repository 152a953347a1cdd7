"""Words in Latin letters that are evidence of another language, and where they stand in a text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from filters.languages.glosses import Mentions
from filters.languages.lexicon import WORD, Lexicon, normalize_word
from filters.languages.proper_names import is_identifier, is_in_title, may_be_capital

MAX_WORDS = 30_000
"""Words of other languages in one text that are looked at: a chain of 32,000 tokens has some thousands at most."""
_FEW = 40
"""Up to so many different words are looked for one by one."""
_SUFFIXES = ("t", "s", "m", "ll", "ve", "re", "d")
"""What WORD takes into a word after an apostrophe."""


class Hit(NamedTuple):
    """A foreign word in a text: its range, the bits of its languages, and whether it is enough alone."""

    start: int
    end: int
    bits: int
    enough: bool


def find_hits(prose: str, pieces: str, known: str, book: Lexicon, mentions: Mentions) -> Iterator[Hit]:
    """Where foreign words stand, in their order, leaving out names, acronyms, symbols and mentions.

    pieces: what stands between blanks in the text, each once. known: the prompt, whose words are not evidence.
    """
    evidence = _collect_evidence(pieces, book, known)
    title, end = False, -1
    names = _Names(prose)
    for match in islice(_find_matches(prose, evidence), MAX_WORDS):
        word = match.group()
        if word[0].isupper() and (not may_be_capital(prose, match, book) or names.has(word)):
            continue
        if not is_identifier(prose, match):
            if match.start() != end + 1:  # what follows at once belongs to the same title
                title = is_in_title(prose, match, book, evidence[word][0])
            end = match.end()
            if not title and not mentions.has_word(*match.span(), evidence[word][0]):
                yield Hit(match.start(), end, *evidence[word])


class _Names:
    """Words with a capital that a text has amid its sentences, too: names, also where they begin one."""

    def __init__(self, prose: str) -> None:
        self._prose, self._known = prose, dict[str, bool]()

    def has(self, word: str) -> bool:
        """Whether a word is a name; of many different ones the last are not looked for."""
        if word not in self._known:
            self._known[word] = len(self._known) < _FEW and self._is_amid(word)
        return self._known[word]

    def _is_amid(self, word: str) -> bool:
        text, at = f" {word}", 0
        while (at := self._prose.find(text, at + 1)) > 0:
            end = at + len(text)
            if self._prose[at - 1].islower() and not self._prose[end : end + 1].isalpha():
                return True
        return False


def _collect_evidence(pieces: str, book: Lexicon, known: str) -> dict[str, tuple[int, bool]]:
    """The words of a text that are evidence, but for those of the prompt, with what each says."""
    words = {
        word for word in WORD.findall(pieces) if word[1:].islower() or word[1:].isupper() or len(word) == 1
    }
    found = {word: book.get_evidence(normalize_word(word)) for word in words}  # `sinA` is two symbols
    welcome = _split_words(known)
    return {word: proof for word, proof in found.items() if proof and normalize_word(word) not in welcome}


@lru_cache(maxsize=64)
def _split_words(known: str) -> frozenset[str]:
    return frozenset(WORD.findall(known))


def _find_matches(prose: str, words: Collection[str]) -> Iterator[re.Match[str]]:
    """Where words stand: a few are looked for one by one, which costs a quarter of looking at every word."""
    if len(words) > _FEW:
        yield from (match for match in WORD.finditer(prose) if match.group() in words)
        return
    starts = sorted(start for word in words for start in _find_places(prose, word))
    yield from filter(None, (WORD.match(prose, start) for start in starts))


def _find_places(prose: str, word: str) -> Iterator[int]:
    """Where a word that WORD matches begins; the end of `we're` does not count."""
    at = prose.find(word)
    while at >= 0:
        found = WORD.match(prose, at)
        after_apostrophe = at > 1 and prose[at - 1] in "'’" and prose[at - 2].isalpha()
        if found and found.group() == word and not (after_apostrophe and word in _SUFFIXES):
            yield at
        at = prose.find(word, at + len(word))
