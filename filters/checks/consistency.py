"""Whether the answer that a chain arrives at is the one that its response gives.

A chain that says 7 under a response that says 9 teaches a student that reasoning does not matter. Only what
both sides say clearly is compared, and only a proved difference is a fault: a chain need not state an answer,
since the response is where it belongs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from filters.answers.compare.reading import read_answer
from filters.answers.extract.boxes import find_last_box
from filters.answers.extract.cues import find_cue_answer
from filters.answers.extract.final_answer import extract_answer
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node, find_variables
from filters.answers.place import Place
from filters.answers.prove.balls import UnknownError, compute_ball
from filters.answers.prove.exact import InexactError
from filters.check import Role, SampleCheck, judge_safely
from filters.checks.math_answer import compare_answer
from filters.text_columns import make_text_column
from filters.think import split_response
from filters.types import Sample, Verdict

_TAIL = 1_000
"""Characters of the chain's end that are read: what it says of the answer further up, it is still working on."""
_NAMES = (
    *(
        "answer",
        "option",
        "choice",
        "####",
        "答",
        "选",
        "답",
        "respuesta",
        "réponse",
        "antwort",
        "antwoord",
        "resposta",
    ),
    *("risposta", "ответ", "відповідь", "odpowiedź", "الجواب", "الإجابة", "उत्तर", "cevap", "đáp"),
)
"""One of these words is in every phrase that names an answer."""
_ENGLISH = 3
"""So many of them are common words: in English a cue is more than the word."""
_GATE = (
    r"(?i)box|A[ \t*]*[:：]|(?:answer|option|choice)\*{0,2}(?:\s+to\s+(?:the|this)\s+\w+)?\s*"
    r"(?:[:：=*\n]|is|would|must|should|equals|are|comes)"
    r"|is (?:the )?(?:final |correct |right )?(?:answer|option|choice)|(?:option|choice) \(?[A-J]\)? is (?:correct|right)|"
) + "|".join(_NAMES[_ENGLISH:])
_BEFORE = 50
"""Characters before an answer in which it may be called a guess, a part or somebody else's."""

# A correction after the answer, or a question mark on it: what the chain came to then is not said clearly.
_REVISED = re.compile(
    r"\A[\s$*}\])]{0,9}[?？]|\b(?:wait|hmm+|hold on|but|no,|however|actually|instead|alternatively|mistake|wrong|incorrect|recheck"
    r"|rather|oops|sorry|let me|let's|pero|aber|mais|doch|но|ma)\b|不对|等等|等一下|但是|然而|其实|再想|错|重新|检查|いや|待って|しかし|잠깐|하지만",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:if|suppose|suppos\w+|assum\w+|say|maybe|perhaps|might|could|would|guess\w*|whether|unless|think|first|second|part|previous"
    r"|earlier|initial\w*|intermediate|wrong|incorrect|not|expected|given|reference|official|provided|their|his|her|alternative"
    r"|another|other|one|integer|format|form)\b|n't\b|如果|假设|若|可能|也许|第[一二三四]|参考|不是|给出|给定|标准",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\A(?:about|approximately|roughly|around|nearly|exactly|大?约)\s{0,9}", re.IGNORECASE)
_VALUE = re.compile(r"\d|\\[A-Za-z]|\A\W{0,4}[A-Za-z]\W{0,4}\Z|\A(?:yes|no|true|false)\b", re.IGNORECASE)
"""What can differ: numbers, formulas, letters and yes or no. Words are too often about the answer."""
_NUMBER = re.compile(r"(?<![A-Za-z0-9.])-?\d+(?:[.,]\d+)*(?![A-Za-z0-9])")
_DECIMALS = re.compile(r"\d\.(\d{1,15})(?!\d)")


class Consistency(SampleCheck):
    """The chain's last answer, where it states one, is the response's final answer.

    A rounded answer counts as equal, and a chain need not state one. The span is the answer in the chain.
    """

    name: ClassVar[str] = "consistency"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "different": "the chain's answer is proved different from the response's",
        "unclear": "undecided: the response has no clear answer, or the chain doubts its own",
        "unsure": "undecided: both answers are clear, but could not be proved equal or different",
    }
    version: ClassVar[int] = 2

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch: one look for words that name an answer at the ends of all chains, then each that has one."""
        verdicts = [Verdict(True)] * len(batch)
        ends = [split_response(sample.response).chain_span or (0, 0) for sample in batch]
        tails = [
            s.response[max(begin, end - _TAIL) : end] for s, (begin, end) in zip(batch, ends, strict=True)
        ]
        for number in make_text_column(tails).str.contains(_GATE).arg_true().to_list():
            verdicts[number] = judge_safely(self.judge, batch[number])
        return verdicts

    def judge(self, sample: Sample) -> Verdict:
        """Find the chain's statement first: most of the cost is saved where there is none."""
        parts = split_response(sample.response)
        tail = parts.chain[-_TAIL:]
        stated = find_last_statement(tail)
        if stated is None or parts.chain_span is None:
            return Verdict(True)
        start = max(parts.chain_span[0], parts.chain_span[1] - _TAIL)
        span = (start + stated.start, start + stated.start + stated.length)
        final = extract_answer(parts)
        if not final.strong or not final.text or final.doubt:
            if stated.text in (parts.answer or ""):
                return Verdict(True)
            return Verdict(None, "unclear: the response has no clear answer", None, span)
        found = _same(sample, final.text, stated.text)
        if found.equal is True:
            return Verdict(True)
        said = f"{_shown(stated.text)} in the chain, {_shown(final.text)} in the response"
        if stated.doubt or _doubted(tail, stated):
            if _NUMBER.findall(tail[stated.start + stated.length :])[-1:] == [final.text]:
                return Verdict(True)  # the chain corrected itself, and came to this
            return Verdict(None, f"unclear: {said}", None, span)
        return Verdict(found.equal, f"{'unsure' if found.equal is None else 'different'}: {said}", None, span)


def find_last_statement(tail: str) -> Place | None:
    """The last box or cued answer of a chain's end, whichever stands later; None where there is neither."""
    found = [place for place in (find_last_box(tail), _cued(tail)) if place is not None and place.text]
    return max(found, key=lambda place: place.start, default=None)


def _cued(tail: str) -> Place | None:
    """`find_cue_answer`, first from the last line that may hold a cue: most chains end with it, and it reads slowly."""
    low = tail.lower()
    if len(low) != len(tail):
        return find_cue_answer(tail)
    start = tail.rfind("\n", 0, max(map(low.rfind, _NAMES)) + 1) + 1
    place = find_cue_answer(tail[start:])
    return place.shift_by(start) if place is not None else find_cue_answer(tail)


def _doubted(tail: str, stated: Place) -> bool:
    """Whether the chain goes on to doubt its answer, or did not quite give it."""
    after = tail[stated.start + stated.length :]
    before = re.split(r"[\n.!?。！？]", tail[max(0, stated.start - _BEFORE) : stated.start])[-1]
    return _REVISED.search(after) is not None or _UNSURE.search(before) is not None


def _same(sample: Sample, final: str, stated: str) -> ComparisonResult:
    """Compare in both directions, since either may be the letter of a choice; only values can differ."""
    final, stated = _ABOUT.sub("", final), _ABOUT.sub("", stated)
    here, there = compare_answer(sample, final, stated), compare_answer(sample, stated, final)
    if here.equal or there.equal:
        return ComparisonResult(True, here.rule)
    if here.equal is False and there.equal is False and here.rule != "list":
        one, two = read_answer(final).node, read_answer(stated).node
        if one is not None and two is not None and _comparable(final, one, stated, two):
            return ComparisonResult(True, "rounded") if _rounded(final, one, stated, two) else here
    return ComparisonResult(None, here.rule)


def _comparable(final: str, one: Node, stated: str, two: Node) -> bool:
    """Whether both are values, and in the same unknowns unless both are letters of a choice."""
    if not (_VALUE.search(final) and _VALUE.search(stated)):
        return False
    return find_variables(one) == find_variables(two) or (one.op == two.op == "sym")


def _rounded(final: str, one: Node, stated: str, two: Node) -> bool:
    """Whether the two differ by no more than the decimals that are written allow."""
    places = [len(found[1]) for found in map(_DECIMALS.search, (final, stated)) if found]
    if not places:
        return False
    try:
        apart = compute_ball(one, {}, 64) - compute_ball(two, {}, 64)
    except (UnknownError, InexactError):
        return False
    return bool(abs(apart).is_finite()) and float(abs(apart).mid()) <= 0.51 * 10.0 ** -min(places)


def _shown(text: str) -> str:
    return " ".join(text.split())[:60]
