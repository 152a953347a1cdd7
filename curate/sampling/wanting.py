"""The book of leases for samples of a run: its prompts in order, with what is there of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from curate.sampling.budget import Budget
from curate.sampling.leases import Lease, LeaseBook
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.store.layout import Run
from curate.store.prompt_list import read_keys
from curate.store.verdict_index import VerdictIndex, index_verdicts


def make_book(
    folder: Path,
    name: str,
    wanted: Collection[bytes],
    labels: list[str],
    rule: StoppingRule,
    budget: Budget,
    longest: int,
    retry_refused: bool,
) -> LeaseBook:
    """A book of the prompts with these keys of which the rule asks for more samples. longest: the most tokens of a sample."""
    run = Run(folder)
    known = index_verdicts(run, name, labels, retry_refused)
    return LeaseBook(list_wanting(run, name, wanted, known, rule), budget, longest)


def list_wanting(
    run: Run, name: str, wanted: Collection[bytes], known: VerdictIndex, rule: StoppingRule
) -> Iterator[Lease]:
    """The prompts that want samples, in their order."""
    for key in read_keys(run.prompts(name)):
        if key not in wanted:
            continue
        there = known.get(key.hex(), {})
        if not PromptProgress(rule, there).is_finished:
            yield Lease(key.hex(), there)
