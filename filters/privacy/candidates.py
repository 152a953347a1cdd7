r"""Where patterns match in a text, found in time linear in its length whatever the text.

Polars' engine, which cannot run away, finds candidates by a pattern without look-around; Python's engine then reads
each at its own place with the pattern as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from filters.text_columns import make_text_column

MOST: Final = 10_000
"""Candidates of one pattern that are read in one text: an honest text has a few."""
_BEHIND: Final = re.compile(r"\(\?:\(\?<=(\\W)\)\|\(\?<=\^\)\)|\(\?<!\[((?:[^\]\\]|\\.)*)\]\)|\(\?<!(\\w)\)")
"""Look-behind as detect-secrets and we write it: not after one of some characters."""
_AHEAD: Final = re.compile(r"\(\?[=!](?:[^()\[\]\\]|\\.|\[(?:[^\]\\]|\\.)*\])*\)")
"""Look-ahead without brackets inside it: without it a pattern matches more, never less."""


class TooManyError(Exception):
    """A text has more candidates than are read."""


@dataclass(frozen=True)
class TextPattern:
    """A pattern and the name of what it finds; `group` is the part that is the value itself."""

    kind: str
    pattern: re.Pattern[str]
    group: int = 0

    @cached_property
    def gate(self) -> str:
        """The pattern for polars' engine: what must not stand before it is a character of the match, what follows is not looked at."""
        shown = _AHEAD.sub("", _BEHIND.sub(_consume, self.pattern.pattern))
        return f"(?i:{shown})" if self.pattern.flags & re.IGNORECASE else f"(?:{shown})"


def _consume(behind: re.Match[str]) -> str:
    if behind[1]:
        return r"(?:^|\W)"
    return f"(?:^|[^{behind[2] or behind[3]}])"


def find_suspects(texts: Sequence[str], patterns: Iterable[TextPattern]) -> dict[int, list[TextPattern]]:
    """Which texts may hold something, and what: one look at all of them a pattern, each of which costs next to nothing.

    One look for all patterns at once would be a hundred times slower: their automaton outgrows its cache.
    """
    column, found = make_text_column(texts), dict[int, list[TextPattern]]()
    for one in patterns:
        for number in column.str.contains(one.gate).arg_true().to_list():
            found.setdefault(number, []).append(one)
    return found


def find_candidates(text: str, one: TextPattern) -> Iterator[re.Match[str]]:
    """The matches of a pattern, in order. Raises TooManyError where there are too many to read."""
    column = make_text_column([text])
    stored, at = column[0], 0
    candidates = column.str.extract_all(one.gate)[0]
    if len(candidates) > MOST:
        raise TooManyError
    for candidate in candidates:
        # Candidates come in order and apart, so that the next equal text is it; at the end of a text more may match.
        place = stored.index(candidate, at)
        match = _match_near(one.pattern, text, place)
        if match is None and stored.endswith(candidate):
            match = _match_near(one.pattern, text, len(stored) - len(candidate))
        if match is not None:
            yield match
        at = place + max(1, len(candidate))


def _match_near(pattern: re.Pattern[str], text: str, place: int) -> re.Match[str] | None:
    """The match at a place, or after the character before it, which the gate takes in."""
    return pattern.match(text, place) or pattern.match(text, place + 1)


def compile_all(patterns: Iterable[TextPattern]) -> None:
    """Raise polars' error where its engine cannot read a pattern."""
    for one in patterns:
        pl.Series([""]).str.contains(one.gate)
