"""Answers that a tag or a box marks, read with what stands beside them."""

from __future__ import annotations

import re
from dataclasses import replace

from filters.answers.extract.box_remarks import find_remark_after, find_vagueness
from filters.answers.extract.boxes import MAX_BOX, find_last_boxes
from filters.answers.extract.cues import find_cue_answer
from filters.answers.extract.doubts import find_doubt_after
from filters.answers.extract.later_values import find_value_after_mark
from filters.answers.extract.part_boxes import find_other_part
from filters.answers.extract.same_answer import is_same_answer
from filters.answers.extract.surroundings import read_surroundings
from filters.answers.place import Place

MAX_RIVAL = 200
"""Characters of another tag's answer that are kept."""
MAX_REST = 6_000
"""Characters of the text's end searched for a cue after the box."""
MIN_CUE = 6
"""Characters that a cue and its answer have at least."""
MAX_EMPTY = 4
"""Empty boxes that are passed over."""

MAX_ASKED = 2
"""Words of an answer whose question mark is a doubt: more are a question."""

_TAG = re.compile(r"<answer>", re.IGNORECASE)
_TAG_END = re.compile(r"</answer>", re.IGNORECASE)
_MENTIONED = re.compile(
    r"\b(?:in|inside|into|within|using|use|with|by|format|as|of|the|an?|empty|put|command)\b[^.\n]{0,30}\Z|放(?:在|入|进)|中\Z",
    re.IGNORECASE,
)
_CHOSEN = re.compile(r"[-+]?[\d$\\(]|[A-J]\b|[Yy]es\b|[Nn]o\b(?! )|[Tt]rue\b|[Ff]alse\b")


def find_tag_answer(text: str) -> Place | None:
    """What the last `<answer>` tag holds; the box or the cue's answer inside it where there is one."""
    openings = list(_TAG.finditer(text))
    if not openings:
        return None
    begin = openings[-1].end()
    closing = _TAG_END.search(text, begin)
    inside = text[begin : closing.start() if closing else len(text)]
    place = _read_inside(inside)
    if place is None:
        return None
    place = place.shift_by(begin)
    doubt, rival = place.doubt, place.rival
    if closing:
        doubt = doubt or find_doubt_after(text, closing.end())
        doubt = doubt or find_remark_after(text, closing.end(), numeric=False)
        rival = rival or ("" if doubt else find_value_after_mark(text, closing.end(), place.text))
    if (
        len(openings) > 1
        and not text[openings[-2].end() : begin].rpartition("</answer>")[2][: -len("<answer>")].strip()
    ):
        other = text[openings[-2].end() : begin].partition("</answer>")[0].strip()
        rival = rival or ("" if is_same_answer(other, place.text) else other[:MAX_RIVAL])
    return replace(place, doubt=doubt, rival=rival)


def _read_inside(inside: str) -> Place | None:
    found = find_boxed_answer(inside) or find_cue_answer(inside)
    if found is not None:
        return found
    stripped = inside.strip()
    start = len(inside) - len(inside.lstrip())
    return Place(stripped, start, len(stripped), doubt=find_question(stripped)) if stripped else None


def find_question(answer: str) -> str:
    """A doubt where the answer itself ends with a question mark and is no question in words."""
    asked = answer.rstrip(" $})").endswith(("?", "？"))
    return 'in it: "?"' if asked and len(answer.split()) <= MAX_ASKED else ""


def find_boxed_answer(text: str) -> Place | None:
    """The last box that holds something, or the last ones that form one list, with what belongs to them."""
    group, limit, emptied = find_last_boxes(text, len(text)), len(text), False
    for _ in range(MAX_EMPTY):
        if group is None or group.place.text:
            break
        emptied |= not is_mention(text, group.begin)
        limit = group.begin
        group = find_last_boxes(text, limit)
    if group is None or not group.place.text:
        return _find_endless_box(text) if group is None and not emptied else None
    found = read_surroundings(text, group.begin, group.end, group.place.text)
    doubt = found.doubt or ("after it: an empty box" if emptied else "") or find_question(group.place.text)
    doubt = doubt or find_vagueness(group.place.text) or find_other_part(text, group)
    rival = found.rival or _find_later_cue(text, found.end, found.text)
    rival = rival or ("" if doubt else find_value_after_mark(text, found.end, found.text))
    rival = rival or find_former_cue(text, group.begin, found.text)
    place = group.place
    return Place(found.text, place.start, place.length, place.how, doubt, rival)


def _find_endless_box(text: str) -> Place | None:
    """The beginning of a box that holds far more than an answer: too long to be read, and so undecided."""
    begin = text.rfind("\\boxed{")
    inner = begin + len("\\boxed{")
    if begin < 0 or len(text) - inner <= MAX_BOX or text.find("}", inner + MAX_BOX) < 0:
        return None
    return Place(text[inner : inner + MAX_RIVAL], inner, MAX_RIVAL, doubt="the box is too long to be read")


def is_mention(text: str, begin: int) -> bool:
    r"""Whether an empty box is only spoken of: "put it in \boxed{}"."""
    return _MENTIONED.search(text, max(0, begin - 60), begin) is not None


def has_empty_box(text: str) -> bool:
    """Whether the last box is empty and not only spoken of."""
    group = find_last_boxes(text, len(text))
    return group is not None and not group.place.text and not is_mention(text, group.begin)


_FORMER_CUE = re.compile(
    r"\bfinal answer(?: is|:)\s*[*$]*(-?\d[\d,./]*(?<=\d))(?=[*$]*\.?\s)(?![*$]* ?[-+*/^])", re.IGNORECASE
)


def find_former_cue(text: str, begin: int, answer: str) -> str:
    """What a cue shortly before the box announces as the final answer, where it is another number."""
    cues = list(_FORMER_CUE.finditer(text, max(0, begin - MAX_RIVAL), begin))
    return cues[-1][1] if cues and not is_same_answer(cues[-1][1], answer) else ""


def _find_later_cue(text: str, end: int, answer: str) -> str:
    """What a cue after the box announces, where it is another answer."""
    rest = text[max(end, len(text) - MAX_REST) :]
    if len(rest) < MIN_CUE:
        return ""
    cue = find_cue_answer(rest)
    if cue is None or cue.doubt or not _CHOSEN.match(cue.text) or is_same_answer(cue.text, answer):
        return ""
    return cue.text
