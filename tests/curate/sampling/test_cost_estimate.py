"""A pilot's estimate holds the truth as often as its interval says, and its samples are the run's own."""

import json
import random
from pathlib import Path

import pytest

from curate.sampling.cost_estimate import PlanOptions, choose_pilot, estimate_table, estimate_total
from curate.sampling.stopping import StoppingRule
from curate.stages.generate import GenerateOptions, generate_samples
from curate.store.layout import Run
from curate.store.parquet import scan_parts, write_part
from curate.store.schema import SAMPLES as SAMPLE_COLUMNS
from curate.store.schema import sample_row
from curate.store.whole_files import write_json
from filters.errors import UserError
from filters.types import Prompt, Sample
from tests.curate.sampling.test_kill import PROMPTS, SAMPLES, write_inputs
from tests.shown import shown

MOST = 1e6


@pytest.mark.parametrize(("number", "least"), [(5, 0.89), (10, 0.89), (50, 0.91), (200, 0.92)])
def test_the_interval_holds_the_total_about_as_often_as_it_says(number: int, least: float):
    rng = random.Random(5)
    world = [rng.lognormvariate(7, 0.8) for _ in range(5000)]
    held = 0
    for _ in range(600):
        found = estimate_total(rng.sample(world, number), len(world), MOST)
        held += found.low <= sum(world) <= found.high
    assert least <= held / 600 <= 0.98


def test_a_pilot_of_everything_knows_the_total():
    found = estimate_total([1.0, 2.0, 6.0], 3, MOST)
    assert (found.value, found.low, found.high) == (9.0, 9.0, 9.0)
    assert tuple(estimate_total([0.0, 0.0], 2, MOST)) == (0.0, 0.0, 0.0)


def test_a_pilot_in_which_all_came_to_the_same_is_no_certainty():
    none, one = estimate_total([0.0] * 10, 1000, 8), estimate_total([5.0], 1000, 8)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(1000 * 8 * 0.99 * (1 - 0.05**0.1)), "three kinds in ten may be unseen"
    assert 0 < one.low < 300 and 7800 < one.high <= 8000, "one prompt says next to nothing"


def test_the_choice_is_random_and_the_same_each_time():
    prompts = [Prompt.make(f"Question {number}") for number in range(100)]
    chosen, domains = choose_pilot([*prompts, prompts[0]], 10)
    assert chosen == choose_pilot(reversed(prompts), 10).chosen
    assert domains == {"": 100}
    assert {prompt.text for prompt in chosen} != {prompt.text for prompt in prompts[:10]}


def test_plan_samples_a_pilot_and_the_run_makes_the_rest(tmp_path: Path):
    write_inputs(tmp_path)
    options = GenerateOptions(
        run=tmp_path / "run", prompts=str(tmp_path / "prompts.jsonl"), samples=SAMPLES, workers=1,
        engine={"kind": "scripted", "model": str(tmp_path / "script.jsonl")},
        plan={"prompts": 12, "price_tokens": 2.0},
    )  # fmt: skip
    run, said = Run(tmp_path / "run"), shown(generate_samples(options))
    before = set(scan_parts(run.samples("teacher")).collect()["sample_id"])
    assert len(before) == 12 * SAMPLES
    for word in (
        "estimated, with 95% intervals",
        f"{PROMPTS}",
        "hours",
        "price",
        "from a pilot of 12 prompts",
    ):
        assert word in said
    generate_samples(options.model_copy(update={"plan": type(options.plan)()}))
    after = set(scan_parts(run.samples("teacher")).collect()["sample_id"])
    assert before < after
    assert len(after) == PROMPTS * SAMPLES


def test_a_pilots_prompts_that_failed_do_not_make_the_run_cheaper(tmp_path: Path):
    rows = [{"prompt": f"What is {n}+0?", "answer": str(n)} for n in range(20)]
    answers = [{"text": f"The answer is {n}.", "tokens": 100} for n in range(20)]
    lines = [
        {"prompt": row["prompt"], "responses": [{"error": "gone"}] if n % 2 else [answers[n]]}
        for n, row in enumerate(rows)
    ]
    for name, said in (("prompts", rows), ("script", lines)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in said))
    options = GenerateOptions(
        run=tmp_path / "run", prompts=str(tmp_path / "prompts.jsonl"), samples=1, workers=1,
        engine={"kind": "scripted", "model": str(tmp_path / "script.jsonl")},
        plan={"prompts": 16, "price_tokens": 1e6},
    )  # fmt: skip
    said = " ".join(shown(generate_samples(options)).split())
    assert "2,000.00 [" in said, "20 prompts at 100 tokens each"
    assert "are unfinished and left out: run the same command again" in said


def test_samples_that_came_from_a_file_are_not_added_to(tmp_path: Path):
    write_inputs(tmp_path)
    run = Run(tmp_path / "run")
    write_json(run.samples("teacher") / "adopted.json", {})
    options = GenerateOptions(
        run=run.path, prompts=str(tmp_path / "prompts.jsonl"), workers=1,
        engine={"kind": "scripted", "model": str(tmp_path / "script.jsonl")},
    )  # fmt: skip
    with pytest.raises(UserError, match="came from a file; give these another --name"):
        generate_samples(options)


def test_domains_without_a_prompt_in_the_pilot_are_named(tmp_path: Path):
    prompts = [Prompt.make(f"Question {n}", domain="math" if n else "law") for n in range(200)]
    piloted = choose_pilot(prompts, 5)
    assert piloted.domains == {"math": 199, "law": 1}
    run, chosen = Run(tmp_path), piloted.chosen[0]
    sample = Sample("s", chosen, "", 0, 100)
    write_part(run.samples("t") / "part-00000.parquet", [sample_row(sample)], SAMPLE_COLUMNS)
    table = estimate_table(
        run, "t", piloted, [], 100.0, PlanOptions(price_hour=2.0), StoppingRule(samples=1), 1_000_000
    )
    assert [column.header for column in table.columns] == [
        "domain", "prompts", "tokens, million", "accepted", "hours", "price by hours",
    ]  # fmt: skip
    cells = [list(column.cells) for column in table.columns]
    assert cells[0] == ["law", "math", "all"]
    assert cells[2] == ["none in the pilot", "0.02 [0.00, 188.10]", "0.02 [0.00, 189.05]"]
    said = str(table.caption)
    assert said.startswith("from a pilot of 1 prompts; 4 more are unfinished and left out"), (
        "they cost more than nothing"
    )
