"""The number words of ten languages, read from `number_words.tsv`, and a text as the elements they make."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from filters.answers.units.tables import fold_word
from filters.answers.wordlists import read_rows

Element = tuple[str, Fraction]
"""The kind of a number word, as the file names it (`num` for digits), and its value."""

_SCRIPTS = (
    (re.compile("[\u0400-\u04ff]"), ("ru",)),
    (re.compile("[\u0900-\u097f]"), ("hi",)),
    (re.compile("[\uac00-\ud7af]"), ("ko",)),
    (re.compile("[\u3040-\u30ff\u3400-\u9fff〇]"), ("han",)),
)
_LATIN = ("en", "de", "es", "fr", "pt")
_UNSPACED = frozenset({"de", "han", "ko"})
_GAP = re.compile(r"[\s-]*")
_NUMERAL = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language. longest: a pattern that takes the longest word at a place."""

    elements: dict[str, Element]
    longest: re.Pattern[str]


@cache
def _load_rows() -> dict[str, list[tuple[str, str, Fraction]]]:
    found: dict[str, list[tuple[str, str, Fraction]]] = {}
    for language, kind, value, words, *_ in read_rows(Path(__file__).with_name("number_words.tsv")):
        found.setdefault(language, []).append((kind, words, Fraction(value)))
    return found


@cache
def load_lexicon(language: str, kinds: frozenset[str] | None = None) -> Lexicon:
    """The words of a language; kinds: of these kinds only. A word of two kinds has the one that comes first."""
    elements: dict[str, Element] = {}
    for kind, words, value in _load_rows()[language]:
        if kinds is None or kind in kinds:
            for word in words.split("|"):
                elements.setdefault(fold_word(word), (kind, value))
    return Lexicon(elements, _match_longest(elements, bounded=language not in _UNSPACED))


def _match_longest(words: Iterable[str], *, bounded: bool) -> re.Pattern[str]:
    listed = sorted(words, key=len, reverse=True)
    end = r"(?![^\W\d_]|[\u0900-\u0963])" if bounded else ""
    return re.compile(
        "(?:" + "|".join(re.escape(word).replace(r"\ ", "[ -]+") for word in listed) + ")" + end
    )


def list_languages(text: str) -> tuple[str, ...]:
    """The languages whose number words a text may be in, by its script."""
    for script, languages in _SCRIPTS:
        if script.search(text):
            return languages
    return _LATIN


def split_elements(text: str, lexicon: Lexicon) -> list[Element] | None:
    """The elements that a folded text is made of, or None where anything else is in it."""
    found: list[Element] = []
    at = 0
    while at < len(text):
        numeral = _NUMERAL.match(text, at)
        match = numeral or lexicon.longest.match(text, at)
        if match is None or len(found) > 40:
            return None
        word = re.sub(r"[ -]+", " ", match[0])
        found.append(("num", Fraction(match[0])) if numeral else lexicon.elements[word])
        gap = _GAP.match(text, match.end())
        at = match.end() if gap is None else gap.end()
    return found
