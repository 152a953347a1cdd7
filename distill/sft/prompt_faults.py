"""The first thing wrong with one row's prompt: what the template refuses, leaves out or would write in another way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from curate.engines.chat_template import TEMPLATE_ERRORS
from curate.readers.prompts import read_messages
from curate.readers.row import Row
from curate.readers.shapes.cells import is_filled, is_list
from curate.readers.shapes.chain_names import is_like_chain
from distill.sft.tokens import Lesson, RefusedPromptError, Tokenization
from filters.errors import UserError
from filters.think import CLOSE, OPEN, split_response
from filters.types import Message

CLOSED_THINK: Final = re.compile(rf"{OPEN}(?:(?!{OPEN}).)*{CLOSE}\s*\Z", re.DOTALL)
"""How a prompt ends where a template switches reasoning off, whatever it puts between the tags."""
BEGUN_THINK: Final = re.compile(rf"{OPEN}(?:(?!{CLOSE}).)*\S\s*\Z", re.DOTALL)
"""How a prompt ends where a template begins the chain with words of its own."""
SWITCH: Final = re.compile(r"/(?:no_)?think\b")
"""A switch of the mode, which templates take out of messages and write themselves."""
MOVABLE: Final = ("system", "developer")
"""Roles whose messages a template may put elsewhere."""


def read_prompt(row: Row, tokenization: Tokenization) -> tuple[Lesson | None, str, str]:
    """What `row_faults.read_lesson` says, of a row whose prompt alone is taken: a lesson without a text to learn."""
    if has_unused_tools(row, tokenization):
        return None, "unused_tools", ""
    lesson, kind, said = make_or_blame(tokenization.make_question, row)
    if lesson is not None and not kind:
        kind = find_prompt_fault(lesson) or find_unput(row, lesson, tokenization)
    return lesson, kind, said


def loses_history(lesson: Lesson) -> bool:
    """Whether the template leaves out the chain of an earlier turn."""
    return any(_loses_chain(turn, lesson.prompt.text) for turn in lesson.messages)


def make_or_blame(make: Callable[[Row], Lesson], row: Row) -> tuple[Lesson | None, str, str]:
    """A row's lesson, or the fault that keeps it from being made, and what was said of it."""
    try:
        return make(row), "", ""
    except RefusedPromptError as error:
        texts = [turn["content"] for turn in read_messages(row)]
        if not any(text.strip() for text in texts):
            return None, "empty_prompt", ""
        return None, *(
            ("refused_prompt", str(error)) if all(map(_is_unicode, texts)) else ("not_unicode", "")
        )
    except UserError as error:
        return None, "unreadable", str(error)


def has_unused_tools(row: Row, tokenization: Tokenization) -> bool:
    """Whether columns hold tools or settings that the template knows, and that no prompt here is given."""
    template, given = str(tokenization.tokenizer.chat_template or ""), row.values.get("chat_template_kwargs")
    named = [name for name, value in given.items() if value is not None] if isinstance(given, Mapping) else []
    tools = "tools" in template and _holds_something(row.values.get("tools"))
    return tools or any(name in template for name in named)


def _holds_something(cell: Any) -> bool:
    """Whether a cell holds a list or an object with something in it, also as JSON."""
    return is_filled(cell) and not (isinstance(cell, str) and cell.strip() in ("[]", "{}", "null"))


def find_unput(row: Row, lesson: Lesson, tokenization: Tokenization) -> str:
    """What a message says beside its role and its text, or an empty system message, where the template would write it."""
    asked = row.values.get("prompt")
    turns = list(asked) if is_list(asked) else []
    if not all(isinstance(turn, Mapping) and isinstance(turn.get("content"), str) for turn in turns):
        return ""
    bare = all(turn["content"].strip() and not _list_more(turn) for turn in turns)
    if not turns or bare:
        return ""
    try:
        text = tokenization.tokenizer.apply_chat_template(
            [{name: cell for name, cell in turn.items() if cell is not None} for turn in turns],
            tokenize=False,
            add_generation_prompt=True,
        )
    except TEMPLATE_ERRORS:
        return ""  # it could not be asked so at inference
    return "" if text == lesson.prompt.text else "unput_message"


def _list_more(turn: Mapping[str, Any]) -> list[str]:
    """What a message has beside a role, a text and a chain."""
    return [
        name
        for name, cell in turn.items()
        if name not in ("role", "content") and not is_like_chain(name) and is_filled(cell)
    ]


def find_prompt_fault(lesson: Lesson) -> str:
    """The first fault of a rendered prompt, or nothing."""
    texts = [*(turn["content"] for turn in lesson.messages), lesson.target]
    if not all(map(_is_unicode, texts)):
        return "not_unicode"
    if not any(turn["content"].strip() for turn in lesson.messages):
        return "empty_prompt"
    return "" if _find_dropped(lesson) is None else "dropped_message"


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _find_dropped(lesson: Lesson) -> Message | None:
    """The first message whose text the rendered prompt does not have, after those before it.

    A template may move a system message, write a message as JSON, and drop the chain of an assistant's turn.
    """
    text, at = lesson.prompt.text, 0
    for turn in lesson.messages:
        content = turn["content"].strip()
        if turn["role"] == "assistant" and OPEN in content:
            content = (split_response(content).answer or "").strip()
        moves = turn["role"] in MOVABLE
        end = _find_end(text, content, 0 if moves else at)
        if end < 0 and not _is_there_but_for_switch(content, text):
            return turn
        at = at if moves or end < 0 else end
    return None


def _is_there_but_for_switch(content: str, text: str) -> bool:
    """Whether a template has taken a switch of the mode out of a message, and said it in its own words."""
    bare = SWITCH.sub("", content)
    return bare != content and "".join(bare.split()) in "".join(text.split())


def _find_end(text: str, content: str, start: int) -> int:
    """Where a content ends in a text, as it is or as JSON has it; -1 where it is not there."""
    for said in (content, json.dumps(content, ensure_ascii=False)[1:-1]):
        found = text.find(said, start)
        if found >= 0:
            return found + len(said)
    return -1


def _loses_chain(turn: Message, text: str) -> bool:
    if turn["role"] != "assistant" or OPEN not in turn["content"]:
        return False
    return split_response(turn["content"]).chain.strip() not in text
