"""Whether the answer that a chain arrives at is the one that its response gives.

A chain that says 7 under a response that says 9 teaches a student that reasoning does not matter. Only what
both sides say clearly is compared, and only a proved difference is a fault: a chain need not state an answer,
since the response is where it belongs. A response of several parts has several answers, of which the chain's last
statement may be any one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from filters.answers.compare.choices import read_option_letters
from filters.answers.compare.equality import compare_answers
from filters.answers.compare.reading import read_answer
from filters.answers.extract.final_answer import FinalAnswer, extract_answer
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node, find_variables
from filters.answers.place import Place
from filters.check import Role, SampleCheck, judge_safely
from filters.checks.math_answer import compare_answer
from filters.rounding import is_rounded
from filters.sentences import find_sentence_begin
from filters.statements import OTHER_NAMES, find_last_statement, list_boxes, widen_place
from filters.text_columns import make_text_column
from filters.think import Parts, split_response
from filters.types import Sample, Verdict

_TAIL = 1_000
"""Characters of the chain's end that are read: what it says of the answer further up, it is still working on."""
# The English names are common words: there a cue is more than the word.
_GATE = (
    r"(?i)box|A[ \t*]*[:：]|(?:answer|option|choice)\*{0,2}(?:\s+to\s+(?:the|this)\s+\w+)?\s*"
    r"(?:[:：=*\n]|is|would|must|should|equals|are|comes)"
    r"|is (?:the )?(?:final |correct |right )?(?:answer|option|choice)|(?:option|choice) \(?[A-J]\)? is (?:correct|right)|"
) + "|".join(OTHER_NAMES)
_BEFORE = 50
"""Characters before an answer in which it may be called a guess, a part or somebody else's."""

# A correction after the answer, or a question mark on it: what the chain came to then is not said clearly.
_REVISED = re.compile(
    r"\A[\s$*}\])]{0,9}[?？]|\b(?:wait|hmm+|hold on|but|no,|however|actually|instead|alternatively|mistake|wrong|incorrect|recheck"
    r"|rather|oops|sorry|let me|let's|pero|aber|mais|doch|но|ma)\b|不对|等等|等一下|但是|然而|其实|再想|错|重新|检查|いや|待って|しかし|잠깐|하지만",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:if|suppose|suppos\w+|assum\w+|say|maybe|perhaps|likely|probably|possibly|presumably|might|could|would|guess\w*|whether|unless|think|first|second|part|previous"
    r"|earlier|initial\w*|intermediate|wrong|incorrect|not|expected|given|reference|official|provided|their|his|her|alternative"
    r"|another|other|one|integer|format|form)\b|n't\b|\b(?!it|let|that|here|what|there)\w{2,20}['’]s\s{1,3}(?:\w{1,12}\s{1,3})?answer\b|如果|假设|若|可能|也许|第[一二三四]|参考|不是|给出|给定|标准",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\A(?:(?:about|approximately|roughly|around|nearly|exactly|simply|indeed|that|(?:boxed|written|expressed) as)\s{1,9}|大?约\s{0,9})",
    re.IGNORECASE,
)
_HEDGE = re.compile(r"\A(?:likely|probably|possibly|presumably|perhaps|maybe)\s{1,9}", re.IGNORECASE)
_OPTION = re.compile(
    r"\A(?:only\s)?(?:option\s|choice\s|letter\s)?(\([A-J]\)|[A-J]\b)(?:\s(?:only|is\s(?:correct|right|true))|\s?是?正确的?)?\Z",
    re.IGNORECASE,
)
_CONTENT = re.compile(
    r"(?:\\text\{ ?)?\([A-Ja-j]\)(?: ?\}|[:.])?(?:\\ |\s)\s*(.+)\Z|[A-J] \(([^()]+)\)\Z", re.DOTALL
)
_VALUE = re.compile(r"\d|\\[A-Za-z]|\A\W{0,4}[A-Za-z]\W{0,4}\Z|\A(?:yes|no|true|false)\b", re.IGNORECASE)
"""What can differ: numbers, formulas, letters and yes or no. Words are too often about the answer."""
_REMARK = re.compile(
    r"\A(?:(?:so|just|simply|then) )?(?:(?:as|boxed|written|obtained|derived|found)\b|(?:this|these|those)\b.{0,40}\Z|(?:expected|correct|right|it|that)\Z"
    r"|(?:the|that)\b.{0,60}\b(?:above|below|itself|derived|mentioned|stated|boxed|expressions?|formulas?|equations?|sum of (?:these|those|them)|result)\b)",
    re.IGNORECASE,
)
"""Words that only point at an answer: `as above`, `boxed as such`, `this expression`."""
_PROSE = re.compile(r"[A-Za-z'’ ,.-]{1,200}")
_WORDS = re.compile(r"\\(?:text|mathrm|mbox)(?:bf|it)?\{([^{}]*)\}")
_SPREAD = re.compile(
    r"(\\(?:math(?:bf|rm|it|sf|tt)|boldsymbol|bm) ?\{) ?([-+]?(?: ?\d){1,30}(?: ?\.(?: ?\d){1,30})?)(?: ?\.)? ?\}"
)
"""A number that is set in a face of its own with blanks between its digits, which LaTeX does not set."""
_STEP = re.compile(r"(?<![<>!:])=(?!=)|≈|\\approx(?![A-Za-z])")
_SEVERAL = re.compile(r"[,;，；]\s|[<>≤≥]|\\(?:[gl]eq?|text|quad)(?![A-Za-z])|\b(?:and|or)\b")
"""What makes an answer with equals signs more than one derivation."""
_NUMBER = re.compile(r"(?<![A-Za-z0-9.])-?\d+(?:[.,]\d+)*(?![A-Za-z0-9])")
_FORMULA = re.compile(r"\$([^$\n]{1,200})\$|\\\(([^\n]{1,200}?)\\\)")
_LETTER = 12
"""Characters of an option's letter alone, as `\\text{(A)}`."""


class Consistency(SampleCheck):
    """The chain's last answer, where it states one, is the response's final answer.

    A rounded answer counts as equal, and so does one part of an answer of several parts; a chain need not state one.
    The span is the answer in the chain.
    """

    name: ClassVar[str] = "consistency"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "different": "the chain's answer is proved different from the response's",
        "unclear": "undecided: the response has no clear answer, or the chain doubts its own",
        "unsure": "undecided: both answers are clear, but could not be proved equal or different",
    }
    version: ClassVar[int] = 3

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
        final = _widen_final(parts, extract_answer(parts))
        if not final.strong or not final.text or final.doubt:
            if stated.text in (parts.answer or ""):
                return Verdict(True)
            return Verdict(None, "unclear: the response has no clear answer", None, span)
        found = _same(sample, final.text, stated.text)
        boxes = list_boxes(parts.answer or "")
        if found.equal is True or _gives_a_part(sample, final, boxes, tail, stated):
            return Verdict(True)
        if _is_remark(final.text, stated.text):
            return Verdict(True)
        said = f"{_shown(stated.text)} in the chain, {_shown(final.text)} in the response"
        if stated.doubt or _doubted(tail, stated):
            if _comes_to(sample, tail[stated.start + stated.length :], final.text):
                return Verdict(True)  # the chain corrected itself, and came to this
            return Verdict(None, f"unclear: {said}", None, span)
        equal = found.equal
        if equal is False and not _differs_from_all(sample, boxes, stated.text, parts.answer or ""):
            equal = None
        return Verdict(equal, f"{'unsure' if equal is None else 'different'}: {said}", None, span)


def _widen_final(parts: Parts, final: FinalAnswer) -> FinalAnswer:
    """The response's answer, as whole as the chain's."""
    if final.how not in ("cue", "conclusion") or final.span is None:
        return final
    place = widen_place(parts.text, Place(final.text, final.span[0], final.span[1] - final.span[0]))
    return final._replace(text=place.text, span=(place.start, place.start + place.length))


def _doubted(tail: str, stated: Place) -> bool:
    """Whether the chain goes on to doubt its answer, or did not quite give it."""
    after = tail[stated.start + stated.length :]
    begin = max(find_sentence_begin(tail, stated.start), stated.start - _BEFORE)
    before = tail[begin : stated.start]
    said = _HEDGE.match(stated.text) or _UNSURE.search(before) or _REVISED.search(after)
    return said is not None


def _comes_to(sample: Sample, after: str, final: str) -> bool:
    """Whether the last number, formula or box of what follows a doubted answer is the response's."""
    last = (
        _NUMBER.findall(after)[-1:],
        [one or two for one, two in _FORMULA.findall(after)[-1:]],
        [box.text for box in list_boxes(after)[-1:]],
    )
    return any(one == final or _same(sample, final, one).equal for found in last for one in found)


def _is_remark(final: str, stated: str) -> bool:
    """Whether the chain only points at its answer (`as above`) where the response gives a number or a formula."""
    if not (_REMARK.match(stated) and _PROSE.fullmatch(stated)):
        return False
    return _VALUE.search(_WORDS.sub(r"\1", final)) is not None


def _gives_a_part(sample: Sample, final: FinalAnswer, boxes: list[Place], tail: str, stated: Place) -> bool:
    """Whether what the chain states is among the answers that the response gives in boxes of their own.

    Boxes that form one list are one answer, of which the chain must have given several, and no other.
    """
    if len(boxes) < 2:
        return False
    if final.how != "boxes":
        return any(_same(sample, box.text, stated.text).equal for box in boxes)
    given = list_boxes(tail)
    return len(given) > 1 and all(
        any(_same(sample, box.text, one.text).equal for box in boxes) for one in given
    )


def _differs_from_all(sample: Sample, boxes: list[Place], stated: str, answer: str) -> bool:
    """Whether the chain's answer is proved to be none of the response's boxes, nor, beside several, in its text."""
    texts = {box.text for box in boxes}
    return len(texts) < 2 or (
        stated not in answer and all(_same(sample, text, stated).equal is False for text in texts)
    )


def _same(sample: Sample, final: str, stated: str) -> ComparisonResult:
    """Compare in both directions, since either may be the letter of a choice; only values can differ."""
    final, stated = _bare(final), _bare(stated)
    if _same_letter(final, stated) or _is_content(final, stated) or _comes_out_as(final, stated):
        return ComparisonResult(True, "choice")
    here, there = compare_answer(sample, final, stated), compare_answer(sample, stated, final)
    if here.equal or there.equal:
        return ComparisonResult(True, here.rule)
    if here.equal is False and there.equal is False and here.rule != "list":
        one, two = read_answer(final).node, read_answer(stated).node
        if one is not None and two is not None and _comparable(final, one, stated, two):
            return ComparisonResult(True, "rounded") if is_rounded(final, one, stated, two) else here
    return ComparisonResult(None, here.rule)


def _bare(text: str) -> str:
    """An answer without words that change nothing in it, its numbers as LaTeX sets them."""
    text = _OPTION.sub(r"\1", _ABOUT.sub("", _HEDGE.sub("", text)))
    return (
        _SPREAD.sub(lambda found: found[1] + found[2].replace(" ", "") + "}", text) if "{" in text else text
    )


def _same_letter(final: str, stated: str) -> bool:
    """Whether one is an option's letter alone, and the other the same letter with or without the option's text."""
    one, two = read_option_letters(final), read_option_letters(stated)
    return one is not None and one == two and min(len(final), len(stated)) <= _LETTER


def _is_content(final: str, stated: str) -> bool:
    """Whether one is an option with its text, and the other the same text: `(B) 8 min` and `8 min`."""
    for one, two in ((final, stated), (stated, final)):
        found = _CONTENT.match(one)
        if found is not None and compare_answers(two, found[1] or found[2]).equal:
            return True
    return False


def _comes_out_as(final: str, stated: str) -> bool:
    """Whether a derivation ends in the other answer: `s = rt = 216` in 216, which has no sides itself."""
    last = _STEP.split(stated)[-1].strip(" $")
    if (
        _STEP.search(final)
        or _SEVERAL.search(stated)
        or last in ("", stated)
        or last.count("{") != last.count("}")
    ):
        return False
    return bool(compare_answers(final, _ABOUT.sub("", last)).equal)


def _comparable(final: str, one: Node, stated: str, two: Node) -> bool:
    """Whether both are values, and in the same unknowns unless both are letters of a choice."""
    if not (_VALUE.search(final) and _VALUE.search(stated)):
        return False
    return find_variables(one) == find_variables(two) or (one.op == two.op == "sym")


def _shown(text: str) -> str:
    return " ".join(text.split())[:60]
