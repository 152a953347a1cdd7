"""Instructions about what a text says: its words, their number, its language and its case."""

from __future__ import annotations

import re
from functools import lru_cache

from filters.instruct.rule_input import BadInstructionError, Range, RuleInput
from filters.languages.identifiers import load_identifier
from filters.languages.scripts import get_base_language
from filters.sentences import find_stops

# Scripts written without spaces: one character may be a word, and a whole run may be one.
_UNSPACED = "\u0e00-\u0e7f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(r"\w+")
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W{_UNSPACED}]+(?:['’.,-][^\W{_UNSPACED}]+)*")
_CHARACTER = re.compile(rf"[{_UNSPACED}]")
_LETTERED = re.compile(r"[^\W\d_]")
_SURE = 0.8
"""An identifier's probability from which another language breaks the instruction."""


def check_word_count(rule_input: RuleInput) -> bool | None:
    """The number of words; a word with an apostrophe or a hyphen may be one or two."""
    return rule_input.compare_count(count_words(rule_input.text), "num_words")


def count_words(text: str) -> Range:
    """The number of words."""
    whole = sum(1 for _ in _WORD.finditer(text))
    single = sum(1 for _ in _RUN.finditer(text))
    return Range(min(whole, single), max(whole, single) + sum(1 for _ in _CHARACTER.finditer(text)))


def check_sentence_count(rule_input: RuleInput) -> bool | None:
    """The number of sentences; an abbreviation, a list's number or a line without a stop may end one or not."""
    return rule_input.compare_count(count_sentences(rule_input.text), "num_sentences")


def count_sentences(text: str) -> Range:
    """The number of sentences."""
    sure = most = last = 0
    for stop in find_stops(text):
        line = text[stop.begin] == "\n"
        if (stop.ends and not line) or _LETTERED.search(text, last, stop.begin):
            most += 1
        sure += stop.ends and stop.sure and not line
        last = stop.end if stop.ends else last
    most += _LETTERED.search(text, last) is not None
    return Range(max(sure, 1) if _LETTERED.search(text) else sure, most)


def check_keywords(rule_input: RuleInput) -> bool | None:
    """Every keyword occurs; one that is only a part of other words leaves it open."""
    counts = [count_occurrences(rule_input.text, word) for word in rule_input.read_phrases("keywords")]
    if any(count.most == 0 for count in counts):
        return False
    return True if all(count.fewest for count in counts) else None


def check_keyword_frequency(rule_input: RuleInput) -> bool | None:
    """How often a keyword occurs."""
    return rule_input.compare_count(
        count_occurrences(rule_input.text, rule_input.read_phrase("keyword")), "frequency"
    )


def count_occurrences(text: str, word: str) -> Range:
    """How often a word occurs, by itself and also inside other words; case does not count."""
    inside = text.casefold().count(word.casefold())
    return Range(sum(1 for _ in _compile_word(word).finditer(text)), inside) if inside else Range(0, 0)


@lru_cache(maxsize=1_024)
def _compile_word(word: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?!\w)" if word[-1].isascii() and word[-1].isalnum() else ""
    return re.compile(before + re.escape(word) + after, re.IGNORECASE)


def check_forbidden_words(rule_input: RuleInput) -> bool | None:
    """None of the words occurs by itself."""
    return not any(
        _compile_word(word).search(rule_input.text) for word in rule_input.read_phrases("forbidden_words")
    )


def check_letter_frequency(rule_input: RuleInput) -> bool | None:
    """How often a letter, or another character, occurs; case does not count."""
    letter = rule_input.read_phrase("letter")
    if len(letter) != 1:
        raise BadInstructionError("letter is not one character")
    count = rule_input.text.casefold().count(letter.casefold())
    return rule_input.compare_count(Range(count, count), "let_frequency", "let_relation")


def check_capital_words(rule_input: RuleInput) -> bool | None:
    """How many words are all in capitals; a single letter may be one or not."""
    capital = [len(word[0]) for word in _WORD.finditer(rule_input.text) if word[0].isupper()]
    count = Range(sum(size > 1 for size in capital), len(capital))
    return rule_input.compare_count(count, "capital_frequency", "capital_relation")


def check_uppercase(rule_input: RuleInput) -> bool | None:
    """No small letter, and at least one capital."""
    return rule_input.text.isupper()


def check_lowercase(rule_input: RuleInput) -> bool | None:
    """No capital, and at least one small letter."""
    return rule_input.text.islower()


def check_language(rule_input: RuleInput) -> bool | None:
    """The language of the text, as its beginning shows it."""
    wanted = get_base_language(rule_input.read_phrase("language"))
    found, probability = load_identifier("fasttext").identify(rule_input.text.lower())
    if found == wanted:
        return True
    return False if probability >= _SURE else None


def check_no_comma(rule_input: RuleInput) -> bool | None:
    """No comma of any script."""
    return not re.search(r"[,，、،]", rule_input.text)
