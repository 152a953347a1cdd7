"""The input of a rule: the text to judge and one instruction's arguments, read with their types.

Some counts depend on how words or sentences are delimited. Such a count is a range, and an instruction is
kept or broken only where the whole range says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_PHRASE = 2_000
"""Characters of a phrase that an instruction may give, but for the text to repeat."""


class BadInstructionError(Exception):
    """An instruction without the arguments it needs, or with meaningless ones."""


class Range(NamedTuple):
    """The fewest and the most that a count can be."""

    fewest: int
    most: int


@dataclass(frozen=True, slots=True)
class RuleInput:
    """The response's text after its chain, and the arguments of one instruction."""

    text: str
    arguments: Mapping[str, Any]

    def read_count(self, name: str) -> int:
        """A whole number."""
        value = self.arguments.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise BadInstructionError(f"{name} is not a number")
        if value != int(value) or value < 0:
            raise BadInstructionError(f"{name} is not a count")
        return int(value)

    def read_phrase(self, name: str, longest: int = MAX_PHRASE) -> str:
        """A text that is not empty."""
        value = self.arguments.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            raise BadInstructionError(f"{name} is not a text, or too long a one")
        return value.strip()

    def read_phrases(self, name: str) -> list[str]:
        """Texts that are not empty; a single one may stand alone."""
        value = self.arguments.get(name)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, (list, tuple)) or not listed or len(listed) > 200:
            raise BadInstructionError(f"{name} is not a list of texts")
        if not all(isinstance(item, str) and 0 < len(item.strip()) <= MAX_PHRASE for item in listed):
            raise BadInstructionError(f"{name} holds what is not a text")
        return [item.strip() for item in listed]

    def compare_count(self, count: Range, name: str, relation: str = "relation") -> bool | None:
        """Whether a count relates to the number `name` as `relation` says; None where the range leaves it open."""
        wanted, how = self.read_count(name), self.arguments.get(relation) or "at least"
        if how not in _RELATIONS:
            raise BadInstructionError(f"{relation} is not one of {', '.join(_RELATIONS)}")
        ends = {_RELATIONS[how](count.fewest, wanted), _RELATIONS[how](count.most, wanted)}
        inside = how == "exactly" and count.fewest < wanted < count.most
        return None if inside or len(ends) == 2 else ends.pop()


_RELATIONS = {
    "at least": lambda count, wanted: count >= wanted,
    "more than": lambda count, wanted: count > wanted,
    "at most": lambda count, wanted: count <= wanted,
    "less than": lambda count, wanted: count < wanted,
    "exactly": lambda count, wanted: count == wanted,
}
