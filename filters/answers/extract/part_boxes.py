r"""Boxes that hold one part of the answer each: the last of them is not the whole.

"(a) \boxed{6}, (b) \boxed{5}", "Case 1: \boxed{6}" and "Case 2: \boxed{5}", "x = \boxed{6}" and "y = \boxed{5}".
"""

from __future__ import annotations

import re

from filters.answers.extract.boxes import BoxGroup, find_last_boxes, find_part_name
from filters.answers.extract.same_answer import is_same_answer

MAX_LABEL = 50
"""Characters before a box in which the label of its part stands."""
MAX_BETWEEN = 80
"""Characters between two boxes of one sentence."""

_LABEL = re.compile(
    r"(?:\A|\s|[*$])(?:(?:parts?|cases?|question|problem|scenario)\s?(?P<named>\(?[a-h1-9ivx]{1,3}\)?)[*_ ]*[:.)–-]?|(?P<lettered>\(?(?:[a-h]|[ivx]{1,4}|\d)\)))"
    r"[*_:\s]*(?:[A-Za-z]\w?\s*=\s*)?(?:\$\$?|\\[(\[])?\s*(?:[A-Za-z]\w?\s*=\s*)?\Z",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"[\s$})]*(?:[,;]|\band\b|,? while)\s*(?:and |while )?(?:the|its|their|his|her) (?!(?:\w+ )?(?:answer|result|total)\b)(?:[\w']+ ){1,6}(?:is|are|equals|was|were)[\s$]*"
    r"|[\s$})]*(?:[A-Za-z]+ ){1,2}and [\s$]*|[\s$}).]*\n[ \t]*[-*•] [\s$]*"
)


def find_other_part(text: str, group: BoxGroup) -> str:
    """A doubt where the box before `group` holds another part of the same answer."""
    former = find_last_boxes(text, group.begin)
    if former is None or not former.place.text or is_same_answer(former.place.text, group.place.text):
        return ""
    between = text[former.end : group.begin]
    name, last = find_part_name(text, former.begin), find_part_name(text, group.begin)
    label, second = _find_label(text, former.begin), _find_label(text, group.begin)
    parts = (
        not between.strip(" \n\t$\\[]()*.")
        or (len(between) <= MAX_BETWEEN and bool(name and last and name != last))
        or bool(label and second and label != second)
        or (len(between) <= MAX_BETWEEN and _NEXT.fullmatch(between) is not None)
    )
    return f'before it: another part, "{former.place.text[:30]}"' if parts else ""


def _find_label(text: str, begin: int) -> str:
    found = _LABEL.search(text, max(0, begin - MAX_LABEL), begin)
    return (found["named"] or found["lettered"]).strip("()").casefold() if found else ""
