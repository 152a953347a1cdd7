"""Instructions about what a text says: its words, their number, its language and its case."""

from __future__ import annotations

import re
from functools import lru_cache

from filters.instruct.given import BadInstructionError, Given, Range
from filters.languages.identify import load_identifier
from filters.languages.scripts import base_language

# Scripts written without spaces: one character may be a word, and a whole run may be one.
_UNSPACED = "\u0e00-\u0e7f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(r"\w+")
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W{_UNSPACED}]+(?:['’.,-][^\W{_UNSPACED}]+)*")
_CHARACTER = re.compile(rf"[{_UNSPACED}]")
_END = re.compile(r"[.!?…]+[\"'”’)\]*_]{0,4}(?=\s|$)|[。！？]+[”」』）]{0,2}")
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|st|vs|etc|no|fig|e\.g|i\.e|u\.s|a\.m|p\.m|approx|jr|sr|inc|[a-z]|\d+)\.\Z",
    re.IGNORECASE,
)
_LETTERED = re.compile(r"[^\W\d_]")
_SURE = 0.8
"""An identifier's probability from which another language breaks the instruction."""


def number_words(given: Given) -> bool | None:
    """The number of words; a word with an apostrophe or a hyphen may be one or two."""
    return given.compared(words(given.text), "num_words")


def words(text: str) -> Range:
    """The number of words."""
    whole = sum(1 for _ in _WORD.finditer(text))
    single = sum(1 for _ in _RUN.finditer(text))
    return Range(min(whole, single), max(whole, single) + sum(1 for _ in _CHARACTER.finditer(text)))


def number_sentences(given: Given) -> bool | None:
    """The number of sentences; an abbreviation, a list's number or a line without a stop may end one or not."""
    return given.compared(sentences(given.text), "num_sentences")


def sentences(text: str) -> Range:
    """The number of sentences."""
    ends = [end.end() for end in _END.finditer(text)]
    doubtful = sum(_ABBREVIATION.search(text, max(0, end - 12), end) is not None for end in ends)
    open_lines = sum(bool(_LETTERED.search(line)) and not _END.search(line[-8:]) for line in text.split("\n"))
    fewest = len(ends) - doubtful
    return Range(max(fewest, 1) if _LETTERED.search(text) else fewest, len(ends) + open_lines)


def keywords(given: Given) -> bool | None:
    """Every keyword occurs; one that is only a part of other words leaves it open."""
    counts = [occurrences(given.text, word) for word in given.phrases("keywords")]
    if any(count.most == 0 for count in counts):
        return False
    return True if all(count.fewest for count in counts) else None


def keyword_frequency(given: Given) -> bool | None:
    """How often a keyword occurs."""
    return given.compared(occurrences(given.text, given.phrase("keyword")), "frequency")


def occurrences(text: str, word: str) -> Range:
    """How often a word occurs, by itself and also inside other words; case does not count."""
    inside = text.casefold().count(word.casefold())
    return Range(sum(1 for _ in _alone(word).finditer(text)), inside) if inside else Range(0, 0)


@lru_cache(maxsize=1_024)
def _alone(word: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?!\w)" if word[-1].isascii() and word[-1].isalnum() else ""
    return re.compile(before + re.escape(word) + after, re.IGNORECASE)


def forbidden_words(given: Given) -> bool | None:
    """None of the words occurs by itself."""
    return not any(_alone(word).search(given.text) for word in given.phrases("forbidden_words"))


def letter_frequency(given: Given) -> bool | None:
    """How often a letter, or another character, occurs; case does not count."""
    letter = given.phrase("letter")
    if len(letter) != 1:
        raise BadInstructionError("letter is not one character")
    count = given.text.casefold().count(letter.casefold())
    return given.compared(Range(count, count), "let_frequency", "let_relation")


def capital_words(given: Given) -> bool | None:
    """How many words are all in capitals; a single letter may be one or not."""
    capital = [len(word[0]) for word in _WORD.finditer(given.text) if word[0].isupper()]
    count = Range(sum(size > 1 for size in capital), len(capital))
    return given.compared(count, "capital_frequency", "capital_relation")


def all_capitals(given: Given) -> bool | None:
    """No small letter, and at least one capital."""
    return given.text.isupper()


def all_small(given: Given) -> bool | None:
    """No capital, and at least one small letter."""
    return given.text.islower()


def response_language(given: Given) -> bool | None:
    """The language of the text, as its beginning shows it."""
    wanted = base_language(given.phrase("language"))
    found, probability = load_identifier("fasttext").identify(given.text.lower())
    if found == wanted:
        return True
    return False if probability >= _SURE else None


def no_comma(given: Given) -> bool | None:
    """No comma of any script."""
    return not re.search(r"[,，、،]", given.text)
