"""The audit of verifiers of programs: their rows' own solutions must be accepted, and near misses of them rejected."""

import json
from pathlib import Path
from typing import Any

import pytest

from curate.audit import program_audit
from curate.audit.program_audit import draw_solutions
from curate.audit.verifier_audit import audit_table, audit_verifiers
from curate.checking.run_checks import run_checks
from curate.reporting.audits import read_audits
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from filters.digest import digest
from filters.spec import CheckSpec, make_spec
from filters.types import Prompt, Sample
from tests.curate.checking.test_local_executor import spec
from tests.walls import require_walls

DOUBLE = "def double(x):\n    return x * 2\n"
ROWS: dict[str, dict[str, Any]] = {
    "mbpp": {"test_list": ["assert double(2) == 4", "assert double(5) == 10"], "code": DOUBLE},
    "weak": {"test_list": ["assert double(2) == 4"], "code": DOUBLE},
    "wrong": {"test_list": ["assert double(2) == 5"], "code": DOUBLE},
    "body": {
        "prompt": 'def add(a, b):\n    """Add."""\n', "entry_point": "add", "canonical_solution": "    return a + b\n",
        "test": "def check(f):\n    assert f(1, 2) == 3\n",
    },
    "stdin": {"tests": [{"input": "3 4", "output": "7"}], "solutions": json.dumps(["print(sum(map(int, input().split())))"])},
    "no program": {"tests": [{"input": "1", "output": "1"}]},
    "no tests": {"code": "print(1)"},
    "unreadable": {"tests": "pickled", "code": "print(1)"},
    "foreign": {"tests": [{"input": "1", "output": "1"}], "lang": "cobol", "code": "DISPLAY 1"},
}  # fmt: skip


def make_run(path: Path, rows: dict[str, dict[str, Any]], specs: list[CheckSpec]) -> Run:
    run = Run(path)
    prompts = [
        Prompt.make(row.get("prompt", f"Do {name}."), None, source_id=name, extra=row)
        for name, row in rows.items()
    ]
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table(prompts))
    samples = [sample_row(Sample(digest(one.id), one, "nothing")) for one in prompts]
    write_part(run.samples("t") / "part-00000.parquet", samples, SAMPLES)
    run_checks(run, "t", specs, workers=1)
    return run


def audited(path: Path, check: CheckSpec, rows: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    run = make_run(path, rows or ROWS, [check])
    audit_verifiers(run, "t", [check], workers=1)
    found = json.loads((run.verdicts("t") / "audit.json").read_text())
    assert list(found) == [check.label]
    about: dict[str, Any] = found[check.label]
    assert about["second_rule"] is None
    return about


def with_tests(number: int) -> dict[str, dict[str, Any]]:
    tests = [{"input": "1", "output": "1"}]
    return {f"row{n}": {"tests": tests, "code": f"x = {n} + 1\nprint('right')\n"} for n in range(number)}


@pytest.mark.parametrize("before", ["", "# ````\n"])
def test_a_verifier_that_accepts_all_is_found_out(tmp_path: Path, before: str):
    rows = {"a": {"tests": [{"input": "1", "output": "1"}], "code": f"{before}x = 3 + 4\nprint(x)"}}
    about = audited(tmp_path, spec("Trusting"), rows)
    assert (about["false_reject"]["tried"], about["false_reject"]["errors"]) == (1, 0)
    assert about["false_accept"]["tried"] == about["false_accept"]["errors"] >= 3
    assert all(example.startswith("a: line ") for example in about["false_accept"]["examples"])


def test_of_a_solution_that_is_rejected_no_near_miss_is_tried(tmp_path: Path):
    about = audited(tmp_path, spec("Distrusting"), with_tests(3))
    assert (about["false_reject"]["tried"], about["false_reject"]["errors"]) == (3, 3)
    assert sorted(about["false_reject"]["examples"]) == [f"row{n}: crash: as told" for n in range(3)]
    assert (about["false_accept"]["tried"], about["false_accept"]["rate"]) == (0, None)


def test_what_is_undecided_is_no_error_and_told(tmp_path: Path):
    rows = {**with_tests(1), "two": {"tests": [{"input": "1", "output": "1"}], "code": "print(2)"}}
    about = audited(tmp_path, spec("Literal"), rows)
    assert [about["false_reject"][key] for key in ("tried", "errors", "undecided")] == [2, 0, 1]
    assert about["false_accept"]["undecided"] == 1, "1 becomes 2"


def test_a_program_that_cannot_stand_in_a_response_is_not_tried(tmp_path: Path):
    rows = {"tags": {"tests": [{"input": "1", "output": "1"}], "code": "print('</think>' * 3)"}}
    assert audited(tmp_path, spec("Distrusting"), rows)["false_reject"]["tried"] == 0


def test_few_programs_are_tried_the_same_ones_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(program_audit, "PROGRAMS", 3)
    monkeypatch.setattr(program_audit, "AT_ONCE", 2)
    run = make_run(tmp_path, {"none": {"tests": []}, **with_tests(7)}, [spec("Trusting")])
    drawn = [one.prompt.id for one in draw_solutions(run, "t", spec("Trusting"))]
    assert drawn == sorted(drawn) and len(set(drawn)) == 3
    with_program = sorted(Prompt.make(f"Do row{n}.").id for n in range(7))
    assert drawn == with_program[:3]


def test_the_table_and_the_report_say_what_it_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run = make_run(tmp_path, with_tests(2), [spec("Trusting")])
    table = audit_table("t", audit_verifiers(run, "t", [spec("Trusting")], workers=1).rates)
    said = ["own solution rejected", "near miss of it passes (it may be right, or the tests weak)"]
    assert list(table.columns[1].cells) == said
    assert [one.of for one in read_audits(run, "t")] == said


def test_code_tests_is_audited_on_its_rows_solutions(tmp_path: Path):
    require_walls()
    about = audited(tmp_path, make_spec("code_tests:seconds=2"))
    own, near = about["false_reject"], about["false_accept"]
    assert (own["tried"], own["errors"], own["undecided"]) == (5, 1, 0)
    assert own["examples"][0].startswith("wrong: wrong_answer: test 1 of 1: double(2) == 5")
    assert near["tried"] >= 6 and near["undecided"] == 0
    assert near["errors"] == 1 and near["examples"] == ["weak: line 2: * becomes +"]
