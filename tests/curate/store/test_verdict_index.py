"""What is known of a set is what its samples and verdicts say, however compactly it is held."""

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curate.sampling.pass_rates import write_pass_rates
from curate.sampling.stopping import StoppingRule, estimate_pass_rate
from curate.store.journal import SampleWriter
from curate.store.layout import Run
from curate.store.verdict_index import index_verdicts
from filters.types import Prompt, Sample, Verdict
from tests.curate.checking.test_local_executor import spec

PROMPTS = [Prompt.make(f"Question {number}", "1") for number in range(40)]
SPECS = [spec("Moody"), spec("Short")]


def write(run: Run) -> dict[str, dict[int, bool | None]]:
    """Samples of random fates in several parts, and what they amount to."""
    rng, expected = random.Random(1), {}
    made = [(prompt, index) for prompt in PROMPTS for index in range(rng.randint(1, 5))]
    rng.shuffle(made)
    with SampleWriter(run, "t", SPECS) as writer:
        for number, (prompt, index) in enumerate(made):
            key = f"{prompt.id}-{index}"
            status = rng.choice(["whole", "whole", "whole", "stopped", "failed", "cancelled"])
            oks = [rng.choice([True, False, None]) for _ in SPECS]
            verdicts = {s.label: Verdict(ok, "x") for s, ok in zip(SPECS, oks, strict=True)}
            writer.add(Sample(key, prompt, "x", index), verdicts, status)
            if status == "stopped":
                expected.setdefault(prompt.id, {})[index] = False
            if status == "whole":
                ok = False if False in oks else None if None in oks else True
                expected.setdefault(prompt.id, {})[index] = ok
            if number % 30 == 29:
                writer.seal()
    return expected


def test_it_says_of_every_prompt_what_its_samples_say(tmp_path: Path):
    run = Run(tmp_path)
    expected = write(run)
    known = index_verdicts(run, "t", [s.label for s in SPECS])
    assert dict(known) == expected
    assert dict(known.groups()) == expected
    assert len(known) == len(expected)
    assert known.get(Prompt.make("never asked").id, {}) == {}


def test_what_was_made_whole_after_it_was_stopped_counts_as_whole(tmp_path: Path):
    run, sample = Run(tmp_path), Sample("key", PROMPTS[0], "x", 0)
    with SampleWriter(run, "t", []) as writer:
        writer.add(sample, {}, "stopped")
        writer.add(sample, {})
    assert dict(index_verdicts(run, "t", [])) == {PROMPTS[0].id: {0: True}}


def test_nothing_is_known_of_an_empty_set(tmp_path: Path):
    known = index_verdicts(Run(tmp_path), "t", ["moody"])
    assert (len(known), dict(known), known.get(PROMPTS[0].id)) == (0, {}, None)


@pytest.mark.parametrize("rule", [StoppingRule(samples=5), StoppingRule(samples=5, accept=2)])
def test_rates_are_those_of_the_rule_in_the_order_of_the_ids(tmp_path: Path, rule: StoppingRule):
    run = Run(tmp_path)
    expected = write(run)
    write_pass_rates(run, "t", rule, index_verdicts(run, "t", [s.label for s in SPECS]))
    rows = pq.read_table(run.pass_rates("t")).to_pylist()
    assert [row["prompt_id"] for row in rows] == sorted(expected)
    for row in rows:
        verdicts = expected[row["prompt_id"]]
        assert row["pass_rate"] == estimate_pass_rate(rule, verdicts)
        assert row["samples"] == len(verdicts)
        assert row["accepted"] == sum(ok is True for ok in verdicts.values())
