"""The reference of a row: its own column's, or what public sets put into a message or an object.

What was only cut out of the response is no reference: it would prove every response right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from curate.readers.row import cell_to_text
from curate.readers.shapes.cells import is_empty, is_list
from curate.readers.shapes.columns import find_columns

_NONE: Final = ("n/a",)
"""What stands for a reference in sets whose column must hold a text."""


def read_reference(values: Mapping[str, Any], shape: str = "", responses: Iterable[str] = ()) -> str | None:
    """The reference of a row as a text; what is neither text nor number is JSON, which no verifier takes for an answer.

    shape: the one that read the row, whose response a column `solution` may be. responses: what it read.
    """
    columns = find_columns(tuple(values))
    name, cell, known = None, None, False
    for each in columns.references:
        if each != columns.solution or shape != "solution":
            known = True
            if not is_empty(values[each]):
                name, cell = each, values[each]
                break
    if not known:
        cell = _find_nested(values)
    if is_empty(cell) or (isinstance(cell, str) and cell.strip().lower() in _NONE):
        return None
    if name is not None and name == columns.solution and _is_extract(cell, responses):
        return None
    return str(cell) if isinstance(cell, Decimal) else cell_to_text(cell)


def has_reference(values: Mapping[str, Any]) -> bool:
    """Whether a row has a column for a reference, filled or not."""
    return bool(find_columns(tuple(values)).references) or _find_nested(values) is not None


def _is_extract(cell: Any, responses: Iterable[str]) -> bool:
    """Whether a solution of several lines stands word for word in a response, as OpenCodeReasoning's do."""
    text = cell.strip() if isinstance(cell, str) else ""
    return "\n" in text and any(text in response for response in responses)


def _find_nested(values: Mapping[str, Any]) -> Any:
    """AM's reference stands in the user's message, verl's in `reward_model`."""
    reward = values.get("reward_model")
    if isinstance(reward, Mapping) and not is_empty(reward.get("ground_truth")):
        return reward["ground_truth"]
    known = find_columns(tuple(values)).turns
    turns = next((values[name] for name in known if is_list(values[name])), ()) if known else ()
    infos = [turn.get("info") for turn in turns if isinstance(turn, Mapping)]
    found = [
        info["reference_answer"]
        for info in infos
        if isinstance(info, Mapping) and info.get("reference_answer")
    ]
    return found[-1] if found else None
