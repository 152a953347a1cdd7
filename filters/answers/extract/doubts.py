"""What the words beside an answer say of it: whether they deny, change or hedge it, or take it back later.

A doubt is one clause that quotes the words; none is the empty string. Words that nothing is known of are
taken for a remark: only those listed in `phrases`, `stances` and `continuations` can change an answer.
"""

from __future__ import annotations

from filters.answers.extract.continuations import (
    GOES_ON,
    ITEM_AFTER,
    NEXT,
    OTHER_VALUE,
    STEP_AFTER,
    STEP_BEFORE,
)
from filters.answers.extract.phrases import (
    AFTER,
    CHANGE_BEFORE,
    EITHER_OR,
    IN_SENTENCE,
    LATER,
    STANCE_BEFORE,
)
from filters.answers.extract.sentences import find_sentence_end, find_sentence_start
from filters.answers.extract.stances import BETWEEN, FAR_BEFORE, LISTED_BEFORE, TURNED_BEFORE

MAX_BEFORE = 100
"""Characters before an answer that may hold words about it."""
MAX_SENTENCE = 300
"""Characters of the rest of an answer's sentence that are read."""
MAX_LATER = 1_500
"""Characters after an answer's sentence in which it may be taken back."""
_QUOTED = 40
_STANCES = (STANCE_BEFORE, FAR_BEFORE)
_CHANGES = (CHANGE_BEFORE, BETWEEN, LISTED_BEFORE, TURNED_BEFORE)


def find_doubt_before(text: str, begin: int, *, changes: bool = True) -> str:
    """What the sentence says before the answer that begins at `begin`. changes: also "more than", "half of"."""
    start = find_sentence_start(text, begin, max(0, begin - MAX_BEFORE))
    before = text[start:begin]
    for pattern in (*_STANCES, *_CHANGES) if changes else _STANCES:
        found = pattern.search(before)
        if found is not None:
            return f'before it: "{_quote(found[0])}"'
    return ""


def find_doubt_between(between: str) -> str:
    """What stands between two answers of one sentence, where they are alternatives."""
    return f'before it: "{_quote(between)}"' if EITHER_OR.search(between) else ""


def find_doubt_after(text: str, end: int) -> str:
    """What follows the answer that ends at `end`: in its sentence, and where it is taken back later."""
    if not text[end : end + MAX_LATER].strip(" \n\t.$*}]\\)。"):
        return ""
    near = end + MAX_SENTENCE
    found = AFTER.match(text, end, near) or GOES_ON.match(text, end, near) or NEXT.match(text, end, near)
    if found is None:
        stop = find_sentence_end(text, end, near)
        found = IN_SENTENCE.search(text, end, stop) or OTHER_VALUE.search(text, end, stop)
    found = found or LATER.search(text, end, end + MAX_LATER)
    return f'after it: "{_quote(text[found.start() :])}"' if found else ""


def find_item_after(text: str, end: int, name: str) -> str:
    """A number after the answer that ends at `end` and goes on its list. name: what the answer is the value of, if anything.

    A number under another name is another answer.
    """
    item = ITEM_AFTER.match(text, end, end + MAX_BEFORE)
    if item is None or (item["name"] and item["name"] != name):
        return ""
    return f'after it: "{_quote(item[0])}"'


def find_step(text: str, begin: int, end: int) -> str:
    """Words on both sides of an answer that compute with it: "multiply 5 by 2"."""
    step = STEP_BEFORE.search(text, max(0, begin - _QUOTED), begin)
    if step is None or STEP_AFTER.match(text, end) is None:
        return ""
    return f'before it: "{_quote(step[0])}"'


def _quote(text: str) -> str:
    plain = " ".join(text[: 2 * _QUOTED].split()).strip('"')
    return plain if len(plain) <= _QUOTED else plain[: _QUOTED - 1] + "…"
