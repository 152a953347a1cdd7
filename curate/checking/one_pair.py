"""One answer and one response, judged by hand: the verdict, what was extracted, and by which rule.

The checks run as they do on a file, in a worker with deadlines; nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from curate.checking.executors.local import LocalExecutor
from curate.checking.reference_kinds import ReadReference, classify_reference, restate_reference
from curate.checking.references import compares_reference
from curate.console import mark_spans
from curate.stage_results import StageResult
from filters.answers.extract.final_answer import FinalAnswer, extract_answer
from filters.answers.verdicts import ANSWER_RULES, extract_reference, find_unread
from filters.check import COMMON_RULES, EngineCheck
from filters.errors import UserError
from filters.spec import CheckSpec
from filters.types import Prompt, Sample, Verdict, make_storable

SHOWN: Final = 500
"""Characters of a text that are shown."""
_SAID: Final = {True: ("true", "green"), False: ("false", "red"), None: ("undecided", "yellow")}


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """What one check says of the pair.

    meaning: what the verdict's rule means; empty where the check does not say. found: the final answer of the response,
    for checks that compare the one that `extract_answer` finds; else None. reference: what the check makes of the reference.
    """

    label: str
    verdict: Verdict
    meaning: str
    found: FinalAnswer | None
    reference: ReadReference


@dataclass(frozen=True, slots=True)
class PairResult(StageResult):
    """What checks say of one pair, as a sample of its prompt."""

    sample: Sample
    judged: Sequence[JudgedPair]

    def render(self) -> Iterator[RenderableType]:
        """A table for each check."""
        for one in self.judged:
            table = Table(show_header=False, title=one.label)
            for name, text in _describe(self.sample, one):
                table.add_row(name, text)
            yield table


def judge_pair(answer: str, response: str, prompt: str, specs: Sequence[CheckSpec]) -> PairResult:
    """Judge a response by its reference answer. prompt: what was asked, or nothing.

    Raises UserError where a check cannot judge one pair.
    """
    for spec in specs:
        _require_usable(spec)
    sample = Sample(
        "pair", Prompt.make(make_storable(prompt), make_storable(answer)), make_storable(response)
    )
    with LocalExecutor(specs, workers=1) as executor:
        verdicts = executor.submit([sample, *restate_reference(sample.prompt)]).result()
    return PairResult(sample, [_tell(sample, spec, verdicts[spec.label]) for spec in specs])


def _require_usable(spec: CheckSpec) -> None:
    check = spec.build()
    if isinstance(check, EngineCheck) or check.resident:
        why = "it needs a language model; give a run or a file"
    elif check.scope != "sample":
        why = f"it judges all samples of a {check.scope} together"
    elif not compares_reference(spec):
        why = "it does not compare a response with a reference answer"
    else:
        return
    raise UserError(f"'{spec.label}' cannot judge one pair: {why}.")


def _tell(sample: Sample, spec: CheckSpec, given: Sequence[Verdict]) -> JudgedPair:
    verdict, *own = given
    rules = {**COMMON_RULES, **spec.build().rules}
    found = extract_answer(sample.parts) if ANSWER_RULES.keys() <= rules.keys() else None
    return JudgedPair(spec.label, verdict, rules.get(verdict.rule, ""), found, classify_reference(own))


def _describe(sample: Sample, one: JudgedPair) -> Iterator[tuple[str, str | Text]]:
    said, style = _SAID[one.verdict.ok]
    yield "verdict", mark_spans(said, [(0, len(said))], style)
    yield "rule", f"{one.verdict.rule}{f': {one.meaning}' if one.meaning else ''}"
    yield "reason", one.verdict.reason
    if one.verdict.score is not None:
        yield "score", f"{one.verdict.score:g}"
    if one.found is not None:
        yield "extracted", _cut(one.found.text) or "no answer"
        yield "found", _describe_place(one.found.how, one.found.span, sample.response, one.found.strong)
    elif one.verdict.span is not None:
        yield "found", _describe_place("", one.verdict.span, sample.response)
    yield "reference", _cut(extract_reference(sample)) or "none"
    yield "reference is", str(one.reference)
    unread = find_unread(one.verdict.reason)
    if unread:
        yield "not read", unread


def _describe_place(how: str, span: tuple[int, int] | None, response: str, strong: bool = True) -> str:
    """How an answer was found, and the words of the response that it was read from."""
    said = [how, *([] if strong else ["a guess"])]
    if span is not None:
        said.append(f"characters {span[0]} to {span[1]}: {_cut(response[slice(*span)])}")
    return ", ".join(filter(None, said))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
