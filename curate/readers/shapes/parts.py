"""Which of a row's columns hold its responses and their chains."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from curate.readers.shapes.cells import (
    describe,
    is_filled,
    is_hollow,
    is_list,
    is_number,
    is_texts,
    list_filled,
)
from curate.readers.shapes.chain_names import is_chain
from curate.readers.shapes.columns import Columns
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.packed import unpack_list, unpack_messages
from curate.readers.shapes.packed_json import open_list
from curate.readers.shapes.turns import looks_like_turns, read_turns
from filters.think import CLOSE, OPEN

Values = Mapping[str, Any]
_LIKE_RESPONSE: Final = re.compile(
    r"(?:\w+_)?(?:responses?|outputs?|completions?|generations?|attempts?|trajector(?:y|ies))|chosen|choices"
)


def find_lost_response(values: Mapping[str, Any], known: Iterable[str]) -> str | None:
    """A column that no rule reads, and that looks like a response by its name or its think marks."""
    for name, cell in values.items():
        text = isinstance(cell, str) and is_filled(cell)
        if name in known or not (text or (is_list(cell) and cell)):
            continue
        if _LIKE_RESPONSE.fullmatch(name.lower()) or (text and OPEN in cell and CLOSE in cell):
            return name
    return None


def find_chain(values: Values, columns: Columns) -> tuple[str, Any] | None:
    """The column of chains, with its cell, where one is filled. Raises Misfit where two hold different ones.

    What is a switch (`reasoning` is "on") or a number is no chain.
    """
    filled = [(name, values[name]) for name in columns.chains if is_chain(values[name])]
    if any(cell != filled[0][1] for _, cell in filled):
        raise Misfit(
            f"it has several chains that differ, in {', '.join(name for name, _ in filled)}: remove all but one"
        )
    return filled[0] if filled else None


def find_chains(values: Values, columns: Columns, count: int) -> Sequence[tuple[str, Any] | None]:
    """The chain of each of `count` responses of a row. Raises Misfit where a column holds another number of chains."""
    chain = find_chain(values, columns)
    if chain is None:
        return [None] * count
    name, cells = chain[0], open_list(chain[1])
    if not is_texts(cells) or len(cells) != count:
        held = len(cells) if is_list(cells) else "one"
        raise Misfit(
            f"'{name}' holds {held}, and there are {count} responses: whose chain is whose cannot be told"
        )
    return [(f"{name}[{number}]", cell) for number, cell in enumerate(cells)]


def find_response(values: Values, columns: Columns) -> str:
    """The column of the response. Raises Misfit where two that are filled differ, and none is `response`."""
    filled = list_filled(values, columns.responses)
    if columns.own in filled:
        return str(columns.own)
    if any(values[name] != values[filled[0]] for name in filled):
        raise Misfit(
            f"it has several responses that differ, in {', '.join(filled)}: name one with --map response=COLUMN"
        )
    return filled[0] if filled else columns.responses[0]


def has_own(values: Values, columns: Columns) -> bool:
    """Whether a row has a filled column `response`, which goes before all others."""
    return columns.own is not None and is_filled(values[columns.own])


def find_lists(values: Values, columns: Columns) -> dict[str, Sequence[Any]]:
    """The columns of a row that hold several responses, with these. Raises Misfit where one should and does not."""
    if has_own(values, columns):
        own = str(columns.own)
        return {own: values[own]} if is_texts(values[own]) else {}
    named = {
        n: unpack_list(values[n], n)
        for n in columns.lists
        if is_filled(open_list(values[n])) and not is_number(values[n])
    }
    named |= {n: values[n] for n in columns.responses if n not in named and is_texts(values[n])}
    for name, cells in named.items():
        if not is_list(cells) or not (
            is_texts(cells) or is_hollow(cells) or looks_like_turns(cells) or _is_turns_each(cells)
        ):
            raise Misfit(
                f"'{name}' is {describe(cells)}, not a list of responses: name another column with --map response=COLUMN"
            )
    full = {name: cells for name, cells in named.items() if not is_hollow(cells)}
    if full or list_filled(values, columns.responses) or find_turns(values, columns):
        return full
    loose = {name: values[name] for name in columns.loose_lists if is_texts(values[name])}
    return loose or find_numbered(values, columns) or named


def _is_turns_each(cells: Sequence[Any]) -> bool:
    filled = [cell for cell in cells if is_filled(cell)]
    return bool(filled) and all(looks_like_turns(cell) for cell in filled)


def find_numbered(values: Values, columns: Columns) -> dict[str, Sequence[Any]]:
    """The responses in columns that differ by their number, by what they are called."""
    found = {stem: [values[name] for name in names] for stem, names in columns.numbered.items()}
    return {f"{stem}_1…": cells for stem, cells in found.items() if is_texts(cells)}


def find_turns(values: Values, columns: Columns) -> tuple[str, Any] | None:
    """The column that holds a conversation, with it.

    Raises Misfit where it is one in JSON that cannot be read, or two columns hold different ones.
    """
    cells = [(name, unpack_messages(values[name], name)) for name in columns.turns]
    found = [(name, cell) for name, cell in cells if looks_like_turns(cell)]
    if len(found) > 1:
        first = [turn.message for turn in read_turns(found[0][1], found[0][0])]
        for name, cell in found[1:]:
            if [turn.message for turn in read_turns(cell, name)] != first:
                raise Misfit(
                    f"'{found[0][0]}' and '{name}' hold conversations that differ: remove one of the two columns"
                )
    return found[0] if found else None
