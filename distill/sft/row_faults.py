"""The first thing wrong with one row, as text: before any token is made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from curate.readers.prompts import read_messages
from curate.readers.row import Row
from curate.readers.shapes.chain_names import find_lost_chain, is_chain, is_like_chain
from curate.readers.shapes.facts import is_cut_off
from curate.store.schema import SET
from distill.sft.tokens import Lesson, RefusedPromptError, Tokenization
from filters.errors import UserError
from filters.think import CLOSE, OPEN, list_tags, split_response
from filters.types import Message

FOREIGN: Final = re.compile(
    r"\s*(?:<\|begin_of_thought\|>|<(?:thinking|thought|reasoning|reflection)>|\[THINK\]|<\|thought\|>|<\|channel\|>analysis)",
    re.IGNORECASE,
)
"""How other families and sets begin a chain."""
SWITCH: Final = re.compile(r"/(?:no_)?think\b")
"""A switch of the mode, which templates take out of messages and write themselves."""
WHOLE_QUESTION: Final = 40
"""Characters of a question that no response without a chain begins with by chance; with a chain any question will do."""
MOVABLE: Final = ("system", "developer")
"""Roles whose messages a template may put elsewhere."""
_CALLS: Final = ("tool_calls", "function_calls", "function_call")


def read_lesson(row: Row, tokenization: Tokenization) -> tuple[Lesson | None, str, str]:
    """The lesson of a row or None, the first kind of fault it has or nothing, and what was said of it.

    A row of several faults has the first; its lesson is there where its prompt and completion could be read.
    """
    kind = _find_misplaced(row.values["completion"], row) or _find_mark(row, tokenization)
    if kind:
        return None, kind, ""
    lesson, kind, said = _make(tokenization.make_lesson, row)
    return lesson, kind or ("" if lesson is None else _find_fault(lesson)), said


def read_prompt(row: Row, tokenization: Tokenization) -> tuple[Lesson | None, str, str]:
    """The same of a row whose prompt alone is taken: a lesson without a text to learn."""
    if _has_unused_tools(row, tokenization):
        return None, "unused_tools", ""
    lesson, kind, said = _make(tokenization.make_question, row)
    return lesson, kind or ("" if lesson is None else _find_prompt_fault(lesson)), said


def loses_history(lesson: Lesson) -> bool:
    """Whether the template leaves out the chain of an earlier turn."""
    return any(_loses_chain(turn, lesson.prompt.text) for turn in lesson.messages)


def _make(make: Callable[[Row], Lesson], row: Row) -> tuple[Lesson | None, str, str]:
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


def list_warnings(lesson: Lesson) -> list[str]:
    """What is suspicious of a row without a fault."""
    found = []
    whole = lesson.prompt.opened + lesson.target
    tags = list_tags(whole)
    if lesson.prompt.opened and not split_response(whole).chain.strip():
        found.append("closed_at_once")
    if not lesson.prompt.opened and _begins_with_question(lesson):
        found.append("repeats_question")
    if tags and whole[: whole.find(OPEN)].strip():
        found.append("text_before_chain")
    if tags and not lesson.prompt.opened and not split_response(whole).chain.strip():
        found.append("empty_chain")
    if whole.count(OPEN) > tags.count(OPEN):
        found.append("tag_spoken_of")
    if loses_history(lesson):
        found.append("chain_of_history")
    return found


def has_chain(lesson: Lesson) -> bool:
    """Whether the row teaches a chain that is not empty."""
    return CLOSE in lesson.target and bool(split_response(lesson.prompt.opened + lesson.target).chain.strip())


def _find_misplaced(completion: Any, row: Row) -> str:
    """What stands in the completion's message, or beside it, and would not be learned."""
    turns = completion if isinstance(completion, list) else [completion]
    if not all(isinstance(turn, (str, Mapping)) for turn in turns):
        return ""
    if len(turns) > 1:
        calls = any(isinstance(turn, Mapping) and any(turn.get(name) for name in _CALLS) for turn in turns)
        return "tool_calls" if calls else "several_messages"
    turn: Any = turns[0] if turns and isinstance(turns[0], Mapping) else {}
    if any(turn.get(name) for name in _CALLS):
        return "tool_calls"
    text = turn.get("content") if turn else (turns[0] if turns else "")
    if isinstance(text, str) and CLOSE not in text:
        beside = {name: cell for name, cell in turn.items() if is_like_chain(name) and is_chain(cell)}
        lost = find_lost_chain(row.values, SET.names)
        beside |= {lost: row.values[lost]} if lost else {}
        if any(str(cell).strip() not in text for cell in beside.values()):
            return "chain_beside"
    return ""


def _find_mark(row: Row, tokenization: Tokenization) -> str:
    """What columns beside prompt and completion say of the row that makes it unfit."""
    if is_cut_off(row.values):
        return "cut_off"
    return "unused_tools" if _has_unused_tools(row, tokenization) else ""


def _has_unused_tools(row: Row, tokenization: Tokenization) -> bool:
    template, given = str(tokenization.tokenizer.chat_template or ""), row.values.get("chat_template_kwargs")
    named = [name for name, value in given.items() if value is not None] if isinstance(given, Mapping) else []
    tools = "tools" in template and bool(row.values.get("tools"))
    return tools or any(name in template for name in named)


def _find_prompt_fault(lesson: Lesson) -> str:
    texts = [*(turn["content"] for turn in lesson.messages), lesson.target]
    if not all(map(_is_unicode, texts)):
        return "not_unicode"
    if not any(turn["content"].strip() for turn in lesson.messages):
        return "empty_prompt"
    return "" if _find_dropped(lesson) is None else "dropped_message"


def _find_fault(lesson: Lesson) -> str:
    kind = _find_prompt_fault(lesson)
    if kind:
        return kind
    if not lesson.target.replace(CLOSE, "", 1 if lesson.prompt.opened else 0).strip():
        return "nothing_to_learn"
    return "prompt_in_completion" if _repeats_prompt(lesson) else _find_wrong_tags(lesson)


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


def _repeats_prompt(lesson: Lesson) -> bool:
    """Whether the text to learn begins with the question, or with the prompt as the template renders it."""
    if _begins_with_question(lesson, 1) and OPEN in lesson.target:
        return True
    return lesson.target.lstrip().startswith(lesson.prompt.text.strip())


def _begins_with_question(lesson: Lesson, least: int = WHOLE_QUESTION) -> bool:
    """Whether the text to learn begins with the question, as a completed program does, and a text that is proofread."""
    asked = lesson.messages[-1]["content"].strip()
    return len(asked) >= least and lesson.target.lstrip().startswith(asked)


def _find_wrong_tags(lesson: Lesson) -> str:
    """Exactly one pair of tags, or none, may stand in what the prompt opened and the target together."""
    if FOREIGN.match(lesson.target.removeprefix(f"\n{CLOSE}\n\n")):
        return "foreign_chain"
    whole = lesson.prompt.opened + lesson.target
    tags = list_tags(whole)
    if not tags:
        return ""
    if tags == [OPEN, CLOSE]:
        return "" if (split_response(whole).answer or "").strip() else "empty_answer"
    if tags[0] == CLOSE:
        return "orphan_close"
    if tags[1:2] == [OPEN]:
        return "opened_twice"
    if tags == [OPEN]:
        return "missing_close"
    return "orphan_close" if tags[2] == CLOSE else "second_block"
