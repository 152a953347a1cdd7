"""Words after a number that are no units of measure: counted things, groups of them, and words that change the value."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Literal

from filters.answers.units.tables import FOLDER, fold_word
from filters.answers.wordlists import read_rows

WordClass = Literal["noun", "group", "multiple", "modifier", "link", "unknown"]

_NO_PLURALS = ("ss", "us", "is")


@cache
def load_counted() -> dict[str, WordClass]:
    """The class of each listed word; one that changes the value in any language counts as such."""
    found: dict[str, WordClass] = {}
    for kind, _, words, *_ in read_rows(FOLDER / "counted.tsv"):
        for word in words.split():
            if found.get(fold_word(word)) != "modifier":
                found[fold_word(word)] = kind  # type: ignore[assignment]
    return found


@cache
def load_leading_nouns() -> frozenset[str]:
    """The listed nouns of languages in which an adjective follows its noun: manzanas rojas."""
    return frozenset(
        fold_word(word)
        for kind, language, words, *_ in read_rows(FOLDER / "counted.tsv")
        if kind in ("noun", "group", "multiple") and language in ("es", "fr", "pt")
        for word in words.split()
    )


@cache
def _load_parts() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What a word of a language without spaces may begin with, contain, and end with, and then is no counted thing."""
    found: dict[str, list[str]] = {"begins": [], "contains": [], "ends": []}
    for place, _, parts, *_ in read_rows(FOLDER / "said_of.tsv"):
        found[place] += parts.split()
    return tuple(found["begins"]), tuple(found["contains"]), tuple(found["ends"])


def _says_more(word: str) -> bool:
    """Whether a word denies, asks, doubts or works on the number before it: 5ではない, 5吗, 5的平方."""
    begins, contains, ends = _load_parts()
    return word.startswith(begins) or word.endswith(ends) or any(part in word for part in contains)


@lru_cache(maxsize=8192)
def classify_word(word: str) -> WordClass:
    """What a word after a number says: an unlisted one is a noun by its plural in -s, else unknown."""
    folded = fold_word(word)
    listed = load_counted()
    if not word.isascii() and folded not in listed and _says_more(folded):
        return "modifier"
    for form in (folded, folded.removesuffix("s")):
        if form in listed:
            return listed[form]
    plural = folded.endswith("s") and len(folded) > 3 and not folded.endswith(_NO_PLURALS)
    return "noun" if plural else "unknown"
