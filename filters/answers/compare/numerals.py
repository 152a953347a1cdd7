"""Numerals that may be read in two ways: `2e-3` with Euler's number, and digits between commas."""

from __future__ import annotations

import re
from collections.abc import Callable

from filters.answers.compare.context import PromptContext
from filters.answers.compare.reading import AnswerReading, read_answer
from filters.answers.finding import ComparisonResult

Compare = Callable[[AnswerReading, AnswerReading], ComparisonResult]

_SCIENTIFIC = re.compile(r"(?<=\d)e(?=[-+]\d)")
_EULER = re.compile(r"(?<![A-Za-z\\])e(?![A-Za-z])")
_GROUPED = re.compile(r"[^\d,]*\d{1,4}(?:,\d{2,4})+[^\d,]*")


def weigh_numerals(
    one: AnswerReading,
    two: AnswerReading,
    finding: ComparisonResult,
    context: PromptContext,
    compare: Compare,
) -> ComparisonResult:
    """The finding for two answers, or undecided where another reading of their numerals says otherwise."""
    if _SCIENTIFIC.search(one.text) or _SCIENTIFIC.search(two.text):
        finding = _weigh_exponents(one, two, finding, context, compare)
    if finding.equal is False and not context.commas and _is_joined_number(one, two, compare):
        return ComparisonResult(None, "digits that may be grouped")
    return finding


def _weigh_exponents(
    one: AnswerReading,
    two: AnswerReading,
    finding: ComparisonResult,
    context: PromptContext,
    compare: Compare,
) -> ComparisonResult:
    """`2e-3` is 0.002, but may be twice e, less 3: where the prompt speaks of e, or where that makes both the same."""
    split = [read_answer(_SCIENTIFIC.sub(" e ", reading.text)) for reading in (one, two)]
    if split[0].node is None or split[1].node is None:
        return finding
    other = compare(split[0], split[1])
    if finding.equal:
        doubtful = "e" in context.letters and not other.equal
        return ComparisonResult(None, "e or an exponent") if doubtful else finding
    if other.equal is False:
        return finding
    used = all(_EULER.search(_SCIENTIFIC.sub("", reading.text)) for reading in (one, two))
    return other if used and other.equal else ComparisonResult(None, "e or an exponent")


def _is_joined_number(one: AnswerReading, two: AnswerReading, compare: Compare) -> bool:
    """Whether the other side is the number that one side's digits make without their commas: 12,34,567."""
    for grouped, other in ((one, two), (two, one)):
        if _GROUPED.fullmatch(grouped.text) and "," not in other.text:
            joined = read_answer(grouped.text.replace(",", ""))
            if joined.node is not None and compare(joined, other).equal:
                return True
    return False
