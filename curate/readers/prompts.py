"""From rows to prompts, whatever shape the rows have: what was answered to them is not looked at."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from curate.readers.row import Row
from curate.readers.shapes.alike import merge_alike
from curate.readers.shapes.asked import WITH_CONTEXT
from curate.readers.shapes.cells import is_filled
from curate.readers.shapes.columns import find_columns
from curate.readers.shapes.facts import Facts, read_facts
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.program_prompts import complete_messages, name_columns
from curate.readers.shapes.prompt_or_turns import ask_alone
from curate.readers.shapes.references import read_reference
from curate.store.schema import SET_WITH_REPEATS
from filters.digest import digest_turns
from filters.errors import UserError
from filters.programs.read_tests import PLACES
from filters.types import Message, Prompt

_SET: Final = {"completion", "row_id", "row_source", "metadata"}
"""The columns by which a row of our own sets is known."""
_SAID = ("response", "generation", "verdicts", "kept")


def make_prompts(
    rows: Iterable[Row], required: tuple[str, ...] = ("prompt",), *, as_it_stands: bool = False
) -> Iterator[Prompt]:
    """Prompts from rows: a text or chat messages under a known name and, where there are, the reference, id and the rest.

    Rows with tests for programs are asked with what programs need to pass them (`shapes/program_prompts.py`).
    required: prompt and perhaps answer, which each row must have a column for. as_it_stands: as `make_prompt` has it.
    Raises UserError with the row's place.
    """
    for number, given in enumerate(rows):
        row = Row(given.place, name_columns(given.values))
        columns = find_columns(tuple(row.values))
        asked = columns.prompts or columns.turns or columns.history
        there = {"prompt": asked, "answer": columns.references or read_reference(row.values)}
        missing = next((part for part in required if not there[part]), None)
        if missing is not None:
            raise UserError(refuse_missing(given, missing))
        prompt = make_prompt(row, number, as_it_stands=as_it_stands)
        if "prompt" in required and not any(turn["content"].strip() for turn in prompt.messages):
            raise UserError(f"{row.place}: the prompt is empty; take the row out.")
        yield prompt


def refuse_missing(row: Row, part: str) -> str:
    """The sentence for a row that has no column for a prompt, an answer or a response."""
    there = ", ".join(map(str, row.values)) or "none"
    tests = part == "answer" and any(is_filled(row.values.get(name)) for name in PLACES)
    hint = " Programs are verified by their tests with --check code_tests." if tests else ""
    return f"{row.place}: there is no column '{part}'; there are: {there}. Name yours with --map {part}=COLUMN.{hint}"  # fmt: skip


def make_prompt(row: Row, number: int, *, as_it_stands: bool = False) -> Prompt:
    """The prompt of one row; its number stands in where it has no id. Raises UserError with the row's place.

    as_it_stands: whether a program is asked for without what else the row says of it.
    """
    try:
        values = merge_alike(row.values)
        asked = ask_alone(values, find_columns(tuple(values)))
        if asked.prefill:
            raise Misfit("the prompt ends on a turn of the assistant's, which cannot be gone on with")
        reference = read_reference(values)
        messages = asked.messages if as_it_stands else complete_messages(values, asked.messages)
        return put_prompt(values, messages, reference, read_facts(values), number)
    except Misfit as misfit:
        raise UserError(f"{row.place}: {misfit}.") from None


def read_messages(row: Row) -> list[Message]:
    """What a row asked, as chat messages. Raises UserError with the row's place where it cannot be read."""
    return list(make_prompt(row, 0, as_it_stands=True).messages)


def put_prompt(
    values: Mapping[str, Any],
    messages: Sequence[Message],
    reference: str | None,
    facts: Facts,
    number: int,
    shape: str = "",
) -> Prompt:
    """The prompt that a row's messages are, with its reference and what the row says beside its texts.

    shape: the one by which the row was read, where its response was. A pass rate and a licence are among the rest under these names, whatever their columns are called.
    """
    extra = list_others(values, {*facts.said, *_find_read(values, shape, messages)})
    if facts.pass_rate is not None:
        extra["pass_rate"] = facts.pass_rate
    if facts.license:
        extra["license"] = facts.license
    return Prompt(
        digest_turns(messages, reference),
        tuple(messages),
        reference,
        source_id=facts.source_id or ("" if _find_others(tuple(values)).is_set else str(number)),
        domain=facts.domain,
        language=facts.language,
        extra=extra,
        source=facts.source,
    )


def list_others(values: Mapping[str, Any], hidden: Collection[str] = ()) -> dict[str, Any]:
    """The columns of a row that are not its texts, nor said by a sample's own fields; of a set's row, those it was made from.

    hidden: the columns of the latter, as `Facts.said` has them, and of the texts those that rows of some shapes have.
    """
    there = _find_others(tuple(values))
    told = _read_object(values["metadata"]) if there.is_set else None
    if told is not None:
        return {**{name: values[name] for name in there.others if name not in SET_WITH_REPEATS.names}, **told}
    return {name: values[name] for name in there.others if name not in hidden}


def _find_read(values: Mapping[str, Any], shape: str, messages: Sequence[Message]) -> Iterator[str]:
    """The columns of prompts, and of responses that are others' in other shapes, that a row was read from, say the same or nothing."""
    there = _find_others(tuple(values))
    if there.prompts:
        read = next((name for name in there.prompts if is_filled(values[name])), None)
        asked = None if read is None else values[read]
        if shape == "messages":  # which has its own; a text that it does not hold is somebody's
            contents = [turn["content"] for turn in messages]
            yield from (name for name in there.prompts if _is_said(values[name], contents))
        else:
            if there.context is not None and (read is None or read.lower() in WITH_CONTEXT):
                yield there.context
            yield from (one for one in there.prompts if not is_filled(values[one]) or values[one] == asked)
    columns = find_columns(tuple(values))
    if shape == "solution" and columns.solution is not None:
        yield columns.solution
    if shape == "generations" and not columns.lists and not columns.numbered and not columns.responses:
        yield from columns.loose_lists


def _is_said(cell: Any, contents: Sequence[str]) -> bool:
    """Whether a prompt's column holds nothing that is not in a conversation; what is no text is not compared."""
    if not isinstance(cell, str) or not is_filled(cell):
        return True
    return any(cell.strip() in content for content in contents)


def _read_object(cell: Any) -> dict[str, Any] | None:
    """The JSON object that a set's `metadata` is; None where it is none."""
    try:
        found = {} if cell is None else json.loads(cell)
    except (TypeError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class _Others(NamedTuple):
    """What else than texts is in rows of some columns. prompts, context: those that may hold the question, or belong to it, as the row has it."""

    others: tuple[str, ...]
    prompts: tuple[str, ...]
    context: str | None
    is_set: bool


@lru_cache(512)
def _find_others(names: tuple[str, ...]) -> _Others:
    columns = find_columns(names)
    texts = {
        *columns.systems, columns.history, columns.completion, columns.text,
        *columns.chains, *columns.references[:1], *columns.turns, *columns.lists, *columns.responses, *_SAID,
        *(name for pair in columns.pairs for name in pair), *(n for names in columns.numbered.values() for n in names),
    }  # fmt: skip
    prompts = columns.prompts
    if len(prompts) == 1 and columns.context is None and not columns.turns:  # which is the question, or empty
        texts.add(prompts[0])
        prompts = ()
    others = tuple(name for name in names if name not in texts)
    return _Others(others, prompts, columns.context, _SET.issubset(names))
