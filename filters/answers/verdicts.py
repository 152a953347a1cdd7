"""Verdicts on short answers: extraction, comparison and reason, the one path that all their checks share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from filters.answers.compare.context import read_context
from filters.answers.compare.reading import read_answer
from filters.answers.extract.final_answer import FinalAnswer, extract_answer
from filters.answers.extract.marked_answers import find_boxed_answer
from filters.answers.finding import ComparisonResult
from filters.answers.parse.literals import strip_markup
from filters.think import CUT_OFF
from filters.types import Sample, Verdict

MAX_QUOTED = 70
"""Characters of an answer that a reason quotes."""
MAX_PROSE = 3_000
"""Characters of a response's end in which words are looked for that may be an answer."""
NOT_READ: Final = " (not read: "
"""What stands in reasons that name what could not be read, of either side."""

ANSWER_RULES: Final[Mapping[str, str]] = {
    "equal": "the final answer is proved equal to the reference answer",
    "different": "the final answer is proved different from the reference answer",
    "no_answer": "nothing in the response could be an answer, or it was cut off before it came to one",
    "unclosed_think": "the think block is never closed, so nothing counts as an answer",
    "weak": "undecided: the answer is only a guess, from bold text, the last number or prose",
    "doubt": "undecided: what stands beside the answer may change it, and was not understood",
    "unsure": "undecided: the answer could not be proved equal to the reference, nor different from it",
    "no_reference": "undecided: the prompt has no reference answer",
    "unreadable_reference": "undecided: the reference answer is not read whole, and the answer is not written the same way",
}
"""The rules of `judge_answer`, which the checks of short answers share."""

_FINAL = re.compile(r"####\s*([^\n]+)\s*\Z")
_NO_CONTENT = re.compile(
    r"\\(?:boxed|fbox)\s{0,4}\{\s{0,9}\}|</?[A-Za-z]{1,20}/?>|<\|\w{1,20}\|>|\\[A-Za-z]{1,20}"
    r"|\b(?:the|my|our|final|correct|answer|solution|result|is|so|therefore|thus|hence)\b|(?:最终)?答案[是为]?",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\(?([A-J])\)?\.?")
_AND_LETTER = re.compile(r"[ ,*]*(?:and|or|&|,) \W{0,3}[A-J]\b(?!['’])")
_UNREAD = re.compile(rf"{re.escape(NOT_READ)}(.*)\)\Z", re.DOTALL)


def judge_answer(sample: Sample, find: Callable[[str, FinalAnswer], ComparisonResult]) -> Verdict:
    """Extract, compare and say why.

    find: compares the reference with what was extracted; it is called only for answers that were found.
    """
    reference = extract_reference(sample)
    if not reference:
        return Verdict(None, "no_reference")
    found = extract_answer(sample.parts)
    if found.how == "cut":
        return Verdict(False, f"no_answer: {CUT_OFF}")
    if found.how == "unclosed_think":
        return Verdict(False, "unclosed_think")
    if not found.text:
        may_hold = may_hold_answer(sample.parts.answer or "")
        return Verdict(None, "weak: prose") if may_hold else Verdict(False, "no_answer")
    found = doubt_by_option_after(sample, found)
    finding = find(reference, found)
    if found.rival:
        finding = settle_rivals(finding, find(reference, found._replace(text=found.rival)))
    return make_verdict(reference, found, weigh_finding(found, finding))


def doubt_by_option_after(sample: Sample, found: FinalAnswer) -> FinalAnswer:
    """The answer, with a doubt where another option follows a letter: "B. Nitrogen", "B. Iron and C"."""
    letter = _LETTER.fullmatch(found.text.strip())
    if letter is None or found.doubt or found.span is None:
        return found
    options = dict(read_context(sample.prompt.text).options)
    own = options.get(letter[1], "")
    line = sample.response[found.span[1] : found.span[1] + 300].lstrip(" .):*").partition("\n")[0]
    if own and _begins_with(line, own):
        other = _AND_LETTER.match(line[len(own) :]) is not None
    else:
        other = any(text != own and _begins_with(line, text) for text in options.values())
    return found._replace(doubt=f'after it: "{quote_answer(line)}"') if other else found


def _begins_with(line: str, text: str) -> bool:
    return (
        len(text) > 1
        and line[: len(text)].casefold() == text.casefold()
        and not line[len(text) :][:1].isalnum()
    )


def may_hold_answer(text: str) -> bool:
    """Whether a text in which no answer was found has words or numbers that may be one, be it in prose.

    The words of a cue that nothing follows, tags and empty boxes are none.
    """
    return re.search(r"[^\W_]|[∅∞√]", _NO_CONTENT.sub(" ", text.strip()[-MAX_PROSE:])) is not None


def settle_rivals(one: ComparisonResult, two: ComparisonResult) -> ComparisonResult:
    """What holds of an answer of which the response gives two readings: only what holds of both."""
    return one if one.equal is two.equal else ComparisonResult(None, "doubt")


def weigh_finding(found: FinalAnswer, finding: ComparisonResult) -> ComparisonResult:
    """What a comparison proves of an answer as it was found: a guess is never different, a doubtful one nothing."""
    if not found.strong and (found.doubt or finding.equal is not True):
        return ComparisonResult(None, "weak")
    return ComparisonResult(None, "doubt") if found.doubt else finding


def extract_reference(sample: Sample) -> str:
    """The prompt's reference answer: the end of a solution that closes with `#### 18` or a box."""
    reference = (sample.prompt.answer or "").strip()
    final = _FINAL.search(reference[-2_000:])
    if final is not None:
        return final[1].strip()
    boxed = find_boxed_answer(reference) if "\\boxed" in reference else None
    return boxed.text if boxed is not None else reference


def make_verdict(reference: str, found: FinalAnswer, finding: ComparisonResult) -> Verdict:
    """The verdict on an answer that was found and compared: both sides, by what rule, and what was not read."""
    both = f"got {quote_answer(found.text)}, expected {quote_answer(reference)}"
    if finding.rule == "weak":
        return Verdict(None, f"weak: {found.how}, {both}", span=found.span)
    if finding.rule == "doubt":
        why = found.doubt or f"or {quote_answer(found.rival)}"
        return Verdict(None, f"doubt: {found.how}, {both}, {why}", span=found.span)
    rule = "equal" if finding.equal else "different" if finding.equal is False else "unsure"
    if rule == "unsure" and not is_readable(reference):
        rule = "unreadable_reference"
    unread = f"{NOT_READ}{quote_answer(finding.unread)})" if finding.unread else ""
    return Verdict(finding.equal, f"{rule}: {found.how}, {finding.rule}, {both}{unread}", span=found.span)


def find_unread(reason: str) -> str:
    """What of either side could not be read, as a reason ends with it; empty where it does not say so."""
    found = _UNREAD.search(reason)
    return found[1].rpartition(NOT_READ)[2] if found is not None else ""


def is_readable(reference: str) -> bool:
    """Whether a reference is an expression, a known form, or words: something answers can be compared with."""
    reading = read_answer(reference)
    return reading.node is not None or not re.search(r"[\\^{}=<>]|\d", strip_markup(reading.text))


def quote_answer(text: str) -> str:
    """An answer as a reason quotes it: one line, cut."""
    return _quote(text[: 2 * MAX_QUOTED])


@lru_cache(maxsize=16_384)
def _quote(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= MAX_QUOTED else plain[: MAX_QUOTED - 1] + "…"
