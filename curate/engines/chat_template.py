"""From chat messages to token ids, and from an engine's text to a response that says its `<think>`.

Some templates open the think block in the prompt (then the model's text lacks the tag), and some
tokenizers register the tags as special (then decoding drops them). Both are mended here, once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import TemplateError

from filters.engine import EngineError
from filters.errors import UserError
from filters.think import CLOSE, OPEN
from filters.types import Message

TEMPLATE_ERRORS: Final = (
    TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
)
"""What rendering raises where a template refuses messages, or is itself at fault."""
# All samples of a prompt share its rendering; few prompts are in flight at a time.
CACHED_PROMPTS = 1024
_Turns = tuple[tuple[str, str], ...]
_Switches = tuple[tuple[str, bool], ...]
OPENED_THINK = re.compile(rf"{OPEN}\s*\Z")


class RenderedPrompt(NamedTuple):
    """A prompt's token ids, the `<think>` with its white space that the template ended on, and the whole text."""

    ids: list[int]
    opened: str
    text: str


class Chat:
    """One tokenizer with its chat template.

    special: whether the think tags are special tokens, so that text must be decoded with all of them
    kept and the others taken out by `clean`.
    """

    def __init__(self, tokenizer: Any, template: Path | None, model: str) -> None:
        if template is None and not tokenizer.chat_template:
            raise UserError(f"'{model}' has no chat template; name a Jinja file as the template.")
        self._tokenizer, self._model = tokenizer, model
        self._switches: dict[str, bool] = {}
        self._template = None if template is None else template.read_text(encoding="utf-8")
        special = {str(t) for t in tokenizer.added_tokens_decoder.values() if t.special}
        self.special = bool(special & {OPEN, CLOSE})
        others = sorted(special - {OPEN, CLOSE}, key=len, reverse=True)
        self._others = re.compile("|".join(map(re.escape, others)) or r"(?!)")
        self._render = lru_cache(CACHED_PROMPTS)(self._render_turns)

    def render(
        self, messages: Sequence[Message], switches: Mapping[str, bool] | None = None
    ) -> RenderedPrompt:
        """Apply the template with its switches and tokenize.

        EngineError where the template or the tokenizer refuses; UserError where the template has no such switch.
        """
        for name in switches or ():
            self._require_switch(name)
        turns, set_to = tuple((m["role"], m["content"]) for m in messages), tuple((switches or {}).items())
        try:
            return self._render(turns, set_to)
        except TEMPLATE_ERRORS as error:
            raise EngineError(f"the chat template or tokenizer refused the prompt: {error}") from error

    def _require_switch(self, name: str) -> None:
        """UserError where a prompt is written in the same way whatever the switch says."""
        if name not in self._switches:
            told = [self._write((("user", "x"),), ((name, value),)) for value in (True, False)]
            self._switches[name] = told[0] != told[1]
        if not self._switches[name]:
            raise UserError(
                f"The chat template of '{self._model}' has no switch '{name}', which is to turn chains off: name its own with "
                "--set general.switch=NAME, or ask with --without-chain instruction or nothing."
            )

    def clean(self, text: str) -> str:
        """Take the special tokens other than the think tags out of text decoded with all of them."""
        return self._others.sub("", text) if self.special else text

    def _write(self, turns: _Turns, switches: _Switches) -> str:
        messages = [Message(role=role, content=content) for role, content in turns]
        text: str = self._tokenizer.apply_chat_template(
            messages,
            chat_template=self._template,
            tokenize=False,
            add_generation_prompt=True,
            **dict(switches),
        )
        return text

    def _render_turns(self, turns: _Turns, switches: _Switches) -> RenderedPrompt:
        text = self._write(turns, switches)
        opened = OPENED_THINK.search(text)
        # The template has put every special token there itself.
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return RenderedPrompt(ids, opened.group() if opened else "", text)
