"""Word lists are written as one string of words: easier to read and to extend than quoted lists."""

from __future__ import annotations


def make_word_set(text: str) -> frozenset[str]:
    """The set of the words in a string."""
    return frozenset(text.split())


def make_word_numbers(text: str, start: int = 0) -> dict[str, int]:
    """The words in a string with their numbers, counted from `start`."""
    return {word: number for number, word in enumerate(text.split(), start)}
