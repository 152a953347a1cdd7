"""A prompt's pass rate is the best that is known of it: the unbiased estimate, its samples, or what its row says."""

import json
from pathlib import Path

import polars as pl
import pytest

from curate.readers.import_samples import import_source
from curate.readers.read_samples import Traces
from curate.selection.prompt_rates import (
    RATES,
    choose_verifier,
    rate_prompts,
    read_prompt_rates,
    share_correct,
)
from curate.store.layout import Run, create_run
from curate.store.parquet import write_table
from curate.store.schema import prompt_table
from filters.types import Prompt
from tests.curate.fake_run import make_run

NONE = pl.DataFrame(schema=RATES)


def write_estimates(run: Run, name: str, enough: list[bool], rates: dict[str, float | None]) -> None:
    run.pass_rates(name).parent.mkdir(exist_ok=True)
    found = pl.DataFrame({"prompt_id": list(rates), "enough": enough, "pass_rate": list(rates.values())})
    found.write_parquet(run.pass_rates(name))


def test_where_sampling_stopped_early_the_estimate_counts_and_the_share_does_not(tmp_path: Path):
    run = make_run(tmp_path / "run", prompts=6, samples=4)
    shares = dict(read_prompt_rates(run, "teacher").iter_rows())
    assert len(shares) == 6 and set(shares.values()) <= {n / d for d in (1, 2, 3, 4) for n in range(d + 1)}
    one, other, *_ = shares
    write_estimates(run, "teacher", [True, True], {one: 1 / 3, other: None})
    assert dict(read_prompt_rates(run, "teacher").iter_rows()) == {one: 1 / 3}
    write_estimates(run, "teacher", [False, False], {one: 1 / 3, other: None})
    assert dict(read_prompt_rates(run, "teacher").iter_rows()) == shares, "every prompt got all its samples"


def test_what_a_row_says_counts_where_nothing_else_is_known(tmp_path: Path):
    said = {"a": 0.25, "b": "0.5", "c": 7, "d": None, "e": {"of": 1}, "f": 0.75}
    prompts = [Prompt.make(name, "1", extra={"pass_rate": value, "note": 1}) for name, value in said.items()]
    run = Run(tmp_path)
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table([*prompts, Prompt.make("g", "1")]))
    keys = {prompt.id: name for prompt, name in zip(prompts, said, strict=True)}
    measured = pl.DataFrame({"prompt_id": [prompts[-1].id], "rate": [1.0]})
    found = {keys[key]: rate for key, rate in rate_prompts(run, "t", measured).iter_rows()}
    assert found == {"a": 0.25, "b": 0.5, "f": 1.0}


def test_one_decided_sample_a_prompt_is_no_rate_and_undecided_ones_do_not_count():
    graded = {"prompt_id": ["a", "b"], "correct": [True, None]}
    assert share_correct(pl.DataFrame(graded)).is_empty()
    graded = {"prompt_id": ["a", "a", "a", "b", "c"], "correct": [True, None, False, None, True]}
    assert sorted(share_correct(pl.DataFrame(graded)).iter_rows()) == [("a", 0.5), ("c", 1.0)]


def test_verdicts_that_rows_bring_along_tell_no_rate(tmp_path: Path):
    """Rows that are not correct were left out: the rest would all seem easy."""
    run = create_run(tmp_path / "run")
    rows = [{"prompt": "1?", "response": f"so {n}", "correct": n < 2} for n in range(4)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_source(run, "in", Traces(str(tmp_path / "in.jsonl")))
    assert read_prompt_rates(run, "in", ["correct"]).is_empty()


@pytest.mark.parametrize(
    ("roles", "decided", "label"),
    [
        ([("gold", "data"), ("short", "readability")], (), None),
        ([("gold", "data"), ("math", "verifier"), ("text", "verifier")], (), "math"),
        ([("math", "verifier"), ("judge", "verifier")], ("format", "math|judge"), "math|judge"),
        ([("math", "verifier"), ("text", "verifier")], ("text",), "text"),
    ],
)
def test_the_verifier_is_one_that_decides_where_there_is_one(roles, decided, label):
    assert choose_verifier(roles, decided) == label
