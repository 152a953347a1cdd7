"""From rows of a set to token ids and labels, without changing a word of any chain of thought.

Chat templates of reasoning models delete the reasoning of earlier turns, or reformat it, when they render a
whole conversation. Here the template renders the prompt alone, as it does at inference; the completion is
the teacher's text, unchanged, followed by the token that ends the turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from curate.engines.chat_template import Chat, RenderedPrompt
from curate.readers.prompts import read_messages
from curate.readers.row import Row
from distill.common.turn_end import find_turn_end
from filters.engine import EngineError
from filters.errors import UserError
from filters.think import CLOSE, OPEN, list_tags
from filters.types import Message

IGNORED_LABEL = -100
"""The label that torch's cross entropy ignores."""


class Example(NamedTuple):
    """One tokenized row. `labels` are `input_ids` with the prompt's positions ignored."""

    input_ids: list[int]
    labels: list[int]


class Lesson(NamedTuple):
    """A row as the student gets it: what was asked, how the template renders it, and the text to learn after that."""

    messages: Sequence[Message]
    prompt: RenderedPrompt
    target: str


class Tokenization:
    """A tokenizer with its chat template.

    end: the id of the token that ends an assistant's turn, which the student must learn to generate.
    """

    def __init__(self, tokenizer: Any, chat: Chat) -> None:
        self.tokenizer, self._chat = tokenizer, chat
        self.end = find_turn_end(tokenizer)

    def make_question(self, row: Row) -> Lesson:
        """Render a row's prompt, with nothing to learn after it. Raises UserError where the template refuses it."""
        messages = read_messages(row)
        try:
            return Lesson(messages, self._chat.render(messages), "")
        except EngineError as error:
            raise RefusedPromptError(
                f"{row.place}: the student cannot be given this prompt: {error}."
            ) from None

    def make_lesson(self, row: Row) -> Lesson:
        """Render a row's prompt, and take its completion. Raises UserError where it is malformed, or the template refuses it."""
        asked = self.make_question(row)
        return asked._replace(target=strip_opened_think(read_completion(row), asked.prompt.opened))

    def encode(self, lessons: Sequence[Lesson]) -> list[Example]:
        """Token ids and labels."""
        if not lessons:
            return []
        texts = [lesson.target for lesson in lessons]
        # What is longer than the tokenizer expects is told by the set's own limit.
        targets = self.tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
        return [
            Example([*ids, *target, self.end], [IGNORED_LABEL] * len(ids) + [*target, self.end])
            for (_, (ids, _, _), _), target in zip(lessons, targets, strict=True)
        ]


class RefusedPromptError(UserError):
    """The chat template refuses a prompt."""


def read_completion(row: Row) -> str:
    """The text of the one assistant message in `completion`. Raises UserError where it is something else."""
    value: Any = row.values["completion"]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping) and value.get("role") == "assistant":
        value = join_text_parts(value.get("content") or "")
    if not isinstance(value, str):
        raise UserError(f"{row.place}: 'completion' is not one assistant message with its content.")
    return value


def join_text_parts(content: Any) -> Any:
    """A message's content of several parts as one text, where all of them are text."""
    texts = isinstance(content, list) and all(
        isinstance(part, Mapping) and part.get("type") == "text" and isinstance(part.get("text"), str)
        for part in content
    )
    return "".join(part["text"] for part in content) if texts else content


def strip_opened_think(response: str, opened: str) -> str:
    """The part of a response that follows a rendered prompt.

    opened: the `<think>` and white space with which the template ended the prompt, or an empty text. A response
    without a chain then closes the block at once, as Qwen3 writes an empty chain.
    """
    if not opened:
        return response
    if not list_tags(response):
        return f"\n{CLOSE}\n\n{response}"
    text = response.lstrip() if response.lstrip().startswith(OPEN) else response
    return text[len(opened) :] if text.startswith(opened) else text.removeprefix(OPEN)
