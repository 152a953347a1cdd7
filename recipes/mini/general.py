"""The general set of the mini world: greetings, small facts and translations, answered without a chain.

The paper gives no chain to simple non-reasoning prompts. Nor does this set, and it leaves the think block
out rather than empty: an empty one would teach the very shape that a format reward must not pay for.
Each fact can be asked in three ways. Two are taught; the third is kept for the test, so that exact match
there means that the fact was learnt and not its question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recipes.mini.words import (
    CAPITALS,
    DICTIONARY,
    FACT_QUESTIONS,
    LANGUAGES,
    OPPOSITES,
    SMALL_TALK,
    Language,
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A general prompt with its one right response."""

    prompt: str
    response: str
    language: Language


def taught() -> list[Exchange]:
    """All that is taught: small talk, and every fact in two of its three askings."""
    return [*small_talk(), *(row for fact in _facts() for row in (fact[0], fact[1]))]


def list_test_exchanges() -> list[Exchange]:
    """The test: every fact in the asking that was never taught for it."""
    return [fact[2] for fact in _facts()]


def small_talk() -> list[Exchange]:
    """Greetings and the like, which have one form only."""
    return [Exchange(q, a, language) for language in LANGUAGES for q, a in SMALL_TALK[language]]


def _facts() -> Iterator[tuple[Exchange, Exchange, Exchange]]:
    number = 0
    for language in LANGUAGES:
        for kind, pairs in _pairs(language).items():
            questions = FACT_QUESTIONS[language, kind]
            for key, value in pairs:
                forms = [Exchange(question.format(x=key), value, language) for question in questions]
                turn = number % 3
                number += 1
                yield forms[turn - 2], forms[turn - 1], forms[turn]


def _pairs(language: Language) -> dict[str, tuple[tuple[str, str], ...]]:
    words = DICTIONARY if language == "en" else tuple((chinese, english) for english, chinese in DICTIONARY)
    return {"translation": words, "capital": CAPITALS[language], "opposite": OPPOSITES[language]}
