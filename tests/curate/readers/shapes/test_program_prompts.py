"""Rows with tests for programs are asked with what a program must know to pass them; all others as they stand."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from curate.readers.prompts import make_prompts, read_messages
from curate.readers.read_rows import read_rows
from curate.readers.row import Row
from filters.programs.read_tests import read_tests
from filters.types import Prompt

HEAD = 'from math import sqrt\n\n\ndef root(n: int) -> int:\n    """The whole root of a square number.\n    >>> root(9)\n    3\n    """\n'
HUMANEVAL = {
    "task_id": "Own/0", "prompt": HEAD, "entry_point": "root", "canonical_solution": "    return int(sqrt(n))\n",
    "test": "def check(candidate):\n    assert candidate(16) == 4\n",
}  # fmt: skip
MBPP = {
    "text": "Write a function that doubles a number.", "code": "def twice(n):\n    return 2 * n", "task_id": 7,
    "test_setup_code": "", "test_list": [f"assert twice({n}) == {2 * n}" for n in range(5)], "challenge_test_list": [],
}  # fmt: skip
SANITIZED = {
    "source_file": "own.ipynb", "task_id": 8, "prompt": "Write a function that doubles a number.",
    "code": "def twice(n):\n    return 2 * n", "test_imports": ["import math"], "test_list": ["assert twice(2) == 4"],
}  # fmt: skip
STDIN = [{"input": "3\n", "output": "6\n", "testtype": "stdin"}]
LIVE = {
    "question_title": "Twice", "question_content": "Double the number that is given.", "platform": "atcoder",
    "question_id": "own_a", "starter_code": "", "difficulty": "easy", "public_test_cases": json.dumps(STDIN),
    "private_test_cases": json.dumps(STDIN), "metadata": "{}",
}  # fmt: skip
STARTER = "class Solution:\n    def twice(self, n: int) -> int:\n        "
FUNCTIONAL = LIVE | {
    "starter_code": STARTER, "metadata": json.dumps({"func_name": "twice"}), "private_test_cases": "[]",
    "public_test_cases": json.dumps([{"input": "3", "output": "6", "testtype": "functional"}]),
}  # fmt: skip
APPS = {
    "id": 4, "question": "Double it.", "solutions": json.dumps(["print(2 * int(input()))"]), "starter_code": "",
    "input_output": json.dumps({"inputs": ["3\n"], "outputs": ["6\n"]}), "difficulty": "interview", "url": "",
}  # fmt: skip
STREAMS = "The program reads standard input and prints to standard output."
FORM = "Answer with the whole program, in Python, in one fenced code block."


def ask(row: dict[str, Any]) -> Prompt:
    (prompt,) = make_prompts([Row("here, line 1", row)])
    return prompt


@pytest.mark.parametrize(
    ("row", "text", "source_id"),
    [
        (
            HUMANEVAL,
            f"Complete this Python program. Answer with the whole program in one fenced code block.\n\n```python\n{HEAD}```",
            "Own/0",
        ),
        (
            MBPP,
            "Write a function that doubles a number.\n\nYour code should pass these tests:\n\n```python\n"
            f"assert twice(0) == 0\nassert twice(1) == 2\nassert twice(2) == 4\n```\n\n{FORM}",
            "7",
        ),
        (
            SANITIZED,
            "Write a function that doubles a number.\n\nYour code should pass these tests:\n\n```python\n"
            f"assert twice(2) == 4\n```\n\n{FORM}",
            "8",
        ),
        (LIVE, f"Double the number that is given.\n\n{STREAMS} {FORM}", "own_a"),
        (
            FUNCTIONAL,
            "Double the number that is given.\n\nThe program goes on from this code, and keeps its names and signatures:"
            f"\n\n```python\n{STARTER.rstrip()}\n```\n\n{FORM}",
            "own_a",
        ),
        (APPS, f"Double it.\n\n{STREAMS} {FORM}", "4"),
    ],
    ids=["humaneval", "mbpp", "sanitized", "livecodebench", "functional", "apps"],
)
def test_benchmarks_are_asked_with_what_a_program_must_know(row: dict[str, Any], text: str, source_id: str):
    prompt = ask(row)
    assert [one["role"] for one in prompt.messages] == ["user"]
    assert prompt.text == text
    assert (prompt.answer, prompt.source_id) == (None, source_id)
    assert read_tests(prompt.extra) == read_tests(row), "the check finds the row's tests"
    assert ask(row).id == prompt.id


def test_the_functions_name_is_said_where_nothing_else_says_it():
    calls = json.dumps({"fn_name": "twice", "inputs": [[3]], "outputs": [6]})
    assert ask(APPS | {"input_output": calls}).text == (
        f"Double it.\n\nThe program defines the function `twice`, which the tests call. {FORM}"
    )
    named = ask(APPS | {"input_output": calls, "question": "Write twice(n)."})
    assert named.text == f"Write twice(n).\n\n{FORM}"


def test_tests_that_are_hidden_and_cannot_be_read_change_nothing_of_what_is_asked():
    assert ask(LIVE | {"private_test_cases": "eJxrYJ0qAwAB"}).id == ask(LIVE).id


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (LIVE, f"Read n from stdin and double it. {FORM}"),
        (LIVE, "Input is given from Standard Input. Write your answer in a code block."),
        (FUNCTIONAL, f"Go on:\n```python\n{STARTER.rstrip()}\n```"),
        (MBPP, f"Write a function.\n{MBPP['test_list'][0]}\nPut it into a code block."),
    ],
)
def test_what_a_question_says_is_not_said_again(row: dict[str, Any], text: str):
    asked = row | {"prompt": text}
    assert ask(asked).text == text
    given = ask(
        asked | {"prompt": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]}
    )
    assert [one["content"] for one in given.messages] == ["Be brief.", text]


def test_the_last_turn_of_the_users_is_completed():
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "Double it."},
    ]
    found = ask({"prompt": turns, "input_output": APPS["input_output"]})
    assert [one["content"] for one in found.messages] == [
        "Hello",
        "Hello.",
        f"Double it.\n\n{STREAMS} {FORM}",
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "What is 2 + 2?", "answer": "4"},
        {"problem": "What is 2 + 2?", "solution": "It is 4.", "answer": "4", "unique_id": "a", "subject": "Algebra"},
        {"prompt": "What is 2 + 2?", "answer": "4", "task_id": "t", "text": "somebody's", "code": "x"},
        {"prompt": "Solve.", "verification_info": json.dumps({"ground_truth": "4"}), "metadata": "{}"},
        {"prompt": "Solve.", "tests": None, "test_list": [], "starter_code": "", "test": ""},
    ],
)  # fmt: skip
def test_rows_without_tests_are_asked_as_they_stand(row: dict[str, Any]):
    (prompt,) = make_prompts([Row("here, line 1", row)])
    assert prompt.text == row.get("prompt", row.get("problem"))
    assert prompt.source_id in ("0", ""), "a task is no row's name where it has no tests"


def test_a_text_is_a_question_only_beside_tests():
    from filters.errors import UserError

    with pytest.raises(UserError, match="there is no column 'prompt'; there are: text, code"):
        ask({"text": "Some text.", "code": "x"})


def test_training_sets_are_read_as_they_stand():
    """What was asked is not what would be asked now."""
    assert read_messages(Row("here, line 1", SANITIZED | {"completion": "x"})) == [
        {"role": "user", "content": SANITIZED["prompt"]}
    ]


def test_code_that_holds_fences_is_fenced_by_a_longer_one():
    head = HEAD.replace("3\n", "3\n    ````text\n")
    assert f"\n\n`````python\n{head}`````" in ask(HUMANEVAL | {"prompt": head}).text


def test_a_language_is_named_as_the_row_says_it_and_never_breaks_the_fence():
    row = FUNCTIONAL | {"lang": "cpp"}
    assert "```cpp\nclass" in ask(row).text and ", in C++, in one" in ask(row).text
    assert "```python\nclass" in ask(FUNCTIONAL | {"lang": "x\n```\n"}).text


def test_all_of_humaneval_is_read_with_its_tests():
    folder = os.environ.get("R1CURATE_TEST_DATA")
    if not folder:
        pytest.skip("R1CURATE_TEST_DATA names no folder with HumanEval")
    prompts = list(make_prompts(read_rows(str(Path(folder) / "humaneval" / "HumanEval.jsonl.gz"))))
    assert [prompt.source_id for prompt in prompts] == [f"HumanEval/{n}" for n in range(164)]
    assert len({prompt.id for prompt in prompts}) == 164
    for prompt in prompts:
        tests = read_tests(prompt.extra)
        assert tests is not None and tests.kind == "asserts" and f"def {tests.function}(" in prompt.text
        assert prompt.text.startswith("Complete this Python program.") and prompt.answer is None
