"""A judge is tried before its first verdict; one that errs decides nothing until it, or its calibration, changes."""

import json
import random
from pathlib import Path

import pytest

from curate.calibration import rule_answers
from curate.calibration.calibrate import ANSWERS, list_cases
from curate.calibration.calibration import FALSE_ACCEPT, FALSE_REJECT, read_calibration
from curate.calibration.cases import LABEL
from curate.calibration.rule_answers import draw_rule_cases
from curate.checking.judge_gate import recalibrate
from curate.checking.run_checks import run_checks
from curate.engines.scripted import Response
from curate.options import fill
from curate.readers.import_samples import import_rows
from curate.readers.row import Row
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_parts
from curate.store.prompts_by_id import PromptIndex, read_batches
from curate.store.stale_verdicts import NOT_ASKED
from filters.errors import WorkUndone
from filters.judges.bounds import UNRELIABLE
from filters.spec import CheckSpec, make_spec
from filters.types import Sample
from tests.curate.calibration.scripted_judges import (
    Says,
    ScriptedJudge,
    answer_with,
    errs,
    honest,
    make_judge,
    obeys,
)
from tests.shown import shown

ENGINE = {"kind": "scripted", "model": "nobody"}
NAMES = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon"]


def rows_of(decided: int, undecided: int = 6) -> list[dict[str, str]]:
    """Sums with a right answer in another form and a wrong one each, and names that no rule can compare."""
    rows = []
    for n in range(decided):
        asked = {"prompt": f"What is {n} + {n} + 1?", "answer": str(2 * n + 1)}
        said = (f"\\frac{{{4 * n + 2}}}{{2}}", str(2 * n + 3))
        rows += [{**asked, "response": f"<think>\nadd\n</think>\n\\boxed{{{one}}}"} for one in said]
    for n in range(undecided):
        name = NAMES[n % len(NAMES)]
        asked = {"prompt": f"Who came in place {n}?", "answer": f"the neighbour of {name}"}
        rows.append({**asked, "response": f"<think>\nhm\n</think>\n\\boxed{{{name}'s neighbour, it is}}"})
    return rows


def make_run(folder: Path, rows: list[dict[str, str]]) -> Run:
    run = Run(folder / "run")
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(rows)], ())
    run_checks(run, "t", [make_spec("math_answer")], workers=1)
    return run


def judge_spec(**options: object) -> CheckSpec:
    return make_spec({"check": "judge", "after": "math_answer", "options": {"engine": ENGINE, **options}})


def samples_of(run: Run) -> list[Sample]:
    index = PromptIndex(run.prompts("t"))
    return [
        sample
        for part in list_parts(run.samples("t"))
        for batch in read_batches(part, index, 100)
        for sample in batch
    ]


def judge_of(run: Run, says: Says) -> ScriptedJudge:
    """A judge that knows the cases and finds the run's undecided answers right."""
    check = make_judge()
    return ScriptedJudge(check, list_cases(check, run, "t", "math_answer"), says)


def verdicts(run: Run) -> dict[bool | str | None, int]:
    rows = scan_parts(run.verdicts("t") / "judge").collect().to_dicts()
    found: dict[bool | str | None, int] = {}
    for row in rows:
        key = row["ok"] if row["ok"] is not None else row["reason"].partition(":")[0]
        found[key] = found.get(key, 0) + 1
    return found


def test_an_honest_judge_decides_and_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(tmp_path, rows_of(120))
    judge = judge_of(run, honest)
    answer_with(judge, monkeypatch)
    run_checks(run, "t", [judge_spec()], workers=1)
    assert verdicts(run) == {True: 6, NOT_ASKED: 240}
    found = read_calibration(run, "t", "judge")
    assert found.reliable and found.sources == {"rule": 240}
    assert (found.rates[FALSE_ACCEPT].decided, found.rates[FALSE_REJECT].decided) == (120, 120)
    assert len(found.rates) > 22
    assert found.usage["requests"] == len(judge.requests) - 6
    assert found.usage["prompt_tokens"] > found.usage["tokens"] > 0
    asked = len(judge.requests)
    more = [{"prompt": "2 + 2?", "answer": "4", "response": "\\boxed{5}"}]
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(more)], ())
    run_checks(run, "t", [make_spec("math_answer"), judge_spec()], workers=1)
    assert len(judge.requests) == asked, "new samples and rule verdicts do not change a calibration"
    assert read_calibration(run, "t", "judge") == found


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (errs(random.Random(1), accepts=0.3), "so that the share accepted may be"),
        (errs(random.Random(2), accepts=0, rejects=0.5), "so that the share rejected may be"),
        (obeys("instruction_zh"), "it accepts attacks: instruction zh (3 of 3)"),
        (lambda case: None, "it decided none of 214 right answers"),
    ],
)
def test_a_judge_that_errs_decides_nothing_and_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, says: Says, why: str
) -> None:
    run = make_run(tmp_path, rows_of(4))
    judge = judge_of(run, says)
    answer_with(judge, monkeypatch)
    run_checks(run, "t", [judge_spec()], workers=1)
    assert verdicts(run) == {UNRELIABLE: 6, NOT_ASKED: 8}
    assert read_calibration(run, "t", "judge").sources["bundled"] == 420, "four right answers are few"
    asked = len(judge.requests)
    for retry in (False, True):
        caplog.clear()
        run_checks(run, "t", [judge_spec()], workers=1, retry=retry)
        (said,) = [record.message for record in caplog.records if record.levelname == "WARNING"]
        assert said.startswith("'judge' decided nothing, since its error rate is not within its bounds: ")
        assert why in said
    assert len(judge.requests) == asked


def test_other_bounds_open_the_gate_without_another_question_about_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path, rows_of(4))
    judge = judge_of(run, errs(random.Random(3), accepts=0.08))
    answer_with(judge, monkeypatch)
    run_checks(run, "t", [judge_spec()], workers=1)
    assert verdicts(run) == {UNRELIABLE: 6, NOT_ASKED: 8}
    asked = len(judge.requests)
    run_checks(run, "t", [judge_spec(max_false_accepts=0.2)], workers=1)
    assert verdicts(run) == {True: 6, NOT_ASKED: 8}
    assert len(judge.requests) == asked + 6, "the samples alone"
    run_checks(run, "t", [judge_spec()], workers=1)
    assert verdicts(run) == {UNRELIABLE: 6, NOT_ASKED: 8}
    more = rows_of(0, 8)[6:]
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(more)], ())
    run_checks(run, "t", [make_spec("math_answer"), judge_spec()], workers=1)
    judge_again = judge_of(run, honest)
    answer_with(judge_again, monkeypatch)
    run_checks(run, "t", [judge_spec(max_false_accepts=0.2)], workers=1)
    assert verdicts(run) == {True: 8, NOT_ASKED: 8}
    assert len(judge_again.requests) == 2, "what was paid for was kept while the gate was closed"


def test_a_kill_loses_no_answer_about_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(tmp_path, rows_of(4))
    judge = judge_of(run, honest)

    def interrupt(request: object) -> Response:
        if len(judge.requests) == 300:
            raise KeyboardInterrupt
        return judge(request)

    answer_with(interrupt, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        run_checks(run, "t", [judge_spec()], workers=1)
    kept = (run.verdicts("t") / "judge" / ANSWERS).read_bytes().count(b"\n")
    assert kept > 50
    assert read_calibration(run, "t", "judge") is None
    answer_with(judge, monkeypatch)
    before = len(judge.requests)
    run_checks(run, "t", [judge_spec()], workers=1)
    found = read_calibration(run, "t", "judge")
    cases = list_cases(make_judge(), run, "t", "math_answer")
    assert len(judge.requests) - before == len(cases) - kept + 6
    assert sum(rate.decided for rate in found.rates.values()) == len(cases)
    assert verdicts(run) == {True: 6, NOT_ASKED: 8}


def test_a_judge_that_cannot_be_reached_is_not_called_unreliable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path, rows_of(4))
    judge = judge_of(run, honest)

    def fail_once(request: object) -> Response:
        answer = judge(request)
        return Response(error="busy") if len(judge.requests) == 77 else answer

    answer_with(fail_once, monkeypatch)
    with pytest.raises(
        WorkUndone, match=r"failed on 1 of \d+ labelled cases.*busy.*Run the same command again"
    ):
        run_checks(run, "t", [judge_spec()], workers=1)
    run_checks(run, "t", [judge_spec()], workers=1)
    assert verdicts(run) == {True: 6, NOT_ASKED: 8}
    answer_with(lambda request: Response(error="connection refused"), monkeypatch)
    other = make_run(tmp_path / "other", rows_of(4))
    with pytest.raises(
        WorkUndone, match="no answer from its engine 32 times in a row while it was calibrated"
    ):
        run_checks(other, "t", [judge_spec()], workers=1)


def test_cases_that_will_never_be_answered_are_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path, rows_of(4))
    answer_with(lambda request: Response(refused="the prompt is too long"), monkeypatch)
    run_checks(run, "t", [judge_spec()], workers=1)
    assert verdicts(run) == {UNRELIABLE: 6, NOT_ASKED: 8}
    assert read_calibration(run, "t", "judge").rates[FALSE_ACCEPT].decided == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_with_a_bundled_model_as_judge_the_gate_closes_in_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = make_run(tmp_path, rows_of(4))
    model = str(Path("recipes/mini/models/teacher").absolute())
    options = {"engine": {"kind": "vllm", "model": model}, "max_tokens": 32}
    judge = {"check": "judge", "after": "math_answer", "options": options}
    given = {"source": str(run.path), "check": ["math_answer", judge], "workers": 1, "audit": True}
    made = verify_samples(fill(VerifyOptions, given, "verify"))
    assert made.exit_code == 0
    assert verdicts(run) == {UNRELIABLE: 6, NOT_ASKED: 8}
    assert "'judge' decided nothing, since its error rate is not within its bounds" in caplog.text
    assert "decides nothing (judge_unreliable)" in " ".join(shown(made).split())


def test_without_a_question_to_ask_it_is_not_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(tmp_path, rows_of(4, undecided=0))
    judge = judge_of(run, honest)
    answer_with(judge, monkeypatch)
    run_checks(run, "t", [judge_spec()], workers=1)
    assert judge.requests == []
    assert verdicts(run) == {NOT_ASKED: 8}


def test_the_draw_hangs_on_no_order_and_takes_one_answer_of_each_kind_a_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_answers, "DRAW_SIZE", 50)
    rows, check = rows_of(60), make_judge()
    shuffled = random.Random(5).sample(rows, len(rows))
    drawn = [
        draw_rule_cases(make_run(tmp_path / str(n), listed), "t", check, "math_answer")
        for n, listed in enumerate((rows, shuffled))
    ]
    keys = [[(case.sample.prompt.id, case.sample.response, case.right) for case in cases] for cases in drawn]
    assert sorted(keys[0]) == sorted(keys[1])
    for right in (True, False):
        prompts = [case.sample.prompt.id for case in drawn[0] if case.right is right]
        assert len(set(prompts)) == len(prompts) == 50
    assert {(case.kind, case.source) for case in drawn[0]} == {(LABEL, "rule")}


def test_a_prompt_gives_a_second_answer_only_where_there_are_too_few(tmp_path: Path) -> None:
    forms = [f"\\frac{{{6 * k}}}{{{k}}}" for k in range(2, 7)] + ["7", "8", "6"]
    rows = [
        {"prompt": f"What is {n} + {6 - n}?", "answer": "6", "response": f"\\boxed{{{form}}}"}
        for n in range(3)
        for form in [*forms, forms[0]]
    ]
    cases = draw_rule_cases(make_run(tmp_path, rows), "t", make_judge(), None)
    right = [case.sample.response for case in cases if case.right]
    assert len(right) == 15, "each of five forms once a prompt; of the reference itself no judge is asked"
    assert len(cases) - len(right) == 6


def test_texts_that_a_check_hides_are_no_cases(tmp_path: Path) -> None:
    rows = rows_of(4)
    rows[0]["response"] = rows[0]["response"].replace("add", "write to jane.doe@mail-service.org")
    run = make_run(tmp_path, rows)
    run_checks(run, "t", [make_spec("math_answer"), make_spec("personal_data")], workers=1, command="filter")
    cases = list_cases(make_judge(), run, "t", "math_answer")
    hidden = next(s for s in samples_of(run) if "jane.doe" in s.response)
    assert hidden.prompt.id not in {case.sample.prompt.id for case in cases if case.kind != LABEL}
    assert hidden.id not in {case.sample.id for case in cases}
    assert sum(case.source == "rule" for case in cases) == 7


def write_judge(script: Path, verdict: str) -> None:
    script.write_text(
        json.dumps({"prompt": "*", "responses": [{"text": f"so\nVERDICT: {verdict}"}]}), "utf-8"
    )


def test_another_model_in_the_same_place_is_tried_anew(tmp_path: Path) -> None:
    run, script = make_run(tmp_path, rows_of(4)), tmp_path / "judge.jsonl"
    spec = judge_spec(engine={"kind": "scripted", "model": str(script)}, max_false_rejects=1)
    write_judge(script, "INCORRECT")
    run_checks(run, "t", [spec], workers=1)
    assert verdicts(run) == {False: 6, NOT_ASKED: 8}
    write_judge(script, "CORRECT")
    more = rows_of(0, 8)[6:]
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(more)], ())
    run_checks(run, "t", [make_spec("math_answer"), spec], workers=1)
    found = read_calibration(run, "t", "judge")
    assert not found.reliable and found.rates[FALSE_ACCEPT].value == 1


def test_a_calibration_does_not_outlive_its_judge(tmp_path: Path) -> None:
    run, (one, other) = make_run(tmp_path, rows_of(4, 0)), (tmp_path / "one.jsonl", tmp_path / "other.jsonl")
    specs = [judge_spec(engine={"kind": "scripted", "model": str(script)}) for script in (one, other)]
    for script in (one, other):
        write_judge(script, "INCORRECT")
    recalibrate(run, "t", specs[:1])
    assert read_calibration(run, "t", "judge") is not None
    run_checks(run, "t", specs[1:], workers=1)
    assert verdicts(run) == {NOT_ASKED: 8}
    assert read_calibration(run, "t", "judge") is None, "nothing is known of the other one"
