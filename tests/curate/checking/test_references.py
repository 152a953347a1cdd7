"""References that nothing can be compared with are named before sampling, and after checking."""

import json
from pathlib import Path
from threading import Event

import pytest

from curate.checking.executors.local import LocalExecutor
from curate.checking.references import (
    compares_reference,
    find_unverifiable,
    runs_tests,
    warn_unreadable,
    warn_unverifiable,
)
from curate.options import fill
from curate.readers.import_samples import import_rows
from curate.readers.row import Row
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.layout import create_run, list_parts
from filters.errors import UserError
from filters.spec import make_spec
from filters.types import Prompt
from tests.curate.checking.test_local_executor import spec

REFERENCES = [
    "42",
    r"\frac{1}{2}",
    None,
    r"\oint_{C} q \star 3",
    "",
    "work #### 18",
    "Paris",
    "(B)",
    "{1, 2}",
]
PROMPTS = [Prompt.make(f"q{n}", answer, source_id=f"row{n}") for n, answer in enumerate(REFERENCES)]


def test_references_that_are_missing_or_unreadable_are_found():
    specs = [make_spec("math_answer"), make_spec("choice"), spec("Moody")]
    with LocalExecutor(specs, workers=1) as pool:
        named = {found.label: found.names for found in find_unverifiable(PROMPTS, specs, pool)}
    assert named["math_answer"] == ["row2", "row3", "row4"]
    assert "row7" not in named["choice"] and "row0" in named["choice"]
    assert "moody" not in named


def test_only_verifiers_compare():
    assert [compares_reference(make_spec(name)) for name in ("math_answer", "text", "number", "choice")] == [
        True
    ] * 4
    assert not any(compares_reference(make_spec(name)) for name in ("format", "overlong", "agreement"))


TESTS = [
    {"tests": [{"input": "1", "output": "1"}]},
    {},
    {"tests": "pickled"},
    {"tests": [{"input": "1", "output": "1"}], "lang": "cobol"},
    {"test_list": ["assert f(1) == 1"], "code": "def f(x): return x"},
]
UNSAFE = "code_tests:unsafe_no_sandbox=true"
"""No program is run here, so that no sandbox is needed."""


def test_tests_that_are_missing_unreadable_or_not_run_are_found_and_no_program_is_run():
    prompts = [Prompt.make(f"q{n}", "42", source_id=f"row{n}", extra=extra) for n, extra in enumerate(TESTS)]
    specs = [make_spec(UNSAFE), make_spec("math_answer")]
    with LocalExecutor(specs, workers=1) as pool:
        found = list(find_unverifiable(prompts, specs, pool))
    assert [(one.label, one.what, one.names) for one in found] == [
        ("code_tests", "tests", ["row1", "row2", "row3"])
    ]


def test_a_check_that_runs_tests_is_told_by_what_it_says_without_any():
    assert runs_tests(make_spec(UNSAFE)) and not compares_reference(make_spec(UNSAFE))
    assert not runs_tests(make_spec("math_answer")) and not runs_tests(make_spec("agreement"))


def test_verify_names_rows_without_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rows = [
        {"id": "a", "response": "x", "prompt": "p"},
        {"id": "b", "response": "x", "prompt": "q", "tests": "pickled"},
    ]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "out.jsonl"
    verify_samples(
        fill(VerifyOptions, {"source": str(source), "out": out, "workers": 1, "check": [UNSAFE]}, "verify")
    )
    said = " ".join(capsys.readouterr().err.split())
    assert "2 of 2 tests are missing or cannot be run by code_tests" in said and "undecided: a, b" in said


def test_the_note_names_the_first_rows(capsys: pytest.CaptureFixture[str]):
    prompts = [Prompt.make(f"q{n}", None, source_id=f"row{n}") for n in range(7)]
    with LocalExecutor([make_spec("math_answer")], workers=1) as pool:
        warn_unverifiable(prompts, [make_spec("math_answer")], pool, Event())
    said = capsys.readouterr().err
    assert "7 of 7 references are missing or cannot be read by math_answer" in said
    assert "row0, row1, row2, row3, row4, …" in said


def test_verify_says_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rows = [{"id": "a", "answer": "1", "response": "1"}, {"id": "b", "answer": "", "response": "1"}]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    verify_samples(
        fill(VerifyOptions, {"source": str(source), "out": tmp_path / "out.jsonl", "workers": 1}, "verify")
    )
    assert "1 of 2 references are missing or cannot be read by math_answer" in capsys.readouterr().err


@pytest.mark.parametrize("check", ["math_answer", "format"])
def test_a_run_whose_samples_were_deleted_is_told(tmp_path: Path, check: str):
    run = create_run(tmp_path / "run")
    import_rows(run, "t", [Row("row 1", {"prompt": "q", "answer": "1", "response": "1"})])
    (part,) = list_parts(run.samples("t"))
    part.unlink()
    with pytest.raises(UserError, match="has no finished samples 't' yet"):
        warn_unreadable(run, "t", [make_spec(check)])
