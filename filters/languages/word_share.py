"""The share of a chain's words that are in the language it should be in.

This is the language-consistency reward of the paper (arXiv 2501.12948, section 2.3.2): words of the target
language over all words of the chain.
"""

from __future__ import annotations

import re

from filters.languages.lexicon import (
    LANGUAGE_BITS,
    POSSIBLE_BITS,
    WORD,
    WORD_BITS,
    build_lexicon,
    normalize_word,
)
from filters.languages.mixing import find_foreign_segments
from filters.languages.prose import blank_non_prose
from filters.languages.scripts import LETTERS_A_WORD, SCRIPTS, get_base_language, list_scripts

_SENTENCE = re.compile(r"[^.!?;\n。！？；]+")
_WORDS = {name: re.compile(f"[{chars}]+") for name, chars in SCRIPTS.items() if name != "latin"}
_WRITTEN_TOGETHER = {"han": "zh", "kana": "ja", "thai": "th", "other": "lo"}


def measure_language_share(chain: str, language: str) -> float | None:
    """Words of `language` over all words of a chain, from 0 to 1; None where it has no words.

    Formulas, code, quotations, names of things in code and addresses are left out. Chinese, Japanese and
    Thai write no blanks between words: their letters are divided by a usual length of a word (1.6, 2.2 and
    4.0 letters). Where the language has another script than Latin, English terms count neither way; the
    words of an English clause count against it. Linear in the chain's length.
    """
    target = get_base_language(language)
    prose = blank_non_prose(chain)
    own, foreign = _count_script_words(prose, target)
    if "latin" in list_scripts(target):
        more_own, more_foreign = _count_latin_words(prose, target)
        own, foreign = own + more_own, foreign + more_foreign
    else:
        for segment in find_foreign_segments(prose, frozenset({target}), most=None):
            foreign += len(WORD.findall(prose, segment.start, segment.end))
    return own / (own + foreign) if own + foreign else None


def _count_script_words(prose: str, target: str) -> tuple[float, float]:
    """Words in scripts other than Latin: those of the language, and the others. Lone symbols are not words."""
    own, foreign = 0.0, 0.0
    if prose.isascii():
        return own, foreign
    scripts = list_scripts(target)
    for script, pattern in _WORDS.items():
        runs = pattern.findall(prose)
        together = target if script in scripts else _WRITTEN_TOGETHER.get(script, "")
        if together in LETTERS_A_WORD:
            words = sum(map(len, runs)) / LETTERS_A_WORD[together]
        else:
            words = sum(len(run) > 1 for run in runs)
        if script in scripts:
            own += words
        elif script != "greek":
            foreign += words
    return own, foreign


def _count_latin_words(prose: str, target: str) -> tuple[int, int]:
    """Words in Latin letters, by sentence: foreign where foreign words outweigh the language's own."""
    book, bit = build_lexicon(frozenset({target})), LANGUAGE_BITS.get(target, 0)
    own = foreign = 0
    for sentence in _SENTENCE.findall(prose):
        words = [normalize_word(word) for word in WORD.findall(sentence)]
        words = [word for word in words if len(word) > 1 or POSSIBLE_BITS.get(word, 0) & bit]
        strange = sum(book.get_evidence(word) is not None for word in words)
        mine = sum(bool(WORD_BITS.get(word, 0) & bit) for word in words) if strange else 0
        against = len(words) if strange > mine else strange
        own, foreign = own + len(words) - against, foreign + against
    return own, foreign
