"""What a word written in Latin letters says about its language, seen from the languages that are welcome."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from filters.languages.borrowed_terms import ACCENTED_TERMS, MUSIC_TERMS
from filters.languages.common_words import COMMON_WORDS
from filters.languages.hint_words import HINT_WORDS, add_confusable_languages
from filters.languages.nominal_words import NOMINAL_WORDS
from filters.languages.scripts import SCRIPTS, list_scripts
from filters.languages.shared_words import (
    ENGLISH_TERMS,
    LOANWORDS,
    NEUTRAL_WORDS,
    NOTATION_WORDS,
    SHARED_WORDS,
)
from filters.languages.subject_words import SUBJECT_WORDS
from filters.languages.task_words import TASK_WORDS

LANGUAGE_BITS = {language: 1 << number for number, language in enumerate(COMMON_WORDS)}


def _collect_bits(lists: dict[str, str], known: dict[str, int]) -> dict[str, int]:
    bits = dict(known)
    for language, words in lists.items():
        for word in words.split():
            bits[word] = bits.get(word, 0) | LANGUAGE_BITS[language]
    return bits


_GRAMMAR: dict[str, int] = _collect_bits(COMMON_WORDS, {})
WORD_BITS: dict[str, int] = _collect_bits(SUBJECT_WORDS, _GRAMMAR)
"""Each listed word's languages, as a union of BITS: what a word says."""
POSSIBLE_BITS: dict[str, int] = _collect_bits(SHARED_WORDS, WORD_BITS)
"""The same with the languages to which a word belongs besides: what it could be."""
TASK_BITS: dict[str, int] = _collect_bits(TASK_WORDS, WORD_BITS)
"""WORD_BITS with the words of tasks, which tell a text's language and are evidence against none."""
_TASK_POSSIBLE: dict[str, int] = _collect_bits(TASK_WORDS, POSSIBLE_BITS)

_HINT_LANGUAGES: dict[str, frozenset[str]] = {
    word: frozenset(language for language, words in HINT_WORDS.items() if word in words.split())
    for word in " ".join(HINT_WORDS.values()).split()
    if word not in POSSIBLE_BITS
}
CLAUSE_BITS: dict[str, int] = _collect_bits(
    {
        language: " ".join(set(words.split()) - set(NOMINAL_WORDS[language].split()))
        for language, words in COMMON_WORDS.items()
    },
    {},
)
"""The languages of the common words that join or make clauses."""
_ENGLISH = frozenset(COMMON_WORDS["en"].split())
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
_NEUTRAL, _BORROWED = NEUTRAL_WORDS | MUSIC_TERMS, LOANWORDS | ACCENTED_TERMS
_VIETNAMESE = re.compile("[ăâđêôơưạ-ỹàáèéìíòóùúýãĩũõ]")

_PINYIN = re.compile(
    "(?:(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?[aeiouüāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,3}(?:ng?|r)?'?){1,4}"
)

_LATIN = SCRIPTS["latin"]
WORD = re.compile(rf"(?<![{_LATIN}\d_\\])[{_LATIN}]++(?:['’](?:t|s|m|ll|ve|re|d)\b)?(?![\d_])")


def normalize_word(word: str) -> str:
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

    def get_evidence(self, word: str) -> tuple[int, bool] | None:
        """Whose a word in lower case is and whether it is enough alone; None where it proves nothing."""
        known = self.foreign.get(word)
        if (
            known is not None
            or word.isascii()
            or word in POSSIBLE_BITS
            or word.removesuffix("s") in _BORROWED
            or word in _BORROWED
        ):
            return known
        if self.pinyin and _PINYIN.fullmatch(word):
            return None
        if self.odd and not self.odd.isdisjoint(word) and len(word) > 2:
            return _match_alphabets(word), True
        return None


@lru_cache(maxsize=512)
def build_lexicon(accepted: frozenset[str]) -> Lexicon:
    """The lexicon of a set of accepted languages, as ISO codes."""
    own = sum(LANGUAGE_BITS.get(language, 0) for language in accepted)
    latin = any("latin" in list_scripts(language) for language in accepted)
    listed = {language for language in accepted if "latin" in list_scripts(language)} <= set(LANGUAGE_BITS)
    foreign = {
        word: (bits, _is_enough(word, POSSIBLE_BITS[word], latin))
        for word, bits in WORD_BITS.items()
        if not POSSIBLE_BITS[word] & own and word not in _NEUTRAL
    }
    near = add_confusable_languages(accepted)
    foreign |= {word: (0, True) for word, languages in _HINT_LANGUAGES.items() if languages.isdisjoint(near)}
    return Lexicon(
        own, latin, foreign, _find_odd_letters(accepted) if listed else frozenset(), "zh" in accepted
    )


def _is_enough(word: str, bits: int, latin: bool) -> bool:
    """Whether one such word is enough. In other scripts an English term is not, a common English word is."""
    if word not in _GRAMMAR:
        return False
    if not latin and bits & LANGUAGE_BITS["en"]:
        return word in _ENGLISH and word not in ENGLISH_TERMS and word not in NOTATION_WORDS
    return len(word) > 3 or (len(word) > 1 and not word.isascii()) or word in _SHORT


def _find_odd_letters(accepted: frozenset[str]) -> frozenset[str]:
    if "vi" in accepted:
        return frozenset("ñßçäöüåøłńśźżčšžřěůőűşğıțțñæœ")
    known = set("".join(_LETTERS.get(language, "") for language in accepted))
    letters = map(chr, (*range(0xDF, 0x250), *range(0x1E00, 0x1F00)))
    return frozenset(letter for letter in letters if letter.islower()) - known - {"ħ"}  # a sign of physics


def _match_alphabets(word: str) -> int:
    """The languages whose alphabet has all of a word's letters."""
    rest = {letter for letter in word if not letter.isascii()}
    bits = sum(LANGUAGE_BITS[language] for language, alphabet in _LETTERS.items() if rest <= set(alphabet))
    return bits | (LANGUAGE_BITS["vi"] if all(map(_VIETNAMESE.match, rest)) else 0)


def list_speaking_for(words: Iterable[str], language: str, other: str) -> list[str]:
    """The words, in lower case, that a listed language has, or could spell, and another listed one does not."""
    bits, others = LANGUAGE_BITS.get(language, 0), LANGUAGE_BITS.get(other, 0)
    known = ((word, _TASK_POSSIBLE.get(word) or _spell_bits(word)) for word in words)
    return [word for word, possible in known if possible & bits and not possible & others]


def _spell_bits(word: str) -> int:
    """Whose alphabets have all the letters of a word that no list has; nothing for plain letters."""
    return 0 if word.isascii() else _match_alphabets(word)


def find_hinted_language(text: str) -> str:
    """The language of most hints in a text; `und` where there is none."""
    hints = Counter(
        language for word in WORD.findall(text.lower()) for language in sorted(_HINT_LANGUAGES.get(word, ()))
    )
    return hints.most_common(1)[0][0] if hints else "und"


def is_common_word(word: str) -> bool:
    """Whether a word in lower case is one of the common words, not one of the subject."""
    return word in _GRAMMAR


@lru_cache(maxsize=4096)
def list_languages(bits: int) -> tuple[str, ...]:
    """The languages of a union of bits."""
    return tuple(language for language, bit in LANGUAGE_BITS.items() if bits & bit)
