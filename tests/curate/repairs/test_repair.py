"""A reference is replaced only where all samples and an honest, reliable judge speak against it; all else stays as it was."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.calibration.calibrate import key_calibration, list_cases
from curate.calibration.calibration import (
    FALSE_ACCEPT,
    FALSE_REJECT,
    Calibration,
    JudgeRate,
    read_calibration,
    write_calibration,
)
from curate.calibration.cases import LabelledCase
from curate.calibration.gate import find_faults, read_bounds
from curate.checking.run_checks import run_checks
from curate.engines.scripted import Response
from curate.readers.import_samples import import_rows
from curate.readers.row import Row
from curate.repairs import judge_anew, suspects
from curate.repairs.ask_judge import Opinion
from curate.repairs.repair import RepairCounts, repair_references, require_repairable
from curate.reporting.explanation import find_samples
from curate.reporting.repairs import count_repairs
from curate.selection.mixing import make_set
from curate.selection.select_rows import Rules
from curate.selection.sources import Source
from curate.stages.explain import ExplainResult
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.finished_sets import list_set_files
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files, scan_parts
from curate.store.repairs import read_repairs
from curate.store.verdicts import read_checks, record_checks
from filters.engine import Completion
from filters.errors import UserError
from filters.judges.answer_pair import PairCase, read_choice
from filters.judges.language_model import PanelCheck
from filters.spec import CheckSpec, make_spec
from filters.types import Prompt
from tests.curate.calibration.scripted_judges import Says, ScriptedJudge, answer_with
from tests.curate.calibration.scripted_judges import honest as reject_wrong
from tests.curate.checking.here import Here
from tests.shown import shown

WRONG, RIGHT, DIVIDED, CUT = "What is 2 + 2?", "What is 3 + 3?", "What is 4 + 4?", "What is 5 + 5?"
BOXED = "<think>\nadd\n</think>\nIt is \\boxed{{{}}}."
SAID = {
    WRONG: ("5", [BOXED.format(4)] * 5),
    RIGHT: ("6", [BOXED.format(6)] * 5),
    DIVIDED: ("9", [BOXED.format(8)] * 4 + [BOXED.format(7)]),
    CUT: ("11", [BOXED.format(10)] * 4 + ["<think>\nso five and"]),
}
Word = Callable[[PairCase, int], str]


def honest(case: PairCase, order: int) -> str:
    """The letter of the sum, whatever the order."""
    left, right = (int(word) for word in case.prompt.text.rstrip("?").removeprefix("What is ").split(" + "))
    shown = (case.first, case.second)[:: -1 if order else 1]
    return "AB"[shown.index(str(left + right))] if str(left + right) in shown else "NEITHER"


def accept_all(case: LabelledCase) -> bool:
    """Says yes to all."""
    return True


def always(word: str) -> Word:
    return lambda case, order: word


def make_judge(folder: Path, word: Word, name: str = "judge") -> CheckSpec:
    """A scripted judge that knows the forms of all answers from 0 to 12."""
    path = folder / f"{name}.jsonl"
    lines = []
    for question, (reference, _) in SAID.items():
        for answer in range(13):
            case = PairCase(Prompt.make(question, reference), str(answer), reference)
            lines += [
                {
                    "prompt": case.write_form(order),
                    "responses": [{"text": f"I add.\nVERDICT: {word(case, order)}"}],
                }
                for order in (0, 1)
            ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return make_spec({"check": "judge", "options": {"engine": {"kind": "scripted", "model": str(path)}}})


def make_run(folder: Path, said: dict[str, tuple[str, list[str]]] = SAID) -> Run:
    run = Run(folder / "run")
    rows = [
        {"prompt": question, "answer": reference, "response": f"{response}{' ' * number}"}
        for question, (reference, responses) in said.items()
        for number, response in enumerate(responses)
    ]
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(rows)], ())
    run_checks(run, "t", [make_spec("math_answer")], workers=1)
    return run


def calibrate(run: Run, judge: CheckSpec, accepted: int = 0, digest: str = "") -> None:
    """Keep what was found when the judge was tried: how many of 200 wrong answers it accepts."""
    check = judge.build()
    rates = {
        FALSE_ACCEPT: JudgeRate("wrong answer accepted", accepted, 200),
        FALSE_REJECT: JudgeRate("right answer rejected", 0, 200),
    }
    faults = find_faults(rates, read_bounds(check))
    found = Calibration("judge", digest or key_calibration(check), {}, rates, read_bounds(check), faults)
    write_calibration(run, "t", "judge", found)


def repair(run: Run, judge: CheckSpec) -> RepairCounts:
    """Repair with a judge, which is a reliable one where nobody said else."""
    if not run.calibration("t", "judge").exists():
        calibrate(run, judge)
    run_checks_of(run, judge)
    return repair_references(run, "t", [make_spec("math_answer"), judge], 1)


def run_checks_of(run: Run, judge: CheckSpec) -> None:
    """Record the judge as a verify with it does, without asking it about samples."""
    record_checks(run, "t", [make_spec("math_answer"), judge], "verify")


def read_bytes(run: Run) -> dict[str, bytes]:
    """All files of the run but the repairs, the record of checks and the locks."""
    return {
        str(path.relative_to(run.path)): path.read_bytes()
        for path in run.path.rglob("*")
        if path.is_file()
        and "repair" not in str(path)
        and path.name not in ("checks.json", "calibration.json")
        and ".locks" not in path.parts
    }


def mixed(run: Run, *checks: str, name: str = "sft") -> pl.DataFrame:
    make_set(run, name, [Source(source="t", checks=checks)], Rules(0), {})
    return scan_files(list_set_files(run, name)).collect()


@pytest.fixture(autouse=True)
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that start would take most of a test's time: one test has them."""
    if not request.node.name.endswith("_by_workers"):
        for module in (suspects, judge_anew):
            monkeypatch.setattr(module, "LocalExecutor", Here)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("made"))


@pytest.fixture
def run(made: Run, tmp_path: Path) -> Run:
    shutil.copytree(made.path, tmp_path / "run")
    return Run(tmp_path / "run")


def test_an_honest_judge_repairs_what_all_samples_speak_against_by_workers(run: Run, tmp_path: Path):
    before = read_bytes(run)
    counts = repair(run, make_judge(tmp_path, honest))
    assert (counts.asked, counts.repaired, counts.failed) == (2, 2, 0)
    assert read_bytes(run) == before, "prompts, samples and old verdicts stay byte for byte"
    found = read_repairs(run, "t")
    assert found is not None
    assert sorted(found.rows.select("reference", "answer", "votes", "samples").rows()) == [
        ("11", "10", 4, 5),
        ("5", "4", 5, 5),
    ]
    assert set(found.rows["choices"].explode()) == {"first"} and "I add." in found.rows["reasons"][0][0]
    assert found.about["judge"]["model"].endswith("judge.jsonl")
    assert not run.repair_journal("t").exists()
    anew = scan_parts(run.verdicts("t") / "math_answer@repaired").collect()
    assert anew["ok"].sum() == 5 + 5 + 4, "the repaired ones, and what was right before"


@pytest.mark.parametrize("word", [*map(always, ("A", "B", "BOTH", "NEITHER", "UNSURE", "A or B"))])
def test_a_judge_that_is_biased_or_unsure_repairs_nothing(run: Run, tmp_path: Path, word: Word):
    counts = repair(run, make_judge(tmp_path, word))
    assert (counts.asked, counts.repaired) == (2, 0)
    old, anew = (
        scan_parts(run.verdicts("t") / label).collect() for label in ("math_answer", "math_answer@repaired")
    )
    assert anew.equals(old)


@given(words=st.tuples(*[st.sampled_from(["A", "B", "BOTH", "NEITHER", "UNSURE", "?", "A\nB"])] * 2))
def test_only_one_voice_in_both_orders_agrees(words: tuple[str, str]):
    made = (Completion(f"I add.\nVERDICT: {word}", "stop", 1, 1) for word in words)
    said = [read_choice(one, order) for order, one in enumerate(made)]
    assert Opinion([choice for choice, _ in said], [], "").agrees == (words == ("A", "B"))


TEXTS = st.text(max_size=40) | st.just("VERDICT: A") | st.just("[0123456789abcdef] end of answer A")


@given(question=TEXTS, first=TEXTS, second=TEXTS)
def test_the_form_names_nobody_and_swaps_nothing_but_the_answers(question: str, first: str, second: str):
    case = PairCase(Prompt.make(question, "r"), first, second)
    turned = PairCase(Prompt.make(question, "other"), second, first)
    one, two = (case.write_form(order).splitlines() for order in (0, 1))
    assert sorted(line.replace("answer B", "answer A") for line in one) == sorted(
        line.replace("answer B", "answer A") for line in two
    )
    assert "reference" not in case.write_form(0).replace(first, "").replace(second, "").replace(question, "")
    assert (first == second) == (case.key == turned.key)


def test_the_set_has_the_repaired_reference_and_the_one_before(run: Run, tmp_path: Path):
    repair(run, make_judge(tmp_path, honest))
    rows = mixed(run, "math_answer@repaired")
    repaired = rows.filter(pl.col("reference_before").is_not_null())
    assert set(repaired.select("answer", "reference_before").rows()) == {("4", "5"), ("10", "11")}
    about = json.loads(run.set_info("sft").read_text())
    assert about["repaired"] == {"t": {"prompts": 2, "rows": repaired.height}}
    assert repaired.height == 9 and rows.height == 14
    plain = mixed(run, "math_answer", name="plain")
    assert plain["reference_before"].null_count() == plain.height == 5
    assert "repaired" not in json.loads(run.set_info("plain").read_text())
    assert "2 were repaired" in count_repairs(run, "t")
    key = repaired["id"][0]
    (name, row), *_ = find_samples(run, key)
    told = shown(ExplainResult(run, [(name, row)]), 300)
    assert "repaired to" in told and "samples say so" in told and "the samples' answer" in told


def test_a_judge_by_the_old_reference_says_nothing_of_a_repaired_prompt(run: Run, tmp_path: Path):
    repair(run, make_judge(tmp_path, honest))
    part = list_parts(run.samples("t"))[0]
    sidecar = run.sidecar("t", "math_answer", part)
    twin = run.sidecar("t", "other", part)
    twin.parent.mkdir()
    frame = pl.read_parquet(sidecar)
    # Of the repaired prompts the rule is undecided anew, and the other, by the old reference, says yes.
    anew = run.sidecar("t", "math_answer@repaired", part)
    about = pq.read_schema(anew).metadata
    for path, ok in ((twin, True), (anew, None)):
        table = frame.with_columns(pl.lit(ok, pl.Boolean).alias("ok")).to_arrow()
        pq.write_table(
            table.cast(pq.read_schema(sidecar).remove_metadata()).replace_schema_metadata(about), path
        )
    rows = mixed(run, "math_answer@repaired|other")
    assert rows["reference_before"].null_count() == rows.height == 10, "only prompts that are not repaired"


def test_it_is_idempotent_and_asks_no_more(run: Run, tmp_path: Path):
    judge = make_judge(tmp_path, honest)
    repair(run, judge)
    mixed(run, "math_answer@repaired")
    times = {path: path.stat().st_mtime_ns for path in run.path.rglob("*.parquet")}
    script = tmp_path / "judge.jsonl"
    script.write_text(
        script.read_text().replace("I add.", "I am asked again.")
    )  # the model's name is the same
    repair(run, judge)
    mixed(run, "math_answer@repaired")
    assert {path: path.stat().st_mtime_ns for path in run.path.rglob("*.parquet")} == times


def test_what_was_said_before_a_kill_is_not_asked_again(run: Run, tmp_path: Path):
    judge = make_judge(tmp_path, honest)
    script = tmp_path / "judge.jsonl"
    lines = [json.loads(line) for line in script.read_text().splitlines()]
    dying = [{**line, "responses": [{"error": "gone"}]} if CUT in line["prompt"] else line for line in lines]
    script.write_text("".join(json.dumps(line) + "\n" for line in dying))
    counts = repair(run, judge)
    assert (counts.asked, counts.repaired, counts.failed) == (2, 1, 1)
    assert "the same command asks for again" in counts.describe("t")
    run.repairs("t").unlink()  # killed before it was written; the journal holds the rest
    only = [line for line in lines if CUT in line["prompt"]]
    script.write_text("".join(json.dumps(line) + "\n" for line in only))
    counts = repair(run, judge)
    assert (counts.asked, counts.repaired, counts.failed) == (2, 2, 0)


def test_other_samples_another_judge_or_another_calibration_make_it_stale(run: Run, tmp_path: Path):
    judge = make_judge(tmp_path, honest)
    repair(run, judge)
    mixed(run, "math_answer@repaired")
    other = make_judge(tmp_path, honest, "other")
    run_checks_of(run, other)
    with pytest.raises(UserError, match="is another now"):
        mixed(run, "math_answer@repaired")
    run_checks_of(run, judge)
    mixed(run, "math_answer@repaired")
    calibrate(run, judge, digest="two")
    with pytest.raises(UserError, match="calibrated anew"):
        mixed(run, "math_answer@repaired")
    calibrate(run, judge)
    mixed(run, "math_answer@repaired")
    calibrate(run, judge, accepted=20)
    with pytest.raises(UserError, match="errs too often: run verify with --repair again"):
        mixed(run, "math_answer@repaired")


def test_a_judge_that_is_not_reliable_is_not_asked(run: Run, tmp_path: Path):
    judge = make_judge(tmp_path, honest)
    calibrate(run, judge, accepted=20)
    said = repair(run, judge).describe("t")
    assert "accepted 20" in said and not run.repairs("t").exists()
    assert [entry["label"] for entry in read_checks(run, "t")] == ["math_answer", "judge"]


def test_another_model_in_the_place_of_the_judge_is_not_believed(run: Run, tmp_path: Path):
    judge = make_judge(tmp_path, honest)
    calibrate(run, judge)
    found = read_calibration(run, "t", "judge")
    assert found is not None
    write_calibration(run, "t", "judge", replace(found, engine="the model before"))
    with pytest.raises(UserError, match="not the one whose error rate is known: run verify --audit"):
        repair(run, judge)
    assert not run.repairs("t").exists()


@pytest.mark.parametrize(("says", "repaired"), [(reject_wrong, 2), (accept_all, 0)])
def test_a_judge_that_no_sample_was_left_for_is_tried_before_it_is_asked(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: Says, repaired: int
):
    """The rule rejects all samples of a prompt whose reference is wrong, so that `verify` asks the judge of none of them."""
    judge = make_judge(tmp_path, honest)
    script = map(json.loads, (tmp_path / "judge.jsonl").read_text().splitlines())
    pairs = {line["prompt"]: Response(**line["responses"][0]) for line in script}
    check = judge.build()
    assert isinstance(check, PanelCheck)
    tried = ScriptedJudge(check, list_cases(check, run, "t"), says)
    answer_with(lambda request: pairs.get(request.messages[-1]["content"]) or tried(request), monkeypatch)
    other = make_judge(tmp_path, honest, "other")
    calibrate(run, other)  # what is known of another model says nothing of this one
    counts = repair(run, judge)
    assert (counts.repaired, bool(counts.why_not)) == (repaired, not repaired)
    assert read_calibration(run, "t", "judge").digest == key_calibration(check) and tried.requests


def test_nothing_rests_on_a_judge_where_no_reference_is_doubtful(tmp_path: Path):
    run, judge = make_run(tmp_path, {RIGHT: SAID[RIGHT]}), make_judge(tmp_path, honest)
    run_checks_of(run, judge)
    counts = repair_references(run, "t", [make_spec("math_answer"), judge], 1)
    assert (counts.asked, counts.why_not) == (0, "") and not run.calibration("t", "judge").exists()
    assert mixed(run, "math_answer@repaired").height == 5


def test_prompts_with_other_instructions_have_opinions_of_their_own():
    asked = [
        PairCase(
            Prompt.make([{"role": "system", "content": system}, {"role": "user", "content": WRONG}]), "4", "5"
        )
        for system in ("Add.", "Subtract.")
    ]
    assert asked[0].key != asked[1].key


def test_a_prompt_that_an_evaluation_asks_is_never_repaired(run: Run, tmp_path: Path):
    import_rows(run, "eval-bench", [Row("row 0", {"prompt": WRONG, "answer": "5", "response": "x"})], ())
    counts = repair(run, make_judge(tmp_path, honest))
    assert (counts.asked, counts.repaired) == (1, 1)
    assert set(read_repairs(run, "t").rows["reference"]) == {"11"}


def test_an_evaluation_that_asks_a_repaired_prompt_later_takes_its_repair_back(run: Run, tmp_path: Path):
    judge = make_judge(tmp_path, honest)
    for question, reference, left in ((WRONG, "5", 1), (CUT, "11", 0)):  # as many prompts, but others
        repair(run, judge)
        mixed(run, "math_answer@repaired")
        row = {"prompt": question, "answer": reference, "response": "x"}
        import_rows(run, f"eval-{left}", [Row("row 0", row)], ())
        with pytest.raises(UserError, match="an evaluation of this run asks repaired prompts now"):
            mixed(run, "math_answer@repaired")
        assert repair(run, judge).repaired == left
    assert mixed(run, "math_answer@repaired")["reference_before"].null_count() == 5


def test_what_cannot_be_repaired_is_refused_in_words(run: Run, tmp_path: Path):
    judge, rule = make_judge(tmp_path, honest), make_spec("math_answer")
    with pytest.raises(UserError, match="are never repaired"):
        require_repairable("eval-bench", [rule, judge])
    with pytest.raises(UserError, match="there are 0 among the checks"):
        require_repairable("t", [rule])
    with pytest.raises(UserError, match="give the rule, too"):
        require_repairable("t", [judge])
    with pytest.raises(UserError, match="a plain file holds rows"):
        verify_samples(VerifyOptions(source=str(tmp_path / "rows.jsonl"), repair=True))
    with pytest.raises(UserError, match="are never repaired"):
        verify_samples(VerifyOptions(source=str(run.path), name="eval-x", repair=True, check=(rule, judge)))
