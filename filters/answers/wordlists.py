"""Word lists as one string of words, easier to read and to extend than quoted lists; and tables in files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def make_word_set(text: str) -> frozenset[str]:
    """The set of the words in a string."""
    return frozenset(text.split())


def make_word_numbers(text: str, start: int = 0) -> dict[str, int]:
    """The words in a string with their numbers, counted from `start`."""
    return {word: number for number, word in enumerate(text.split(), start)}


def read_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a file of columns set apart by tabs, without its comments; missing columns are empty."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("# "):
            yield (line + "\t\t\t").split("\t")
