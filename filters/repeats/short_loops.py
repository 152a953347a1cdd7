"""Loops of one token: the same mark, digit, blank, line break or box over and over, with no word between.

The words' distances (`profiles`) do not see them, since they are one long word or none. Here the bytes are looked at
in steps of a few lengths: where two looks in a row find the same eight bytes, something short may repeat, as
every period up to 13 divides one of the steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from filters.repeats.profiles import locate_span
from filters.repeats.repetitions import Fault, find_extent, quote_block

_STEPS = (120, 126, 143)
_LOOK, _LONGEST = 8, 64
"""Bytes of one look, and of the longest block."""
_MANY, _LONG, _VERY_LONG = 20, 300, 1000
"""Copies and characters from which on a block without words is a loop; and characters for what a page is
ruled and set with: a row of dashes or of blanks may be long."""
_RULES = frozenset("-=_─━═ \u00a0\u3000")
_PLACES = 16
"""Places of a text that are looked at closely."""
_BOX = b"\\boxed{"
_BOXES, _TAIL = 5, 2000
"""The same box so many times in a row is a loop, however short; in how many bytes at the end it is looked for."""


def find_short_loops(raws: Sequence[bytes]) -> Iterator[tuple[int, Fault]]:
    """The numbers of those texts of a chunk that have such a loop, each with its first."""
    begins = np.cumsum([0, *map(len, raws)])
    joined = b"".join(raws)
    places: dict[int, list[int]] = {}
    for step in _STEPS:
        looks = (len(joined) - _LOOK) // step + 1
        if looks < 2:
            continue
        seen = np.ndarray((looks,), "<u8", joined, strides=(step,))
        hits = (seen[1:] == seen[:-1]).nonzero()[0]
        if not len(hits):
            continue
        hits = hits[np.diff(hits, prepend=-2) > 1] * step
        for owner, hit in zip((begins.searchsorted(hits, "right") - 1).tolist(), hits.tolist(), strict=True):
            places.setdefault(owner, []).append(hit - int(begins[owner]))
    boxed = [n for n, raw in enumerate(raws) if raw.count(_BOX, -_TAIL) >= _BOXES]
    for owner in sorted({*places, *boxed}):
        found = _find_loop(raws[owner], places.get(owner, ()))
        if found is None and owner in boxed:
            found = _find_boxes(raws[owner])
        if found is not None:
            yield owner, found


def _find_loop(raw: bytes, places: Sequence[int]) -> Fault | None:
    for at in sorted(places)[:_PLACES]:
        period = raw.find(raw[at : at + 16], at + 1, at + _LONGEST + 16) - at
        if period > 0:
            begin, end = find_extent(raw, at, period)
            if end - begin >= _MANY * period and _is_long(raw[begin:end].decode("utf-8", "replace")):
                return _make_fault(raw, begin, end, period)
    return None


def _is_long(row: str) -> bool:
    return len(row) >= (_VERY_LONG if _RULES.issuperset(row[:_LONGEST]) else _LONG)


def _find_boxes(raw: bytes) -> Fault | None:
    """The same box, with the same between, several times in a row."""
    places = [match.start() for match in re.finditer(re.escape(_BOX), raw[-_TAIL:])]
    before = max(0, len(raw) - _TAIL)
    for first, at, last in zip(places, places[1:], places[_BOXES - 1 :], strict=False):
        period = at - first
        if last - first == (_BOXES - 1) * period:
            begin, end = find_extent(raw, before + first, period)
            if end - begin >= _BOXES * period - period // 2:
                return _make_fault(raw, before + first, end, period)
    return None


def _make_fault(raw: bytes, begin: int, end: int, period: int) -> Fault:
    block, copies = raw[begin : begin + period], (end - begin) // period
    shown = quote_block(block) or repr(block.decode("utf-8", "replace"))
    return Fault("loop", f"{copies} times: {shown}", copies, locate_span(raw, begin, end))
