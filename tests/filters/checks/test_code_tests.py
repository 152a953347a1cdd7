"""Programs are verified by their row's tests: right ones pass, each wrong twin fails, and what cannot be told is undecided."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from filters.check import Check
from filters.errors import UserError
from filters.registry import make_check
from filters.sandbox.pythons import find_python
from filters.sandbox.sandbox import SandboxError
from filters.types import Prompt, Sample, Verdict
from tests.filters.programs.code_row import CodeRow
from tests.filters.programs.rows import ROWS
from tests.walls import require_walls


@pytest.fixture(scope="module", autouse=True)
def tier() -> str:
    """The machine's tier; where it has none, that is told, and nothing passes."""
    return require_walls()


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    made = make_check("code_tests", {"seconds": 2})
    yield made
    made._place.close()  # type: ignore[attr-defined]


def judge(check: Check, code: str, columns: dict[str, Any], prompt: str = "Write a program.") -> Verdict:
    asked = Prompt.make(prompt, extra=columns)
    response = f"<think>\nI write it.\n</think>\nHere it is:\n```python\n{code}\n```\nDone."
    return check.check([Sample("1", asked, response)])[0]


PAIR = {"inputs": ["1 2\n", "5 5\n", "7 0\n"], "outputs": ["3\n", "10\n", "7\n"]}
ADD = "a, b = map(int, input().split())\nprint(a + b)"
LOOP = "while True:\n    pass"
REASONS = {
    "passed": (ADD, {"tests": PAIR}),
    "wrong_answer": ("print(3)", {"tests": PAIR}),
    "crash": ("print(1 / 0)", {"tests": PAIR}),
    "timeout": (LOOP, {"tests": PAIR, "time_limit": 0.2}),
    "memory": ("x = bytearray(1 << 30)", {"tests": PAIR, "memory_limit": "64 MB"}),
    "output_limit": ("print('x' * 10_000_000)", {"tests": PAIR}),
    "compile_error": ("def f(:", {"tests": PAIR}),
    "no_function": ("def g(x):\n    return x", {"tests": {"fn_name": "f", "inputs": [[1]], "outputs": [1]}}),
    "no_code": ("", {"tests": PAIR}),
    "no_tests": (ADD, {"tests": None}),
    "unreadable_tests": (ADD, {"tests": {"inputs": ["1", "2"], "outputs": ["1"]}}),
    "incomplete_tests": (ADD, {"official_tests": [{"input": "1 2", "output": "3"}], "official_tests_complete": False, "generated_tests": 57}),
    "many_answers": ("print(3)", {"tests": PAIR, "multiple_answers": True}),
    "checker_failed": ("print(4)", {"tests": PAIR, "checker": "1 / 0"}),
    "missing_package": ("import numpy", {"tests": PAIR}),
    "unsure": ("class E:\n    def __eq__(self, other):\n        return True\ndef f(x):\n    return E()", {"test_list": ["assert f(1) == 2"]}),
    "unsupported": (ADD, {"tests": PAIR, "language": "cobol"}),
}  # fmt: skip


@pytest.mark.parametrize("rule", REASONS)
def test_each_reason_is_given(check: Check, rule: str):
    code, columns = REASONS[rule]
    verdict = judge(check, code, columns)
    assert verdict.rule == rule, verdict
    undecided = check.rules[rule].startswith("undecided")
    assert verdict.ok is (None if undecided else rule == "passed")
    assert (verdict.score is None) is undecided


def test_every_rule_is_tried_here():
    elsewhere = {"unclosed_think", "too_long", "sandbox"}
    assert REASONS.keys() | elsewhere == make_check("code_tests").rules.keys()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_right_programs_pass_and_wrong_twins_fail(check: Check, row: CodeRow):
    for program in row.right:
        verdict = judge(check, program, row.columns)
        assert verdict.ok is True, (program, verdict)
        assert verdict.score == 1.0
    for what, program in row.wrong.items():
        verdict = judge(check, program, row.columns)
        assert verdict.ok is not True, (what, verdict)
        assert verdict.ok is False or verdict.rule == "unsure", (what, verdict)


def test_reasons_name_the_test_and_the_walls(check: Check, tier: str):
    wrong = judge(check, "a, b = map(int, input().split())\nprint(a + b if a < 7 else '7 ')", {"tests": PAIR})
    assert wrong.reason == f"passed: 3 tests [{tier}]"
    wrong = judge(check, "print(3)", {"tests": PAIR})
    assert wrong.reason == f"wrong_answer: test 2 of 3: line 1: expected '10', got '3' [{tier}]"
    assert wrong.score == pytest.approx(1 / 3)
    call = {"tests": {"fn_name": "f", "inputs": [[1], [2]], "outputs": [[1], "2"]}}
    assert (
        judge(check, "def f(x):\n    return [x]", call).reason
        == f"wrong_answer: test 2 of 2: expected '\"2\"', got '[2]' [{tier}]"
    )
    asserts = {"test_list": ["assert f(1) == 1", "assert f(2) == 4"]}
    assert (
        judge(check, "def f(x):\n    return x", asserts).reason
        == f"wrong_answer: test 2 of 2: f(2) == 4: expected 4, got 2 [{tier}]"
    )
    assert (
        judge(check, "def f(x):\n    raise KeyError(x)", asserts).reason
        == f"crash: test 1 of 2: KeyError: 1 [{tier}]"
    )


def test_a_response_that_has_no_end_has_no_program(check: Check):
    asked = Prompt.make("Write.", extra={"tests": PAIR})
    code = f"```python\n{ADD}\n```"
    assert check.check([Sample("1", asked, f"<think>\nhm {code}")])[0].rule == "unclosed_think"
    cut = Sample("1", asked, f"<think>\nhm\n</think>\n{code[:-4]}", finish="length")
    assert check.check([cut])[0].reason.startswith("no_code: ")
    assert (
        check.check([Sample("1", asked, f"<think>\nhm\n</think>\n{code}\nIt", finish="length")])[0].ok is True
    )
    assert check.check([Sample("1", asked, f"<think>\nhm\n</think>\n{ADD}")])[0].ok is True


def test_all_tests_are_run_for_the_share_where_that_is_asked_for():
    made = make_check("code_tests", {"stop_at_first": False})
    verdict = judge(made, "a, b = map(int, input().split())\nprint(a + b if a != 5 else 0)", {"tests": PAIR})
    assert (verdict.ok, verdict.score) == (False, pytest.approx(2 / 3))
    lines = {"test_list": ["assert f(1) == 1", "assert f(2) == 4", "assert f(0) == 0", "assert f(9) == 81"]}
    assert judge(made, "def f(x):\n    return x", lines).score == 0.5
    partial = {"official_tests": [{"input": "1 2", "output": "3"}], "official_tests_complete": False}
    assert judge(made, "print(4)", partial).ok is False
    assert judge(make_check("code_tests", {"incomplete": True}), ADD, partial).ok is True
    few = make_check("code_tests", {"most_tests": 1})
    assert judge(few, "print(3)", {"tests": PAIR}).reason.startswith("passed: 1 of 3 tests")


def test_tests_that_take_too_long_together_are_undecided():
    made = make_check("code_tests", {"total_seconds": 0.001})
    assert judge(made, ADD, {"tests": PAIR}).reason.startswith("too_long: 1 of 3 tests in 0.001 s")


CHECKERS = {
    "prints what it finds": "import sys\ngiven, expected, output = (open(name).read() for name in sys.argv[1:4])\nprint(1 if sorted(output.split()) == sorted(expected.split()) else 0)",
    "says it in a word": "import sys, pathlib\nprint('some words')\nprint('AC' if set(pathlib.Path(sys.argv[3]).read_text().split()) == set(open(sys.argv[2]).read().split()) else 'WA')",
}  # fmt: skip


@pytest.mark.parametrize("checker", CHECKERS)
def test_the_rows_own_checker_judges_what_is_not_equal(check: Check, checker: str):
    columns = {"official_tests": [{"input": "3", "output": "1 2 3"}], "generated_checker": CHECKERS[checker]}
    assert judge(check, "print(3, 2, 1)", columns).ok is True
    refused = judge(check, "print(3, 2, 2)", columns)
    assert (refused.ok, refused.rule) == (False, "wrong_answer")


def test_what_the_prompt_gives_is_part_of_the_program(check: Check):
    head = 'from math import sqrt\n\n\ndef twice(x):\n    return 2 * x\n\n\ndef f(x: float) -> float:\n    """The root, twice."""\n'
    columns = {"test": "def check(candidate):\n    assert candidate(9) == twice(3)\n", "entry_point": "f"}
    for code in ("    return twice(sqrt(x))", "return twice(sqrt(x))", "y = sqrt(x)\nreturn twice(y)", "def f(x):\n    return twice(sqrt(x))",
                 "if x:\n        return twice(sqrt(x))", "if x:\n    return twice(sqrt(x))\nreturn 0"):  # fmt: skip
        assert judge(check, code, columns, head).ok is True, code
    assert judge(check, "def twice(x):\n    return 0\ndef f(x):\n    return 0", columns, head).ok is False
    fenced = f"Complete this function:\n```python\n{head}```\nGive the whole program."
    assert judge(check, "def f(x):\n    return twice(sqrt(x))", columns, fenced).ok is True
    given = {
        "tests": {"fn_name": "total", "inputs": [[[1, 2]]], "outputs": [3]},
        "starter_code": "class Solution:\n    def total(self, nums: List[int]) -> int:",
    }
    assert (
        judge(
            check,
            "class Solution:\n    def total(self, nums: List[int]) -> int:\n        return reduce(lambda a, b: a + b, nums)",
            given,
        ).ok
        is True
    )


def test_packages_are_there_where_they_are_asked_for():
    code = {"test_list": ["import numpy as np", "assert np.allclose(f([1, 2]), [2, 4])"]}
    without = judge(make_check("code_tests"), "def f(x):\n    return [2 * one for one in x]", code)
    assert (without.ok, without.rule) == (None, "missing_package")
    made = make_check("code_tests", {"packages": ["numpy"]})
    assert judge(made, "import numpy\ndef f(x):\n    return (numpy.array(x) * 2).tolist()", code).ok is True
    assert judge(made, "import torch\ndef f(x):\n    return x", code).rule == "missing_package"


def test_without_walls_verdicts_say_so(monkeypatch: pytest.MonkeyPatch):
    made = make_check("code_tests", {"unsafe_no_sandbox": True})
    monkeypatch.setattr("filters.checks.code_tests.find_tier", lambda: pytest.fail("walls were looked for"))
    made.prepare()
    assert judge(made, ADD, {"tests": PAIR}).reason == "passed: 3 tests [no sandbox]"
    assert judge(made, "import os; os.kill(os.getpid(), 9)", {"tests": PAIR}).rule == "crash"


def test_where_there_are_no_walls_it_refuses_before_any_work(monkeypatch: pytest.MonkeyPatch):
    def refuse() -> Any:
        raise SandboxError("This machine can keep no program behind walls.")

    monkeypatch.setattr("filters.checks.code_tests.find_tier", refuse)
    with pytest.raises(SandboxError, match="no program behind walls"):
        make_check("code_tests").prepare()


@pytest.mark.parametrize(("options", "said"), [
    ({"python": 3.5}, "There is no Python '3.5' here"),
    ({"python": "2.7"}, "There is no Python '2.7' here that is 3.10 or later"),
    ({"packages": ["no_such_package"]}, "'no_such_package', which programs are to have, is not installed"),
    ({"language": "pythn"}, "runs no programs in 'pythn'; did you mean 'python'"),
])  # fmt: skip
def test_options_that_cannot_be_met_are_refused(options: dict[str, Any], said: str):
    with pytest.raises(UserError, match=said):
        make_check("code_tests", options).prepare()


def test_another_python_runs_programs_where_it_is_found():
    other = next(
        (
            version
            for version in ("3.13", "3.12", "3.10")
            if find_python(version) and version != f"3.{sys.version_info[1]}"
        ),
        None,
    )
    if other is None:
        pytest.skip("not run: there is no other Python of 3.10 or later here")
    made = make_check("code_tests", {"python": other})
    tests = {"tests": {"inputs": [""], "outputs": [other]}}
    assert judge(made, "import sys\nprint('.'.join(map(str, sys.version_info[:2])))", tests).ok is True


def test_responses_of_any_text_get_a_verdict(check: Check):
    for text in ("\x00", "\ud800", "```python\n\ud800\n```", "```\n" * 5000, "`" * 100_000, "x" * 1_000_000):
        asked = Prompt.make("Write.", extra={"tests": json.dumps(PAIR)})
        verdict = check.check([Sample("1", asked, text)])[0]
        assert verdict.ok is False, verdict
