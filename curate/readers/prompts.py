"""From rows to prompts, whatever shape the rows have: what was answered to them is not looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from curate.readers.row import Row
from curate.readers.shapes.asked import WITH_CONTEXT
from curate.readers.shapes.cells import is_filled, list_filled
from curate.readers.shapes.columns import find_columns
from curate.readers.shapes.facts import Facts, list_said, read_facts
from curate.readers.shapes.foreign import ask_alone
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.references import read_reference
from filters.errors import UserError
from filters.types import Message, Prompt

_SET: Final = {"completion", "row_id", "row_source", "metadata"}
"""The columns by which a row of our own sets is known."""
_SAID = ("response", "generation", "verdicts", "kept")


def make_prompts(rows: Iterable[Row], required: tuple[str, ...] = ("prompt",)) -> Iterator[Prompt]:
    """Prompts from rows: a text or chat messages under a known name and, where there are, the reference, id and the rest.

    required: prompt and perhaps answer, which each row must have a column for. Raises UserError with the row's place.
    """
    for number, row in enumerate(rows):
        columns = find_columns(tuple(row.values))
        asked = columns.prompts or columns.turns or columns.history
        there = {"prompt": asked, "answer": columns.references or read_reference(row.values)}
        missing = next((part for part in required if not there[part]), None)
        if missing is not None:
            raise UserError(refuse_missing(row, missing))
        prompt = make_prompt(row, number)
        if "prompt" in required and not any(turn["content"].strip() for turn in prompt.messages):
            raise UserError(f"{row.place}: the prompt is empty; take the row out.")
        yield prompt


def refuse_missing(row: Row, part: str) -> str:
    """The sentence for a row that has no column for a prompt, an answer or a response."""
    there = ", ".join(map(str, row.values)) or "none"
    return (
        f"{row.place}: there is no column '{part}'; there are: {there}. Name yours with --map {part}=COLUMN."
    )


def make_prompt(row: Row, number: int) -> Prompt:
    """The prompt of one row; its number stands in where it has no id. Raises UserError with the row's place."""
    try:
        asked = ask_alone(row.values, find_columns(tuple(row.values)))
        if asked.prefill:
            raise Misfit("the prompt ends on a turn of the assistant's, which cannot be gone on with")
        reference = read_reference(row.values)
        return put_prompt(row.values, asked.messages, reference, read_facts(row.values), number)
    except Misfit as misfit:
        raise UserError(f"{row.place}: {misfit}.") from None


def read_messages(row: Row) -> list[Message]:
    """What a row asks, as chat messages. Raises UserError with the row's place where it cannot be read."""
    return list(make_prompt(row, 0).messages)


def put_prompt(
    values: Mapping[str, Any], messages: Iterable[Message], reference: str | None, facts: Facts, number: int
) -> Prompt:
    """The prompt that a row's messages are, with its reference and what the row says beside its texts.

    A pass rate and a licence are among the rest under these names, whatever their columns are called.
    """
    known = {"pass_rate": facts.pass_rate, "license": facts.license or None}
    said = {name: value for name, value in known.items() if value is not None}
    return Prompt.make(
        list(messages),
        reference,
        source_id=facts.source_id or str(number),
        domain=facts.domain,
        language=facts.language,
        extra={**list_others(values), **said},
        source=facts.source,
    )


def list_others(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row that are not its texts, nor said by a sample's own fields; of a set's row, those it was made from."""
    if values.keys() >= _SET and (told := _read_object(values["metadata"])) is not None:
        return told
    names = tuple(values)
    columns, texts = find_columns(names), _find_texts(names)
    read = list_filled(values, columns.prompts)[:1]
    said = {*list_said(values), *read}
    if columns.context is not None and (not read or read[0].lower() in WITH_CONTEXT):
        said.add(columns.context)
    for name in columns.prompts:  # the same once more, or nothing
        if not is_filled(values[name]) or values[name] == values[read[0]]:
            said.add(name)
    return {name: cell for name, cell in values.items() if name not in texts and name not in said}


def _read_object(cell: Any) -> dict[str, Any] | None:
    """The JSON object that a set's `metadata` is; None where it is none."""
    try:
        found = {} if cell is None else json.loads(cell)
    except (TypeError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


@lru_cache(512)
def _find_texts(names: tuple[str, ...]) -> frozenset[str | None]:
    columns = find_columns(names)
    return frozenset([
        *columns.systems, columns.history, columns.completion, columns.text,
        *columns.chains, *columns.references[:1], *columns.turns, *columns.lists, *columns.responses, *_SAID,
        *(name for pair in columns.pairs for name in pair), *(n for names in columns.numbered.values() for n in names),
    ])  # fmt: skip
