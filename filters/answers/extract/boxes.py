r"""The last `\boxed{...}` of a text, and the boxes that together make one list.

"The last box counts" fails in one case: `\boxed{2} and \boxed{3}` is one answer in two boxes. Boxes are
joined only when nothing stands between them but a comma, a word like "and", or the next `x =`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from filters.answers.place import Place

MAX_BOX = 4_000
"""Characters of a box that are read; a longer one is no short answer, and more than can be compared."""
MAX_BOXES = 8
"""Boxes that may form one list, and mentions of the command alone that are passed over."""
MAX_GLUE = 60
"""Characters between two boxes of one list."""

BOX_COMMAND = re.compile(r"\\(?:boxed|fbox|framebox)(?![A-Za-z])")
"""Where a box may begin."""
_OPENING = re.compile(r"\\[a-z]+\s*(\{)?")
_BARE = re.compile(r"[-+]?\d[\d.,/]*|[A-Z](?![A-Za-z])")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_WORD = r"\b(?:and|or|und|oder|et|ou|y|o|e|и|или)\b|和|与|或"
_JOIN = re.compile(
    r"(?:[\s$.&]|\\[()\[\],;!]|\\text\{|\})*"
    rf"(?:[,;、，]|{_WORD}|\\q?quad)"
    rf"(?:[\s$,&]|\\[()\[\],;!]|\\q?quad|\\text\{{|\}}|{_WORD})*"
    r"(?:[A-Za-z\\][^=\n]{0,40}=\s*)?(?:[\s$]|\\[(\[])*"
)
_PART_NAME = re.compile(
    r"(?:(?<=[\s$({,;&、，。：:])|(?<=\\[(\[])|^)(?<![-+*/^=<>\d] )([A-Za-z](?:_(?:\w|\{\w{1,3}\}))?'?(?:\([^()=\n]{1,24}\))?|\\(?:alpha|beta|gamma|theta|lambda|mu|phi|omega))"
    r"\s*=\s*(?:\$\$?|\\[(\[])?\s*\Z"
)
"""A variable, or a function's value, before a box: the name of its part."""


class _Box(NamedTuple):
    begin: int
    inner: int
    stop: int
    end: int


class BoxGroup(NamedTuple):
    """The last box, or the last ones that form one list: their place, and where the commands begin and end."""

    place: Place
    begin: int
    end: int


def find_last_box(text: str) -> Place | None:
    """The content of the last closed box; several joined with commas where they form one list."""
    group = find_last_boxes(text, len(text))
    return group.place if group is not None else None


def find_last_boxes(text: str, limit: int) -> BoxGroup | None:
    """The last closed box that begins before `limit`, with those before it that form one list with it."""
    boxes: list[_Box] = []
    while len(boxes) < MAX_BOXES:
        box = _find_box_before(text, boxes[-1].begin if boxes else limit)
        if box is None or (boxes and not _is_one_list(text[box.end : boxes[-1].begin])):
            break
        boxes.append(box)
    if not boxes:
        return None
    if len(boxes) == 1:
        box = boxes[0]
        whole = Place(text[box.inner : box.stop].strip(), box.inner, box.stop - box.inner)
        return BoxGroup(whole, box.begin, box.end)
    boxes.reverse()
    start, end = boxes[0].inner, boxes[-1].stop
    parts = [_name_part(text, box) for box in boxes]
    if boxes[0].begin and not any("=" in part for part in parts[1:]):
        parts[0] = text[boxes[0].inner : boxes[0].stop].strip()  # a name for all: `surroundings` reads it
    place = Place(", ".join(parts), start, end - start, how="boxes")
    return BoxGroup(place, boxes[0].begin, boxes[-1].end)


def _name_part(text: str, box: _Box) -> str:
    """What a box of several holds, with the name that it is the value of: the names may stand in another order."""
    content = text[box.inner : box.stop].strip()
    name = find_part_name(text, box.begin)
    return f"{name}={content}" if name and "=" not in content else content


def find_part_name(text: str, begin: int) -> str:
    """The variable or function's value that the box at `begin` is set equal to, in its formula or before it."""
    name = _PART_NAME.search(text, max(0, begin - MAX_GLUE), begin)
    return name[1] if name is not None else ""


def _is_one_list(between: str) -> bool:
    return len(between) <= MAX_GLUE and _JOIN.fullmatch(between) is not None


def _find_box_before(text: str, limit: int) -> _Box | None:
    """The last box that begins before `limit`; none where it is not closed, since then it was cut off."""
    for _ in range(MAX_BOXES):
        begin = text.rfind("\\boxed", 0, limit)
        if text.find("box", begin + 6 if begin >= 0 else 0, limit) >= 0:
            begin = max(begin, text.rfind("\\fbox", 0, limit), text.rfind("\\framebox", 0, limit))
        if begin < 0:
            return None
        opening = _OPENING.match(text, begin)
        assert opening is not None
        if opening[1] is not None or _BARE.match(text, opening.end()):
            return _read_box(text, opening)
        limit = begin
    return None


def _read_box(text: str, opening: re.Match[str]) -> _Box | None:
    begin, inner = opening.span()
    if opening[1] is None:
        bare = _BARE.match(text, inner)
        return _Box(begin, inner, bare.end(), bare.end()) if bare else None
    close = text.find("}", inner, inner + MAX_BOX)
    if close >= 0 and text.find("{", inner, close) < 0 and text[close - 1] != "\\":
        return _Box(begin, inner, close, close + 1)
    depth = 1
    for token in _BRACE.finditer(text, inner, inner + MAX_BOX):
        sign = token[0]
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return _Box(begin, inner, token.start(), token.end())
    return None
