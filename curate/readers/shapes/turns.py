"""Lists of messages in every dialect, read into chat messages and the response that follows them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from curate.readers.shapes.cells import describe, is_empty, is_filled, is_list, read_text
from curate.readers.shapes.chain_names import find_lost_chain, is_chain
from curate.readers.shapes.chains import join_chain, normalize_chain
from curate.readers.shapes.columns import is_chain_name
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.packed_json import unpack_parts
from filters.types import Message

ROLES: Final = {
    "human": "user", "user": "user", "prompter": "user", "gpt": "assistant", "assistant": "assistant", "model": "assistant",
    "bot": "assistant", "chatgpt": "assistant", "ai": "assistant", "system": "system", "developer": "developer", "tool": "tool",
    "function": "tool", "observation": "tool", "ipython": "tool", "function_response": "tool", "function_call": "call",
    "environment": "tool", "tool_response": "tool", "tool_call": "call",
}  # fmt: skip
"""Theirs -> ours; call is an assistant's turn that is nothing but a tool call."""
_ROLE: Final = ("role", "from", "speaker")
_CONTENT: Final = ("content", "value", "text")
_HOLDERS: Final = ("info", "metadata", "meta", "additional_kwargs", "provider_specific_fields")
"""The objects in a message that may hold its chain as well."""
_CALLS: Final = ("tool_calls", "function_calls", "function_call")


class Turn(NamedTuple):
    """One turn of a conversation. marks: how its chain was marked. calls: whether it calls tools."""

    role: str
    content: str
    marks: str = ""
    calls: bool = False

    @property
    def message(self) -> Message:
        """The turn as a chat message."""
        return Message(role=self.role, content=self.content)


def looks_like_turns(value: Any) -> bool:
    """Whether a cell is messages: a list of objects with a role, one such object, or a dict of such lists."""
    one = next((each for each in value if not is_empty(each)), None) if is_list(value) else value
    return (
        isinstance(one, Mapping)
        and any(key in one for key in _ROLE)
        and any(key in one for key in (*_CONTENT, *_CALLS))
    )


def read_turns(value: Any, name: str) -> list[Turn]:
    """The turns of a cell that `looks_like_turns`. Raises Misfit where one is not what it should be, or there is none."""
    if isinstance(value, Mapping):
        value = _transpose(value, name) if any(is_list(value.get(key)) for key in _ROLE) else [value]
    turns = [_read_turn(turn, f"{name}[{number}]") for number, turn in enumerate(value) if not is_empty(turn)]
    if not turns:
        raise Misfit(f"'{name}' has no messages")
    return turns


def _transpose(columns: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A dict of lists, as old versions of `datasets` give lists of messages, as a list of dicts."""
    lists = {key: cell for key, cell in columns.items() if not is_empty(cell)}
    if not all(is_list(cell) for cell in lists.values()) or len({len(cell) for cell in lists.values()}) > 1:
        raise Misfit(f"'{name}' is a dict of lists that are not of one length")
    return [dict(zip(lists, cells, strict=True)) for cells in zip(*lists.values(), strict=True)]


def _read_turn(turn: Any, name: str) -> Turn:
    if not isinstance(turn, Mapping):
        raise Misfit(f"'{name}' is {describe(turn)}, not a message")
    named = next((turn[key] for key in _ROLE if not is_empty(turn.get(key))), None)
    role = ROLES.get(named.strip().lower()) if isinstance(named, str) else None
    if role is None:
        raise Misfit(f"'{name}' has the role {_show(named)}; known are: {', '.join(ROLES)}")
    key = next((key for key in _CONTENT if not is_empty(turn.get(key))), None)
    said = None if key is None else turn[key]
    if role != "tool":  # which may give back anything
        said = unpack_parts(said, name)
    content = read_text(said, f"{name}.{key}")
    calls = _read_calls(turn, content if role == "call" else None, name)
    if role == "call":
        return Turn("assistant", calls, calls=True)
    if role != "assistant":
        return Turn(role, content)
    chain = _read_chain(turn, name)
    said = "\n".join(filter(None, (content.rstrip() if calls else content, calls)))
    response = join_chain(chain, said) if chain.strip() else normalize_chain(said)
    if not response.marks:
        _refuse_lost(turn, name)
    return Turn(role, response.text, response.marks, bool(calls))


def _show(role: Any) -> str:
    return f"'{role[:40]}'" if isinstance(role, str) else describe(role)


def _read_chain(turn: Mapping[str, Any], name: str) -> str:
    """The chain in a key of its own, called as columns are; Arrow pads messages with the keys of others, which then hold null."""
    found = [
        read_text(cell, f"{name}.{key}")
        for place in list_places(turn)
        for key, cell in place.items()
        if is_chain_name(str(key)) and is_chain(cell)
    ]
    if any(one.strip() != found[0].strip() for one in found):
        raise Misfit(f"'{name}' has two chains that differ")
    return found[0] if found else ""


def list_places(turn: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A message, or a row, and the objects in it that may hold its chain as well."""
    return [turn, *(turn[key] for key in _HOLDERS if isinstance(turn.get(key), Mapping))]


def _refuse_lost(turn: Mapping[str, Any], name: str) -> None:
    """Raise Misfit where a message whose content has no chain has one under a name that no rule knows."""
    for place in list_places(turn):
        if lost := find_lost_chain(place):
            raise Misfit(f"'{name}' has its chain in '{lost}' alone: put its text into reasoning_content")


def _read_calls(turn: Mapping[str, Any], said: str | None, name: str) -> str:
    """Tool calls as Qwen's and Hermes' templates write them, one block a call; empty where there are none."""
    calls: list[Any] = []
    for key in _CALLS:
        given = turn.get(key)
        if not is_filled(given):
            continue
        if isinstance(given, str):
            given = _load(given, f"{name}.{key}")
        calls += list(given) if is_list(given) else [given]
    if said:
        calls.append(_load(said, name))
    return "\n".join(_write_call(call, name) for call in calls if not is_empty(call))


def _write_call(call: Any, name: str) -> str:
    inner = call.get("function", call) if isinstance(call, Mapping) else None
    inner = call if isinstance(inner, str) else inner  # a flat call, which has the function's name beside it
    if not isinstance(inner, Mapping) or not isinstance(inner.get("name"), str):
        raise Misfit(f"'{name}' has a tool call without the name of a function")
    arguments = inner.get("arguments", inner.get("parameters", {}))
    if isinstance(arguments, str):
        arguments = _load(arguments, f"{name}, arguments")
    if isinstance(arguments, Mapping):
        arguments = {key: value for key, value in arguments.items() if value is not None}
    try:
        written = json.dumps(
            {"name": inner["name"], "arguments": {} if is_empty(arguments) else arguments}, ensure_ascii=False
        )
    except (TypeError, ValueError, RecursionError):
        raise Misfit(f"'{name}' has a tool call whose arguments cannot be written as JSON") from None
    return f"<tool_call>\n{written}\n</tool_call>"


def _load(text: str, name: str) -> Any:
    try:
        return json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        raise Misfit(f"'{name}' should hold a tool call in JSON, and does not") from None


def split_last(turns: Sequence[Turn], name: str) -> tuple[list[Turn], Turn]:
    """The history and the assistant's turn at the end. Raises Misfit where the conversation ends on another's turn."""
    if not turns or turns[-1].role != "assistant":
        last = f"on a turn of the {turns[-1].role}" if turns else "before its first turn"
        raise Misfit(f"'{name}' ends {last}: there is no response")
    if turns[-1].calls:
        raise Misfit(f"'{name}' ends on a tool call, which cannot be judged or trained on: only answers can")
    return list(turns[:-1]), turns[-1]
