"""References that nothing can be compared with are named before sampling, and after checking."""

import json
import time
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from curate.checking.executors.local import LocalExecutor
from curate.checking.reference_kinds import ReadReference, ReferenceCounts, describe_kinds
from curate.checking.references import (
    compares_reference,
    count_references,
    find_lost_tests,
    runs_tests,
    warn_unreadable,
    warn_unverifiable,
)
from curate.engines.scripted import ScriptedEngine
from curate.options import fill
from curate.readers.import_samples import import_rows
from curate.readers.row import Row
from curate.sampling import run_sampler
from curate.stages.generate import GenerateOptions, generate_samples
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.layout import create_run, list_parts
from filters.engine import Completion, Request
from filters.errors import UserError
from filters.spec import make_spec
from filters.types import Prompt, Sample
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
    r"\nabla f",
    "0",
    "A",
]
PROMPTS = [Prompt.make(f"q{n}", answer, source_id=f"row{n}") for n, answer in enumerate(REFERENCES)]


def test_references_are_counted_by_their_kind():
    specs = [make_spec("math_answer"), make_spec("choice"), spec("Moody"), spec("Gullible"), spec("Stubborn")]
    with LocalExecutor(specs, workers=1) as pool:
        found = count_references(PROMPTS, specs, pool)
    assert list(found) == ["math_answer", "choice", "gullible", "stubborn"]
    assert found["math_answer"].rows == {
        "value": ["row0", "row1", "row5", "row7", "row8"],
        "missing": ["row2", "row4"],
        "unread": ["row3", "row9"],
        "words": ["row6"],
    }
    assert found["math_answer"].kinds["value"] == 7, "0 and A themselves are among them"
    assert dict(found["math_answer"].unread) == {r"stopped at \star": 1, r"the command \nabla": 1}
    assert "row7" in found["choice"].rows["value"] and "row0" in found["choice"].rows["unusable"]
    assert found["gullible"].kinds["value"] == found["stubborn"].kinds["unusable"] == 10


def test_what_a_check_does_not_tell_is_not_claimed():
    with LocalExecutor([make_spec("text")], workers=1) as pool:
        found = count_references([Prompt.make("q", "Paris")], [make_spec("text")], pool)["text"]
    assert dict(found.kinds) == {"untold": 1}
    assert not list(describe_kinds("text", found, 1))


def test_references_that_must_not_be_quoted_are_counted_alone():
    hidden = {prompt.id for prompt in PROMPTS if prompt.answer == r"\nabla f"}
    with LocalExecutor([make_spec("math_answer")], workers=1) as pool:
        found = count_references(PROMPTS, [make_spec("math_answer")], pool, hidden)["math_answer"]
    assert found.kinds["unread"] == 2
    assert +found.unread == {r"stopped at \star": 1}


def test_the_same_prompt_twice_is_two_references():
    with LocalExecutor([make_spec("math_answer")], workers=1) as pool:
        assert count_references(PROMPTS[:1] * 2, [make_spec("math_answer")], pool)["math_answer"].total == 2


def test_each_kind_has_a_sentence_that_says_what_is_true(capsys: pytest.CaptureFixture[str]):
    specs = [make_spec("math_answer"), spec("Stubborn")]
    with LocalExecutor(specs, workers=1) as pool:
        warn_unverifiable(PROMPTS, specs, pool, Event())
    assert capsys.readouterr().err.splitlines() == [
        "2 of 12 references are missing, so math_answer decides no sample of these prompts: row2, row4",
        r"2 of 12 references are not read whole by math_answer (stopped at \star in 1, the command \nabla in 1): an "
        "answer counts there only if it is written the same way, and is rejected only for what is known to differ in "
        "the same text: row3, row9",
        "1 of 12 references are in words: to math_answer other words for the same thing stay undecided, and nothing "
        "is rejected but what is known to differ; a judge decides them where a recipe asks one after it "
        "({check: judge, after: math_answer}): row6",
        "2 of 12 references are missing, so stubborn decides no sample of these prompts: row2, row4",
        "10 of 12 references are not accepted by stubborn as their own answers, so hardly any sample of these "
        "prompts will be: row0, row1, row3, row5, row6, …",
    ]


def test_what_the_sentences_say_holds():
    """Of a reference that is not read whole and of one in words."""
    check = make_spec("math_answer").build()
    for reference, answer, ok in (
        (r"\nabla f", r" \nabla  f ", True),
        (r"\nabla f", r"\nabla g", None),
        (r"\nabla f", "7", None),
        (r"\nabla f_2", r"\nabla f_3", None),
        ("Paris", "paris", True),
        ("Paris", "the capital of France", None),
        ("Paris", "not Paris", False),
    ):
        (verdict,) = check.check([Sample("", Prompt.make("q", reference), f"\\boxed{{{answer}}}")])
        assert verdict.ok is ok, (reference, answer, verdict)


def test_what_was_not_read_is_named_by_how_often_it_occurs():
    counts = ReferenceCounts()
    for number in range(5):
        for _ in range(number + 1):
            counts.add(ReadReference("unread", f"the sign {number}"), "row")
    assert counts.name_unread() == "the sign 4 in 5, the sign 3 in 4, the sign 2 in 3, …"
    assert counts.name_rows("unread") == "row, row, row, row, row, …"
    assert counts.as_json()["not_read"]["the sign 0"] == 1


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
        found = list(find_lost_tests(prompts, specs, pool))
    assert [(one.label, one.prompts, one.names) for one in found] == [
        ("code_tests", 3, ["row1", "row2", "row3"])
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
    assert "7 of 7 references are missing, so math_answer decides no sample" in said
    assert "row0, row1, row2, row3, row4, …" in said


def test_generate_says_it_before_the_first_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen, complete = [], ScriptedEngine.complete

    async def note(self: ScriptedEngine, request: Request) -> Completion:
        seen.append("request")
        return await complete(self, request)

    def look_slowly(*args: Any) -> None:
        time.sleep(0.5)
        seen.append("look")

    monkeypatch.setattr(ScriptedEngine, "complete", note)
    monkeypatch.setattr(run_sampler, "warn_unverifiable", look_slowly)
    script, prompts = tmp_path / "script.jsonl", tmp_path / "prompts.jsonl"
    script.write_text('{"prompt": "*", "responses": [{"text": "1"}]}\n')
    prompts.write_text('{"prompt": "q"}\n')
    engine = {"kind": "scripted", "model": str(script)}
    given = {"run": tmp_path / "run", "prompts": str(prompts), "samples": 2, "workers": 1, "engine": engine}
    generate_samples(fill(GenerateOptions, given, "generate"))
    assert seen == ["look", "request", "request"]


def test_verify_says_it_of_the_samples_that_are_undecided(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    pairs = {
        "a": ("1", "1"),
        "b": ("", "1"),
        "c": (r"\nabla f", r"\nabla f"),
        "d": (r"\nabla f", r"\nabla g"),
        "e": ("Paris", "Rome"),
        "f": ("7", "Rome"),
        "g": (r"a (not read: the word x) \foo", "2"),
    }
    rows = [
        {"id": key, "answer": answer, "prompt": key, "response": f"\\boxed{{{said}}}"}
        for key, (answer, said) in pairs.items()
    ]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    verify_samples(
        fill(VerifyOptions, {"source": str(source), "out": tmp_path / "out.jsonl", "workers": 1}, "verify")
    )
    said = capsys.readouterr().err
    assert "1 of 7 references are missing, so math_answer decides no sample of these prompts: b" in said
    assert (
        r"2 of 7 references are not read whole by math_answer and left samples undecided (the command \nabla in 1, "
        in said
    )
    assert "in the same text: d, g\n" in said
    assert "1 of 7 references are in words and left samples undecided: to math_answer" in said
    assert "after: math_answer}): e\n" in said


def test_verify_says_it_of_a_reference_that_a_check_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "a", "prompt": "q", "answer": "no JSON", "response": "[1]"}\n')
    options = {"source": str(source), "out": tmp_path / "out.jsonl", "workers": 1, "check": ["json"]}
    verify_samples(fill(VerifyOptions, options, "verify"))
    assert (
        "1 of 1 references cannot be read by json and left samples undecided: a\n" in capsys.readouterr().err
    )


@pytest.mark.parametrize("check", ["math_answer", "format"])
def test_a_run_whose_samples_were_deleted_is_told(tmp_path: Path, check: str):
    run = create_run(tmp_path / "run")
    import_rows(run, "t", [Row("row 1", {"prompt": "q", "answer": "1", "response": "1"})])
    (part,) = list_parts(run.samples("t"))
    part.unlink()
    with pytest.raises(UserError, match="has no finished samples 't' yet"):
        warn_unreadable(run, "t", [make_spec(check)])
