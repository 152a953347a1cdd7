"""Find the final answer of a response, and say how it was found and how far to trust that.

The places are tried from the most to the least explicit: an `<answer>` tag, the last box, a cue phrase
("the answer is"), the last sentence's conclusion, a response that is nothing but an answer. What is found
after them is only a guess: weak, never the ground of a verdict. Only the tail after the last `</think>`
is read, so the cost does not grow with the chain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from filters.answers.extract.boxes import find_last_box
from filters.answers.extract.cues import (
    find_conclusion,
    find_cue_answer,
    find_emphasis,
    find_last_number,
    find_lone_answer,
)
from filters.answers.place import Place
from filters.think import OPEN, Parts

How = Literal[
    "tag",
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


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """The final answer of a response.

    text: the answer as written, without its box or cue; empty where there is none.
    how: where it was found; `none`, `unclosed_think` and `cut` where there is no answer.
    strong: whether a verdict may rest on it.
    span: its half-open character range in the response, or None.
    """

    text: str
    how: How
    strong: bool
    span: tuple[int, int] | None = None


def extract_answer(parts: Parts) -> FinalAnswer:
    """The final answer of a response, in time linear in its tail."""
    response, span = parts.text, parts.answer_span
    if parts.cut:
        return FinalAnswer("", "cut", True)
    if span is None or (response.find(OPEN, span[0]) >= 0 and span[0] > 0):
        return FinalAnswer("", "unclosed_think", True)
    start = max(span[0], span[1] - BOX_TAIL)
    tail = response[start : span[1]]
    near = max(0, len(tail) - CUE_TAIL)
    for how, strong, find, skip in _PLACES:
        skipped = near if skip else 0
        place = find(tail[skipped:])
        if place is not None and not place.text:
            break
        if place is not None:
            begin, name = start + skipped + place.start, place.how or how
            return FinalAnswer(place.text, name, strong, (begin, begin + place.length))
    return FinalAnswer("", "none", True)


_TAG = re.compile(r"<answer>", re.IGNORECASE)
_TAG_END = re.compile(r"</answer>", re.IGNORECASE)


def _find_tag_answer(text: str) -> Place | None:
    """What the last `<answer>` tag holds; the box inside it where there is one."""
    opening = None
    for opening in _TAG.finditer(text):  # noqa: B007  the last one is wanted
        pass
    if opening is None:
        return None
    closing = _TAG_END.search(text, opening.end())
    inside = text[opening.end() : closing.start() if closing else len(text)]
    boxed = find_last_box(inside)
    if boxed is not None:
        return boxed.shift_by(opening.end())
    stripped = inside.strip()
    return Place(stripped, opening.end() + len(inside) - len(inside.lstrip()), len(stripped))


_Finder = Callable[[str], Place | None]
_PLACES: tuple[tuple[How, bool, _Finder, bool], ...] = (
    ("tag", True, _find_tag_answer, False),
    ("box", True, find_last_box, False),
    ("cue", True, find_cue_answer, True),
    ("conclusion", True, find_conclusion, True),
    ("whole", True, find_lone_answer, True),
    ("emphasis", False, find_emphasis, True),
    ("last_number", False, find_last_number, True),
)
