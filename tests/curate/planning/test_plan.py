"""A plan's numbers are those that a pilot's files and a sheet of paper give."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.planning.cluster import Cluster
from curate.planning.pilot import Pilot, PromptMatch, describe_sampled
from curate.planning.sampling_needs import estimate_sampling
from curate.sampling.cost_estimate import estimate_total
from curate.stages.generate import GenerateOptions, generate_samples
from curate.store.layout import Run, list_parts
from curate.store.parquet import count_bytes, count_stored_bytes, scan_parts
from curate.store.run_metrics import read_replica_speed
from curate.store.whole_files import read_json, write_json
from tests.curate.planning.fake_pilot import (
    PROMPTS,
    SAMPLES,
    amounts_of,
    is_right,
    plan,
    read_stages,
    run_stages,
    tokens_of,
    write_world,
)

MAX_TOKENS = 32768


def size(files) -> int:
    return sum(file.stat().st_size for file in files)


@pytest.fixture(scope="module")
def piloted(tmp_path_factory) -> tuple[Path, Run]:
    """A recipe, and its run with a pilot of four prompts of ten."""
    folder = tmp_path_factory.mktemp("piloted")
    path, run = write_world(folder, plan={"prompts": 4}), Run(folder / "run")
    run_stages(path, run)
    return write_world(folder), run


def test_sampling_comes_to_what_the_pilot_came_to_a_prompt(piloted):
    path, run = piloted
    found = amounts_of(plan(path, run), "1 generate teacher")
    frame = scan_parts(run.samples("teacher")).select("prompt_id", "tokens").collect()
    assert len(frame) == 4 * SAMPLES
    each = [sum(rows["tokens"]) for _, rows in frame.group_by("prompt_id")]
    tokens = estimate_total(each, PROMPTS, SAMPLES * MAX_TOKENS)
    assert found["tokens"] == (tokens.low, tokens.value, tokens.high)
    assert tokens.value == PROMPTS * sum(each) / 4
    assert found["prompts"] == (10, 10, 10)
    assert found["samples"] == (20, 20, 20), "without --accept their number is no question of chance"

    parts = list_parts(run.samples("teacher"))
    asked, judged = list_parts(run.prompts("teacher")), list(run.verdicts("teacher").glob("*/*.parquet"))
    prompts, verdicts, rows = (sum(map(count_stored_bytes, files)) for files in (asked, judged, parts))
    ends = size([*asked, *judged, *parts]) - prompts - verdicts - rows
    prompts = prompts / 4 * PROMPTS
    stored = rows * tokens.value / sum(each) + verdicts / 8 * 20 + prompts + ends
    assert found["stored"].value == pytest.approx(stored, abs=1)
    plain = sum(map(count_bytes, parts)) * tokens.value / sum(each)
    assert found["written"].value == pytest.approx(stored + plain, abs=1), "as journal, and as parts"
    assert found["read"].value == pytest.approx(prompts, abs=1)
    speed = read_replica_speed(run.metrics("teacher"))
    assert found["seconds"].value == pytest.approx(tokens.value / speed)
    assert "gpu_seconds" not in found, "a script runs on none"


def test_judging_takes_the_pilots_time_a_sample_and_a_set_what_was_accepted(piloted):
    path, run = piloted
    needs = plan(path, run)
    judged = amounts_of(needs, "2 filter teacher")
    assert judged["seconds"] == (0, None, pytest.approx(3.0 / 8 * 20)), (
        "most of three seconds may be its start"
    )
    write_json(run.timings, {"filter teacher": 80.0})
    needs = plan(path, run)
    judged = amounts_of(needs, "2 filter teacher")
    assert judged["seconds"] == pytest.approx((80.0 / 8 * 20,) * 3)
    assert judged["read"] == amounts_of(needs, "1 generate teacher")["stored"]
    made = amounts_of(needs, "3 mix sft")
    rows = read_json(run.set_info("sft"))["rows"]
    assert rows <= 4, "one a prompt"
    assert made["rows"].value == pytest.approx(rows / 4 * PROMPTS)
    assert made["rows"].high <= PROMPTS
    total = needs.sum_up()
    assert total["seconds"].value == pytest.approx(
        judged["seconds"].value + amounts_of(needs, "1 generate teacher")["seconds"].value
    )
    assert needs.refusals == [] and needs.missing == 0


def test_a_pilot_of_the_whole_leaves_nothing_open(tmp_path: Path):
    path, run = write_world(tmp_path), Run(tmp_path / "run")
    run_stages(path, run)
    needs = plan(path, run)
    found = amounts_of(needs, "1 generate teacher")
    whole = SAMPLES * sum(map(tokens_of, range(PROMPTS)))
    right = sum(map(is_right, range(PROMPTS)))
    assert found["tokens"] == pytest.approx((whole, whole, whole))
    assert found["accepted"] == pytest.approx((SAMPLES * right,) * 3)
    folders = [run.samples("teacher"), run.prompts("teacher"), *run.verdicts("teacher").iterdir()]
    there = size(file for folder in folders if folder.is_dir() for file in folder.glob("*.parquet"))
    assert found["stored"] == pytest.approx((there, there, there))
    assert amounts_of(needs, "3 mix sft")["rows"] == pytest.approx((right, right, right))


def test_what_a_set_leaves_out_over_all_its_sources_no_pilot_knows(piloted):
    path, run = piloted
    known = amounts_of(plan(path, run), "3 mix sft")["rows"]
    recipe = yaml.safe_load(path.read_text())
    next(stage["mix"] for stage in recipe["stages"] if "mix" in stage).update(
        distinct="prompt", against=["bench.jsonl"]
    )
    path.write_text(yaml.safe_dump(recipe))
    needs = plan(path, run)
    assert amounts_of(needs, "3 mix sft")["rows"] == (0, None, known.high)
    notes = dict(needs.stages)["3 mix sft"].notes
    assert any("a bound alone" in note for note in notes) and any("bench.jsonl" in note for note in notes)


def test_without_a_pilot_there_are_bounds_alone(tmp_path: Path):
    path, run = write_world(tmp_path, accept=1, escalate=4), Run(tmp_path / "run")
    needs = plan(path, run)
    found = amounts_of(needs, "1 generate teacher")
    assert found["prompts"] == (10, 10, 10)
    assert found["samples"] == (0, None, 40)
    assert found["tokens"] == (0, None, 40 * MAX_TOKENS)
    assert amounts_of(needs, "3 mix sft")["rows"] == (0, None, 10)
    assert needs.missing == 1 and not needs.pilots and needs.refusals == []


def test_another_runs_pilot_is_used_where_it_was_sampled_alike_and_is_told_where_not(tmp_path: Path, piloted):
    path, pilot = piloted
    run = Run(tmp_path / "other")
    needs = plan(path, run, pilot)
    assert [one.run.path for one in needs.pilots] == [pilot.path]
    assert amounts_of(needs, "1 generate teacher") == amounts_of(plan(path, pilot), "1 generate teacher")
    (tmp_path / "world").mkdir()
    other = write_world(tmp_path / "world", sampling={"temperature": 0.5}, samples=3)
    needs = plan(other, run, pilot)
    assert not needs.pilots and needs.refusals == []
    (note,) = dict(needs.stages)["1 generate teacher"].notes
    assert "other settings (temperature 1.0 -> 0.5; samples 2 -> 3)" in note


def test_the_runs_own_samples_of_other_settings_are_a_refusal_as_generate_says(tmp_path: Path, piloted):
    _, run = piloted
    path = write_world(tmp_path, sampling={"temperature": 0.5})
    assert plan(path, run).refusals == [
        f"stage 1 generate teacher: the samples 'teacher' in '{run.path}' were generated with different settings "
        "(temperature 1.0 -> 0.5)."
    ]


def test_a_pilot_that_is_no_random_choice_is_told(tmp_path: Path):
    path, run = write_world(tmp_path), Run(tmp_path / "run")
    asked = read_stages(path)[0]["generate"]
    generate_samples(GenerateOptions(run=run.path, **{**asked, "limit": 3}))
    needs = plan(path, run)
    assert [len(one.spent) for one in needs.pilots] == [3]
    notes = dict(needs.stages)["1 generate teacher"].notes
    assert any("no random choice" in note for note in notes)


def make_pilot(
    tokens: list[int], number: int, speed: float, tensor_parallel: int, accept: int | None
) -> Pilot:
    options = GenerateOptions(
        run="run", prompts="p.jsonl", samples=4, accept=accept, on="ray",
        engine={"model": "m", "tensor_parallel": tensor_parallel},
    )  # fmt: skip
    spent = tuple({"samples": 4, "tokens": each, "accepted": each % 5} for each in tokens)
    ids = tuple(map(str, range(len(tokens))))
    return Pilot(
        Run(Path("run")), describe_sampled("generate", options), "m", PromptMatch(number, ids, True, 0), spent, ids,
        4 * len(tokens), sum(tokens), 1000, 3000, 500, 200, 60, speed,
    )  # fmt: skip


@settings(max_examples=50)
@given(
    st.lists(st.integers(1, 100_000), min_size=2, max_size=30),
    st.integers(30, 10**6),
    st.floats(1, 1e5),
    st.sampled_from([1, 2, 4, 8]),
    st.none() | st.just(2),
    st.integers(1, 2000),
    st.integers(1, 500),
)
def test_more_replicas_change_days_and_nothing_else(tokens, number, speed, ranks, accept, machines, times):
    pilot = make_pilot(tokens, number, speed, ranks, accept)
    few, many = (
        dict(estimate_sampling(pilot.stage, pilot, Cluster(count, 8)).amounts)
        for count in (machines, machines * times)
    )
    assert tuple(few.pop("seconds")) == pytest.approx(tuple(many.pop("seconds").times(times)))
    assert few == many
    gpu_hours = few["tokens"].times(ranks / speed)
    assert tuple(few["gpu_seconds"]) == pytest.approx(tuple(gpu_hours))
    assert all(amount.low <= amount.value <= amount.high for amount in few.values())


def test_hours_and_network_of_a_cluster_by_hand():
    pilot = make_pilot([40_000, 60_000], 100_000, 2500.0, 2, None)
    found = estimate_sampling(pilot.stage, pilot, Cluster(64, 8))
    tokens = 100_000 * 50_000
    assert found.amounts["tokens"].value == tokens
    assert found.amounts["gpu_seconds"].value == tokens / 2500 * 2
    assert found.amounts["seconds"].value == tokens / 2500 / 256
    assert found.notes[:1] == ("one replica of the pilot makes 2,500 tokens/s, and 256 are planned for",)
    stored = 1000 * tokens / 100_000 + 500 / 8 * 400_000 + 200 + 60
    rate = (stored + 3000 * tokens / 100_000) / (tokens / 2500 / 256) / 1e6
    assert found.notes[1].startswith(
        f"the run folder takes {rate:.4g} MB/s, {rate / 64:.4g} from each machine"
    )
    assert found.notes[2] == "the book of leases is busy about 3% of the time"


def test_what_the_options_keep_a_stage_from_is_told(tmp_path: Path):
    engine = {"model": str(tmp_path / "none")}
    path = write_world(tmp_path, plan={"prompts": 4}, budget={"tokens": 10**6}, engine=engine)
    notes = dict(plan(path, Run(tmp_path / "run"), cluster=Cluster(3, 8)).stages)["1 generate teacher"].notes
    assert notes[1:] == (
        "plan.prompts=4 samples these alone; what is told is of all prompts",
        "its budget may end it before",
        "it runs on one of the 3 machines: give it on: ray for all",
    )
