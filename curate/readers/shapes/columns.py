"""What the columns of public sets are called, by the part they play; names are compared without case and underscores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

PROMPTS: Final = ("prompt", "question", "problem", "instruction", "query", "user_prompt", "input")
"""What was asked, the first that is filled."""
SYSTEMS: Final = ("system", "system_prompt")
HISTORIES: Final = ("history", "prev_messages")
"""Turns before the prompt."""
TURNS: Final = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns")
"""A whole conversation, the response its last turn."""
LISTS: Final = ("generations", "responses", "completions", "model_responses")
"""Several responses in a row, as columns whose names end on _responses or _generations."""
LOOSE_LISTS: Final = ("outputs", "candidates", "samples")
"""Several responses, where nothing else is one: beside `inputs` they are tests."""
RESPONSES: Final = (
    "response", "output", "completion", "generation", "generated_solution", "r1_generation", "model_answer",
    "llm_response", "model_response", "model_output", "deepseek_solution", "content", "generated_text",
    "final_output",
)  # fmt: skip
"""The response, the first that is filled; `content` only beside a chain."""
CHAINS: Final = (
    "reasoning_content", "reasoning", "thinking", "think", "think_content", "thought", "thoughts", "thought_process",
    "model_reasoning", "complex_cot", "chain_of_thought", "cot", "rationale", "deepseek_reasoning",
    "thinking_trajectory",
)  # fmt: skip
"""The chain, in a column of its own."""
REFERENCES: Final = ("answer", "expected_answer", "final_answer", "ground_truth", "gold", "reference_answer")
"""The reference, the first that is filled."""
LONG_REFERENCES: Final = (
    "gold_standard_solution", "reference_solution", "ground_truth_solution", "target", "solution",
)  # fmt: skip
"""The reference where a row has no column for a short one."""
_NUMBERED: Final = re.compile(
    r"(?P<stem>(?:.*_)?(?:solution|response|generation|output|completion))_(?P<number>\d{1,4})"
)
_ASKED_NUMBERED: Final = re.compile(r"(?:.*_)?(?:input|prompt|instruction|question|query)_\d{1,4}")
KNOWN_NAMES: Final = (
    *PROMPTS,
    *SYSTEMS,
    *HISTORIES,
    *TURNS,
    *LISTS,
    *LOOSE_LISTS,
    *RESPONSES,
    *CHAINS,
    *REFERENCES,
    *LONG_REFERENCES,
    "text",
)
"""All of them."""
_PAIR: Final = re.compile(r"(?P<teacher>.+)_thinking_trajectory")


_CHAINS: Final = frozenset(name.replace("_", "") for name in CHAINS)


class Columns(NamedTuple):
    """The columns of a row by the part they play; empty or None where there are none.

    own: `response`, the name that is ours. options: what is given to the chat template. lists, loose_lists: those that may each hold several responses. numbered:
    columns that are one list by their numbers, by their common name. pairs: chain and answer, a pair a teacher.
    """

    prompts: tuple[str, ...]
    context: str | None
    systems: tuple[str, ...]
    history: str | None
    turns: tuple[str, ...]
    completion: str | None
    own: str | None
    lists: tuple[str, ...]
    loose_lists: tuple[str, ...]
    numbered: Mapping[str, tuple[str, ...]]
    pairs: tuple[tuple[str, str], ...]
    responses: tuple[str, ...]
    chains: tuple[str, ...]
    references: tuple[str, ...]
    solution: str | None
    text: str | None
    options: str | None


@lru_cache(512)
def find_columns(names: tuple[str, ...]) -> Columns:
    """The columns of rows with these keys, in this order."""
    known = {name.lower(): name for name in reversed(names)}
    folded = {fold_name(name): name for name in reversed(names)}

    def all_of(wanted: Iterable[str]) -> tuple[str, ...]:
        found = (known.get(name) or folded.get(fold_name(name)) for name in wanted)
        return tuple(dict.fromkeys(name for name in found if name is not None))

    chains = all_of(CHAINS)
    responses = tuple(name for name in all_of(RESPONSES) if name.lower() != "content" or chains)
    prompts = tuple(n for n in all_of(PROMPTS) if n.lower() != "input" or responses or chains)
    return Columns(
        prompts=prompts,
        context=known.get("input"),
        systems=all_of(SYSTEMS),
        history=next(iter(all_of(HISTORIES)), None),
        turns=all_of(TURNS),
        completion=known.get("completion") if "prompt" in known else None,
        own=known.get("response"),
        lists=tuple(
            n for n in names if n.lower() in LISTS or n.lower().endswith(("_responses", "_generations"))
        ),
        loose_lists=() if "inputs" in known else all_of(LOOSE_LISTS),
        numbered=_find_numbered(names),
        pairs=_find_pairs(known),
        responses=responses,
        chains=chains,
        references=all_of(REFERENCES) or all_of(LONG_REFERENCES),
        solution=known.get("solution"),
        text=known.get("text"),
        options=known.get("chat_template_kwargs"),
    )


def fold_name(name: str) -> str:
    """A name as it is compared: reasoning_content, reasoningContent and Reasoning_Content are one."""
    return name.lower().replace("_", "")


def is_chain_name(name: str) -> bool:
    """Whether a message's key is called as columns of chains are."""
    return fold_name(name) in _CHAINS


def _find_numbered(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Columns that are one list by their numbers, as r1_solution_1, r1_solution_2; none where prompts have numbers too."""
    if any(_ASKED_NUMBERED.fullmatch(name.lower()) for name in names):
        return {}
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if match := _NUMBERED.fullmatch(name.lower()):
            found.setdefault(match["stem"], []).append((int(match["number"]), name))
    return {stem: tuple(name for _, name in sorted(pairs)) for stem, pairs in found.items() if len(pairs) > 1}


def _find_pairs(known: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Chain and answer of several teachers, as s1K-1.1 has them; the answer is missing where its column is."""
    found = [match for low in known if (match := _PAIR.fullmatch(low))]
    return tuple((known[one[0]], known.get(f"{one['teacher']}_attempt", "")) for one in reversed(found))
