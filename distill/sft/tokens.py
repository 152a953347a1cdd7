"""From a set's rows to token ids and labels, so that nothing between the set and the loss rewrites a chain.

Templates of reasoning models delete the reasoning of earlier turns, or wrap it anew, when they are given a
whole conversation. Here the template renders the prompt alone, as it does at inference; the completion is
the teacher's text, token for token, and the token that ends the turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from curate.engines.chat_template import Chat
from distill.common.turn_end import turn_end
from filters.engine import EngineError
from filters.errors import UserError
from filters.think import CLOSE, OPEN
from filters.types import Message

IGNORED = -100
"""The label that torch's cross entropy skips."""


class Example(NamedTuple):
    """One row to train on. `labels` are `input_ids` with the prompt's positions ignored."""

    input_ids: list[int]
    labels: list[int]


class Tokenization:
    """One tokenizer with its template.

    end: the id of the token that ends an assistant's turn, which the student must learn to say.
    """

    def __init__(self, tokenizer: Any, chat: Chat) -> None:
        self._tokenizer, self._chat = tokenizer, chat
        self.end = turn_end(tokenizer)

    def examples(self, rows: Sequence[tuple[Sequence[Message], str]]) -> list[Example]:
        """Tokenize pairs of a prompt's messages and a response.

        Raises UserError where the template refuses a prompt.
        """
        if not rows:
            return []
        prompts = [self._prompt(messages) for messages, _ in rows]
        texts = [unopened(text, opened) for (_, text), (_, opened) in zip(rows, prompts, strict=True)]
        completions = self._tokenizer(texts, add_special_tokens=False)["input_ids"]
        return [
            Example([*ids, *completion, self.end], [IGNORED] * len(ids) + [*completion, self.end])
            for (ids, _), completion in zip(prompts, completions, strict=True)
        ]

    def _prompt(self, messages: Sequence[Message]) -> tuple[list[int], str]:
        try:
            rendered = self._chat.render(messages)
        except EngineError as error:
            raise UserError(f"The student cannot take a prompt of the set: {error}.") from None
        return rendered.ids, rendered.opened


def unopened(response: str, opened: str) -> str:
    """The part of a response that follows a rendered prompt.

    opened: the `<think>` with its white space that the template ended the prompt on, or nothing. A response
    without a chain then closes the block at once, the way Qwen3 writes an empty chain.
    """
    if not opened:
        return response
    if OPEN not in response and CLOSE not in response:
        return f"\n{CLOSE}\n\n{response}"
    text = response.lstrip() if response.lstrip().startswith(OPEN) else response
    return text[len(opened) :] if text.startswith(opened) else text.removeprefix(OPEN)
