r"""The unit, number word or currency that stands after an answer: `\text{ cm}`, "miles per hour", "million".

Only what is known to be a unit is read: a counted thing ("5 apples") may stay away without harm.
"""

from __future__ import annotations

import re

from filters.answers.parse.tokens import NotMathError, tokenize_answer
from filters.answers.parse.unit_words import read_unit
from filters.answers.wordlists import make_word_set

_SKIP = re.compile(r"(?:[\s~*_}$]|\\[,;:!> ]|\\q?quad(?![A-Za-z])|\\[)\]])*")
_FONT = re.compile(
    r"\\(?:text|textbf|textrm|textit|mathrm|mbox|operatorname|rm)\s*\{\s*+([^{}]{1,40}?)\s*\}"
    r"((?:\s?\^\s?\{?-?\d\}?)?(?:\s?/\s?\\(?:text|mathrm)\s*\{[^{}]{1,20}\}(?:\^\{?\d\}?)?)?)"
)
_WORDS = re.compile(
    r"(?:[°℃℉]\s?[CF]?|[A-Za-zµμΩÅ]+)(?:[²³]|\^\{?-?\d\}?)?"
    r"(?:(?:\s?[/·]\s?| per | )[A-Za-zµμΩ]+(?:[²³]|\^\{?-?\d\}?)?){0,3}"
)
_WIDE = re.compile(r"[\u0900-\u097f\u0400-\u04ff]{1,14}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af%％]{1,6}")
_SCALES = make_word_set(
    "hundred thousand million billion trillion dozen crore lakh lakhs crores millions percent percents pct ppm ppb "
    "millones mil millón milliards milliard millionen milliarden tausend milhões milhão mille prozent % ％ por\xa0cento "
    "万 亿 千 百 億 만 억 퍼센트 パーセント процентов процента процент миллионов миллиона тысяч млн тыс млрд "
    "प्रतिशत लाख करोड़ हजार हज़ार"
)
_PHRASES = ("per cent", "por ciento", "pour cent", "por cento")
_SHORT_AFTER = re.compile(r"\s*(?:[.,;:!?)\]}$]|\\|\Z|of\b|per\b|/|\n)")
MAX_WORDED = 120
"""Characters of a unit with its font command."""


def read_unit_after(text: str, at: int) -> tuple[str, int] | None:
    """The unit that follows position `at`, written to be put after a number, and where it ends."""
    skipped = _SKIP.match(text, at)
    begin = skipped.end() if skipped else at
    font = _FONT.match(text, begin, begin + MAX_WORDED)
    if font is not None:
        known = _is_unit(font[1]) or font[1].casefold() in (*_SCALES, *_PHRASES)
        return (f" {font[0]}", font.end()) if known else None
    return _read_wide(text, begin) or _read_words(text, begin)


def _read_wide(text: str, begin: int) -> tuple[str, int] | None:
    """A unit in a script that writes it without a space: 米, 元, км; its longest known prefix."""
    run = _WIDE.match(text, begin)
    if run is None:
        return None
    shortest = len(run[0]) if not run[0][0].isascii() and run[0][0] < "\u3000" else 1
    for length in range(len(run[0]), shortest - 1, -1):
        word = run[0][:length]
        if word in _SCALES or _is_unit(word):
            return f" {word}", begin + length
    return None


def _read_words(text: str, begin: int) -> tuple[str, int] | None:
    """A unit in Latin letters: the longest known one of up to four words."""
    for phrase in _PHRASES:
        if text.startswith(phrase, begin):
            return f" {phrase}", begin + len(phrase)
    run = _WORDS.match(text, begin, begin + 60)
    if run is None:
        return None
    ends = [m.start() for m in re.finditer(r"(?= )|(?= ?[/·])", run[0]) if m.start()]
    for length in sorted({len(run[0]), *ends}, reverse=True):
        phrase, end = run[0][:length], begin + length
        if _is_known(phrase) and _is_apart(text, phrase, end):
            return f" {phrase}", end
    return None


def _is_known(phrase: str) -> bool:
    first, _, rest = phrase.partition(" ")
    if first.casefold() in _SCALES:
        return not rest or _is_unit(rest)
    return _is_unit(phrase)


def _is_apart(text: str, phrase: str, end: int) -> bool:
    """Whether a short symbol stands apart from the words after it: "5 in." but not "5 in total"."""
    if phrase.isalpha() and len(phrase) <= 2:
        return _SHORT_AFTER.match(text, end) is not None and not (
            phrase in ("a", "I", "A") or text.startswith(" of", end)
        )
    return not text[end : end + 1].isalnum()


def _is_unit(phrase: str) -> bool:
    """Whether the whole phrase names a unit of a known size."""
    try:
        unit = read_unit(tokenize_answer(" " + phrase.rstrip(".")))
    except NotMathError:
        return False
    return unit is not None and (unit.dimension is not None or unit.scale != "")
