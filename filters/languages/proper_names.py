"""Foreign words that do not count as language mixing: names, titles and symbols.

What a word is can be seen from its surroundings: a capital where none is due, a bracket, a sign of equality.
"""

from __future__ import annotations

import re
from itertools import takewhile

from filters.languages.lexicon import LANGUAGE_BITS, POSSIBLE_BITS, Lexicon, normalize_word
from filters.languages.shared_words import NEUTRAL_WORDS

_HYPHENS = ("-", "‐", "‑", "–")
_COORDINATED = re.compile(r"(?: and| &| et| und| y| e|,? et al\.?) [A-ZÀ-Þ]")
"""What follows the first of two names."""
_SYMBOL, _BRACKETS = 2, ("(", "（", "[")
"""A word with a capital and of so many letters is a symbol after a bracket, as in `beryllium (Be)`."""
_OPENERS = ".!?:;।؟،؛۔\n。，、；：！？|(（-–—•*#>"
_TITLE, _TITLE_WORDS = 60, 6
"""Characters around a word that may be of the same title, and its words without a capital; half as many where no
capital follows."""
_ARTICLES = frozenset(
    """
    el la los las il lo gli le les der die das o os as un una une uma um ein eine het
    """.split()  # noqa: SIM905
)
"""With a capital amid a sentence they begin a title."""
_STOPS = ".,;:!?()[]。，、；：！？"


def may_be_capital(prose: str, match: re.Match[str], book: Lexicon) -> bool:
    """Whether a word with a capital is not a name: it begins a sentence or clause and is not an acronym."""
    word = match.group()
    if (len(word) > 1 and word.isupper()) or normalize_word(word) not in book.foreign:
        return False
    if len(word) <= _SYMBOL and prose[match.start() - 1 : match.start()] in _BRACKETS:
        return False
    if _is_of_compound(prose, match) or _COORDINATED.match(prose, match.end()):
        return False
    before = prose[max(0, match.start() - 12) : match.start()].rstrip(" \t")
    after = prose[match.end() : match.end() + 2]
    followed_by_name = after[:1] == " " and after[1:].isupper()
    return (not before or before[-1] in _OPENERS) and not followed_by_name


def _is_of_compound(prose: str, match: re.Match[str]) -> bool:
    """Whether a word with a capital is joined to another one by a hyphen, as in `Born-Haber`."""
    before, after = prose[max(0, match.start() - 2) : match.start()], prose[match.end() : match.end() + 2]
    return (after[:1] in _HYPHENS and after[1:].isupper()) or (
        before[1:] in _HYPHENS and before[:1].isalnum()
    )


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
    one follows too, or it is not a single plain word. After a person's name a single word is more likely a slip. An
    article with a capital after a plain word begins a title. German has capitals in any clause.
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
    due = start == 0 or words[start - 1][-1] in ".!?。！？"
    amid = start > 0 and words[start - 1][-1].isalpha()
    if amid and words[start].lower() in _ARTICLES and 1 < len(words) - start <= _TITLE_WORDS:
        return True
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
    return not due and len(telling) <= _TITLE_WORDS // 2 and (len(telling) > 1 or not match.group().isascii())


def _is_own(word: str, book: Lexicon, bits: int) -> bool:
    """Whether a word is the text's and not one of the languages of `bits` too."""
    known = POSSIBLE_BITS.get(word.lower(), 0)
    return bool(known & book.own) and not known & bits and word.lower() not in NEUTRAL_WORDS
