"""Checks with a prompt's scope are given whole prompts, wherever their samples stand."""

import json
from pathlib import Path

import polars as pl
import pytest

import curate.checking.executors.local
import curate.checking.prompt_groups
from curate.checking.executors.local import LocalExecutor
from curate.checking.prompt_groups import group_by_prompt
from curate.checking.run_checks import run_checks
from curate.options import fill
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_parts, write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from filters.digest import digest
from filters.errors import UserError
from filters.spec import make_spec
from filters.types import Prompt, Sample
from tests.curate.checking.test_local_executor import spec

ASKED = [Prompt.make(f"Question {n}") for n in range(5)]


def add_part(run: Run, number: int, answers: list[tuple[int, str]]) -> None:
    """A part with these answers to these prompts, in an order of its own."""
    samples = [
        Sample(digest(number, at), ASKED[n], f"\\boxed{{{answer}}}", number * 100 + at)
        for at, (n, answer) in enumerate(answers)
    ]
    rows = [sample_row(sample) for sample in samples]
    write_part(run.samples("t") / f"part-{number:05d}.parquet", rows, SAMPLES)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path)
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table(ASKED))
    add_part(run, 0, [(n, str(n)) for n in (4, 0, 3, 1, 2)])
    add_part(run, 1, [(n, str(n)) for n in (0, 1, 2, 3, 4)] * 2)
    add_part(run, 2, [(2, "99"), (0, "0")])
    return run


def rules(run: Run) -> list[list[str]]:
    files = list_parts(run.verdicts("t") / "agreement")
    return [[r.partition(":")[0] for r in pl.read_parquet(file)["reason"]] for file in files]


def test_votes_count_samples_in_all_parts_and_verdicts_keep_their_rows(run: Run):
    run_checks(run, "t", [make_spec("agreement")], workers=1)
    too_few, majority = "too_few", "majority"
    assert rules(run) == [
        [too_few, majority, too_few, too_few, majority],
        [majority, too_few, majority, too_few, too_few] * 2,
        ["minority", majority],
    ]
    for part in list_parts(run.samples("t")):
        judged = pl.read_parquet(run.verdicts("t") / "agreement" / part.name)
        assert judged["sample_id"].to_list() == pl.read_parquet(part)["sample_id"].to_list()


@pytest.mark.parametrize("bucket_bytes", [256 << 20, 400])
def test_batches_never_part_a_prompt(run: Run, bucket_bytes: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(curate.checking.prompt_groups, "BUCKET_BYTES", bucket_bytes)
    batches = list(group_by_prompt(run, "t", 2))
    assert sum(map(len, batches)) == 17
    homes = [{sample.prompt.id for sample in batch} for batch in batches]
    assert sum(map(len, homes)) == len(ASKED)
    assert {s.prompt.text for batch in batches for s in batch} == {p.text for p in ASKED}
    assert not list(run.verdicts("t").glob(".grouping-*"))


def test_a_new_part_makes_all_verdicts_anew_and_nothing_else_does(run: Run):
    run_checks(run, "t", [make_spec("agreement"), make_spec("math_answer")], workers=1)
    files = list_parts(run.verdicts("t") / "agreement") + list_parts(run.verdicts("t") / "math_answer")
    before = [file.stat().st_mtime_ns for file in files]
    run_checks(run, "t", [make_spec("agreement"), make_spec("math_answer")], workers=1)
    assert [file.stat().st_mtime_ns for file in files] == before
    add_part(run, 3, [(1, "1"), (3, "7")])
    run_checks(run, "t", [make_spec("agreement"), make_spec("math_answer")], workers=1)
    after = [file.stat().st_mtime_ns for file in files]
    assert all(new > old for new, old in zip(after[:3], before[:3], strict=True))
    assert after[3:] == before[3:]
    assert rules(run)[1][1] == "majority", "prompt 1 has four voters now"


def test_a_prompt_that_hangs_costs_that_prompt(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(curate.checking.executors.local, "BATCH_LIMIT_S", 3.0)
    one, two = Prompt.make("one"), Prompt.make("two")
    texts = [(one, "ok"), (two, "hang"), (one, "fine"), (two, "ok")]
    batch = [Sample(str(at), prompt, text) for at, (prompt, text) in enumerate(texts)]
    with LocalExecutor([spec("Together")], workers=1) as pool:
        verdicts = pool.submit(batch).result()["together"]
    assert [v.reason for v in verdicts] == ["of 2", "timeout: no verdict in 3 s"] * 2


def test_in_a_plain_file_rows_with_the_same_prompt_are_one(tmp_path: Path):
    rows = [{"prompt": f"q{n % 2}", "response": f"\\boxed{{{n % 2 if n < 7 else 5}}}"} for n in range(10)]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "out.jsonl"
    options = {"source": str(source), "check": ["agreement"], "out": out, "workers": 1}
    verify_samples(fill(VerifyOptions, options, "verify"))
    written = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["kept"] for row in written] == [True] * 7 + [False] * 3
    assert written[0]["verdicts"]["agreement"]["reason"] == "majority: 4 of 5 say 0"


def test_a_plain_file_without_prompts_cannot_tell_them_apart(tmp_path: Path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"answer": "1", "response": "1"}\n')
    options = {"source": str(source), "check": ["agreement", "math_answer"], "out": tmp_path / "out.jsonl"}
    with pytest.raises(UserError, match="no column 'prompt'"):
        verify_samples(fill(VerifyOptions, options, "verify"))


def test_scanning_leaves_the_grouping_folder_out(run: Run):
    run_checks(run, "t", [make_spec("gold_suspect")], workers=1)
    assert scan_parts(run.verdicts("t") / "gold_suspect").collect().height == 17
