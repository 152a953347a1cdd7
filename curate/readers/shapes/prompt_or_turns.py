"""What a row asks where it has a conversation, a column of prompts, or both."""

from __future__ import annotations

from typing import Final

from curate.readers.shapes.asked import AskedPrompt, read_asked, read_history, read_system
from curate.readers.shapes.cells import list_filled
from curate.readers.shapes.columns import Columns
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.parts import Values, find_turns
from curate.readers.shapes.turns import Turn, read_turns

_SYSTEMS: Final = ("system", "developer")


def ask_alone(values: Values, columns: Columns, turns_first: bool = False) -> AskedPrompt:
    """What the row asks of several responses: its prompt's column, else its conversation up to the answer.

    turns_first: the other way round.
    """
    found = find_turns(values, columns)
    if found is None:
        return read_asked(values, columns)
    turns = read_turns(found[1], found[0])
    asked = read_history([*list_system(values, columns, turns), *drop_answer(turns)], found[0])
    if turns_first or not list_filled(values, columns.prompts):
        return asked
    alone = read_asked(values, columns)
    if not has_question(asked):
        return put_system(asked, alone, found[0])
    if alone.last.strip() not in [one["content"].strip() for one in asked.messages if one["role"] == "user"]:
        raise Misfit(f"the prompt is none of the questions in '{found[0]}': remove one of the two columns")
    return asked if alone.last.strip() == asked.last.strip() and not alone.prefill else alone


def has_question(asked: AskedPrompt) -> bool:
    """Whether there is more than a system message."""
    return any(one["role"] not in _SYSTEMS for one in asked.messages)


def put_system(system: AskedPrompt, asked: AskedPrompt, name: str) -> AskedPrompt:
    """What is asked, under the system message of a conversation that has nothing else. Raises Misfit where it has another one."""
    own = [one for one in asked.messages if one["role"] in _SYSTEMS]
    if system.messages and own and own != list(system.messages):
        raise Misfit(
            f"it has several system messages that differ, one of them in '{name}': remove all but one"
        )
    return asked._replace(messages=asked.messages if own else (*system.messages, *asked.messages))


def list_system(values: Values, columns: Columns, turns: list[Turn]) -> list[Turn]:
    """A row's system message, where the turns have none of their own."""
    return [] if turns and turns[0].role in ("system", "developer") else read_system(values, columns)


def drop_answer(turns: list[Turn]) -> list[Turn]:
    """The turns before the answer, where they end on one."""
    return turns[:-1] if turns[-1].role == "assistant" else turns
