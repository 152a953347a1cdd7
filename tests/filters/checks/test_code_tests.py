"""Programs are verified by their row's tests: right ones pass, each wrong twin fails, and what cannot be told is undecided."""

from collections.abc import Iterator
from typing import Any

import pytest

from filters.check import Check
from filters.registry import make_check
from filters.sandbox.sandbox import SandboxError
from filters.sandbox.self_test import find_tier
from filters.types import Prompt, Sample, Verdict
from tests.filters.programs.code_row import CodeRow
from tests.filters.programs.rows import ROWS


@pytest.fixture(scope="module", autouse=True)
def tier() -> str:
    """The machine's tier; where it has none, that is told, and nothing passes."""
    try:
        return find_tier().tier
    except SandboxError as error:
        pytest.skip(f"not run: {error}")


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    made = make_check("code_tests", {"seconds": 2})
    yield made
    made._python.close()  # type: ignore[attr-defined]


def judge(check: Check, code: str, columns: dict[str, Any], prompt: str = "Write a program.") -> Verdict:
    asked = Prompt.make(prompt, extra=columns)
    response = f"<think>\nI write it.\n</think>\nHere it is:\n```python\n{code}\n```\nDone."
    return check.check([Sample("1", asked, response)])[0]


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
