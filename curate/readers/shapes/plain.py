"""Rows of a plain question and a response in the normal form, which most are: read at a glance, as the shapes would read them.

Whatever could need a closer look is left to these: `read_plain` gives nothing then, and never another reading than theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from curate.readers.shapes.asked import PLACEHOLDERS
from curate.readers.shapes.cells import BLANKS
from curate.readers.shapes.chain_names import is_like_chain
from curate.readers.shapes.columns import find_columns
from curate.readers.shapes.reading import SampleReading
from curate.readers.shapes.templates import may_hold_tokens
from filters.think import CLOSE, OPEN
from filters.types import Message

_ELSEWHERE: Final = frozenset(
    {"tool_calls", "verdicts", "generation", "inference_mode", "chat_template_kwargs"}
)
"""Columns that have a say in how a row is read."""
_PACKED: Final = re.compile(r"\s*(?:\"?[\[{]|array\(|\w*Message\()")
_CHANNEL: Final = "analysis"
"""How a response begins whose channels have lost their marks."""
_MARKS: Final = ("<", "◁", "[THINK]", "[/THINK]")


class _PlainColumns(NamedTuple):
    prompt: str
    response: str
    shape: str


@lru_cache(512)
def _find_plain(names: tuple[str, ...]) -> _PlainColumns | None:
    """The two columns of rows with these keys; None where others have a say."""
    columns = find_columns(names)
    others = (
        columns.context, columns.systems, columns.history, columns.turns, columns.lists, columns.loose_lists,
        columns.numbered, columns.pairs, columns.chains,
    )  # fmt: skip
    odd = any(name.lower() in _ELSEWHERE or is_like_chain(name) for name in names if isinstance(name, str))
    if any(others) or odd or len(columns.prompts) != 1 or len(columns.responses) != 1:
        return None
    shape = "response" if columns.completion is None else "prompt and completion"
    return _PlainColumns(columns.prompts[0], columns.responses[0], shape)


def read_plain(values: Mapping[str, Any]) -> tuple[str, SampleReading] | None:
    """The name of a plain row's shape, and its one sample; None for a row that needs a closer look."""
    found = _find_plain(tuple(values))
    if found is None:
        return None
    asked, response = values[found.prompt], values[found.response]
    if type(asked) is not str or type(response) is not str:
        return None
    if response.startswith(OPEN):
        marks = "inline"
        close = response.rfind(CLOSE)
        if close < 0:
            return None
        # Every token of a template but a few ends on a `>`, and most responses have none but those of the think tags.
        first, after = response.find(">", len(OPEN)), close + len(CLOSE)
        bare = first == after - 1 and response.find(">", after) < 0 and "]" not in response
        bare = bare and "~" not in response
    else:
        marks, bare = "", False
        if response.lstrip(BLANKS).startswith(_CHANNEL):
            return None
        if not response.strip() or any(mark in response for mark in _MARKS) or _PACKED.match(response):
            return None
    said = asked.strip(BLANKS)
    if not said or asked[:1] == "<" or said[0] == "%" or said.lower() in PLACEHOLDERS or _PACKED.match(asked):
        return None
    if response.rstrip().endswith(">") or said.endswith((">", ":")) or response.startswith(asked):
        return None
    if may_hold_tokens(asked) or (not bare and may_hold_tokens(response)):
        return None
    return found.shape, SampleReading(
        (Message(role="user", content=asked),), response, None, marks, False, ()
    )
