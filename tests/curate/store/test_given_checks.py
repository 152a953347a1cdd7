"""A file of rules' and judges' verdicts keeps what it kept when other checks read it again."""

import json
from pathlib import Path

import pytest

from curate.options import fill
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.verify import VerifyOptions, verify_samples

NOT_ASKED = {"ok": None, "score": None, "reason": "not_asked"}


def said(ok: bool | None) -> dict[str, object]:
    return {"ok": ok, "score": None, "reason": {True: "equal", False: "different", None: "unsure"}[ok]}


def write_rows(path: Path, rule: str, judge: str) -> list[bool]:
    """Rows of which the rule decided some, and the judge most of the others; whether each is kept."""
    verdicts = [
        (True, NOT_ASKED),
        (False, NOT_ASKED),
        (None, said(True)),
        (None, said(False)),
        (None, said(None)),
    ]
    kept = [True, False, True, False, False]
    rows = [
        {
            "prompt": f"What is {n} + 1?",
            "answer": str(n + 1),
            "response": f"<think>\nAdd one to {n}.\n</think>\nIt is {n + 1}.",
            "verdicts": {judge: by_judge, rule: said(by_rule)},
            "kept": keep,
        }
        for n, ((by_rule, by_judge), keep) in enumerate(zip(verdicts, kept, strict=True))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return kept


def read_kept(path: Path) -> list[bool]:
    return [json.loads(line)["kept"] for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("rule", "judge"), [("math_answer", "judge"), ("my_rule", "a_judge")])
def test_another_check_drops_nothing_that_a_rule_or_its_judge_accepted(
    tmp_path: Path, rule: str, judge: str
) -> None:
    kept = write_rows(tmp_path / "a.jsonl", rule, judge)
    for source, out in (("a", "b"), ("b", "c")):
        given = {"source": str(tmp_path / f"{source}.jsonl"), "out": str(tmp_path / f"{out}.jsonl")}
        filter_samples(fill(FilterOptions, {**given, "check": ["format"], "workers": 1}, "filter"))
        assert read_kept(tmp_path / f"{out}.jsonl") == kept


def test_a_judge_is_not_asked_of_what_a_files_rule_has_proved(tmp_path: Path) -> None:
    kept = write_rows(tmp_path / "a.jsonl", "math_answer", "judge")
    script = tmp_path / "script.jsonl"
    script.write_text(json.dumps({"prompt": "*", "responses": [{"text": "no\nVERDICT: INCORRECT"}]}), "utf-8")
    options = {"engine": {"kind": "scripted", "model": str(script)}, "max_false_rejects": 1}
    check = {"check": "judge", "label": "other", "options": options}
    given = {
        "source": str(tmp_path / "a.jsonl"),
        "out": str(tmp_path / "b.jsonl"),
        "check": [check],
        "workers": 1,
    }
    verify_samples(fill(VerifyOptions, given, "verify"))
    rows = [
        json.loads(line)["verdicts"]["other"]
        for line in (tmp_path / "b.jsonl").read_text("utf-8").splitlines()
    ]
    assert [row["reason"].partition(":")[0] for row in rows] == ["not_asked"] * 2 + ["incorrect"] * 3
    assert read_kept(tmp_path / "b.jsonl")[:2] == kept[:2]


def test_a_file_is_mixed_by_the_verdicts_that_it_brings_along(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", "my_rule", "a_judge")
    for checks, rows in (("my_rule", 1), ("my_rule|a_judge", 2)):
        given = {"source": [f"{tmp_path / 'a.jsonl'}:checks=[{checks}]"], "out": str(tmp_path / checks[-5:])}
        assert mix_samples(fill(MixOptions, given, "mix")).rows == rows
