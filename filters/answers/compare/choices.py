"""Answers that are letters of given options: B, (C), "D) Photosynthesis", A and C."""

from __future__ import annotations

import re

from filters.answers.finding import ComparisonResult

_REFERENCE = re.compile(r"\(?([A-J])[).]?(?:(?:\s*(?:,|and|&)\s*|\s+)\(?([A-J])[).]?)*|[A-J]{2,5}(?<![a-z])")
_LETTER = re.compile(r"(?<![A-Za-z\\])([A-Ja-j])(?![A-Za-z'])")
_TEXT = re.compile(
    r"\\(?:text(?:bf|rm|it|tt)?|math(?:rm|bf|tt|sf)|boxed|rm)(?![A-Za-z])(?:\s*\{)?|[{}$*]|\\[()\[\]]"
)
_ANSWER = re.compile(
    r"(?:the\s+)?(?:(?:correct\s+)?(?:option|choice|answer|letter)s?\s*(?:is|are|:)?\s*)?"
    r"[(\[]?([A-Ja-j])[)\]]?(?:\s*[).:,]?\s*$|\s*[).:,]\s+.*|\s*[):]\S.*|\s+[-–]\s+.*)",
    re.IGNORECASE | re.DOTALL,
)
_SEVERAL = re.compile(
    r"(?:options?\s+|choices?\s+|answers?\s+)?[(\[]?[A-Ja-j][)\]]?(?:(?:\s*(?:,|and|or|&|/)\s*)+[(\[]?[A-Ja-j][)\]]?)+\s*\.?",
    re.IGNORECASE,
)
_OPTION = re.compile(r"(?:^|\s)\(([A-J])\)\s*|(?:^|\n|\s{2}|(?<=[.;?:)])\s)\s*([A-J])[).:]\s")

MAX_OPTIONS_TEXT = 8_000
"""Characters of a prompt's end that are searched for its options."""


def read_letters(text: str) -> frozenset[str] | None:
    """The letters that an answer names, or None where it is not of that form."""
    plain = _TEXT.sub(" ", text).strip(" .\n\t")[:300]
    if _SEVERAL.fullmatch(plain):
        return frozenset(found.upper() for found in _LETTER.findall(plain))
    match = _ANSWER.fullmatch(plain)
    if match is None or (len(plain) > 2 and match[1].islower() and plain[0] not in "(["):
        return None
    return frozenset(match[1].upper())


def read_reference_letters(text: str) -> frozenset[str] | None:
    """The letters of a reference answer that is nothing but capital letters of options."""
    plain = _TEXT.sub(" ", text).strip(" .")
    if len(plain) > 40 or not _REFERENCE.fullmatch(plain):
        return None
    found = frozenset(re.findall(r"[A-J]", plain))
    return found if len(found) == len(re.findall(r"[A-J]", plain)) else None


def compare_letters(reference: frozenset[str], answer: str) -> ComparisonResult | None:
    """Compare letters; None where the answer names none."""
    found = read_letters(answer)
    return None if found is None else ComparisonResult(found == reference, "choice")


def list_options(prompt: str) -> dict[str, str]:
    """The options that a prompt lists, by letter; empty unless they run A, B, and so on."""
    tail = prompt[-MAX_OPTIONS_TEXT:]
    marks = list(_OPTION.finditer(tail))
    found: dict[str, str] = {}
    for i, mark in enumerate(marks):
        end = marks[i + 1].start() if i + 1 < len(marks) else len(tail)
        text = tail[mark.end() : end].strip().split("\n")[0].strip(" ;,")
        found[mark[1] or mark[2]] = text
    return found if sorted(found) == list("ABCDEFGHIJ"[: len(found)]) and len(found) > 1 else {}
