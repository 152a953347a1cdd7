r"""Numbers written in words, or in digits and words, in ten languages: twenty-six, 三百二十五, 3 million, 12万3千.

Whole answers are read as exact values; at the beginning of an answer, and after digits, words are replaced by digits
so that the parser sees `3 days` for "three days" and `1500000` for "1.5 million". What may mean two numbers (billion
in French, 5k, a mil) is left as it is.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache, lru_cache

from filters.answers.parse.number_composer import compose_number
from filters.answers.parse.number_lexicon import (
    Element,
    Lexicon,
    list_languages,
    load_lexicon,
    split_elements,
)
from filters.answers.parse.unit_pieces import cut_words, is_cjk
from filters.answers.units import classify_word, find_unit
from filters.answers.units.tables import fold_word
from filters.answers.wordlists import make_word_set

MAX_WORDS = 8
"""Words of a number before its unit."""
MAX_CHARS = 240
"""Characters of a number in words."""
MAX_EXPANDED = 8
"""Numbers with scales that one answer may have."""

_ENGLISH_WORDS = make_word_set("once elf null cent cents sept mil mille miles ein eine un una une um uma")
"""Words of other languages that are not read alone: English has them in another sense, or they are articles."""
_LINKED = 10**6
"""From here on Romance languages join the noun by a preposition: un millón de euros."""
_SCALE_KINDS = frozenset({"scale", "times", "ten", "myriad"})
_NUMERAL = re.compile(r"\d+(?:\.\d+)?")
_WORDY = re.compile(r"[A-Za-z]{3}|[^\x00-\x7f]")
_FORMULA = re.compile(r"[\\^_=<>+*/{}()]")
_SCALE_AHEAD = re.compile(
    r"\d(?: ?(?:\\(?:text|mathrm|textrm|mbox)\{ ?|\\[ ,;]|~) ?| ?)(?:[A-Za-z][^\W\d_]|[^\x00-\x7f])"
)
"""A number and what may be a scale after it."""
_STARTING_NUMERAL = re.compile(r"(?<![^\W_])(?<![._^])\d+(?:\.\d+)?")
_OPENED = re.compile(r" ?(?:\\(?:text|mathrm|textrm|mbox)\{ ?|\\[ ,;]|~)? ?")
_OF = re.compile(r" (?:de|do|des|du) (?=[^\W\d_])|(?: d['’])")
_LETTER_SCALE = re.compile(r"(?<=[$€£¥₹])(\d+(?:\.\d+)?) ?(k|K|M|m|mn|mm|MM|bn|B|b|tn|T|cr|Cr|L)(?![A-Za-z])")
_LETTER_SIZES = {
    "k": 10**3, "K": 10**3, "M": 10**6, "m": 10**6, "mn": 10**6, "mm": 10**6, "MM": 10**6, "bn": 10**9, "B": 10**9,
    "b": 10**9, "tn": 10**12, "T": 10**12, "cr": 10**7, "Cr": 10**7, "L": 10**5,
}  # fmt: skip
_POWER = re.compile(r"(?<![\w.,^/*+-])(\d+(?:\.\d+)?)(?:\\text\{ ?| )(squared|cubed)\}?$")
_SIGN = re.compile(r"(?:minus|negative|menos|moins|минус|ऋण|マイナス|负|負|마이너스) ?(?=\d)")
_PARTS_OF_HUNDRED = (("百分之", "%"), ("千分之", "‰"), ("백분의", "%"))


_SHARES = tuple(words for words, _ in _PARTS_OF_HUNDRED)
"""What is said of a percentage, which is not read as a bare number."""


def read_number(text: str) -> Fraction | None:
    """The value of a number in words, or None; languages that read it otherwise leave it undecided."""
    if len(text) > MAX_CHARS or not _WORDY.search(text) or _FORMULA.search(text) or text.startswith(_SHARES):
        return None
    return _read_once(fold_word(" ".join(text.split())))


@lru_cache(maxsize=4096)
def _read_once(text: str) -> Fraction | None:
    values: set[Fraction] = set()
    for language in list_languages(text):
        if language != "en" and (text in _ENGLISH_WORDS or _NUMERAL.search(text)):
            continue
        value = _read_in(text, load_lexicon(language, _without_ordinals(language)), language)
        if value is not None:
            values.add(value)
    return values.pop() if len(values) == 1 else None


def _read_in(text: str, lexicon: Lexicon, language: str) -> Fraction | None:
    elements = split_elements(_join_scales(text, lexicon) if language in ("en", "pt") else text, lexicon)
    if elements and len(elements) == 1 and elements[0][0] in _SCALE_KINDS and text.endswith("s"):
        return None  # dozens, millions
    if not elements or all(kind == "num" for kind, _ in elements):
        return None
    return compose_number(elements, language)


def _join_scales(text: str, lexicon: Lexicon) -> str:
    """The text without the commas after its scales: one thousand, two hundred; "twenty, one" are two numbers."""
    parts = text.split(", ")
    scaled = [lexicon.elements.get(part.rpartition(" ")[2], ("", 0))[0] == "scale" for part in parts[:-1]]
    return " ".join(parts) if all(scaled) else text


@cache
def _without_ordinals(language: str) -> frozenset[str]:
    return frozenset(kind for kind, _ in load_lexicon(language).elements.values()) - {"ordinal"}


def read_ordinal(text: str) -> int | None:
    """The number of an ordinal in words: twelfth, zwölfte, двенадцатый."""
    if len(text) > 40 or not _WORDY.search(text) or _FORMULA.search(text):
        return None
    folded = fold_word(" ".join(text.replace("-", " ").split()))
    found = set()
    for language in list_languages(folded):
        if language not in ("han", "ko", "hi"):
            element = load_lexicon(language, frozenset({"ordinal"})).elements.get(folded)
            found |= set() if element is None else {int(element[1])}
    return found.pop() if len(found) == 1 else None


def expand_leading_number(text: str) -> str:
    """The text with the number in words that it begins with in digits: "three days" is 3 days, 五天 is 5天."""
    match = _SIGN.match(text)
    if match is not None:
        return f"-{text[match.end() :]}"
    if not text or text[0].isdigit() or not text[0].isalpha():
        return text
    if is_cjk(text[0]):
        return _expand_leading_run(text)
    words = text.split(" ", MAX_WORDS + 1)
    for count in range(min(len(words) - 1, MAX_WORDS), 0, -1):
        value = read_number(" ".join(words[:count]).casefold())
        if value is not None and _may_be_counted(words, count):
            return " ".join([_write_number(value), *words[count:]])
    return text


def _may_be_counted(words: list[str], count: int) -> bool:
    """Whether a number in words may count what follows: in other languages than English, a unit or a known noun."""
    number = fold_word(" ".join(words[:count]))
    if _read_in(number, load_lexicon("en", _without_ordinals("en")), "en") is not None:
        return True
    phrase = " ".join(words[count : count + 2])
    if find_unit(words[count]) is not None or find_unit(phrase) is not None:
        return True
    return fold_word(words[0]) not in _ENGLISH_WORDS and classify_word(words[count]) in (
        "noun",
        "group",
        "multiple",
    )


def _expand_leading_run(text: str) -> str:
    """Han and Hangul: a number that nothing but a unit or counter follows; 百分之五 is 5%."""
    for words, sign in _PARTS_OF_HUNDRED:
        if text.startswith(words):
            value = read_number(text.removeprefix(words)) or _read_digits(text.removeprefix(words))
            return text if value is None else f"{_write_number(value)}{sign}"
    for cut in range(min(len(text) - 1, 24), 0, -1):
        rest = text[cut:].lstrip()
        value = read_number(text[:cut].rstrip())
        if value is None or (cut == 1 and is_hangul_numeral(text[0]) and text[1] != " "):
            continue
        if _is_counter(rest):
            return f"{_write_number(value)}{rest}"
    return text


def _read_digits(text: str) -> Fraction | None:
    return Fraction(text) if _NUMERAL.fullmatch(text) else None


def is_hangul_numeral(char: str) -> bool:
    """Whether a syllable is a Sino-Korean digit, which alone is as often another word."""
    return char in "일이삼사오육칠팔구영공만천백조"


def _is_counter(rest: str) -> bool:
    first, *others = cut_words(rest.split(" ")[0])
    if others or " " in rest:
        return classify_word(first) == "noun" and first in "个個只隻名位本棵개명마리권"
    return find_unit(first) is not None or classify_word(first) in ("noun", "group", "multiple")


def _write_number(value: Fraction) -> str:
    """Digits that the parser reads as this value."""
    if value.denominator == 1:
        return str(value)
    return f"\\frac{{{value.numerator}}}{{{value.denominator}}}"


def expand_scaled_numbers(text: str) -> str:
    """The text with `3 million`, `12万3千`, `5 lakh` and `$5k` written out in digits; a bare 5k may be five times k."""
    text = _LETTER_SCALE.sub(lambda m: _write_scaled(Fraction(m[1]) * _LETTER_SIZES[m[2]], m[0]), text)
    if not _SCALE_AHEAD.search(text):
        return text
    if text.rstrip("}").endswith(("squared", "cubed")):
        text = _POWER.sub(lambda m: f"{m[1]}^{2 if m[2] == 'squared' else 3}", text)
    parts: list[str] = []
    at = 0
    for match in _STARTING_NUMERAL.finditer(text):
        found = _expand_at(text, match) if match.start() >= at and len(parts) < 2 * MAX_EXPANDED else None
        if found is not None:
            parts += [text[at : match.start()], found[0]]
            at = found[1]
    return "".join((*parts, text[at:]))


def _write_scaled(value: Fraction, text: str) -> str:
    return f"{value} " if value.denominator == 1 else text


def _expand_at(text: str, match: re.Match[str]) -> tuple[str, int] | None:
    """What a number and the scales after it come to, and where they end."""
    opened = _OPENED.match(text, match.end())
    start = match.end() if opened is None else opened.end()
    if start >= len(text) or not text[start].isalpha():
        return None
    braced = opened is not None and "{" in opened[0]
    found: set[tuple[Fraction, int]] = set()
    for language in list_languages(text[start]):
        chain = _read_chain(text, start, Fraction(match[0]), language)
        if chain is not None:
            found.add(chain)
    if len(found) != 1:
        return None
    value, end = found.pop()
    if braced and text[end : end + 1] != "}":
        return f"{_write_number(value)}\\text{{", end
    end += braced
    link = _OF.match(text, end) if value >= _LINKED else None
    return f"{_write_number(value)} ", end if link is None else link.end()


def _read_chain(text: str, start: int, first: Fraction, language: str) -> tuple[Fraction, int] | None:
    """The value of a number, the scales after it, and more numbers with smaller scales; and the end."""
    lexicon = load_lexicon(language, _SCALE_KINDS)
    if not lexicon.elements:
        return None
    elements: list[Element] = [("num", first)]
    best: tuple[Fraction, int] | None = None
    at = start
    while len(elements) < 12:
        folded = fold_word(text[at : at + 24])
        word = lexicon.longest.match(folded) if len(folded) == len(text[at : at + 24]) else None
        if word is None:
            break
        following = text[at + len(word[0]) : at + len(word[0]) + 1]
        if _is_prefix(text, at, len(word[0])) if is_cjk(word[0]) else following.isalpha():
            break
        if language != "en" and word[0] in _ENGLISH_WORDS and not _goes_on(folded[len(word[0]) :], lexicon):
            break
        elements.append(lexicon.elements[re.sub(r"[ -]+", " ", word[0])])
        at += len(word[0])
        value = compose_number(elements, language)
        if value is None:
            break
        best = value, at
        at += text[at : at + 1] == " "
        numeral = _NUMERAL.match(text, at)
        if numeral is not None:
            elements.append(("num", Fraction(numeral[0])))
            if (
                is_cjk(text[numeral.start() - 1])
                and (value := compose_number(elements, language)) is not None
            ):
                best = value, numeral.end()
            at = numeral.end() + (text[numeral.end() : numeral.end() + 1] == " ")
    return best


def _goes_on(text: str, lexicon: Lexicon) -> bool:
    """Whether another scale follows: 5 mil is not certain, 5 mil millones is."""
    return text[:1] == " " and lexicon.longest.match(text, 1) is not None


def _is_prefix(text: str, at: int, length: int) -> bool:
    """Whether 千 or 兆 here begins a unit: 千米, 兆瓦."""
    return text[at : at + length] in "千兆百" and find_unit(text[at : at + 2]) is not None
