"""What a check gave, made sure of: one verdict a sample, of plain types; what is none is undecided and says so."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from numbers import Integral, Real
from typing import Any

from filters.types import SignatureVerdict, Verdict


def take_verdicts(given: object, number: int) -> list[Verdict]:
    """The verdicts on `number` samples: those that were given, or undecided ones that say what was given instead.

    Any sequence is taken; numbers of numpy's become Python's.
    """
    if not isinstance(given, (list, tuple)) or len(given) != number:
        said = f"{len(given)} verdicts" if isinstance(given, (list, tuple)) else f"a {type(given).__name__}"
        return [Verdict(None, f"crashed: the check gave {said} for {number} samples")] * number
    return [_take_verdict(one) for one in given]


def _take_verdict(given: Any) -> Verdict:
    if not isinstance(given, Verdict):
        return Verdict(None, f"crashed: the check gave a {type(given).__name__}, not a Verdict"[:300])
    if isinstance(given, SignatureVerdict) and type(given.signature) is bytes:
        return SignatureVerdict(None, "signed", signature=given.signature)
    try:
        return Verdict(_ok(given.ok), _reason(given.reason), _score(given.score), _span(given.span))
    except _WrongError as error:
        return Verdict(None, f"crashed: the check gave a verdict whose {error}"[:300])


class _WrongError(Exception):
    """Which field of a verdict is not what it should be."""


def _ok(given: Any) -> bool | None:
    if given is None or given is True or given is False:
        return given
    if type(given).__name__ in ("bool", "bool_"):  # numpy's, which is no bool
        return bool(given)
    raise _WrongError(f"ok is {given!r}, not True, False or None")


def _reason(given: Any) -> str:
    if isinstance(given, str):
        return given
    raise _WrongError(f"reason is a {type(given).__name__}, not text")


def _score(given: Any) -> float | None:
    if given is None or (type(given) is float and isfinite(given)):
        return given
    try:
        score = float(given) if isinstance(given, Real) else float("nan")
    except OverflowError:
        score = float("nan")
    if not isfinite(score):
        raise _WrongError(f"score is {given!r}, not a finite number or None")
    return score


def _span(given: Any) -> tuple[int, int] | None:
    if given is None:
        return None
    if isinstance(given, Sequence) and len(given) == 2 and all(isinstance(end, Integral) for end in given):
        start, end = map(int, given)
        if 0 <= start <= end:
            return start, end
    raise _WrongError(f"span is {given!r}, not a start and an end in the response, or None")
