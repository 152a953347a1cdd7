"""From rows to prompts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
        read_messages(row),
        cell_to_text(values.get("answer")),
        source_id=cell_to_text(values.get("id")) or str(number),
        domain=cell_to_text(values.get("domain")) or "",
        language=cell_to_text(values.get("language")) or None,
        extra={name: value for name, value in values.items() if name not in KNOWN_COLUMNS},
    )


def read_messages(row: Row) -> list[Message]:
    """The chat messages in `prompt`; a text is one user message."""
    value = row.values.get("prompt")
    if not isinstance(value, list):
        return [Message(role="user", content=cell_to_text(value) or "")]
    for turn in value:
        if not (isinstance(turn, dict) and isinstance(turn.get("role"), str) and "content" in turn):
            raise UserError(
                f"{row.place}: 'prompt' is a list, but not of messages with 'role' and 'content'."
            )
    return [Message(role=turn["role"], content=cell_to_text(turn["content"]) or "") for turn in value]
