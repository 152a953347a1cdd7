"""What is called like a chain, and whether it holds one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from curate.readers.shapes.cells import is_filled, is_list, is_number

_SWITCHES: Final = frozenset(
    [
        "on",
        "off",
        "yes",
        "no",
        "true",
        "false",
        "enabled",
        "disabled",
        "none",
        "auto",
        "low",
        "medium",
        "high",
        "minimal",
        "xhigh",
        "max",
        "n/a",
    ]
)

_LIKE_CHAIN: Final = re.compile(
    r"(?!.*(?:judge|grade|grader|verif|critique|score|reward))(?:\w+_)?"
    r"(?:reasoning|think|thinking|thoughts?|cot|chain_of_thought|trajector(?:y|ies))(?:_(?:content|text|trace|details?|process|blocks?))?"
)
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts that write sentences without spaces."""
_FEW: Final = 4
"""So many of them are a word at most."""
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_NUMBER: Final = re.compile(r"\s*[-+]?[0-9][0-9.,]*\s*")


def is_like_chain(name: str) -> bool:
    """Whether a column is called as chains are."""
    return _LIKE_CHAIN.fullmatch(_CAMEL.sub("_", str(name)).lower()) is not None


def find_lost_chain(values: Mapping[str, Any], known: Iterable[str] = ()) -> str | None:
    """A column or key that no rule reads, and that looks like a chain by its name and its words."""
    for name, cell in values.items():
        if name in known or not is_like_chain(name):
            continue
        if (is_list(cell) and cell) or (isinstance(cell, str) and _has_words(cell)):
            return name
    return None


def _has_words(text: str) -> bool:
    """Whether a text is more than a word."""
    return len(text.split(maxsplit=1)) > 1 or len(_UNSPACED.findall(text)) > _FEW


def is_chain(cell: Any) -> bool:
    """Whether a cell under the name of a chain holds one: a switch ("on") or a number is none."""
    if isinstance(cell, bool) or is_number(cell) or not is_filled(cell):
        return False
    if is_list(cell):
        return any(is_chain(one) for one in cell)
    return not (isinstance(cell, str) and (cell.strip().lower() in _SWITCHES or _NUMBER.fullmatch(cell)))
