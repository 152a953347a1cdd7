"""What is asked of rows that come with tests for programs: the question, and what else a program must know to pass them.

Programming benchmarks keep that apart: LiveCodeBench and APPS have the code to go on from in a column, MBPP says the
function's name in its tests alone, and HumanEval's question is nothing but the beginning of the program. What a model
is asked is part of a prompt's identity, so it is put together here alone, from the row alone; a row whose question
says it already, or that has no such columns, is asked as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from curate.readers.shapes.columns import find_columns
from curate.readers.shapes.facts import IDS
from filters.programs.assemble import find_given_code
from filters.programs.extract_code import LABELS
from filters.programs.program_tests import MOST_READ, ProgramTests, find_text
from filters.programs.read_asserts import SETUP
from filters.programs.read_tests import PLACES
from filters.programs.shown_tests import read_shown_tests
from filters.types import Message

SHOWN_TESTS: Final = 3
"""Lines of `test_list` that a prompt shows, as MBPP's own does."""
_STARTER: Final = "starter_code"
_QUESTIONS: Final = {
    "question_content": ("public_test_cases", "private_test_cases", _STARTER),  # LiveCodeBench
    "text": ("test_list",),  # MBPP
}
"""Columns that are a question where one of these stands beside them; elsewhere they may be anything."""
_ID: Final = "task_id"
_IMPORTED: Final = re.compile(r"^from solution import ([\w, ]{1,200})$", re.MULTILINE)
_METHOD: Final = re.compile(r"Solution\(\)\.(\w+)")
_TITLES: Final = {"python": "Python", "cpp": "C++", "javascript": "JavaScript"}
_SAYS_STREAMS: Final = re.compile(r"\bstd ?in\b|\bstandard input\b", re.IGNORECASE)
_SAYS_FORM: Final = re.compile(r"code block|```(?:python|py|cpp|c\+\+)\b", re.IGNORECASE)
_FENCE: Final = re.compile(r"`{3,}")


def name_columns(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A benchmark's row with its question and its id under names that all rows have them by; any other row as it is."""
    names = _find_names(tuple(values))
    return {names.get(name, name): cell for name, cell in values.items()} if names else values


@lru_cache(512)
def _find_names(names: tuple[str, ...]) -> Mapping[str, str]:
    columns, found = find_columns(names), {}
    if set(names) >= {
        "query",
        "prompt",
        "entry_point",
        "test",
    }:  # LeetCodeDataset: its prompt is what programs have imported
        return {"query": "prompt", "prompt": SETUP, **({_ID: "id"} if _ID in names else {})}
    if not columns.prompts and not columns.turns:
        question = (name for name, beside in _QUESTIONS.items() if name in names and set(beside) & set(names))
        found = dict.fromkeys([*question][:1], "prompt")
    if _ID in names and _may_have_tests(names) and not any(name.lower() in IDS for name in names):
        found[_ID] = "id"
    return found


@lru_cache(512)
def _may_have_tests(names: tuple[str, ...]) -> bool:
    return any(name in PLACES for name in names)


def complete_messages(values: Mapping[str, Any], messages: Sequence[Message]) -> tuple[Message, ...]:
    """What a row asks, with all that its columns say of the program and the last turn of the user's does not."""
    names = tuple(values)
    tests = read_shown_tests(values) if _may_have_tests(names) else None
    starter = find_text(values, _STARTER) or (tests.starter if tests else "")
    if tests is None and not starter:
        return tuple(messages)
    last = max((at for at, one in enumerate(messages) if one["role"] == "user"), default=None)
    return tuple(
        Message(role="user", content=_complete(one["content"], values, tests, starter)) if at == last else one
        for at, one in enumerate(messages)
    )


def _complete(text: str, values: Mapping[str, Any], tests: ProgramTests | None, starter: str) -> str:
    if not text.strip():
        return text
    if tests is not None and tests.function and find_given_code(text, tests) == text:
        title = _title(tests)
        head = f"Complete this {title} program. Answer with the whole program in one fenced code block."
        return f"{head}\n\n{_put_fence(text, tests)}"
    return "\n\n".join([text.rstrip(), *_list_sections(text, values, tests, starter)])


def _list_sections(
    text: str, values: Mapping[str, Any], tests: ProgramTests | None, starter: str
) -> Iterator[str]:
    """What a question lacks: the code to go on from, asserts, the function's name, where input is, the answer's form."""
    if starter and starter not in text:
        yield f"The program goes on from this code, and keeps its names and signatures:\n\n{_put_fence(starter, tests)}"
    if tests is None:
        return
    lines = _list_asserts(tests)
    if lines and lines[0] not in text:
        yield "Your code should pass these tests:\n\n" + _put_fence("\n".join(lines), tests)
    seen = "\n".join((text, starter, *lines))
    said = list(_name_functions(tests, seen))
    if tests.kind == "stdin" and not _SAYS_STREAMS.search(text):
        said.append("The program reads standard input and prints to standard output.")
    if not _SAYS_FORM.search(text):
        said.append(f"Answer with the whole program, in {_title(tests)}, in one fenced code block.")
    if said:
        yield " ".join(said)


def _name_functions(tests: ProgramTests, seen: str) -> Iterator[str]:
    """The names that the tests use of the program, where nothing that is seen has them."""
    method = _METHOD.fullmatch(tests.function)
    name = method[1] if method else tests.function
    if name and not re.search(rf"\b{re.escape(name)}\b", seen):
        owner = "the class `Solution` with the method" if method else "the function"
        yield f"The program defines {owner} `{name}`, which the tests call."
    imported = _IMPORTED.search(tests.code[:MOST_READ]) if not name else None
    names = [one.strip() for one in imported[1].split(",") if one.strip()] if imported else []
    missing = [f"`{one}`" for one in names if not re.search(rf"\b{re.escape(one)}\b", seen)]
    if missing:
        yield f"The program defines {' and '.join(missing)}, which the tests use."


def _list_asserts(tests: ProgramTests) -> list[str]:
    """The first lines of tests that are lines of asserts, as MBPP's."""
    return [str(case.given).strip() for case in tests.cases[:SHOWN_TESTS]] if tests.kind == "asserts" else []


def _title(tests: ProgramTests) -> str:
    """The name of the language that a row's programs are in: Python where it does not say."""
    word = tests.language or "python"
    return _TITLES.get(_find_language(word), word)


def _find_language(word: str) -> str:
    return next((name for name, labels in LABELS.items() if word in labels), "")


def _put_fence(code: str, tests: ProgramTests | None) -> str:
    """Code as a fenced block, whose fence is longer than any in it."""
    longest = max((len(one) for one in _FENCE.findall(code)), default=2)
    fence, language = "`" * (longest + 1), _find_language((tests.language if tests else "") or "python")
    shown = code.strip("\n").rstrip()
    return f"{fence}{language}\n{shown}\n{fence}"
