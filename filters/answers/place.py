"""Where an answer stands in a text: shared by the finders, so that each can name the exact characters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """An answer's text, and the start and length of the characters it came from.

    how: a more precise name of the way it was found, where the finder has one. doubt: what stands beside the
    answer, may change it and could not be read; empty where all was read. rival: another answer that the text
    may mean as well; empty where there is none.
    """

    text: str
    start: int
    length: int
    how: Literal["boxes"] | None = None
    doubt: str = ""
    rival: str = ""

    def shift_by(self, offset: int) -> Place:
        """The same place in a text that starts `offset` characters earlier."""
        return replace(self, start=self.start + offset)
