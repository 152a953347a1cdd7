"""Find the final answer of a response, and say how it was found and how far to trust that.

The places are tried in this order: an `<answer>` tag, a JSON answer, the last box, a cue phrase ("the answer
is"), the last sentence's conclusion, a response that is nothing but an answer, an option it begins with,
emphasis, the last number. The conclusion and the last three are only guesses. Only the tail after the last `</think>`
is read, so the cost does not grow with the chain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Literal, NamedTuple

from filters.answers.extract.cues import find_cue_answer
from filters.answers.extract.guesses import (
    find_conclusion,
    find_emphasis,
    find_last_number,
    find_leading_option,
    find_lone_answer,
)
from filters.answers.extract.json_answers import find_json_answer
from filters.answers.extract.marked_answers import find_boxed_answer, find_tag_answer, has_empty_box
from filters.answers.extract.markup import replace_html
from filters.answers.extract.same_answer import is_same_answer
from filters.answers.place import Place
from filters.think import Parts

How = Literal[
    "tag",
    "json",
    "box",
    "boxes",
    "cue",
    "conclusion",
    "emphasis",
    "whole",
    "last_number",
    "none",
    "unclosed_think",
    "cut",
]

BOX_TAIL = 40_000
"""Characters of the answer's end searched for tags and boxes."""
CUE_TAIL = 6_000
"""Characters of the answer's end searched for phrases: a cue further up is not the final answer."""
MAX_REMEMBERED = 400
"""Characters of responses, after their chain, whose answers are remembered."""

MAX_QUESTIONS = 3
"""Further questions of a response before which an answer is looked for."""
_QUESTION = re.compile(
    r"\n[ \t#*>]{0,6}(?:Q|Question|Problem|Human|User|问题|题目|質問|問題|질문|문제|Pregunta|Frage|Вопрос|Задача|Pergunta|प्रश्न)[ \t*]{0,4}\d{0,3}[ \t*]{0,3}[:：]"
)
"""A line that begins with another question, as base models go on after their answer."""


class FinalAnswer(NamedTuple):
    """The final answer of a response.

    text: the answer as written, without its box or cue, with the mathematics and the unit that belong to it;
    empty where there is none.
    how: where it was found; `none`, `unclosed_think` and `cut` where there is no answer.
    strong: whether it was announced as the answer; a guess is never the ground of "different".
    span: the half-open character range in the response of what the box, tag or cue holds, or None.
    doubt: one clause that quotes what stands beside the answer, may change it and was not understood;
    empty where all was read. With a doubt nothing is proved.
    rival: another answer that the response may mean as well (a later cue with another value); empty where there
    is none. A verdict holds only where it holds for both.
    """

    text: str
    how: How
    strong: bool
    span: tuple[int, int] | None = None
    doubt: str = ""
    rival: str = ""


def extract_answer(parts: Parts) -> FinalAnswer:
    """The final answer of a response, in time linear in its tail."""
    response, span = parts.text, parts.answer_span
    if parts.cut:
        return FinalAnswer("", "cut", True)
    if span is None:
        return FinalAnswer("", "unclosed_think", True)
    start = max(span[0], span[1] - BOX_TAIL)
    tail = response[start : span[1]].replace("\r\n", " \n")
    found = _find_short(tail) if len(tail) <= MAX_REMEMBERED else _find_in_tail(tail)
    if found.span is None or not start:
        return found
    span = (start + found.span[0], start + found.span[1])
    return FinalAnswer(found.text, found.how, found.strong, span, found.doubt, found.rival)


@lru_cache(maxsize=16_384)
def _find_short(tail: str) -> FinalAnswer:
    """The same for a short text, of which samples of one prompt often share the words."""
    return _find_in_tail(tail)


def _find_in_tail(tail: str) -> FinalAnswer:
    """The answer in the end of a response, with the one before another question that follows it as a rival."""
    found = _find_last(tail)
    if not found.text or found.rival:
        return found
    for begins in islice(_QUESTION.finditer(tail, 1), MAX_QUESTIONS):
        before = _find_last(tail[: begins.start()])
        if before.text and before.strong:
            same = before.doubt or is_same_answer(before.text, found.text)
            return found if same else found._replace(rival=before.text)
    return found


def _find_last(tail: str) -> FinalAnswer:
    """The last answer in the end of a response, its span counted from where that begins."""
    near = max(0, len(tail) - CUE_TAIL)
    for how, strong, find, skip in _PLACES:
        skipped = near if skip else 0
        place = find(tail[skipped:])
        if place is not None and place.text:
            emptied = skip and has_empty_box(tail)
            if emptied and how != "cue":
                break
            begin, doubt = skipped + place.start, place.doubt or ("an empty box" if emptied else "")
            text, where = replace_html(place.text), (begin, begin + place.length)
            rival = place.rival or read_repeated(text)
            return FinalAnswer(text, place.how or how, strong, where, doubt, rival)
    return FinalAnswer("", "none", True)


_REPEATED = re.compile(r"([-−]?\d{1,3}),\1")


def read_repeated(answer: str) -> str:
    """The pair that `5,5` may be: written so it is no list of one value, as `5, 5` is."""
    return f"({answer})" if _REPEATED.fullmatch(answer) else ""


_Finder = Callable[[str], Place | None]
_PLACES: tuple[tuple[How, bool, _Finder, bool], ...] = (
    ("tag", True, find_tag_answer, False),
    ("json", True, find_json_answer, False),
    ("box", True, find_boxed_answer, False),
    ("cue", True, find_cue_answer, True),
    ("conclusion", False, find_conclusion, True),
    ("whole", True, find_lone_answer, True),
    ("emphasis", False, find_leading_option, True),
    ("emphasis", False, find_emphasis, True),
    ("last_number", False, find_last_number, True),
)
