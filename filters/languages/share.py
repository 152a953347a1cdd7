"""The share of a chain's words that are in the language it should be in.

This is the language-consistency reward of the paper (arXiv 2501.12948, section 2.3.2): words of the target
language over all words of the chain.
"""

from __future__ import annotations

import re

from filters.languages.lexicon import BITS, TELLING, TONGUES, WORD, lexicon, plain
from filters.languages.mixing import foreign_segments
from filters.languages.scripts import LETTERS_A_WORD, SCRIPTS, base_language, scripts_of
from filters.languages.strip import blank_out

_SENTENCE = re.compile(r"[^.!?;\n。！？；]+")
_WORDS = {name: re.compile(f"[{chars}]+") for name, chars in SCRIPTS.items() if name != "latin"}
_WRITTEN_TOGETHER = {"han": "zh", "kana": "ja", "thai": "th", "other": "lo"}


def language_share(chain: str, language: str) -> float | None:
    """Words of `language` over all words of a chain, from 0 to 1; None where it has no words.

    Formulas, code, quotations, names of things in code and addresses are left out. Chinese, Japanese and
    Thai write no blanks between words: their letters are divided by a usual length of a word (1.6, 2.2 and
    4.0 letters). Where the language has another script than Latin, English terms count neither way; the
    words of an English clause count against it. Linear in the chain's length.
    """
    target = base_language(language)
    prose = blank_out(chain)
    own, foreign = _script_words(prose, target)
    if "latin" in scripts_of(target):
        more_own, more_foreign = _latin_words(prose, target)
        own, foreign = own + more_own, foreign + more_foreign
    else:
        for segment in foreign_segments(prose, frozenset({target}), most=None):
            foreign += len(WORD.findall(prose, segment.start, segment.end))
    return own / (own + foreign) if own + foreign else None


def _script_words(prose: str, target: str) -> tuple[float, float]:
    """Words in scripts other than Latin: those of the language, and the others. Lone symbols are no words."""
    own, foreign = 0.0, 0.0
    if prose.isascii():
        return own, foreign
    scripts = scripts_of(target)
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


def _latin_words(prose: str, target: str) -> tuple[int, int]:
    """Words in Latin letters, by sentence: foreign where foreign words outweigh the language's own."""
    book, bit = lexicon(frozenset({target})), BITS.get(target, 0)
    own = foreign = 0
    for sentence in _SENTENCE.findall(prose):
        words = [plain(word) for word in WORD.findall(sentence)]
        words = [word for word in words if len(word) > 1 or TONGUES.get(word, 0) & bit]
        strange = sum(book.evidence(word) is not None for word in words)
        mine = sum(bool(TELLING.get(word, 0) & bit) for word in words) if strange else 0
        against = len(words) if strange > mine else strange
        own, foreign = own + len(words) - against, foreign + against
    return own, foreign
