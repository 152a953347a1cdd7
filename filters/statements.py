"""What a chain or a response states as its answer: the last box or cued answer, whole, and boxes one by one.

The finders of `filters.answers.extract` may stop at a full stop that ends no sentence; here an answer reaches to
where its sentence ends, so that "35.06 g/mol" is never "06 g/mol", nor "5 ft. 3 in." only "5 ft".
"""

from __future__ import annotations

import re

from filters.answers.extract.boxes import BOX_COMMAND, find_last_box
from filters.answers.extract.cues import find_cue_answer
from filters.answers.place import Place
from filters.sentences import ends_sentence, find_sentence_begin, find_stops

ENGLISH_NAMES = ("answer", "option", "choice")
OTHER_NAMES = (
    "####", "答", "选", "답", "respuesta", "réponse", "antwort", "antwoord", "resposta",
    "risposta", "ответ", "відповідь", "odpowiedź", "الجواب", "الإجابة", "उत्तर", "cevap", "đáp",
)  # fmt: skip
"""A word of the one or of the other is in every phrase that names an answer."""
MOST_BOXES = 8
"""Boxes of a chain's end and of a response that are compared with one another."""
_REACH = 300
"""Characters from an answer's beginning up to which its sentence is read."""
_MARKER = re.compile(r"(?:\d{1,3}|[A-Za-z])\.\s")
"""Before an answer at a line's beginning it numbers the line, and is no part of the answer."""
_MOST_STEPS = 8
"""Abbreviations and initials that may stand before an answer."""


def find_last_statement(tail: str) -> Place | None:
    """The last box or cued answer of a chain's end, whichever stands later; None where there is neither."""
    cued = _cued(tail)
    cued = widen_place(tail, cued) if cued is not None else None
    found = [place for place in (find_last_box(tail), cued) if place is not None and place.text]
    return max(found, key=lambda place: place.start, default=None)


def widen_place(text: str, place: Place) -> Place:
    """The same answer up to where its sentence ends: not cut within a number or at an abbreviation, nor over its stop."""
    begin, end = place.start, place.start + place.length
    for _ in range(_MOST_STEPS):
        at = len(text[:begin].rstrip(" \t*_")) - 1
        if at < 1 or text[at] != "." or ends_sentence(text, at):
            break
        word = max(text.rfind(blank, 0, at) for blank in (" ", "\n", "\t")) + 1
        if _MARKER.fullmatch(text, word, at + 2) and find_sentence_begin(text, word) == word:
            break
        begin = word
    if text[end : end + 1] == "." and not ends_sentence(text, end):
        stops = (stop.begin for stop in find_stops(text[: begin + _REACH], end) if stop.ends)
        end = next(stops, end)
    for stop in find_stops(text[:end], find_sentence_begin(text, begin)):
        if stop.ends and stop.sure and stop.begin > begin and text[stop.begin] != "\n":
            closed = text[stop.begin : stop.end].lstrip(".!?…。\n")
            return Place(text[begin : stop.begin].strip() + closed, begin, stop.end - begin)
    raw = text[begin:end].strip()
    return place if (begin, end) == (place.start, place.start + place.length) else Place(raw, begin, len(raw))


def _cued(tail: str) -> Place | None:
    """`find_cue_answer`, first from the last line that may hold a cue: most chains end with it, and it reads slowly."""
    low = tail.lower()
    if len(low) != len(tail):
        return find_cue_answer(tail)
    start = tail.rfind("\n", 0, max(map(low.rfind, (*ENGLISH_NAMES, *OTHER_NAMES))) + 1) + 1
    place = find_cue_answer(tail[start:])
    return place.shift_by(start) if place is not None else find_cue_answer(tail)


def list_boxes(text: str) -> list[Place]:
    """The last boxes of a text, each by itself."""
    begins = [found.start() for found in BOX_COMMAND.finditer(text)][-MOST_BOXES:]
    boxes = [
        (begin, find_last_box(text[begin:end]))
        for begin, end in zip(begins, [*begins[1:], len(text)], strict=False)
    ]
    return [box.shift_by(begin) for begin, box in boxes if box is not None and box.text]
