"""Whether two values are one that was rounded: 7.07 and the root of 50, $11.82 and 11.818, 6.67% and 6.667.

No verifier takes a rounded answer for the exact one; where a chain and its response say the same, it is no contradiction.
"""

from __future__ import annotations

import re
from fractions import Fraction

from filters.answers.compare.views import split_quantity
from filters.answers.parse.nodes import Node, make_number
from filters.answers.prove.balls import UnknownError, compute_ball
from filters.answers.prove.exact import InexactError

_SCALED = re.compile(r"(?:\\times|\\cdot|[×·*x])\s{0,4}10\s{0,4}(?:\^|\*\*|[⁰-⁹⁻])|\d[eE][-+]?\d")
_HUNDREDTH = make_number(Fraction(1, 100))
_DECIMALS = re.compile(r"\d\.(\d{1,15})(?!\d)")


def is_rounded(final: str, one: Node, stated: str, two: Node) -> bool:
    """Whether the two differ by no more than the decimals that are written allow; a unit may stand at one alone.

    A percentage is then read both ways. Powers of ten are never taken for rounded: their decimals say too little.
    """
    if _SCALED.search(final) or _SCALED.search(stated):
        return False
    read = [(*split_quantity(node), _DECIMALS.search(text)) for node, text in ((one, final), (two, stated))]
    (_, unit, _), (_, other, _) = read
    if unit is not None and other is not None and unit != other:
        return False
    plain = [(value, len(found[1]) if found else None) for value, _, found in read]
    if _close(*plain):
        return True
    shares = [side.scale == "percent" if side is not None else False for side in (unit, other)]
    if not any(shares):
        return False
    scaled = [
        (Node("mul", (value, _HUNDREDTH)), 2 + (places or 0)) if share else (value, places)
        for (value, places), share in zip(plain, shares, strict=True)
    ]
    return _close(*scaled)


def _close(one: tuple[Node, int | None], two: tuple[Node, int | None]) -> bool:
    """Whether two values are one, where the coarser of their decimals is rounded."""
    places = [number for _, number in (one, two) if number is not None]
    if not places:
        return False
    try:
        apart = compute_ball(one[0], {}, 64) - compute_ball(two[0], {}, 64)
    except (UnknownError, InexactError):
        return False
    return bool(abs(apart).is_finite()) and float(abs(apart).mid()) <= 0.51 * 10.0 ** -min(places)
