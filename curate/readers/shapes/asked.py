"""What was asked, from the columns that hold it, and the response put to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from curate.readers.shapes.cells import (
    describe,
    is_filled,
    is_list,
    list_filled,
    read_text,
)
from curate.readers.shapes.chains import join_chain, normalize_chain
from curate.readers.shapes.columns import Columns
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.packed import unpack_messages, unpack_response
from curate.readers.shapes.packed_json import load_json
from curate.readers.shapes.reading import SampleReading
from curate.readers.shapes.templates import (
    RenderedTurn,
    cut_plain_echo,
    parse_echo,
    parse_prompt,
    require_plain,
)
from curate.readers.shapes.turns import Turn, looks_like_turns, read_turns, split_last
from filters.think import CLOSE, OPEN
from filters.types import Message

ECHO: Final = "echoed prompts"
"""What is noted of a response that began with the prompt."""
PLACEHOLDERS: Final = ("-", "n/a", "none", "null")
"""What stands for a prompt in sets that refer to another set for it."""
WITH_CONTEXT: Final = ("instruction", "prompt")
"""The prompts that go on in Alpaca's `input`."""
_UNFILLED: Final = re.compile(r"\s*(?:\{\{ ?[A-Za-z_][\w.]* ?\}\}|\{[a-z_]{3,30}\}|%\([a-z_]+\)s)\s*")
_ELSEWHERE: Final = "the set refers to another one for its prompts, which must be put in first"


class AskedPrompt(NamedTuple):
    """What was asked. prefill: how the assistant's turn begins already. rendered: whether it was read back from a chat template."""

    messages: tuple[Message, ...]
    prefill: str = ""
    rendered: bool = False

    @property
    def last(self) -> str:
        """The last message that is not the assistant's."""
        return self.messages[-1]["content"] if self.messages else ""


def read_asked(values: Mapping[str, Any], columns: Columns) -> AskedPrompt:
    """What a row asks: the prompt in any form, with its system message and the turns before it."""
    before = _read_before(values, columns)
    filled = list_filled(values, columns.prompts)
    if not filled:
        return read_history(before, "prompt")
    name = filled[0]
    cell = unpack_messages(values[name], name)
    more = _read_context(values, columns, name)
    if looks_like_turns(cell):
        turns = read_turns(cell, name)
        if more and more not in turns[-1].content:
            raise Misfit(
                f"'{name}' is messages, and '{columns.context}' holds a text that is not in the last one"
            )
        return read_history(_put_before(before, turns), name)
    text = read_text(cell, name)
    if text.strip().lower() in PLACEHOLDERS:
        raise Misfit(f"'{name}' is '{text.strip()}': {_ELSEWHERE}")
    if _UNFILLED.fullmatch(text):
        raise Misfit(f"'{name}' is '{text.strip()}', a template in which nothing was put in")
    if (rendered := parse_prompt(text, name)) is not None:
        turns = [Turn(turn.role, turn.content) for turn in rendered]
        return read_history(_put_before(before, turns), name, rendered[-1])
    text = require_plain(text, name)
    if more and f"\n{text.rstrip()}".rpartition("\n")[2] != more and not text.rstrip().endswith(f"\n{more}"):
        text = f"{text}\n\n{require_plain(more, str(columns.context))}"
    return read_history([*before, Turn("user", text)], name)


def _read_context(values: Mapping[str, Any], columns: Columns, prompt: str) -> str:
    """What goes with an instruction (Alpaca's `input`)."""
    if columns.context is None or prompt.lower() not in WITH_CONTEXT:
        return ""
    return read_text(values[columns.context], columns.context).strip()


def _put_before(before: list[Turn], turns: list[Turn]) -> list[Turn]:
    """A row's own system message and history, before turns that may have a system message of their own."""
    if turns[0].role in ("system", "developer"):
        return [turns[0], *[turn for turn in before if turn.role != "system"], *turns[1:]]
    return [*before, *turns]


def _read_before(values: Mapping[str, Any], columns: Columns) -> list[Turn]:
    turns = read_system(values, columns)
    name = str(columns.history)
    history = None if columns.history is None else unpack_messages(values[columns.history], name)
    if not is_filled(history):
        return turns
    if looks_like_turns(history):
        return turns + read_turns(history, name)
    if is_list(history) and all(is_list(pair) and len(pair) == 2 for pair in history):  # Alpaca's pairs
        both = ("user", "assistant")
        return turns + [
            Turn(role, read_text(cell, name))
            for pair in history
            for role, cell in zip(both, pair, strict=True)
        ]
    raise Misfit(f"'{columns.history}' is {describe(history)}, not turns")


def read_system(values: Mapping[str, Any], columns: Columns) -> list[Turn]:
    """The system message that a row has beside its messages, where it has one. Raises Misfit where two hold different ones."""
    filled = list_filled(values, columns.systems)
    if any(values[name] != values[filled[0]] for name in filled):
        raise Misfit(
            f"it has several system messages that differ, in {', '.join(filled)}: remove all but one"
        )
    if not filled:
        return _read_instructions(values, columns)
    text = read_text(unpack_messages(values[filled[0]], filled[0]), filled[0])
    return [Turn("system", require_plain(text, filled[0]))] if is_filled(text) else []


def _read_instructions(values: Mapping[str, Any], columns: Columns) -> list[Turn]:
    """What SmolTalk 2's rows say beside their messages, and its chat template puts into the system message."""
    given = None if columns.options is None else values[columns.options]
    given = load_json(given) if isinstance(given, str) else given
    said = given.get("custom_instructions") if isinstance(given, Mapping) else None
    if not is_filled(said):
        return []
    name = f"{columns.options}.custom_instructions"
    return [Turn("system", require_plain(read_text(said, name), name))]


def read_history(turns: Sequence[Turn], name: str, rendered: RenderedTurn | None = None) -> AskedPrompt:
    """Turns as what was asked; a last turn of the assistant's is the beginning of the response.

    rendered: the last turn as it was read back from a chat template, where it was. Raises Misfit where a whole answer
    stands at the end, or a turn is empty.
    """
    prefill = ""
    if turns and turns[-1].role == "assistant":
        prefill, turns = turns[-1].content, turns[:-1]
        if rendered is not None and rendered.closed and prefill.strip():
            raise Misfit(
                f"'{name}' ends on a whole turn of the assistant, where only its beginning can stand"
            )
        if rendered is None and not _is_opening(prefill):
            raise Misfit(f"'{name}' ends on a turn of the assistant that is more than an opening {OPEN}")
    turns = [
        turn._replace(content=require_plain(turn.content, f"{name}, the {turn.role}'s turn"))
        for turn in turns
    ]
    asks = [turn for turn in turns if turn.role != "system"]
    for turn in turns:
        if asks == [turn] and turn.role == "user":
            continue  # a prompt that is empty, as a column's may be
        if turn.role in ("user", "assistant") and not is_filled(turn.content):
            raise Misfit(f"'{name}' has a turn of the {turn.role} with nothing in it")
    if [turn.content.strip() for turn in turns if turn.role == "user"] == ["-"]:
        raise Misfit(f"'{name}' asks '-': {_ELSEWHERE}")
    kept = [turn for turn in turns if is_filled(turn.content) or turn.role == "tool"]
    return AskedPrompt(tuple(turn.message for turn in kept), prefill, rendered is not None)


def _is_opening(text: str) -> bool:
    bare = text.strip()
    return (
        not bare
        or (bare.startswith(OPEN) and not bare.rpartition(CLOSE)[2].strip())
        or (bare.startswith(OPEN) and CLOSE not in bare)
    )


def answer_asked(
    asked: AskedPrompt, cell: Any, name: str, chain: tuple[str, Any] | None = None, calls: bool = False
) -> SampleReading:
    """The sample of a prompt and the cell that holds its response, the chain perhaps in a column of its own.

    calls: whether the row has tool calls beside the response. Raises Misfit where they are all of it.
    """
    cell, marks = (unpack_response if chain is None else unpack_messages)(cell, name), ""
    if looks_like_turns(cell):
        turns = read_turns(cell, name)
        history, last = split_last(turns, name)
        asked = _add_history(asked, history, name)
        given, marks = last.content, last.marks
    else:
        given = "" if is_list(cell) and not cell else read_text(cell, name)
    if not given.strip() and calls:
        raise Misfit("the response is nothing but a tool call, which cannot be judged or trained on")
    asked, text, notes = _cut_echo(asked, given)
    own = "" if chain is None else read_text(unpack_messages(chain[1], chain[0]), chain[0])
    if own.strip() and asked.prefill.strip() == OPEN:  # what the prompt opened is in the column
        asked = asked._replace(prefill="")
    text, opened = _add_prefill(asked, text)
    found = join_chain(own, text) if own.strip() else normalize_chain(text)
    plain = require_plain(found.text, name)
    notes = (*notes, *opened, *(("rendered prompts",) if asked.rendered else ()))
    return SampleReading(asked.messages, plain, None, found.marks or marks, plain != cell, notes)


def _add_history(asked: AskedPrompt, history: list[Turn], name: str) -> AskedPrompt:
    """What was asked, with the turns that stand before the last one in the column of responses."""
    if not history:
        return asked
    more = read_history(history, name).messages
    if asked.prefill:
        raise Misfit(f"'{name}' has several turns, and the prompt has begun the first one")
    if more[: len(asked.messages)] == asked.messages:  # the prompt once more
        return asked._replace(messages=more)
    if more[0]["role"] != "assistant":
        raise Misfit(f"'{name}' begins with a turn of the {more[0]['role']} that is not the row's prompt")
    return asked._replace(messages=(*asked.messages, *more))


def _cut_echo(asked: AskedPrompt, given: str) -> tuple[AskedPrompt, str, tuple[str, ...]]:
    """A response without the prompt that it begins with, rendered or as it stands.

    What the template added to the prompt, or a prompt that the row has nowhere else, is asked as well.
    """
    turns = parse_echo(given)
    if not turns:
        text = cut_plain_echo(given, asked.last)
        return asked, text, (ECHO,) if text != given else ()
    messages = tuple(Message(role=turn.role, content=turn.content) for turn in turns[:-1])
    said = [turn.content for turn in turns[:-1] if turn.role == "user"]
    if said and asked.messages and said[-1].strip() != asked.last.strip():
        raise Misfit("the response begins with a rendered prompt that is another than the row's")
    if len(messages) > len(asked.messages):
        asked = asked._replace(messages=messages)
    # The echo ends on the opened turn, and with it on what the prompt had begun of it.
    return asked._replace(prefill=""), turns[-1].content, (ECHO,)


def _add_prefill(asked: AskedPrompt, text: str) -> tuple[str, tuple[str, ...]]:
    prefill = asked.prefill
    if not prefill.strip():
        return text, ()
    if text.lstrip().startswith(prefill.strip()) or (
        prefill.strip() == OPEN and text.lstrip().startswith(OPEN)
    ):
        return text, ("prefills",)
    return prefill + text, ("prefills",)
