"""What the ranks of an array may spend adds up to the budget, and what is spent comes off it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.sampling.budget import Budget
from curate.sampling.budget_shares import find_left, require_shares, share_out
from curate.store.journal import SampleWriter
from curate.store.layout import Run
from curate.store.segments import begin_rank_segments, name_rank_segment
from filters.errors import UserError
from filters.types import Prompt, Sample

ARRAY = "0123abcd"


@given(st.integers(0, 10**12), st.integers(1, 5000), st.integers(1, 10**6))
def test_the_shares_add_up_to_the_whole_and_are_alike(whole, ranks, unit):
    shares = [share_out(whole, rank, ranks, unit) for rank in range(ranks)]
    assert sum(shares) == whole
    assert max(shares) - min(shares) <= 2 * unit
    if whole >= ranks * unit:
        assert min(shares) >= unit, "every rank can make a sample"


@given(st.integers(1, 10**6), st.integers(1, 100), st.integers(1, 10**4))
def test_a_budget_without_a_sample_for_some_rank_is_refused(tokens, ranks, longest):
    if tokens >= ranks * longest:
        require_shares(Budget(tokens=tokens), longest, ranks)
    else:
        with pytest.raises(UserError, match=f"give --on slurm:{tokens // longest} at most"):
            require_shares(Budget(tokens=tokens), longest, ranks)


def write(run: Run, rank: int, first: int, status: str, tokens: int | None, number: int) -> None:
    prompt = Prompt.make(f"Question {rank} {first}", "1")
    with SampleWriter(run, "t", [], name_rank_segment(ARRAY, rank)) as writer:
        for index in range(number):
            sample = Sample(f"{rank}-{first}-{index}", prompt, "1", index, tokens, "stop")
            writer.add(sample, {}, status)


def test_what_a_rank_has_spent_comes_off_its_share_and_off_the_rest(tmp_path: Path):
    run, budget = Run(tmp_path), Budget(samples=21, tokens=1000, minutes=3)
    write(run, 1, 0, "whole", 10, 4)
    write(run, 1, 1, "cancelled", None, 2)  # nobody counted: as many as were allowed
    write(run, 1, 2, "failed", None, 5)  # not paid for
    write(run, 11, 3, "whole", 10, 1)  # of another rank, whose name begins alike
    with SampleWriter(run, "t", [], "s0123456789ab") as writer:  # of no rank
        writer.add(Sample("other", Prompt.make("Other", "1"), "1", 0, 10, "stop"), {})

    def left(rank: int | None, ranks: int) -> tuple:
        share = find_left(run, "t", budget, 100, begin_rank_segments(ARRAY, rank), rank or 0, ranks)
        return share.samples, share.tokens, share.minutes

    assert left(0, 20) == (2, 100, 3)
    assert left(1, 2) == (10 - 6, 500 - 240, 3)
    assert left(None, 1) == (21 - 7, 1000 - 250, 3)
    assert left(1, 20) == (0, 0, 3)
