"""A judge is asked only where the rule could not decide, and what it could not decide can be asked again."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.checking.run_checks import run_checks
from curate.readers.import_samples import import_rows
from curate.readers.row import Row
from curate.reporting.run_facts import read_samples
from curate.selection.funnel import decide_fates
from curate.selection.mixing import make_set
from curate.selection.select_rows import Rules
from curate.selection.sources import Source
from curate.store.layout import Run
from curate.store.parquet import read_part_info, scan_parts, write_table
from curate.store.stale_verdicts import NOT_ASKED
from curate.store.verdicts import list_deciding_labels
from curate.store.whole_files import read_json, write_json
from filters.errors import UserError
from filters.spec import make_spec

pytestmark = pytest.mark.usefixtures("trusted_judges")

ROWS = [
    {"prompt": "2+2?", "answer": "4", "response": "<think>\nadd\n</think>\n\\boxed{4}"},
    {"prompt": "2+3?", "answer": "5", "response": "<think>\nadd\n</think>\n\\boxed{6}"},
    {
        "prompt": "Who?",
        "answer": "the wife of the mayor",
        "response": "<think>\nhm\n</think>\n\\boxed{the mayor's wife, I believe}",
    },
]


def judge(folder: Path, verdict: str, **more: object) -> dict:
    script = folder / f"{verdict}.jsonl"
    script.write_text(
        json.dumps({"prompt": "*", "responses": [{"text": f"They say the same.\nVERDICT: {verdict}"}]})
    )
    return {"check": "judge", "options": {"engine": {"kind": "scripted", "model": str(script)}}, **more}


def run_of(folder: Path) -> Run:
    run = Run(folder / "run")
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(ROWS)], ())
    return run


def verdicts(run: Run, label: str) -> list[tuple[bool | None, str]]:
    rows = scan_parts(run.verdicts("t") / label).collect().to_dicts()
    return [(row["ok"], row["reason"].partition(":")[0]) for row in rows]


def test_the_judge_is_asked_only_after_an_undecided_rule(tmp_path: Path):
    run = run_of(tmp_path)
    specs = [make_spec("math_answer"), make_spec(judge(tmp_path, "CORRECT", after="math_answer"))]
    run_checks(run, "t", specs, workers=1)
    assert [ok for ok, _ in verdicts(run, "math_answer")] == [True, False, None]
    assert verdicts(run, "judge") == [(None, NOT_ASKED), (None, NOT_ASKED), (True, "correct")]
    fated = decide_fates(run, "t", ["math_answer|judge"])
    assert fated["fate"].to_list() == ["accepted", "rejected", "accepted"]


def test_a_judge_decides_with_its_rule_unless_a_source_names_its_checks(tmp_path: Path):
    run = run_of(tmp_path)
    (run.samples("t") / "generation.json").write_text("{}")
    second = judge(tmp_path, "CORRECT", after="judge", label="second")
    specs = [
        make_spec("format"),
        make_spec("math_answer"),
        make_spec(judge(tmp_path, "UNSURE", after="math_answer")),
    ]
    run_checks(run, "t", [*specs, make_spec(second)], workers=1)
    assert list_deciding_labels(run, "t") == ["format", "math_answer|judge|second"]
    made = make_set(run, "s", [Source(source="t")], Rules(0), {})
    assert made.rows == 2
    run_checks(run, "t", specs[-1:], workers=1)
    assert list_deciding_labels(run, "t") == ["math_answer|judge"]


def test_undecided_stays_undecided_until_it_is_asked_again(tmp_path: Path):
    run = run_of(tmp_path)
    unsure = make_spec(judge(tmp_path, "UNSURE", after="math_answer"))
    run_checks(run, "t", [make_spec("math_answer"), unsure], workers=1)
    assert verdicts(run, "judge")[2] == (None, "unsure")
    assert decide_fates(run, "t", ["math_answer|judge"])["fate"][2] == "undecided"
    path = next((run.verdicts("t") / "judge").glob("*.parquet"))
    before = path.stat().st_mtime_ns
    run_checks(run, "t", [unsure], workers=1)
    assert path.stat().st_mtime_ns == before
    run_checks(run, "t", [unsure], workers=1, retry=True)
    assert path.stat().st_mtime_ns > before


def test_a_judge_after_a_rule_that_never_ran_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match="'judge' comes after 'math_answer', which has no verdicts"):
        run_checks(run_of(tmp_path), "t", [make_spec(judge(tmp_path, "CORRECT", after="math_answer"))])


TWIN = """
from filters import EngineCheck, Verdict

class Twin(EngineCheck):
    \"\"\"Another check of the same name.\"\"\"

    async def ask(self, batch, engine):
        return [Verdict({ok} if sample.index else None, "r") for sample in batch]
"""


def test_verdicts_of_another_check_of_the_same_name_are_not_kept(tmp_path: Path):
    run, engine = run_of(tmp_path), judge(tmp_path, "CORRECT")["options"]
    for folder, ok in (("a", True), ("b", False)):
        place = tmp_path / folder / "twin.py"
        place.parent.mkdir()
        place.write_text(TWIN.format(ok=ok), "utf-8")
        run_checks(run, "t", [make_spec({"check": f"{place}:Twin", "options": engine})], workers=1)
        assert [found for found, _ in verdicts(run, "twin")] == [None, ok, ok]


def test_verdicts_of_the_same_check_spelled_otherwise_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run, engine = run_of(tmp_path), judge(tmp_path, "CORRECT")["options"]
    (tmp_path / "twin.py").write_text(TWIN.format(ok=True), "utf-8")
    monkeypatch.chdir(tmp_path)
    asked: list[int] = []
    for place in ("twin.py", "./twin.py", str(tmp_path / "twin.py")):
        spec = make_spec({"check": f"{place}:Twin", "options": engine})
        cls = type(spec.build())
        ask = cls.ask

        async def count(self, batch, engine, ask=ask):
            asked.append(len(batch))
            return await ask(self, batch, engine)

        monkeypatch.setattr(cls, "ask", count)
        run_checks(run, "t", [spec], workers=1)
        monkeypatch.setattr(cls, "ask", ask)
    assert asked == [1, 1, 1, 1, 1], "three, and then the undecided one of each spelling"


def test_a_file_that_a_run_of_somebody_elses_names_is_not_run(tmp_path: Path):
    run, spec = run_of(tmp_path), make_spec(judge(tmp_path, "CORRECT"))
    run_checks(run, "t", [spec], workers=1)
    trap = tmp_path / "trap.py"
    trap.write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'sprung')!r}).touch()\n", "utf-8")
    (sidecar,) = run.verdicts("t").glob("judge/*.parquet")
    info = {**read_part_info(sidecar), "check": f"{trap}:Judge", "version": 0}
    write_table(sidecar, pq.read_table(sidecar), info)
    checks = read_json(run.checks("t"))
    named = [{**entry, "check": f"{trap}:Judge"} for entry in checks["checks"]]
    write_json(run.checks("t"), {**checks, "checks": named})
    run_checks(run, "t", [spec], workers=1)
    read_samples(run)
    assert not (tmp_path / "sprung").exists()
    assert read_part_info(sidecar)["check"] == "judge"


def test_of_two_verdicts_on_one_sample_none_is_kept(tmp_path: Path):
    run, spec = run_of(tmp_path), make_spec(judge(tmp_path, "CORRECT"))
    run_checks(run, "t", [spec], workers=1)
    before = verdicts(run, "judge")
    (sidecar,) = (run.verdicts("t") / "judge").glob("*.parquet")
    table = pq.read_table(sidecar)
    wrong = table.slice(0, 1).set_column(1, "ok", pa.array([False]))
    pq.write_table(pa.concat_tables([table, wrong]), sidecar)
    run_checks(run, "t", [spec], workers=1)
    assert verdicts(run, "judge") == before


@pytest.mark.parametrize(
    "change", [lambda table: table.slice(1), lambda table: pa.concat_tables([table, table])]
)
def test_a_judge_after_a_rule_with_missing_or_second_verdicts_is_refused(tmp_path: Path, change):
    run = run_of(tmp_path)
    run_checks(run, "t", [make_spec("math_answer")], workers=1)
    (sidecar,) = (run.verdicts("t") / "math_answer").glob("*.parquet")
    pq.write_table(change(pq.read_table(sidecar)), sidecar)
    with pytest.raises(UserError, match=r"run verify or filter with 'math_answer' again"):
        run_checks(run, "t", [make_spec(judge(tmp_path, "CORRECT", after="math_answer"))], workers=1)
    sidecar.write_text("cut", "utf-8")
    with pytest.raises(UserError, match="'judge' comes after 'math_answer', which has no verdicts"):
        run_checks(run, "t", [make_spec(judge(tmp_path, "CORRECT", after="math_answer"))], workers=1)


@pytest.mark.parametrize("damage", ["", "garbage"])
def test_a_damaged_sidecar_is_made_again(tmp_path: Path, damage: str):
    run, spec = run_of(tmp_path), make_spec("math_answer")
    run_checks(run, "t", [spec], workers=1)
    (sidecar,) = (run.verdicts("t") / "math_answer").glob("*.parquet")
    whole = sidecar.read_bytes()
    sidecar.write_text(damage, "utf-8")
    run_checks(run, "t", [spec], workers=1)
    assert sidecar.read_bytes() == whole
