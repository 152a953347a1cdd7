"""Whether a response loops: the same words over and over, exactly or nearly.

A chain that ends in a loop teaches looping, and one that says a thing three times teaches rambling. Loops
are found by distance: each word start is compared with the last place where the same text stood, and a loop
is a stretch in which that distance stays the same and the stretch is at least twice as long. Texts that only
share phrases have no such distance, so a table of steps is not taken for a loop.
"""

from __future__ import annotations

from itertools import groupby
from operator import eq
from typing import ClassVar

from pydantic import Field

from filters.check import SampleCheck
from filters.loops import Fault, Profile, find_loop, find_passages
from filters.vocabulary import Sample, Verdict

_SHORT, _FEW = 11, 10
"""Lines of at most this many characters, and texts of fewer lines, are not looked at for scattered repeats."""


class Repetition(SampleCheck):
    """Loops, near-loops, the same line again and again, and passages that stand there twice.

    Rules: loop (exact), near_loop (small changes), repeated_line (in a row), repeated_lines (scattered),
    repeated_text (long passages). The score is the number of copies, or the share of repeated text; 0 where
    nothing was found.
    """

    name: ClassVar[str] = "repetition"

    min_copies: int = Field(3, ge=2)
    """From how many copies in a row on a line or an exact block counts as a loop."""
    min_near_copies: int = Field(4, ge=3)
    """From how many nearly equal copies in a row on a block counts as a loop."""
    max_line_share: float = Field(0.6, ge=0, le=1)
    """Largest share of the lines that may repeat an earlier line, in texts of ten lines and more."""
    max_text_share: float = Field(0.25, ge=0, le=1)
    """Largest share of the text that one long passage may have that stood there before; a quarter of it
    where there are several."""

    def judge(self, sample: Sample) -> Verdict:
        """The cheap rules on lines first, then loops and passages by distance."""
        text = sample.response
        if sample.finish == "repetition":
            return Verdict(False, "loop: its engine stopped it", None, (len(text), len(text)))
        lines = [line for line in text.split("\n") if line]
        fault = self._same_line(text, lines) or self._loop(sample) or self._scattered(text, lines)
        if fault is None:
            return Verdict(True, score=0.0)
        return Verdict(False, f"{fault.rule}: {fault.detail}", fault.score, fault.span)

    def _same_line(self, text: str, lines: list[str]) -> Fault | None:
        if not any(map(eq, lines, lines[1:])):
            return None
        at = 0
        for line, group in groupby(lines):
            begin = end = text.index(line, at)
            copies = len(list(group))
            for _ in range(copies):
                at = end = text.index(line, at) + len(line)
            if copies >= self.min_copies + _allowance(line):
                detail = f"{copies} times in a row: {line.strip()[:60]}"
                return Fault("repeated_line", detail, copies, (begin, end))
        return None

    def _loop(self, sample: Sample) -> Fault | None:
        profile = Profile(sample.response)
        if not profile.back.any():
            return None
        fault = find_loop(profile, self.min_copies, self.min_near_copies)
        return fault or find_passages(profile, self.max_text_share, sample.prompt.text)

    def _scattered(self, text: str, lines: list[str]) -> Fault | None:
        kept = [line for line in lines if len(line) > _SHORT]
        repeats = len(kept) - len(set(kept))
        if len(kept) < _FEW or repeats <= self.max_line_share * len(kept):
            return None
        return Fault("repeated_lines", f"{repeats} of {len(kept)} lines", repeats / len(kept), (0, len(text)))


def _allowance(line: str) -> float:
    """How many more copies a line may have: rules and braces any number, rows of numbers a few."""
    if any(map(str.isalpha, line)):
        return 0 if len(line.strip()) > 3 else 5
    if not any(map(str.isdigit, line)):
        return float("inf")
    return 0 if "=" in line else 5
