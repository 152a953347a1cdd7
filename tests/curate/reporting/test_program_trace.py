"""`explain` shows the program that was judged, and the test that it failed."""

import json
from pathlib import Path
from typing import Any

import pytest

from curate.checking.run_checks import run_checks
from curate.reporting.program_trace import LINES, WIDTH, trace_program
from curate.stages.explain import ExplainOptions, explain_sample
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from curate.store.whole_files import write_json
from filters.spec import make_spec
from filters.types import Prompt, Sample, Verdict
from tests.shown import shown
from tests.walls import require_walls

STDIN = {"tests": [{"input": "1", "output": "1"}, {"input": "3 4", "output": "7\n"}]}
CALLS = {"input_output": json.dumps({"fn_name": "f", "inputs": [[1, "a"]], "outputs": [[2]]})}
ASSERTS = {"test_list": ["assert f(1) == 1", "assert f(2) == 4", "assert f(3) == 9"]}


def traced(
    columns: dict[str, Any], reason: str, response: str = "```python\nx = 1\n```", prompt: str = "Do."
) -> dict[str, str]:
    sample = Sample("1", Prompt.make(prompt, extra=columns), response)
    return dict(trace_program(sample, Verdict(reason.startswith("passed"), reason), {}))


def test_the_failing_test_is_shown_with_what_it_expects():
    reason = "wrong_answer: test 2 of 2: line 1: expected '7', got '12' [namespaces]"
    assert traced(STDIN, reason)["test 2 of 2"] == "input:\n3 4\nexpected:\n7"
    found = traced(CALLS, "crash: test 1 of 1: ValueError: no")
    assert found["test 1 of 1"] == 'f(1, "a")\nexpected (one of 2):\n2'
    assert traced(ASSERTS, "wrong_answer: test 2 of 3: f(2) == 4")["test 2 of 3"] == "assert f(2) == 4"


def test_lines_that_were_tried_as_one_test_are_shown_together():
    columns = {"test_list": ["for x in (1,):", "    assert f(x)"]}
    assert (
        traced(columns, "wrong_answer: test 1 of 1: f(x)")["test 1 of 1"] == "for x in (1,):\n    assert f(x)"
    )


@pytest.mark.parametrize(
    "reason",
    [
        "passed: 2 tests [namespaces]",
        "wrong_answer: the tests: f(1) == 2",
        "no_code",
        "crash: test 9 of 9: x",
        "timeout",
    ],
)
def test_where_no_test_is_named_none_is_shown(reason: str):
    assert list(traced(STDIN, reason)) == ["program"]


def test_long_tests_are_cut_and_say_by_how_much():
    given = "\n".join(["y" * 10_000, *map(str, range(100))])
    found = traced({"tests": [{"input": given, "output": "z"}]}, "crash: test 1 of 1: x")["test 1 of 1"]
    assert f"{'y' * WIDTH}… (10,000 characters)\n0\n" in found
    assert f"… {101 - LINES} more lines\nexpected:\nz" in found


def test_the_program_is_the_last_block_with_its_lines_numbered():
    code = "\n".join(f"x = {n}" for n in range(1, 11))
    found = traced(STDIN, "passed: 2 tests", f"```\nold\n```\nNo:\n```python\n{code}\n```\nDone.")["program"]
    assert found.split("\n")[0] == " 1  x = 1" and found.split("\n")[-1] == "10  x = 10"


def test_what_the_prompt_gave_belongs_to_the_program():
    columns = {"test": "def check(f):\n    assert f(1) == 1", "entry_point": "f"}
    found = traced(
        columns, "wrong_answer: the tests: f(1)", "    return 2", prompt="import math\ndef f(x):\n"
    )
    assert found["program"] == "1  import math\n2  def f(x):\n3      return 2"


@pytest.mark.parametrize("columns", [{}, {"tests": "pickled"}])
def test_without_tests_there_is_nothing_to_show(columns: dict[str, Any]):
    assert traced(columns, "no_tests") == {}


def test_without_a_program_there_is_none_to_show():
    assert traced(STDIN, "unclosed_think", "<think>```python\nx\n```") == {}
    assert traced({**STDIN, "lang": "cobol"}, "unsupported: cobol") == {}


def test_explain_shows_both_and_escapes_them(tmp_path: Path):
    require_walls()
    run = Run(tmp_path / "run")
    prompt = Prompt.make("Print the sum.", extra={"tests": [{"input": "3\x1b[31m 4\u202e", "output": "7"}]})
    sample = Sample("a" * 32, prompt, "<think>\nhm\n</think>\n```python\nprint(12)  # \x07\u202e\r\n```")
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table([prompt]))
    write_part(run.samples("t") / "part-00000.parquet", [sample_row(sample)], SAMPLES)
    write_json(run.generation("t"), {"model": "m", "identity": "i"})
    run_checks(run, "t", [make_spec({"check": "code_tests", "label": "tests"})], workers=1)
    said = shown(explain_sample(ExplainOptions(run=run.path, id="a" * 32)))
    assert "wrong_answer: test 1 of 1: line 1: expected '7', got '12'" in said
    assert "3⟨U+001B⟩[31m 4⟨U+202E⟩" in said and "1  print(12)  # ⟨U+0007⟩⟨U+202E⟩" in said
    assert not set(said) & {"\x1b", "\x07", "\u202e", "\r"}
