"""Columns whose names are alike but for case and underscores, as files that were put together have them: one, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from curate.readers.shapes.cells import is_filled
from curate.readers.shapes.columns import KNOWN_NAMES, fold_name
from curate.readers.shapes.facts import FINISHES, TOKENS, is_flag_name
from curate.readers.shapes.misfit import Misfit

_TOLD: Final = frozenset(fold_name(name) for name in (*KNOWN_NAMES, *FINISHES, *TOKENS, "kept", "pass_rate"))
"""What two columns may not say differently."""
_WRITTEN: Final = "response"
"""What our own output has beside a row's own columns, whatever they are called."""


def merge_alike(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row with one of each columns that are alike, the one that holds something. Raises Misfit where two hold different things."""
    groups = _find_alike(tuple(values))
    if not groups:
        return values
    rest = dict(values)
    for names in groups:
        filled = [name for name in names if is_filled(values[name])]
        if any(values[name] != values[filled[0]] for name in filled):
            if _WRITTEN in names and "verdicts" in values:
                continue
            raise Misfit(
                f"it has the columns {' and '.join(filled)}, whose names are alike, and which hold different things: take the wrong ones out"
            )
        for name in names:
            if filled and name not in filled:
                del rest[name]
    return rest


@lru_cache(512)
def _find_alike(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    same: dict[str, list[str]] = {}
    for name in names:
        same.setdefault(fold_name(name), []).append(name)
    return tuple(
        tuple(found)
        for folded, found in same.items()
        if len(found) > 1 and (folded in _TOLD or any(is_flag_name(name) for name in found))
    )
