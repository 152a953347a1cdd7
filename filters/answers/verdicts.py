"""From a sample to a verdict: the one path that all checks of short answers share."""

from __future__ import annotations

import re
from collections.abc import Callable

from filters.answers.compare.reading import read
from filters.answers.extract.boxes import last_box
from filters.answers.extract.final_answer import Extracted, extract
from filters.answers.finding import Finding
from filters.answers.parse.literals import flat
from filters.types import Sample, Verdict

MAX_QUOTED = 70
"""Characters of an answer that a reason quotes."""

_FINAL = re.compile(r"####\s*([^\n]+)\s*\Z")


def judge_answer(sample: Sample, find: Callable[[str, Extracted], Finding]) -> Verdict:
    """Extract, compare and say why.

    find: compares the reference with what was extracted; it is asked only for answers that were found.
    Reasons: no_reference, no_answer, unclosed_think, weak, equal, different, unsure, unreadable_reference.
    """
    reference = reference_of(sample)
    if not reference:
        return Verdict(None, "no_reference")
    found = extract(sample.response)
    if found.how == "unclosed_think":
        return Verdict(False, "unclosed_think")
    if not found.text:
        return Verdict(False, "no_answer")
    finding = find(reference, found)
    return verdict_of(reference, found, finding if found.strong else Finding(None, "weak"))


def reference_of(sample: Sample) -> str:
    """The prompt's reference answer: the end of a solution that closes with `#### 18` or a box."""
    reference = (sample.prompt.answer or "").strip()
    final = _FINAL.search(reference[-2_000:])
    if final is not None:
        return final[1].strip()
    boxed = last_box(reference) if "\\boxed" in reference else None
    return boxed.text if boxed is not None else reference


def verdict_of(reference: str, found: Extracted, finding: Finding) -> Verdict:
    """The verdict on an answer that was found and compared."""
    got = f"got {quoted(found.text)}"
    if finding.equal is True:
        return Verdict(True, f"equal: {found.how}, {finding.rule}", span=found.span)
    if finding.rule == "weak":
        return Verdict(None, f"weak: {found.how}, {got}", span=found.span)
    rule = "different" if finding.equal is False else "unsure"
    if rule == "unsure" and not readable(reference):
        rule = "unreadable_reference"
    detail = f"{found.how}, {finding.rule}, {got}, expected {quoted(reference)}"
    return Verdict(finding.equal, f"{rule}: {detail}", span=found.span)


def readable(reference: str) -> bool:
    """Whether a reference is an expression, a known form, or words: something answers can be compared with."""
    reading = read(reference)
    return reading.node is not None or not re.search(r"[\\^{}=<>]|\d", flat(reading.text))


def quoted(text: str) -> str:
    """An answer as a reason quotes it: one line, cut."""
    plain = " ".join(text[: 2 * MAX_QUOTED].split())
    return plain if len(plain) <= MAX_QUOTED else plain[: MAX_QUOTED - 1] + "…"
