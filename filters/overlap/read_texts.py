"""Texts in full, for the few of which hashes say that they match: the words themselves, the signs between, and where all stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from filters.overlap.masks import NAME, NUMBER, find_names
from filters.overlap.signs_between import drop_fractions, has_fraction, list_signs
from filters.overlap.spelled_words import SpelledText, SpelledWord, spell_texts
from filters.overlap.words import NotedWords, note_words

Span = tuple[int, int]
Gram = tuple[object, ...]


@dataclass(frozen=True)
class ReadText:
    """A text, its words in order, and all that is compared of it."""

    text: str
    in_full: SpelledText

    @property
    def words(self) -> list[SpelledWord]:
        """Its words, in order."""
        return self.in_full.words

    @cached_property
    def noted_words(self) -> NotedWords:
        """The same as numbers."""
        return note_words([self.text])

    @cached_property
    def spellings(self) -> list[str]:
        """How its words are spelled."""
        return [word.spelling for word in self.words]

    @cached_property
    def masked_words(self) -> list[str]:
        """The same with a sign in place of each number and name."""
        flags = zip(self.spellings, self.noted_words.is_number, find_names(self.noted_words), strict=True)
        return [NUMBER if number else NAME if name else word for word, number, name in flags]

    @cached_property
    def signs(self) -> list[tuple[str, ...]]:
        """The signs before each word, and last those after all."""
        return list_signs(self.in_full.normal, self.in_full.places)

    @cached_property
    def has_fraction(self) -> bool:
        """Whether it sets fractions in LaTeX."""
        return has_fraction(self.text)

    def signs_beside(self, other: ReadText) -> list[tuple[str, ...]]:
        """Its signs as they compare with another text's: without those of division where one of the two may have none."""
        return drop_fractions(self.signs) if self.has_fraction or other.has_fraction else self.signs

    def find_span(self, begin: int, end: int) -> Span:
        """The characters of a run of words."""
        return self.words[begin].begin, max(word.end for word in self.words[begin:end])


def read_texts(texts: Sequence[str]) -> list[ReadText]:
    """Texts as they are compared, read at once."""
    return [ReadText(text, words) for text, words in zip(texts, spell_texts(texts), strict=True)]


def list_grams(words: Sequence[str], n: int) -> list[Gram]:
    """All runs of n words, in order."""
    return [tuple(words[at : at + n]) for at in range(len(words) - n + 1)]


def list_signed_grams(words: Sequence[str], signs: Sequence[tuple[str, ...]], n: int) -> list[Gram]:
    """The same, each with the signs between its words."""
    return [(*words[at : at + n], *signs[at + 1 : at + n]) for at in range(len(words) - n + 1)]


def merge_runs(begins: Sequence[int], n: int) -> list[Span]:
    """The stretches that runs of n from these places cover together, in order."""
    merged: list[Span] = []
    for begin in sorted(begins):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], begin + n)
        else:
            merged.append((begin, begin + n))
    return merged
