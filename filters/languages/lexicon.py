"""What a word written in Latin letters says about its language, seen from the languages that are welcome."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from filters.languages.hints import HINTS, with_near
from filters.languages.scripts import SCRIPTS, scripts_of
from filters.languages.shared_words import ALSO, LOANWORDS, NEUTRAL, NOTATION, TERMS
from filters.languages.subject_words import SUBJECT
from filters.languages.words import COMMON

BITS = {language: 1 << number for number, language in enumerate(COMMON)}


def _bits(lists: dict[str, str], known: dict[str, int]) -> dict[str, int]:
    bits = dict(known)
    for language, words in lists.items():
        for word in words.split():
            bits[word] = bits.get(word, 0) | BITS[language]
    return bits


_GRAMMAR: dict[str, int] = _bits(COMMON, {})
TELLING: dict[str, int] = _bits(SUBJECT, _GRAMMAR)
"""Each listed word's languages, as a union of BITS: what a word says."""
TONGUES: dict[str, int] = _bits(ALSO, TELLING)
"""The same with the languages to which a word belongs besides: what it could be."""

_HINTED: dict[str, frozenset[str]] = {
    word: frozenset(language for language, words in HINTS.items() if word in words.split())
    for word in " ".join(HINTS.values()).split()
    if word not in TONGUES
}
_ENGLISH = frozenset(COMMON["en"].split())
_SHORT = frozenset(
    [
        "und",
        "ist",
        "que",
        "che",
        "ich",
        "wir",
        "het",
        "een",
        "the",
        "but",
        "and",
        "are",
        "how",
        "why",
        "now",
        "jak",
        *("dus", "ale", "och", "nie", "czy"),
    ]
)
"""Words of two or three plain letters that are evidence alone; others of that length may be anything."""

# The letters beyond a to z that a language writes; a word with another one is not its own.
_LETTERS = {
    "en": "",
    "es": "áéíóúüñ",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "de": "äöüß",
    "it": "àèéìíîòóùú",
    "pt": "áàâãçéêíóôõúü",
    "nl": "áéëèêíïóöôúü",
    "tr": "çğıöşüâîû",
    "pl": "ąćęłńóśźż",
    "id": "é",
    "sv": "åäöé",
}
_VIETNAMESE = re.compile("[ăâđêôơưạ-ỹàáèéìíòóùúýãĩũõ]")

_PINYIN = re.compile(
    "(?:(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?[aeiouüāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,3}(?:ng?|r)?'?){1,4}"
)

_LATIN = SCRIPTS["latin"]
WORD = re.compile(rf"(?<![{_LATIN}\d_\\])[{_LATIN}]++(?:['’](?:t|s|m|ll|ve|re|d)\b)?(?![\d_])")


def plain(word: str) -> str:
    """A word as the lists have it."""
    return word.lower().replace("’", "'")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words as seen from the accepted languages.

    own: their bits. latin: whether one of them is written in Latin letters.
    foreign: words that are not theirs, with the bits of whose they are (none for a hint's), and whether one is enough.
    odd: letters that none of them uses; empty where an accepted language's alphabet is not known.
    pinyin: whether Chinese is accepted, and so its transcription.
    """

    own: int
    latin: bool
    foreign: dict[str, tuple[int, bool]]
    odd: frozenset[str]
    pinyin: bool

    def evidence(self, word: str) -> tuple[int, bool] | None:
        """Whose a word in lower case is and whether it is enough alone; None where it proves nothing."""
        known = self.foreign.get(word)
        if known is not None or word.isascii() or word in TONGUES or word in LOANWORDS:
            return known
        if self.pinyin and _PINYIN.fullmatch(word):
            return None
        if self.odd and not self.odd.isdisjoint(word) and len(word) > 2:
            return _spelled_like(word), True
        return None


@lru_cache(maxsize=512)
def lexicon(accepted: frozenset[str]) -> Lexicon:
    """The lexicon of a set of accepted languages, as ISO codes."""
    own = sum(BITS.get(language, 0) for language in accepted)
    latin = any("latin" in scripts_of(language) for language in accepted)
    listed = {language for language in accepted if "latin" in scripts_of(language)} <= set(BITS)
    foreign = {
        word: (bits, _enough(word, TONGUES[word], latin))
        for word, bits in TELLING.items()
        if not TONGUES[word] & own and word not in NEUTRAL
    }
    near = with_near(accepted)
    foreign |= {word: (0, True) for word, languages in _HINTED.items() if languages.isdisjoint(near)}
    return Lexicon(own, latin, foreign, _odd_letters(accepted) if listed else frozenset(), "zh" in accepted)


def _enough(word: str, bits: int, latin: bool) -> bool:
    """Whether one such word makes a mix. Among other scripts an English term is none, its grammar is."""
    if word not in _GRAMMAR:
        return False
    if not latin and bits & BITS["en"]:
        return word in _ENGLISH and word not in TERMS and word not in NOTATION
    return len(word) > 3 or (len(word) > 1 and not word.isascii()) or word in _SHORT


def _odd_letters(accepted: frozenset[str]) -> frozenset[str]:
    if "vi" in accepted:
        return frozenset("ñßçäöüåøłńśźżčšžřěůőűşğıțțñæœ")
    known = set("".join(_LETTERS.get(language, "") for language in accepted))
    letters = map(chr, (*range(0xDF, 0x250), *range(0x1E00, 0x1F00)))
    return frozenset(letter for letter in letters if letter.islower()) - known


def _spelled_like(word: str) -> int:
    """The languages whose alphabet has all of a word's letters."""
    rest = {letter for letter in word if not letter.isascii()}
    bits = sum(BITS[language] for language, alphabet in _LETTERS.items() if rest <= set(alphabet))
    return bits | (BITS["vi"] if all(map(_VIETNAMESE.match, rest)) else 0)


def hinted_language(text: str) -> str:
    """The language of most hints in a text; `und` where there is none."""
    hints = Counter(language for word in WORD.findall(text.lower()) for language in _HINTED.get(word, ()))
    return hints.most_common(1)[0][0] if hints else "und"


def is_grammar(word: str) -> bool:
    """Whether a word in lower case is one of the common words, not one of the subject."""
    return word in _GRAMMAR


@lru_cache(maxsize=4096)
def languages_of(bits: int) -> tuple[str, ...]:
    """The languages of a union of bits."""
    return tuple(language for language, bit in BITS.items() if bits & bit)
