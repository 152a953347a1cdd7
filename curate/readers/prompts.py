"""From rows to prompts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from curate.readers.row import KNOWN_COLUMNS, Row, cell_to_text, require_columns
from filters.errors import UserError
from filters.types import Message, Prompt


def make_prompts(rows: Iterable[Row], required: tuple[str, ...] = ("prompt",)) -> Iterator[Prompt]:
    """Prompts from rows with `prompt` (a text or chat messages) and, where there are, `answer`, `id` and the rest."""
    for number, row in enumerate(rows):
        require_columns(row, required)
        yield make_prompt(row, number)


def make_prompt(row: Row, number: int) -> Prompt:
    """The prompt of one row; its number stands in where it has no id."""
    values = row.values
    return Prompt.make(
        _messages(values.get("prompt"), row.place),
        cell_to_text(values.get("answer")),
        source_id=cell_to_text(values.get("id")) or str(number),
        domain=cell_to_text(values.get("domain")) or "",
        language=cell_to_text(values.get("language")) or None,
        extra={name: value for name, value in values.items() if name not in KNOWN_COLUMNS},
    )


def _messages(value: Any, place: str) -> str | list[Message]:
    if not isinstance(value, list):
        return cell_to_text(value) or ""
    for turn in value:
        if not (isinstance(turn, dict) and isinstance(turn.get("role"), str) and "content" in turn):
            raise UserError(f"{place}: 'prompt' is a list, but not of messages with 'role' and 'content'.")
    return [Message(role=turn["role"], content=cell_to_text(turn["content"]) or "") for turn in value]
