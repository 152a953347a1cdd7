"""Which samples a set takes: chance alone, or the index alone, and never how long a chain was or when it ended."""

import random
from pathlib import Path
from statistics import fmean, stdev

import polars as pl
import pytest

from curate.options import fill
from curate.sampling.pass_rates import write_pass_rates
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.stages.mix import MixOptions, mix_samples
from curate.store.layout import Run
from curate.store.parquet import scan_parts, write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row, verdict_table
from curate.store.verdict_index import index_verdicts
from curate.store.whole_files import read_json, write_json
from filters.digest import digest
from filters.types import Prompt, Sample, Verdict

RULE = StoppingRule(samples=16, accept=2)
MEAN = 1_000


def sample_prompt(draw: random.Random, prompt: Prompt) -> list[tuple[Sample, bool]]:
    """Every sample of a prompt that ended, short ones first in each wave, and whether the rule accepts it."""
    progress = PromptProgress(RULE, {})
    ended = []
    while wave := progress.next_wave():
        chains = sorted((round(draw.expovariate(1 / MEAN)), index) for index in wave)
        for length, index in chains:
            if index in progress.running:
                good = draw.random() < 0.3
                ended.append(
                    (Sample(digest(prompt.id, index), prompt, f"{index} {length}", index, length), good)
                )
                progress.settle(index, good)
    return ended


def write_samples(run: Run, name: str, samples: list[Sample], **verdicts: list[bool]) -> None:
    prompts = {sample.prompt.id: sample.prompt for sample in samples}
    write_table(run.prompts(name) / "part-00000.parquet", prompt_table(list(prompts.values())))
    part = run.samples(name) / "part-00000.parquet"
    write_part(part, [sample_row(sample) for sample in samples], SAMPLES)
    for label, given in verdicts.items():
        judged = verdict_table(
            [s.id for s in samples], [s.content for s in samples], [Verdict(ok) for ok in given]
        )
        write_table(run.sidecar(name, label, part), judged, {"label": label})


def mix(run: Run, *sources: str, seed: int = 0) -> pl.DataFrame:
    mix_samples(fill(MixOptions, {"run": run.path, "source": sources, "seed": seed}, "mix"))
    return scan_parts(run.set("sft"), "train").collect()


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Sampling that stopped at each prompt's second accepted sample; later a filter passes 3 of 10, whatever their length."""
    run, draw = Run(tmp_path_factory.mktemp("stopped")), random.Random(5)
    ended = [one for n in range(3_000) for one in sample_prompt(draw, Prompt.make(f"Question {n}", "7"))]
    samples, good = [sample for sample, _ in ended], [ok for _, ok in ended]
    write_samples(run, "t", samples, rule=good, later=[draw.random() < 0.3 for _ in ended])
    write_json(run.generation("t"), {"model": "simulated"})
    write_pass_rates(run, "t", RULE, index_verdicts(run, "t", ["rule"]))
    return run


def bias(rows: pl.DataFrame) -> float:
    """How far the mean length is from that of all chains, in standard errors."""
    lengths = rows["tokens"].to_list()
    return (fmean(lengths) - MEAN) / (stdev(lengths) / len(lengths) ** 0.5)


def test_the_first_samples_are_not_the_short_ones_when_a_later_check_rejects_some(stopped: Run):
    first = mix(stopped, "t:checks=rule+later,per_prompt=2,choose=first")
    assert first.height > 1_500
    assert abs(bias(first)) < 3
    counted = read_json(stopped.set_info("sft"))["funnels"][0]
    assert counted["selected"] == first.height
    assert counted["unselected"] > 0, "those beyond the stop are accepted, and not selected"


def test_samples_beyond_the_stop_are_short(stopped: Run):
    """What the rule above is for: without it the set's chains would be too short."""
    assert bias(mix(stopped, "t:checks=rule+later,per_prompt=2,choose=random")) < -3


def test_the_order_of_a_set_says_nothing_of_the_choice(tmp_path: Path):
    """One source gives all its samples, one the same number of many more, one those of prompts with many samples."""
    run = Run(tmp_path)
    prompts = [Prompt.make(f"Question {n}", "7") for n in range(6_000)]
    answers = {prompt.id: [Sample(digest("m", prompt.id, i), prompt, str(i), i) for i in range(8)] for prompt in prompts}  # fmt: skip
    write_samples(run, "all", [Sample(digest("a", p.id), p, "all", 0) for p in prompts[:2_000]])
    write_samples(run, "limited", [Sample(digest("l", p.id), p, "limited", 0) for p in prompts])
    write_samples(run, "many", [one for p in prompts[:2_000] for one in answers[p.id]])
    rows = mix(run, "all", "limited:rows=2000", "many:per_prompt=1")
    assert rows.height == 6_000
    for name, group in rows.with_row_index("at").group_by("source"):
        places = sorted(group["at"].to_list())
        # Kolmogorov and Smirnov: 0.044 is passed once in a thousand times at 2,000 rows.
        assert max(abs(place / 6_000 - n / 2_000) for n, place in enumerate(places)) < 0.044, name


def test_a_limit_of_rows_does_not_prefer_prompts_with_many_samples(tmp_path: Path):
    run, prompts = Run(tmp_path), [Prompt.make(f"Question {n}", "7") for n in range(2_000)]
    numbers = {prompt.id: 8 if at % 2 else 1 for at, prompt in enumerate(prompts)}
    write_samples(
        run, "t", [Sample(digest(p.id, i), p, str(i), i) for p in prompts for i in range(numbers[p.id])]
    )
    rows = mix(run, "t:per_prompt=1,rows=1000")
    many = sum(numbers[key] == 8 for key in rows["prompt_id"])
    assert abs(many - 500) < 3 * 16, "16 rows are one standard deviation"


def test_two_seeds_give_two_sets_and_one_seed_one(tmp_path: Path):
    run = Run(tmp_path)
    write_samples(run, "t", [Sample(digest(n), Prompt.make(f"Question {n}"), "so") for n in range(50)])
    orders = {seed: tuple(mix(run, "t", seed=seed)["id"]) for seed in (0, 1, 32, 64, 0)}
    assert len(set(orders.values())) == 4
    assert len({frozenset(mix(run, "t:rows=25", seed=seed)["id"]) for seed in (0, 32, 64)}) == 3


def test_the_same_words_are_in_a_set_once_whichever_source_they_come_from(tmp_path: Path):
    run, prompts = Run(tmp_path), [Prompt.make(f"Question {n}", "7") for n in range(4)]
    write_samples(run, "a", [Sample(digest("a", p.id), p, "so", 0) for p in prompts])
    write_samples(run, "b", [Sample(digest("b", p.id, i), p, ("so", "thus")[i], i) for p in prompts for i in (0, 1)])  # fmt: skip
    rows = mix(run, "a", "b")
    assert sorted(rows["source"]) == ["a"] * 4 + ["b"] * 4
    assert rows.select("prompt_id", pl.col("completion").list.first()).is_unique().all()


def test_an_earlier_run_says_that_its_first_samples_may_be_short(stopped: Run, caplog):
    path = stopped.pass_rates("t")
    kept = path.read_bytes()
    pl.read_parquet(path).drop("stopped_at").write_parquet(path)
    first = mix(stopped, "t:checks=rule+later,per_prompt=2,choose=first")
    path.write_bytes(kept)
    assert bias(first) < -3
    assert "did not record where the sampling of 't' stopped" in caplog.text
