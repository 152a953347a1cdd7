"""Programming benchmarks in the shapes of HumanEval, MBPP and LiveCodeBench, evaluated by running what a model writes."""

import json
import logging
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from curate.sampling.sampler import derive_seed
from curate.stages.report import ReportOptions, write_report
from curate.store.layout import Run
from distill.evaluation.options import EvaluateOptions
from distill.evaluation.stage import EvaluateResult, evaluate_model
from filters.errors import UserError
from tests.shown import shown
from tests.walls import require_walls

HUMANEVAL = [
    {
        "task_id": "Own/0", "entry_point": "count_even",
        "prompt": 'def count_even(numbers: list[int]) -> int:\n    """How many of the numbers are even."""\n',
        "canonical_solution": "    return sum(n % 2 == 0 for n in numbers)\n",
        "test": "def check(candidate):\n    assert candidate([1, 2, 4]) == 2\n    assert candidate([]) == 0\n",
    },
    {
        "task_id": "Own/1", "entry_point": "initials",
        "prompt": 'def initials(name: str) -> str:\n    """The first letters of the words of a name, as capitals."""\n',
        "canonical_solution": '    return "".join(word[0] for word in name.split()).upper()\n',
        "test": "def check(candidate):\n    assert candidate('ada king lovelace') == 'AKL'\n    assert candidate('') == ''\n",
    },
]  # fmt: skip
"""Problems of our own, as HumanEval's file has its."""
MBPP = [
    {
        "task_id": 1, "text": "Write a function that reverses the words of a line.", "test_setup_code": "",
        "code": "def turn(line):\n    return ' '.join(reversed(line.split()))", "challenge_test_list": [],
        "test_list": ["assert turn('a b c') == 'c b a'", "assert turn('') == ''"],
    }
]  # fmt: skip
STDIN = [{"input": "3\n1 2 3\n", "output": "6\n", "testtype": "stdin"}, {"input": "1\n-4\n", "output": "-4\n", "testtype": "stdin"}]  # fmt: skip
CALLS = [{"input": "[1, 2]\n3", "output": "true", "testtype": "functional"}, {"input": "[1]\n3", "output": "false", "testtype": "functional"}]  # fmt: skip
LIVE: list[dict[str, Any]] = [
    {
        "question_title": "Total", "question_content": "Print the total of the n numbers in the second line.",
        "platform": "atcoder", "question_id": "own_total", "starter_code": "", "difficulty": "easy",
        "public_test_cases": json.dumps(STDIN[:1]), "private_test_cases": json.dumps(STDIN[1:]), "metadata": "{}",
    },
    {
        "question_title": "Pair", "question_content": "Tell whether the numbers have the given total.",
        "platform": "leetcode", "question_id": "own_pair", "difficulty": "easy",
        "starter_code": "class Solution:\n    def hasTotal(self, numbers: List[int], total: int) -> bool:\n        ",
        "public_test_cases": json.dumps(CALLS[:1]), "private_test_cases": json.dumps(CALLS[1:]),
        "metadata": json.dumps({"func_name": "hasTotal"}),
    },
]  # fmt: skip
PICKLED = "eJxrYJ0qAwAB"


@pytest.fixture(scope="module")
def tier() -> str:
    return require_walls()


def program(code: str) -> dict[str, Any]:
    return {"text": f"<think>\nI write it.\n</think>\nHere it is:\n```python\n{code}\n```"}


def evaluate(
    folder: Path, rows: list[dict[str, Any]], answers: dict[str, list[str]], samples: int, **more: Any
) -> EvaluateResult:
    """answers: by a piece of the prompt that it must hold, the programs that its samples are, by index, and again."""
    (folder / "set.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = EvaluateOptions(
        run=folder / "run", name="e", prompts=str(folder / "set.jsonl"), samples=samples, workers=1,
        engine={"kind": "scripted", "model": str(folder / "model.jsonl")}, **more,
    )  # fmt: skip
    lines = []
    for prompt in asked.read_prompts():
        (codes,) = [codes for piece, codes in answers.items() if piece in prompt.text]
        seeds = [derive_seed(asked.sampling, prompt, index) for index in range(samples)]
        lines.append({"prompt": prompt.text, "responses": place(seeds, [program(code) for code in codes])})
    (folder / "model.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return evaluate_model(asked)


def place(seeds: list[int], responses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A script's responses, so many that each seed takes one of its own."""
    number = next(n for n in count(len(seeds)) if len({seed % n for seed in seeds}) == len(seeds))
    placed = [responses[0]] * number
    for index, seed in enumerate(seeds):
        placed[seed % number] = responses[index % len(responses)]
    return placed


def value(result: EvaluateResult, k: int) -> float:
    found = json.loads(result.path.read_text())["pass@k"][str(k)]["value"]
    assert isinstance(found, float)
    return found


def test_humaneval(tier: str, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    right, wrong = (
        HUMANEVAL[0]["prompt"] + HUMANEVAL[0]["canonical_solution"],
        "def count_even(n):\n    return len(n)",
    )
    body = HUMANEVAL[1]["canonical_solution"]
    answers = {"def count_even(": [right, wrong, wrong, wrong], "def initials(": [body]}
    with caplog.at_level(logging.INFO, "distill"):
        result = evaluate(tmp_path, HUMANEVAL, answers, 4)
    found = result.metrics
    assert found["check"] == "code_tests"
    assert [one for one in caplog.messages if "code_tests" in one] == [
        "The prompts have tests for programs and no reference answers: code_tests decides what is correct."
    ]
    # One of four is right in the first, all in the second; of its pairs three in six hold the right one.
    assert found["pass@1"]["value"] == pytest.approx((0.25 + 1) / 2)
    assert [value(result, k) for k in (1, 2, 4)] == [pytest.approx(one) for one in (0.625, 0.75, 1.0)]
    assert list(found["pass@k"]) == ["1", "2", "4"] and found["cons@k"] is None
    told = " ".join(shown(result).split())
    assert "pass@2 │ 75.0 [" in told and "pass@4 │ 100.0 [" in told and "cons@" not in told
    assert result.exit_code == 0 and found["undecided"] == 0
    write_report(ReportOptions(run=Run(tmp_path / "run").path))
    page = Run(tmp_path / "run").report.read_text()
    assert "100.0% at 4" in page and "majority vote" in page


def test_mbpp(tier: str, tmp_path: Path):
    right, wrong = (
        "def turn(line):\n    return ' '.join(line.split()[::-1])",
        "def turn(line):\n    return line",
    )
    result = evaluate(tmp_path, MBPP, {"assert turn('a b c') == 'c b a'": [right, wrong]}, 2)
    assert (value(result, 1), value(result, 2)) == (0.5, 1.0)


def test_livecodebench(tier: str, tmp_path: Path):
    total = "n = int(input())\nprint(sum(map(int, input().split())))"
    public_alone = "n = int(input())\nprint(n * (n + 1) // 2)"
    pair = "class Solution:\n    def hasTotal(self, numbers, total):\n        return sum(numbers) == total"
    wrong = "class Solution:\n    def hasTotal(self, numbers, total):\n        return True"
    answers = {
        "reads standard input": [total, public_alone],
        "```python\nclass Solution:\n    def hasTotal(self, numbers: List[int], total: int) -> bool:\n```": [
            wrong,
            wrong,
        ],
    }
    result = evaluate(tmp_path, LIVE, answers, 2)
    assert result.metrics["check"] == "code_tests"
    assert (value(result, 1), value(result, 2)) == (0.25, 0.5)
    (tmp_path / "again").mkdir()
    again = evaluate(tmp_path / "again", LIVE[1:], {"hasTotal": [pair]}, 1)
    assert again.metrics["pass@1"]["value"] == 1.0


def test_a_check_that_is_named_decides(tmp_path: Path):
    rows = [row | {"answer": "x"} for row in HUMANEVAL]
    result = evaluate(tmp_path, rows, {"def ": ["x"]}, 1, check=["format"])
    assert (result.metrics["check"], result.metrics["cons@k"]) == ("format", None)


def test_rows_with_answers_are_judged_by_them(tmp_path: Path):
    rows = [{"prompt": "What is 2 + 2? Write a program.", "answer": "4", "test_list": ["assert four() == 4"]}]
    result = evaluate(tmp_path, rows, {"2 + 2": ["The answer is 4."]}, 1)
    assert result.metrics["check"] == "math_answer"
    assert result.metrics["cons@k"]["k"] == 1


def test_a_set_of_both_kinds_is_refused_until_it_is_said_what_decides(tmp_path: Path):
    rows = [MBPP[0], {"prompt": "What is 2 + 2?", "answer": "4"}]
    with pytest.raises(UserError, match="1 of 2 prompts have a reference answer, the first has tests"):
        evaluate(tmp_path, rows, {"words": ["x"], "2 + 2": ["x"]}, 1)


def test_tests_that_cannot_be_read_are_told_before_anything_is_sampled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    pickled = [row | {"private_test_cases": PICKLED} for row in LIVE]
    answers = {"Print the total": ["x"], "Tell whether": ["x"]}
    with pytest.raises(
        UserError, match=r"of none of its 2 prompts can the tests be read.*pickled tests are not read"
    ):
        evaluate(tmp_path, pickled, answers, 1)
    assert not list(Run(tmp_path / "run").path.rglob("*.parquet")), "nothing was sampled"


def test_some_that_cannot_be_read_are_told_and_undecided(
    tier: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    rows = [LIVE[0], LIVE[1] | {"private_test_cases": PICKLED}]
    answers = {"Print the total": ["input()\nprint(sum(map(int, input().split())))"], "Tell whether": ["x"]}
    result = evaluate(tmp_path, rows, answers, 2)
    assert any(
        "Of 1 of 2 prompts the tests cannot be read" in one and "own_pair" in one for one in caplog.messages
    )
    found = result.metrics
    assert (found["pass@1"]["value"], found["prompts_left_out"], found["bounds"]) == (1.0, 1, [0.5, 1.0])
    assert found["pass@k"]["2"]["left_out"] == 1
    assert "pass@2 leaves out 1 of 2 prompts, with fewer than 2 decided samples." in shown(result)
