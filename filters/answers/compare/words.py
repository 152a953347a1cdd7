"""Compare answers in words: names, terms, short phrases, whose meaning no rule here knows.

Equal is proved by the same form: every sign, bracket, digit and word in its place, where only the case of
ordinary words, an article before a common noun, accents that one side leaves out, and punctuation at the end
may differ. Different is proved by what is known of the words: other numbers in the same words, a negation
more, two words of one closed class, an item more in a list of names. Anything else is undecided.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from fractions import Fraction

from filters.answers.compare.word_classes import find_class
from filters.answers.finding import ComparisonResult
from filters.answers.wordlists import make_word_set

MAX_WORDS = 60
"""Words of a text answer that are compared."""
MAX_CHARS = 2_000
"""Characters of a text answer that are compared."""
MAX_NAME = 2
"""Words of an item in a list of names."""
SHORTEST_FOLDED = 4
"""Letters from which a word in capitals is the same word as in small letters: shorter ones are often symbols."""

_ARTICLES = make_word_set("a an the")
_FOREIGN_ARTICLES = make_word_set("le la les l une der die das ein eine el los las una il lo gli uma")
_ENGLISH_TOO = frozenset(("die", "der", "das", "ein", "eine", "los", "las", "il", "lo", "l"))
"""Articles that are words of other languages, too: before a noun that is written as one only."""
_ALL_ARTICLES = _ARTICLES | _FOREIGN_ARTICLES | {"un"}
_NAMED_BY_A = make_word_set(
    "positive negative plus minus sharp flat major minor natural prime bar and or is was level team grade few little"
)
_NEGATIONS = make_word_set(
    "not no never non without neither nor cannot nicht kein keine pas non ni не нет 不 没 非 無 无"
)
_SHARING = make_word_set("of in to per out for from auf von sur de 中 分之")
_NO_ITEMS = make_word_set("respectively only etc both each too also alone together exclusively")
_MARKUP = re.compile(
    r"\\(?:text|mathrm|textbf|mathbf|textit|textrm|mathtt|texttt|mathsf|textsf|mbox|operatorname|emph|underline)"
    r"\s*\{([^{}]*)\}"
)
_SPACING = re.compile(r"\\[,;:! ]|~|\\q?quad(?![A-Za-z])|(?<!\\)\$|\*\*|`")
_ESCAPED = re.compile(r"\\([&%#$_])")
_INITIALS = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?")
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)*|\S")
_PLAIN_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})[-‐‑](?=[^\W\d_]{2})")
_NUMERAL = re.compile(r"\d+(?:\.\d+)?")
_COMPUTING = frozenset("\\^=+/*_<>|")
"""Signs of a formula, in which other numbers may be the same value."""
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_DOUBLED = re.compile(r"(?:([a-z])\1)+")
_JOINTS = frozenset({",", ";", "and", "&", "、", "und", "et", "和", "及", "与"})
_BAG_MARKUP = re.compile(
    r"\\(?:text|mathrm|textbf|mathbf|textit|mathtt|texttt|mbox|operatorname)\b|\\[,;:! ]|[{}_$*`]"
)
_BAG_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")

Form = tuple[str, ...]


def compare_words(reference: str, answer: str, *, ordered: bool = False) -> ComparisonResult:
    """Compare two texts by the words, signs and numbers they are made of.

    ordered: whether the order of items in a list counts.
    """
    if max(len(reference), len(answer)) > MAX_CHARS:
        return ComparisonResult(None, "text")
    one, two = read_form(reference), read_form(answer)
    if not one or not two or max(len(one), len(two)) > MAX_WORDS:
        return ComparisonResult(None, "text")
    one, two = _drop_article(one, two), _drop_article(two, one)
    named = any(form[0][:1].isupper() for form in (one, two))
    one, two = tuple(map(_fold_case, one)), tuple(map(_fold_case, two))
    if one == two or _is_same_but_accents(one, two, named=named):
        return ComparisonResult(True, "text")
    return (
        _compare_numerals(one, two)
        or _compare_items(one, two, ordered=ordered)
        or _compare_known_words(one, two)
        or ComparisonResult(None, "text")
    )


def read_form(text: str) -> Form:
    """The words and signs of an answer in order, without what is only typing."""
    for _ in range(3):
        text = _MARKUP.sub(r" \1 ", text)
    text = _ESCAPED.sub(r"\1", _SPACING.sub(" ", text))
    text = _INITIALS.sub(lambda m: m[0].replace(".", ""), unicodedata.normalize("NFC", text))
    text = _HYPHEN.sub(" ", text.strip().strip('"“”').rstrip(" .,;:!。"))
    return tuple(_TOKEN.findall(text))


def _drop_article(form: Form, other: Form) -> Form:
    """The form without an article that the other side lacks, before a common noun: a cat, but The Hague, Vitamin A.

    A noun is common where either side writes it small; an article written small is no part of a name.
    """
    if len(form) < 2 or not other or not form[0][:1].isalpha() or (form[0].isupper() and len(form[0]) > 1):
        return form
    article, noun, small = form[0], form[1], form[0].casefold()
    if other[0].casefold() == small or len(noun) < 2 or not noun.isalpha():
        return form
    if small in _FOREIGN_ARTICLES:
        german = small in _ENGLISH_TOO and not noun.istitle()
        return (
            form[1:] if article.islower() and not german and noun.casefold() == other[0].casefold() else form
        )
    if (
        small not in _ARTICLES
        or other[0].casefold() in _ARTICLES
        or (small == "a" and noun.casefold() in _NAMED_BY_A)
    ):
        return form
    return form[1:] if article.islower() or noun.islower() or other[0].islower() else form


def _fold_case(word: str) -> str:
    """An ordinary word in small letters; a symbol, whose case counts (Pa, MW, CO, AaBb), as it is."""
    if word.islower() or not word.isalpha() or not word.isascii():
        return word if word.isascii() else word.casefold() if len(word) > 2 else word
    if len(word) < SHORTEST_FOLDED:
        return word.lower() if word.istitle() and len(word) == SHORTEST_FOLDED - 1 else word
    whole = word.istitle() or word.isupper()
    return word.lower() if whole and not _DOUBLED.fullmatch(word.lower()) else word


def fold_words(text: str) -> str:
    """A text with single blanks and its ordinary words in small letters: symbols and words beside digits stay as they are."""
    return _PLAIN_WORD.sub(lambda m: _fold_case(m[0]), " ".join(text.split()))


def _is_same_but_accents(one: Form, two: Form, *, named: bool) -> bool:
    """Whether one side writes the other's names without their accents: Sao Paulo; ano is not año.

    named: whether a capital says that it is a name.
    """
    plain = [all(word.isascii() for word in form) for form in (one, two)]
    if plain[0] == plain[1] or len(one) != len(two):
        return False
    same = tuple(map(_remove_accents, one)) == tuple(map(_remove_accents, two))
    return same and named


def _remove_accents(word: str) -> str:
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFKD", word.replace("ł", "l").replace("ø", "o").replace("ß", "ss"))
    plain = "".join(char for char in apart if not unicodedata.combining(char))
    return plain.lower() if plain.isascii() else word


def _compare_numerals(one: Form, two: Form) -> ComparisonResult | None:
    """The same words with other numbers are different; the same numbers elsewhere prove nothing."""
    if (
        len(one) != len(two)
        or not _COMPUTING.isdisjoint(one)
        or (len(one) > 1 and not any(word.isalpha() for word in one))
    ):
        return None
    numbers: tuple[list[Fraction], list[Fraction]] = ([], [])
    for x, y in zip(one, two, strict=True):
        if _NUMERAL.fullmatch(x) and _NUMERAL.fullmatch(y):
            numbers[0].append(Fraction(x))
            numbers[1].append(Fraction(y))
        elif x != y:
            return None
    if len(numbers[0]) > 1 and not _SHARING.isdisjoint(one):
        return None  # 1 out of 2 and 2 out of 4, 50 % of 10 and 25 % of 20
    if numbers[0] == numbers[1]:
        return None  # Python 3.10 and 3.1, room 012 and 12: the digits differ
    return ComparisonResult(None if Counter(numbers[0]) == Counter(numbers[1]) else False, "numbers in words")


def _compare_items(one: Form, two: Form, *, ordered: bool) -> ComparisonResult | None:
    """Lists of names: the same items are equal in any order unless it counts; an item more or less is different."""
    items, others = _split_items(one), _split_items(two)
    if len(items) < 2 and len(others) < 2:
        return None
    if any(len(item) > MAX_NAME for item in (*items, *others)):
        return None  # a sentence, not a list of names
    if items == others or (not ordered and Counter(items) == Counter(others)):
        return ComparisonResult(True, "names")
    if Counter(items) == Counter(others):
        return ComparisonResult(False, "order")
    if any(_NO_ITEMS.issuperset(item) for item in (*items, *others)):
        return None  # London, respectively
    kept = set(items) & set(others)
    more = set(items) < set(others) or set(others) < set(items)
    return ComparisonResult(False, "names") if more and len(kept) > 1 else None


def _split_items(form: Form) -> list[Form]:
    """The items between commas and words like "and"."""
    items: list[list[str]] = [[]]
    for word in form:
        if word in _JOINTS:
            items.append([])
        else:
            items[-1].append(word)
    return [tuple(item) for item in items if item]


def _compare_known_words(one: Form, two: Form) -> ComparisonResult | None:
    """A negation that only one side has, or two words that exclude each other: even and odd, May and June."""
    for short, long in ((one, two), (two, one)):
        rest = [word for word in long if word not in _NEGATIONS]
        if len(rest) == len(long) - 1 and tuple(rest) == short and "no" not in long:
            return ComparisonResult(False, "negation")
    if len(one) != len(two):
        return None
    if "0" in one:
        return None  # increases by 0, decreases by 0
    apart = [(x, y) for x, y in zip(one, two, strict=True) if x != y]
    if len(apart) == 1 and find_class(apart[0][0]) and find_class(apart[0][0]) == find_class(apart[0][1]):
        return ComparisonResult(False, "known words")
    return None


def split_words(text: str) -> tuple[str, ...]:
    """The words of a text for the F1 of SQuAD: case, accents, articles, punctuation and mark-up aside."""
    plain = unicodedata.normalize("NFKD", _BAG_MARKUP.sub(" ", text).casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char)).replace("ł", "l")
    found = _BAG_WORD.findall(_CJK.sub(lambda m: f" {m[0]} ", plain))[: MAX_WORDS + 1]
    return tuple(word for word in found if word not in _ALL_ARTICLES) or tuple(found)


def compute_word_f1(reference: str, answer: str) -> float:
    """The words' F1, as in SQuAD (Rajpurkar et al. 2016, section 5): 2 PR / (P + R) over the bag of words."""
    one, two = Counter(split_words(reference)), Counter(split_words(answer))
    common = (one & two).total()
    return 2 * common / (one.total() + two.total()) if common else 0.0
