"""The first thing wrong with one row, as text: before any token is made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from curate.readers.row import Row
from curate.readers.shapes.chain_names import find_lost_chain, is_chain, is_like_chain
from curate.readers.shapes.facts import is_cut_off
from curate.readers.shapes.turns import list_places
from curate.store.schema import SET
from distill.sft.prompt_faults import (
    CLOSED_THINK,
    find_prompt_fault,
    find_unput,
    has_unused_tools,
    loses_history,
    make_or_blame,
)
from distill.sft.tokens import Lesson, Tokenization
from filters.think import CLOSE, FOREIGN_BEGIN, OPEN, list_tags, split_response

ENDS: Final = re.compile(
    r"(<\|(?:im_end|eot_id|eom_id|end_of_text|endoftext|end|return|eot|END_OF_TURN_TOKEN)\|>|<｜end▁of▁sentence｜>|<end_of_turn>|<turn\|>|"
    r"<eos>|\[EOS\]|</s>)\s*\Z"
)
"""How turns end in other families: what a sampler left there is text to this student."""
WHOLE_QUESTION: Final = 40
"""Characters of a question that no response without a chain begins with by chance; with a chain any question will do."""
_CALLS: Final = ("tool_calls", "function_calls", "function_call")


def read_lesson(row: Row, tokenization: Tokenization) -> tuple[Lesson | None, str, str]:
    """The lesson of a row or None, the first kind of fault it has or nothing, and what was said of it.

    A row of several faults has the first; its lesson is there where its prompt and completion could be read.
    """
    kind = _find_misplaced(row.values["completion"], row) or _find_mark(row, tokenization)
    if kind:
        return None, kind, ""
    lesson, kind, said = make_or_blame(tokenization.make_lesson, row)
    if lesson is not None and not kind:
        kind = _find_fault(lesson, tokenization) or find_unput(row, lesson, tokenization)
    return lesson, kind, said


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
    if isinstance(text, str) and not (CLOSE in text and split_response(text).chain.strip()):
        beside = [
            cell
            for place in list_places(turn)
            for name, cell in place.items()
            if is_like_chain(name) and is_chain(cell)
        ]
        beside += [
            place[lost] for place in list_places(row.values) if (lost := find_lost_chain(place, SET.names))
        ]
        if any(str(cell).strip() not in text for cell in beside):
            return "chain_beside"
    return "cut_off" if is_cut_off(turn) else ""


def _find_mark(row: Row, tokenization: Tokenization) -> str:
    """What columns beside prompt and completion say of the row that makes it unfit."""
    if is_cut_off(row.values):
        return "cut_off"
    return "unused_tools" if has_unused_tools(row, tokenization) else ""


def _find_fault(lesson: Lesson, tokenization: Tokenization) -> str:
    kind = find_prompt_fault(lesson)
    if kind:
        return kind
    if not lesson.target.replace(CLOSE, "", 1 if lesson.prompt.opened else 0).strip():
        return "nothing_to_learn"
    if _has_foreign_end(lesson.target, tokenization):
        return "left_end"
    if CLOSED_THINK.search(lesson.prompt.text) and CLOSE in lesson.target:
        return "reasoning_off"
    return "prompt_in_completion" if _repeats_prompt(lesson) else _find_wrong_tags(lesson)


def _has_foreign_end(target: str, tokenization: Tokenization) -> bool:
    """Whether a text ends with what ends a turn of another family; the student's own marks are found by their ids."""
    found = ENDS.search(target)
    if found is None or (found[1] == "</s>" and "<s>" in target):  # which HTML strikes through
        return False
    return found[1] not in {str(token) for token in tokenization.tokenizer.added_tokens_decoder.values()}


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
    if FOREIGN_BEGIN.match(lesson.target.removeprefix(f"\n{CLOSE}\n\n")):
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
