"""Foreign words that do not count as language mixing: names, titles, symbols and glosses.

What a word is can be seen from its surroundings: a capital where none is due, a bracket, a sign of equality.
"""

from __future__ import annotations

import re
from itertools import takewhile

from filters.languages.lexicon import LANGUAGE_BITS, POSSIBLE_BITS, Lexicon, normalize_word
from filters.languages.shared_words import NEUTRAL_WORDS

_OPENERS = ".!?:;।؟،؛۔\n。，、；：！？|(（-–—•*#>"
_GLOSS = 24
"""A foreign name in brackets of at most this many characters is a gloss."""
_TITLE, _TITLE_WORDS = 60, 6
"""Characters around a word that may be of the same title, and its words without a capital; half as many where no
capital follows."""
_STOPS = ".,;:!?()[]。，、；：！？"


def is_gloss(prose: str, start: int, end: int) -> bool:
    """Whether a run stands alone between brackets, or first in them: a name in the original after its translation."""
    before, after = prose[max(0, start - 1) : start], prose[end : end + 1]
    return (
        end - start <= _GLOSS
        and before in ("(", "（", "[")
        and after in (")", "）", "]", ",", "，", "、", ";", ":")
    )


def may_be_capital(prose: str, match: re.Match[str], book: Lexicon) -> bool:
    """Whether a word with a capital is not a name: it begins a sentence or clause and is not an acronym."""
    word = match.group()
    if (len(word) > 1 and word.isupper()) or normalize_word(word) not in book.foreign:
        return False
    before = prose[max(0, match.start() - 12) : match.start()].rstrip(" \t")
    after = prose[match.end() : match.end() + 2]
    followed_by_name = after[:1] == " " and after[1:].isupper()
    return (not before or before[-1] in _OPENERS) and not followed_by_name


def is_identifier(prose: str, match: re.Match[str]) -> bool:
    """Whether a word is a symbol: next to a sign of equality, an underscore, a bracket of arguments, a slash."""
    before = prose[max(0, match.start() - 2) : match.start()]
    after = prose[match.end() : match.end() + 2]
    return (
        after[:1] in ("_", "(", "/", "=", "\\", "^")
        or before[-1:] in ("_", "/", "=", "\\", "^", "@", "#")
        or after == " ="
        or before == "= "
    )


def is_in_title(prose: str, match: re.Match[str], book: Lexicon, bits: int) -> bool:
    """Whether a word belongs to a title or a name in its own language, such as `Cien años de soledad`.

    A word with a capital, where none is due, stands a few words before it, with none of the text's own between; and
    one follows too, or it is not a single plain word. After a person's name a single word is more likely a slip. German
    has capitals in any clause.
    """
    before = prose[max(0, match.start() - _TITLE) : match.start()]
    if before[-1:] != " " or before == before.lower() or LANGUAGE_BITS["de"] in (bits, book.own):
        return False
    words = before.rpartition("\n")[2].split()
    if not words:
        return False
    start = len(words) - 1
    while not (words[start][0].isupper() and words[start] != "I"):
        if start == 0 or words[start][-1] in _STOPS or _is_own(words[start], book, bits):
            return False
        start -= 1
    if words[start][-1] in _STOPS:
        return False
    after = prose[match.end() : match.end() + _TITLE].partition("\n")[0]
    rest = after.split() if after[:1] == " " else []
    behind = list(takewhile(lambda word: word[0].islower() and not _is_own(word, book, bits), rest))
    stopped = any(word[-1] in _STOPS for word in behind)
    if not stopped and len(behind) < len(rest):
        ends = rest[len(behind)]
        if ends[0].isupper():
            return len(words) - start + len(behind) <= _TITLE_WORDS
        if not ends[0].isalpha():
            return False  # a number or a formula: a clause goes on
    telling = [word for word in [*words[start + 1 :], match.group(), *behind] if word not in NEUTRAL_WORDS]
    due = start == 0 or words[start - 1][-1] in ".!?。！？"
    return not due and len(telling) <= _TITLE_WORDS // 2 and (len(telling) > 1 or not match.group().isascii())


def _is_own(word: str, book: Lexicon, bits: int) -> bool:
    """Whether a word is the text's and not one of the languages of `bits` too."""
    known = POSSIBLE_BITS.get(word.lower(), 0)
    return bool(known & book.own) and not known & bits and word.lower() not in NEUTRAL_WORDS
