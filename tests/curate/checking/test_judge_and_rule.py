"""A judge decides what a rule could not, and never what it could, however checks and labels are named."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from curate.checking.run_checks import run_checks
from curate.options import fill
from curate.readers.import_samples import import_rows
from curate.readers.row import Row
from curate.selection.funnel import decide_fates
from curate.selection.mixing import make_set
from curate.selection.select_rows import Rules
from curate.selection.sources import Source
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.layout import Run
from curate.store.verdicts import list_deciding_labels
from distill.grpo.rewards import RewardSpec, require_usable
from filters.checks.judge import Judge
from filters.engine import EngineOptions
from filters.errors import UserError
from filters.judges.language_model import Look
from filters.registry import make_check
from filters.spec import make_spec
from filters.types import Prompt, Sample

pytestmark = pytest.mark.usefixtures("trusted_judges")
TRUE, FALSE = "\\boxed{4}", "\\boxed{6}"
WORDS = "\\boxed{the mayor's wife, I believe}"
ROWS = [("2+2?", "4", TRUE), ("2+2?", "4", FALSE), ("Who?", "the wife of the mayor", WORDS)]
DATA = Path(os.environ.get("R1CURATE_TEST_DATA", "absent"))


def judge(folder: Path, says: str, **more: Any) -> dict[str, Any]:
    script = folder / f"{says}.jsonl"
    script.write_text(json.dumps({"prompt": "*", "responses": [{"text": f"So.\nVERDICT: {says}"}]}), "utf-8")
    return {"check": "judge", "options": {"engine": {"kind": "scripted", "model": str(script)}}, **more}


def run_of(folder: Path) -> Run:
    run = Run(folder / "run")
    rows = [{"prompt": p, "answer": a, "response": f"<think>x</think>{r}"} for p, a, r in ROWS]
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(rows)], (), True)
    (run.samples("t") / "generation.json").write_text("{}", "utf-8")
    return run


def fates(run: Run) -> list[str]:
    return decide_fates(run, "t", list_deciding_labels(run, "t"))["fate"].to_list()


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("judge first", "CORRECT"),
        ("judge first", "INCORRECT"),
        ("rule earlier", "CORRECT"),
        ("rule later", "INCORRECT"),
    ],
)
def test_what_the_rule_proved_stays_however_the_two_are_run(tmp_path: Path, order: str, says: str) -> None:
    run, rule = run_of(tmp_path), make_spec("math_answer")
    asked = make_spec(judge(tmp_path, says, label="opinion"))
    commands: list[tuple[Any, Sequence[Any]]] = {
        "judge first": [("verify", [asked, rule])],
        "rule earlier": [("generate", [rule]), ("verify", [asked])],
        "rule later": [("generate", [asked]), ("verify", [rule])],
    }[order]
    for command, specs in commands:
        run_checks(run, "t", specs, workers=1, command=command)
    assert list_deciding_labels(run, "t") == ["math_answer|opinion"]
    assert fates(run) == ["accepted", "rejected", "accepted" if says == "CORRECT" else "rejected"]


def test_a_source_that_would_let_the_judge_overrule_the_rule_is_refused(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    run_checks(run, "t", [make_spec(judge(tmp_path, "CORRECT"))], workers=1)
    run_checks(run, "t", [make_spec("math_answer"), make_spec("format")], workers=1)
    for checks in ("judge", "judge|math_answer", "math_answer+judge", "format|judge"):
        with pytest.raises(UserError, match=r"the rule 'math_answer' has proved: write math_answer\|judge\."):
            make_set(run, "s", [Source(source="t", checks=tuple(checks.split("+")))], Rules(0), {})
    made = make_set(run, "s", [Source(source="t", checks=("math_answer|judge",))], Rules(0), {})
    assert made.rows == 2


def test_a_judge_alone_decides_where_there_is_no_rule(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    run_checks(run, "t", [make_spec("format"), make_spec(judge(tmp_path, "INCORRECT"))], workers=1)
    assert list_deciding_labels(run, "t") == ["format", "judge"]
    assert make_set(run, "s", [Source(source="t", checks=("judge",))], Rules(0), {}).rows == 1, (
        "the reference itself"
    )


def test_which_of_several_rules_a_judge_comes_after_must_be_said(tmp_path: Path) -> None:
    run, rules = run_of(tmp_path), [make_spec("math_answer"), make_spec("text")]
    with pytest.raises(UserError, match=r"several \(math_answer, text\): say which it comes after"):
        run_checks(run, "t", [*rules, make_spec(judge(tmp_path, "CORRECT"))], workers=1)
    odd = make_spec(judge(tmp_path, "CORRECT", after="format"))
    with pytest.raises(UserError, match="comes after 'format', which proves no answer right or wrong"):
        run_checks(run, "t", [make_spec("format"), rules[0], odd], workers=1)
    run_checks(run, "t", [*rules, make_spec(judge(tmp_path, "CORRECT", after="text"))], workers=1)
    assert list_deciding_labels(run, "t") == ["math_answer", "text|judge"]


def test_a_judge_beside_a_rule_is_no_reward(tmp_path: Path) -> None:
    both = [
        RewardSpec.model_validate(make_spec(one).model_dump())
        for one in ("math_answer", judge(tmp_path, "CORRECT"))
    ]
    with pytest.raises(UserError, match="a judge never overrules a rule"):
        require_usable(both, general=False)
    apart = both[1].model_copy(update={"prompts": "general"})
    assert require_usable([both[0], apart], general=True)


def write_rows(folder: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def verify(folder: Path, source: Path, check: Sequence[Any]) -> list[dict[str, Any]]:
    out = folder / "out.jsonl"
    verify_samples(
        fill(VerifyOptions, {"source": str(source), "out": out, "check": check, "workers": 1}, "v")
    )
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("says", ["CORRECT", "INCORRECT"])
def test_a_row_of_a_file_is_kept_by_the_rule_or_where_it_could_not_by_the_judge(
    tmp_path: Path, says: str
) -> None:
    rows = [{"prompt": p, "answer": a, "response": r} for p, a, r in ROWS]
    made = verify(tmp_path, write_rows(tmp_path, rows), ["math_answer", judge(tmp_path, says)])
    assert [row["kept"] for row in made] == [True, False, says == "CORRECT"]


def read_labelled() -> Iterator[tuple[str, dict[str, str], bool]]:
    """The check, the row, and whether it is right, of the rows that name one of true and false."""
    for name in ("answers_reports.jsonl", "answers_dev.jsonl"):
        for line in (DATA / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            named = {"correct": ["true"], "incorrect": ["false"]}.get(
                row.get("label"), row.get("right", "").split("|")
            )
            known = [word for word in named if word in ("true", "false")]
            check = row.get("check", "math_answer")
            if check in ("math_answer", "text", "choice") and len(known) == 1:
                answer = row.get("answer", row.get("gold"))
                yield (
                    check,
                    {
                        "prompt": row.get("prompt") or "Solve it.",
                        "answer": answer,
                        "response": row["response"],
                    },
                    known[0] == "true",
                )


def write_oracle(folder: Path, rows: Sequence[tuple[dict[str, str], bool]]) -> dict[str, Any]:
    """A judge that knows what is right of these rows, by the words that it is asked."""
    script = folder / "oracle.jsonl"
    options = {"engine": {"kind": "scripted", "model": str(script)}}
    asker = Judge(engine=EngineOptions(kind="scripted", model=str(script)))
    known: dict[str, bool] = {}
    for row, right in rows:
        look = asker.find_case(Sample("s", Prompt.make(row["prompt"], row["answer"]), row["response"]))
        if isinstance(look, Look):
            assert known.setdefault(asker.write_form(look.case, 0), right) == right, row
    said = {
        form: f"As known.\nVERDICT: {'CORRECT' if right else 'INCORRECT'}" for form, right in known.items()
    }
    lines = [
        json.dumps({"prompt": form, "responses": [{"text": text}]}) + "\n" for form, text in said.items()
    ]
    script.write_text("".join(lines), "utf-8")
    return {"check": "judge", "options": options}


@pytest.mark.skipif(not DATA.is_dir(), reason="R1CURATE_TEST_DATA names no folder")
@pytest.mark.parametrize("check", ["math_answer", "text", "choice"])
def test_a_judge_that_knows_decides_all_that_the_rule_left_and_changes_nothing_else(
    tmp_path: Path, check: str
) -> None:
    rows = [(row, right) for name, row, right in read_labelled() if name == check]
    source, oracle = write_rows(tmp_path, [row for row, _ in rows]), write_oracle(tmp_path, rows)
    samples = [Sample("s", Prompt.make(r["prompt"], r["answer"]), r["response"]) for r, _ in rows]
    alone = [verdict.ok for verdict in make_check(check).check(samples)]
    both = verify(tmp_path, source, [check, oracle])
    assert [row["verdicts"][check]["ok"] for row in both] == alone
    wrong = []
    for (row, right), made, proved in zip(rows, both, alone, strict=True):
        asked = made["verdicts"]["judge"]
        if proved is not None:
            assert (asked["ok"], asked["reason"]) == (None, "not_asked")
        elif asked["ok"] is not right:
            wrong.append((row, asked, right))
        assert made["kept"] is bool(asked["ok"] if proved is None else proved)
    assert not wrong
    assert None in alone
