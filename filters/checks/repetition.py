"""Whether a response loops: the same words over and over, exactly or nearly.

A chain that ends in a loop teaches looping, and one that says a thing three times teaches rambling. Loops
are found by distance: each word start is compared with the last place where the same text stood, and a loop
is a stretch in which that distance stays the same and the stretch is at least twice as long. Texts that only
share phrases have no such distance; and what repeats with changes is a loop where the changes say nothing new, so that
cases, tables, candidates and definitions pass (`filters.repeats.novelty`). Loops of one token have no words to
compare and are looked for by bytes (`filters.repeats.short_loops`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import eq
from typing import ClassVar

from pydantic import Field

from filters.check import Check, Role
from filters.repeats.profiles import Profile, encode_chunks, find_suspects
from filters.repeats.repetitions import PASSAGE_LETTERS, Fault, find_loop, find_passages, measure_letters
from filters.repeats.short_loops import find_short_loops
from filters.types import Sample, Verdict

_SHORT, _FEW = 11, 10
"""Lines of at most this many characters, and texts of fewer lines, are not looked at for scattered repeats."""


class Repetition(Check):
    """The response does not loop, exactly or nearly, and does not repeat lines or long passages.

    The score is the number of copies, or the share of repeated text; 0 where nothing was found.
    """

    name: ClassVar[str] = "repetition"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "loop": "a block of text, or one token, is repeated exactly, several times in a row, or the engine stopped a loop",
        "near_loop": "a block of text is repeated several times in a row with small changes that say nothing new",
        "repeated_line": "one line is repeated several times in a row",
        "repeated_lines": "most lines repeat an earlier line",
        "repeated_text": "long passages or paragraphs stand there more than once",
    }
    default_filter: ClassVar[bool] = True
    version: ClassVar[int] = 4

    min_copies: int = Field(default=3, ge=2)
    """From how many copies in a row on a line or an exact block counts as a loop."""
    min_near_copies: int = Field(default=4, ge=3)
    """From how many nearly equal copies in a row on a block counts as a loop, unless each says something new."""
    max_line_share: float = Field(default=0.6, ge=0, le=1)
    """Largest share of the lines that may repeat an earlier line, in texts of ten lines and more."""
    max_text_share: float = Field(default=0.25, ge=0, le=1)
    """Largest share of the text that one long passage may have that stood there before; a quarter of it
    where there are several."""

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch: lines first, then the texts in which distances repeat, one by one."""
        twice = [_lines_with_repeats(sample.response) for sample in batch]
        faults = [self._plain_fault(sample, lines) for sample, lines in zip(batch, twice, strict=True)]
        open_ = [number for number, fault in enumerate(faults) if fault is None]
        for first, raws in encode_chunks([batch[number].response for number in open_]):
            numbers = open_[first : first + len(raws)]
            short = dict(find_short_loops(raws))
            for place, fault in short.items():
                faults[numbers[place]] = fault
            if short:
                numbers = [number for place, number in enumerate(numbers) if place not in short]
                raws = [raw for place, raw in enumerate(raws) if place not in short]
            for place, profile in find_suspects(raws):
                faults[numbers[place]] = self._loop(profile, batch[numbers[place]].prompt.text)
        return [
            _verdict(fault or (self._scattered(sample, lines) if lines else None))
            for sample, fault, lines in zip(batch, faults, twice, strict=True)
        ]

    def judge(self, sample: Sample) -> Verdict:
        """Judge one sample."""
        return self.check([sample])[0]

    def _plain_fault(self, sample: Sample, lines: Sequence[str]) -> Fault | None:
        if sample.finish == "repetition":
            end = len(sample.response)
            return Fault("loop", "its engine stopped it", None, (end, end))
        return self._same_line(sample.response, lines) if lines else None

    def _loop(self, profile: Profile, prompt: str) -> Fault | None:
        fault = find_loop(profile, self.min_copies, self.min_near_copies)
        return fault or find_passages(profile, self.max_text_share, prompt)

    def _same_line(self, text: str, lines: Sequence[str]) -> Fault | None:
        lines = list(filter(None, lines))
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

    def _scattered(self, sample: Sample, lines: Sequence[str]) -> Fault | None:
        text = sample.response
        kept = [line for line in lines if len(line) > _SHORT]
        repeats = len(kept) - len(set(kept))
        if not repeats:
            return None
        if len(kept) >= _FEW and repeats > self.max_line_share * len(kept):
            detail = f"{repeats} of {len(kept)} lines"
            return Fault("repeated_lines", detail, repeats / len(kept), (0, len(text)))
        return self._paragraphs(sample, {line: n for line, n in Counter(kept).items() if n > 1})

    def _paragraphs(self, sample: Sample, copies: dict[str, int]) -> Fault | None:
        """Long paragraphs that come back word for word: one twice more, or several over the allowed share."""
        text = sample.response
        long = {p: n - 1 for p, n in copies.items() if measure_letters(p) >= PASSAGE_LETTERS}
        again = {p: n for p, n in long.items() if p.strip() not in sample.prompt.text}
        share = sum(len(paragraph) * times for paragraph, times in again.items()) / max(1, len(text))
        if not again or (max(again.values()) < 2 and share <= self.max_text_share):
            return None
        paragraph = max(again, key=again.__getitem__)
        start = text.index(paragraph, text.index(paragraph) + 1)
        detail = f"{sum(again.values())} paragraphs stood there before, {share:.0%} of the text"
        return Fault("repeated_text", detail, share, (start, start + len(paragraph)))


def _lines_with_repeats(text: str) -> Sequence[str]:
    """The lines of a text in which any but an empty one comes twice; none of most texts, which are done with lines."""
    lines = text.split("\n")
    return lines if len(lines) - len(set(lines)) > max(0, lines.count("") - 1) else ()


def _verdict(fault: Fault | None) -> Verdict:
    if fault is None:
        return Verdict(True, score=0.0)
    return Verdict(False, f"{fault.rule}: {fault.detail}", fault.score, fault.span)


def _allowance(line: str) -> float:
    """How many more copies a line may have: rules and braces any number, rows of numbers a few."""
    if any(map(str.isalpha, line)):
        return 0 if len(line.strip()) > 3 else 5
    if not any(map(str.isdigit, line)):
        return float("inf")
    return 0 if "=" in line else 5
