"""What a check that prefers responses is tried with: labelled pairs, and responses beside versions that are no better.

Each case belongs to a pair of a better and a worse response. A check that compares the samples of a prompt is given each
pair as a prompt of its own, so that it compares just these two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final, NamedTuple

from curate.calibration.cases import LABEL, LabelledCase
from curate.calibration.preference_pairs import find_criterion_name, find_pairs
from curate.calibration.twins import (
    EMPTY,
    EMPTY_TEXTS,
    ORDERS,
    OTHER_PROMPT,
    TWINS,
    give_order,
    make_twin,
)
from filters.check import Check
from filters.digest import digest
from filters.judges.language_model import says_nothing
from filters.judges.preference import find_preferred_span
from filters.types import Prompt, Sample

FORMAT: Final = 1
"""Raised when cases are made in another way."""
ORIGINALS: Final = 100
"""Responses that twins and canaries are made of: with none accepted of so many, at most 3.7% are (95%)."""
PAIRS: Final = 200
"""Labelled pairs that a language model is asked about."""
RESIDENT_PAIRS: Final = 2000
"""The same of a model that is asked in this process, which costs little."""
NEIGHBOURS: Final = 8
"""Other prompts among which the least alike gives its answer."""


class _Couple(NamedTuple):
    """A better and a worse text for a prompt. of: the text of which the worse one is a version."""

    prompt: Prompt
    better: str
    worse: str
    kind: str
    source: str
    of: str


def make_preference_cases(check: Check, samples: Sequence[Sample] = ()) -> list[LabelledCase]:
    """The cases of a check: of each pair first the better response, which is `right`, then the worse one.

    samples: of the run, in any order; without enough of them, the better responses of the pairs are used as well. The twin of a
    worse one is the id of what it is a version of: of the better one, or for orders of the plain worse one. No cases where
    no pairs are known of what the check judges by. Raises UserError where its file of pairs cannot be read.
    """
    most = RESIDENT_PAIRS if check.resident else PAIRS
    labelled = sorted(
        (
            _Couple(Prompt.make(one.prompt), one.good, one.bad, LABEL, _source(check), one.good)
            for one in find_pairs(check)
        ),
        key=lambda one: digest(one.prompt.id, one.better, one.worse),
    )[:most]
    if not labelled:
        return []
    originals = choose_originals(samples, labelled)
    couples = [*labelled, *_make_orders(labelled), *_make_twins(originals)]
    if (
        find_criterion_name(check) != "harmlessness"
    ):  # by which an empty response, or another prompt's, is no fault
        # A check that compares may well find a bad response of the run no better than these; a good one must win.
        good = choose_originals((), labelled) if check.scope == "prompt" else originals
        couples += [*_make_empty(good), *_swap_answers(good)]
    return [case for couple in couples for case in _list_cases(check, couple)]


def _source(check: Check) -> str:
    return "bundled" if getattr(check, "pairs", None) is None else "pairs"


def choose_originals(samples: Sequence[Sample], labelled: Sequence[_Couple]) -> list[Sample]:
    """Up to `ORIGINALS` responses that say something, one a prompt, in the order of their content keys; the run's own first."""
    ranked = sorted(samples, key=lambda sample: digest(sample.prompt.id, sample.id))
    made = (Sample("", couple.prompt, couple.better) for couple in labelled)
    found: dict[str, Sample] = {}
    for sample in (*ranked, *made):
        if len(found) == ORIGINALS:
            break
        if sample.prompt.id not in found and not says_nothing(_said(sample)):
            found[sample.prompt.id] = sample
    return list(found.values())


def _said(sample: Sample) -> str:
    """What follows the chain; empty where it is never closed."""
    span = find_preferred_span(sample.response, "response")
    return "" if span is None else sample.response[slice(*span)]


def _reply(sample: Sample, text: str) -> str:
    """The response with another text after its chain."""
    span = find_preferred_span(sample.response, "response")
    assert span is not None, "an original says something"
    return sample.response[: span[0]] + text + sample.response[span[1] :]


def _make_version(sample: Sample, text: str, kind: str) -> _Couple:
    source = "run" if sample.id else "bundled"
    return _Couple(sample.prompt, sample.response, _reply(sample, text), kind, source, sample.response)


def _make_twins(originals: Sequence[Sample]) -> Iterator[_Couple]:
    for sample in originals:
        for kind in TWINS:
            yield _make_version(sample, make_twin(kind, _said(sample)), kind)


def _make_empty(originals: Sequence[Sample]) -> Iterator[_Couple]:
    for number, sample in enumerate(originals):
        text = EMPTY_TEXTS[number % len(EMPTY_TEXTS)]
        if text != _said(sample):
            yield _make_version(sample, text, EMPTY)


def _swap_answers(originals: Sequence[Sample]) -> Iterator[_Couple]:
    """Each prompt with the answer to that of its neighbours whose prompt is least like it."""
    for place, sample in enumerate(originals):
        around = [originals[(place + step) % len(originals)] for step in range(1, NEIGHBOURS + 1)]
        others = [one for one in around if _said(one).casefold() != _said(sample).casefold()]
        if others:
            other = min(others, key=lambda one: _likeness(one.prompt.text, sample.prompt.text))
            yield _make_version(sample, _said(other), OTHER_PROMPT)


def _likeness(one: str, other: str) -> float:
    """The share of two letters in a row that two prompts have in common."""
    left, right = ({text[at : at + 2] for at in range(min(len(text), 1000))} for text in (one, other))
    return len(left & right) / len(left | right)


def _make_orders(labelled: Sequence[_Couple]) -> Iterator[_Couple]:
    for number, one in enumerate(islice(labelled, PAIRS)):
        yield one._replace(worse=give_order(number, one.worse), kind=ORDERS, of=one.worse)


def _list_cases(check: Check, couple: _Couple) -> Iterator[LabelledCase]:
    prompt = _make_prompt(check, couple)
    ordered = couple.kind == ORDERS
    plain = _make_prompt(check, couple._replace(worse=couple.of, kind=LABEL)) if ordered else prompt
    yield LabelledCase(_make_sample(prompt, couple.better), True, couple.kind, couple.source)
    twin = _make_sample(plain, couple.of).id
    yield LabelledCase(_make_sample(prompt, couple.worse), False, couple.kind, couple.source, twin)


def _make_prompt(check: Check, couple: _Couple) -> Prompt:
    """The prompt that a pair is asked under: its own for a check that compares a prompt's samples.

    With the better response as the reference, where the check compares with one.
    """
    if check.scope != "prompt":
        return couple.prompt
    key = digest(couple.prompt.id, couple.better, couple.worse, couple.kind)
    column = getattr(check, "reference", None)
    told: dict[str, Any] = {}
    if column == "answer":
        told["answer"] = couple.better
    elif column is not None:
        told["extra"] = {**couple.prompt.extra, column: couple.better}
    return replace(couple.prompt, id=key, **told)


def _make_sample(prompt: Prompt, text: str) -> Sample:
    return Sample(digest("calibration", prompt.id, text), prompt, text)
