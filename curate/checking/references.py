"""References that answers can hardly be compared with, and tests that no program can be run on, found while the engine is loaded.

A prompt without a reference, or with one that its verifier does not read whole, gives few verdicts or none however
often it is sampled. Each reference is therefore given to the verifier as if it were an answer. A verifier that runs
tests is given an empty response: it reads the tests before it looks for a program.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Event
from typing import Final

import polars as pl

from curate.checking.executors.base import Executor
from curate.checking.reference_kinds import (
    ROWS_NAMED,
    ReadReference,
    ReferenceCounts,
    classify_reference,
    describe_kinds,
    name_unread,
    restate_reference,
)
from curate.store.hidden_texts import find_hidden_prompts
from curate.store.joined import join_part, require_samples, verdict_column
from curate.store.layout import Run
from curate.store.parquet import scan_parts, split_chunks
from curate.store.prompts_by_id import PROMPT_KEY
from filters.answers.compare.reading import read_answer
from filters.answers.verdicts import ANSWER_RULES, NOT_READ, extract_reference, quote_answer
from filters.check import EngineCheck
from filters.spec import CheckSpec
from filters.types import Prompt, Sample, Verdict

logger = logging.getLogger(__name__)

LOST_TESTS_RULES: Final = ("no_tests", "unreadable_tests")
"""The rules by which verifiers say that the tests are at fault."""
LOST_REFERENCE_RULES: Final = ("no_reference", "unreadable_reference")
"""The rules by which they say it of the reference."""
_KEY: Final = ["prompt_id", "variant"]
PROMPTS_AT_ONCE = 64


def compares_reference(spec: CheckSpec) -> bool:
    """Whether a check compares samples with a reference: without one it says so."""
    return _name_lack(spec) == "no_reference"


def runs_tests(spec: CheckSpec) -> bool:
    """Whether a check runs programs on their prompts' tests: without any it says so."""
    return _name_lack(spec) == "no_tests"


def _name_lack(spec: CheckSpec) -> str:
    """The rule of a check on a sample whose prompt has nothing to verify it by."""
    check = spec.build()
    if isinstance(check, EngineCheck) or check.resident or check.scope != "sample":
        return ""
    return check.check([Sample("", Prompt.make("?"), "\\boxed{0}")])[0].rule


def count_references(
    prompts: Iterable[Prompt],
    specs: Sequence[CheckSpec],
    executor: Executor,
    hidden: Collection[str] = (),
) -> Mapping[str, ReferenceCounts]:
    """For each check that compares, by its label, how many references are of which kind to it.

    hidden: ids of prompts whose references are counted and not quoted.
    """
    found = {spec.label: ReferenceCounts() for spec in specs if compares_reference(spec)}
    for prompt, verdicts in _judge_prompts(prompts, list(found), executor, restate_reference):
        for label, given in verdicts.items():
            read = classify_reference(given)
            found[label].add(ReadReference(read.kind) if prompt.id in hidden else read, prompt.source_id)
    return found


@dataclass(slots=True)
class LostTests:
    """Prompts whose tests a check cannot run: how many, and the names of the first."""

    label: str
    prompts: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, row: str) -> None:
        """Count one more. row: what its owner calls it."""
        self.prompts += 1
        if len(self.names) < ROWS_NAMED:
            self.names.append(row)


def find_lost_tests(
    prompts: Iterable[Prompt], specs: Sequence[CheckSpec], executor: Executor
) -> Iterator[LostTests]:
    """For each check that runs tests, the prompts whose tests it cannot run, where there are any."""
    lost = {spec.label: LostTests(spec.label) for spec in specs if runs_tests(spec)}
    for prompt, verdicts in _judge_prompts(prompts, list(lost), executor, _leave_empty):
        for label, given in verdicts.items():
            if given[0].rule in (*LOST_REFERENCE_RULES, *LOST_TESTS_RULES, "unsupported"):
                lost[label].add(prompt.source_id)
    yield from (found for found in lost.values() if found.prompts)


def _leave_empty(prompt: Prompt) -> list[Sample]:
    return [Sample(prompt.id, prompt, "")]


def _judge_prompts(
    prompts: Iterable[Prompt],
    labels: Sequence[str],
    executor: Executor,
    make: Callable[[Prompt], list[Sample]],
) -> Iterator[tuple[Prompt, Mapping[str, Sequence[Verdict]]]]:
    """Each prompt with the verdicts on the samples that are made of it, by the checks' labels."""
    if not labels:
        return
    chunks = split_chunks(prompts, PROMPTS_AT_ONCE)
    work = ([sample for prompt in chunk for sample in make(prompt)] for chunk in chunks)
    for batch, verdicts in executor.judge_in_order(work, labels):
        starts = [place for place, sample in enumerate(batch) if sample.index == 0]
        for start, end in pairwise([*starts, len(batch)]):
            yield batch[start].prompt, {label: given[start:end] for label, given in verdicts.items()}


def warn_unverifiable(
    prompts: Collection[Prompt], specs: Sequence[CheckSpec], executor: Executor, stop: Event | None = None
) -> None:
    """Say how many references or tests are of little use or none, and name the first; nothing when `stop` is set meanwhile."""
    stopped = stop or Event()
    wanted = (prompt for prompt in prompts if not stopped.is_set())
    for label, counts in count_references(wanted, specs, executor).items():
        _warn(() if stopped.is_set() else describe_kinds(label, counts, len(prompts)))
    wanted = (prompt for prompt in prompts if not stopped.is_set())
    for lost in find_lost_tests(wanted, specs, executor):
        _warn(() if stopped.is_set() else [_describe_lost(lost, len(prompts))])


def warn_unreadable(run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
    """Say it after checking, of the prompts whose samples are undecided, from the verdicts' reasons."""
    parts = require_samples(run, name)
    built = {spec.label: spec.build().rules for spec in specs}
    lost = {*LOST_REFERENCE_RULES, *LOST_TESTS_RULES}
    labels = [label for label, rules in built.items() if not rules or not rules.keys().isdisjoint(lost)]
    if not labels:
        return
    found: dict[str, list[pl.DataFrame]] = {label: [] for label in labels}
    for part in parts:
        verdicts = join_part(run, name, part, labels, PROMPT_KEY, ("reason",))
        for label in labels:
            shared = ANSWER_RULES.keys() <= built[label].keys()
            found[label].append(_list_lost(verdicts, label, shared=shared))
    hidden = find_hidden_prompts(run, name)
    prompts = scan_parts(run.prompts(name), later=("variant",)).select(*PROMPT_KEY, "source_id", "answer")
    for label, frames in found.items():
        asked = pl.concat(frames).unique(_KEY)
        if asked.height:
            total = int(prompts.select(pl.struct(_KEY).hash().n_unique()).collect().item())
            theirs = prompts.join(asked.lazy(), on=_KEY, how="inner", maintain_order="left").collect()
            _warn_lost(label, theirs.unique(_KEY, keep="first", maintain_order=True), total, hidden)


def _list_lost(verdicts: pl.DataFrame, label: str, *, shared: bool) -> pl.DataFrame:
    """Prompts for whose verdict the reference or the tests may be at fault: their key, and the verdict's rule.

    shared: whether the check's reasons are those of `judge_answer`, and may say what was not read.
    """
    reason = pl.col(verdict_column(label, "reason"))
    rule = reason.str.split(":").list.first()
    unread = reason.str.contains(NOT_READ, literal=True) if shared else pl.lit(value=False)
    lost = rule.is_in([*LOST_REFERENCE_RULES, *LOST_TESTS_RULES]) | ((rule == "unsure") & unread)
    found = verdicts.filter(lost).select(*_KEY, rule.alias("rule"), unread.alias("unread"))
    return found.sort("unread", descending=True, maintain_order=True).unique(_KEY, keep="first")


def _warn_lost(label: str, prompts: pl.DataFrame, total: int, hidden: Collection[str]) -> None:
    counts, tests = ReferenceCounts(), LostTests(label)
    for row in prompts.iter_rows(named=True):
        if row["rule"] in LOST_TESTS_RULES:
            tests.add(row["source_id"])
            continue
        read = _classify_lost(row["answer"] or "", row["rule"], unread=row["unread"])
        if read is not None:
            quoted = ReadReference(read.kind) if row["prompt_id"] in hidden else read
            counts.add(quoted, row["source_id"])
    _warn(describe_kinds(label, counts, total, judged=True))
    if tests.prompts:
        _warn([_describe_lost(tests, total)])


def _classify_lost(answer: str, rule: str, *, unread: bool) -> ReadReference | None:
    """The kind of a reference by which a sample is undecided; None where it was the answer that was not read.

    It is read here as it was in the worker that gave the verdict, which came to an end.
    """
    if rule == "no_reference":
        return ReadReference("missing")
    if not unread:
        return ReadReference("unusable")
    reading = read_answer(extract_reference(Sample("", Prompt("", (), answer), "")))
    return None if reading.node is not None else name_unread(quote_answer(reading.unread), rule)


def _describe_lost(lost: LostTests, total: int) -> str:
    more = ", …" if lost.prompts > len(lost.names) else ""
    return (
        f"{lost.prompts:,} of {total:,} tests are missing or cannot be run by {lost.label}, "
        f"so samples of these prompts stay undecided: {', '.join(lost.names)}{more}"
    )


def _warn(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        logger.warning(sentence)
