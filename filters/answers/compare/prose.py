"""Compare answers in words: names, terms, short phrases."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from filters.answers.finding import ComparisonResult
from filters.answers.wordlists import make_word_set

MAX_WORDS = 60
"""Words of a text answer that are compared."""

MAX_CHARS = 2_000
"""Characters of a text answer that are compared."""

_ARTICLES = make_word_set("a an the le la les der die das el los las un une una ein eine")
_MARKUP = re.compile(
    r"\\(?:text|mathrm|textbf|mathbf|textit|mathtt|texttt|mbox|operatorname)\b|\\[,;:! ]|[{}_$*`]"
)
_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def split_words(text: str) -> tuple[str, ...]:
    """The words of an answer: case, accents, articles, punctuation and mark-up aside; CJK by character."""
    plain = unicodedata.normalize("NFKD", _MARKUP.sub(" ", _join_subscripts(text)).casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char)).replace("ł", "l")
    found = _WORD.findall(_CJK.sub(lambda m: f" {m[0]} ", plain))[: MAX_WORDS + 1]
    return tuple(word for word in found if word not in _ARTICLES) or tuple(found)


def _join_subscripts(text: str) -> str:
    """Subscripts belong to their letter: H_2O is the word H2O."""
    return re.sub(r"_\{?(\w{1,4})\}?", r"\1", text)


def compare_words(reference: str, answer: str) -> ComparisonResult:
    """Compare two texts by their words.

    The same words are equal; a name with a middle name more is equal; a text without a word in common is
    different unless one may be the other's initials; what overlaps in part is undecided.
    """
    if max(len(reference), len(answer)) > MAX_CHARS:
        return ComparisonResult(None, "text")
    one, two = split_words(reference), split_words(answer)
    if not one or not two or max(len(one), len(two)) > MAX_WORDS:
        return ComparisonResult(None, "text")
    if one == two:
        return ComparisonResult(True, "text")
    if _has_middle_name(reference, one, two):
        return ComparisonResult(True, "text")
    if set(one) & set(two) or _may_be_initials(one, two) or _may_be_initials(two, one):
        return ComparisonResult(None, "text")
    return ComparisonResult(False, "text")


def compute_word_f1(reference: str, answer: str) -> float:
    """The words' F1, as in SQuAD (Rajpurkar et al. 2016, section 5): 2 PR / (P + R) over the bag of words."""
    one, two = Counter(split_words(reference)), Counter(split_words(answer))
    common = (one & two).total()
    return 2 * common / (one.total() + two.total()) if common else 0.0


def _has_middle_name(reference: str, one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether the answer is the reference's name with one or two more names inside."""
    capitals = re.findall(r"\b[^\W\d_]\w*", reference)
    is_name = len(one) >= 2 and all(word[:1].isupper() for word in capitals)
    inside = len(one) < len(two) <= len(one) + 2 and one[0] == two[0] and one[-1] == two[-1]
    rest = iter(two)
    return is_name and inside and all(word in rest for word in one)


def _may_be_initials(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether one word may stand for several: USA for United States of America."""
    letters = short[0].replace(".", "")
    return len(short) == 1 and len(long) > 1 and 1 < len(letters) <= 6 and letters[0] == long[0][0]
