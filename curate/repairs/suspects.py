"""Which references are doubtful: those that all samples of their prompt speak against.

Only of these is a judge asked. A reference that any sample agrees with, or that an evaluation may be measured by, is none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, groupby
from typing import Final, NamedTuple

import polars as pl

from curate.benchmarks.benchmark_index import index_prompts
from curate.benchmarks.compare_prompts import find_contaminated
from curate.checking.executors.local import LocalExecutor
from curate.checking.judge_parts import choose_batch_size
from curate.checking.prompt_groups import group_by_prompt
from curate.store.joined import join_samples, verdict_column
from curate.store.layout import EVALUATION, Run, list_parts
from curate.store.prompts_by_id import read_prompts
from curate.store.repairs import list_evaluated_ids
from filters.answers.verdicts import extract_reference
from filters.answers.votes import count_votes
from filters.checks.gold_suspect import GoldSuspect
from filters.digest import digest
from filters.judges.answer_pair import PairCase
from filters.spec import CheckSpec, make_spec
from filters.types import Prompt, Sample

SUSPICION: Final = make_spec({"check": GoldSuspect.name, "options": {"min_share": 1.0}})
"""What finds them: the samples with a clear answer, at least four, all agree on one that is proved different."""
_SILENT: Final = ("cut", "unclosed_think")
"""How an answer was found where a response was cut off before one: it speaks against nothing."""


class Suspect(NamedTuple):
    """A prompt whose samples agree on another answer than its reference.

    reference, answer: the two, as they are compared. samples: how many the prompt has. votes: how many gave the answer.
    """

    prompt: Prompt
    reference: str
    answer: str
    samples: int
    votes: int

    @property
    def case(self) -> PairCase:
        """What a judge is asked: the samples' answer first, in the first order."""
        return PairCase(self.prompt, self.answer, self.reference)


def find_suspects(run: Run, name: str, rules: Sequence[CheckSpec], workers: int | None) -> list[Suspect]:
    """The prompts of `samples(name)` with a doubtful reference, in the order of their ids.

    rules: verifiers, whose verdicts are there: a prompt with a sample that one of them accepts is none.
    """
    prompts = _list_rejected(run, name, [spec.label for spec in rules])
    found = [suspect for group in _list_doubted(run, name, prompts, workers) if (suspect := _agree(group))]
    known = _find_evaluated(run, [suspect.prompt for suspect in found]) if found else set()
    return sorted((one for one in found if one.prompt.id not in known), key=lambda one: one.prompt.id)


def _list_rejected(run: Run, name: str, labels: Sequence[str]) -> frozenset[str]:
    """The prompts of which no sample is accepted by any of these checks, and enough are rejected by each."""
    verdicts = join_samples(run, name, labels, ("prompt_id",))
    columns = [pl.col(verdict_column(label)) for label in labels]
    enough = GoldSuspect().min_samples
    asked = verdicts.group_by("prompt_id").agg(
        pl.any_horizontal(column.any() for column in columns).fill_null(False).alias("right"),
        pl.min_horizontal(column.eq(False).sum() for column in columns).alias("wrong"),
    )
    return frozenset(asked.filter(~pl.col("right") & (pl.col("wrong") >= enough))["prompt_id"])


def _list_doubted(
    run: Run, name: str, prompts: Collection[str], workers: int | None
) -> Iterator[list[Sample]]:
    """All samples of each of these prompts that `SUSPICION` rejects."""
    if not prompts:
        return
    work = group_by_prompt(run, name, choose_batch_size(list_parts(run.samples(name))), prompts)
    with LocalExecutor([SUSPICION], workers) as executor:
        for batch, verdicts in executor.judge_in_order(work, [SUSPICION.label]):
            judged = zip(batch, verdicts[SUSPICION.label], strict=True)
            for _, group in groupby(judged, key=lambda one: one[0].prompt.id):
                samples, given = zip(*group, strict=True)
                if given[0].ok is False:
                    yield list(samples)


def _agree(samples: Sequence[Sample]) -> Suspect | None:
    """The suspect, where every sample that was not cut off gave the answer.

    The votes are counted here as they were in the worker that gave the verdict, which came to an end.
    """
    count = count_votes(samples)
    said = zip(count.classes, count.found, strict=True)
    if any(one != count.leading and answer.how not in _SILENT for one, answer in said):
        return None
    first = samples[0]
    return Suspect(first.prompt, extract_reference(first), count.answer, len(samples), count.votes)


def _list_evaluations(run: Run) -> list[str]:
    return [name for name in run.sample_names() if name.startswith(EVALUATION)]


def key_evaluations(run: Run) -> str:
    """The content key of which prompts the evaluations of this run ask."""
    return digest(sorted(list_evaluated_ids(run)))


def _find_evaluated(run: Run, prompts: Sequence[Prompt]) -> set[str]:
    """The ids of those prompts that hold a problem which an evaluation of this run asks."""
    asked = list(chain.from_iterable(read_prompts(run.prompts(name)) for name in _list_evaluations(run)))
    if not asked:
        return set()
    index = index_prompts(asked, "evaluations")
    return {one.prompt.id for one in find_contaminated(prompts, index)} | (
        {prompt.id for prompt in prompts} & {prompt.id for prompt in asked}
    )
