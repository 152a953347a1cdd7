"""How often a verifier of programs errs, measured on the solutions that the run's own rows have.

It must accept a program that is known to be right, and reject near misses of it. A near miss that passes is no proof of an
error: it may be right as well, or the row's tests may be too weak to tell; either way they let it pass. Of a solution that is
not accepted no near miss is tried: it would be rejected for the same reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import polars as pl

from curate.audit.rates import Rate
from curate.checking.executors.base import Executor
from curate.progress import open_meter
from curate.store.hidden_texts import find_hidden_prompts
from curate.store.layout import Run
from curate.store.parquet import scan_parts
from curate.store.prompts_by_id import PROMPT_KEY, find_prompts
from filters.answers.verdicts import quote_answer
from filters.checks.code_tests import LANGUAGES
from filters.programs.errors import UnreadableTestsError
from filters.programs.extract_code import find_code
from filters.programs.mutants import make_mutants
from filters.programs.own_solution import find_solution
from filters.programs.read_tests import read_tests
from filters.spec import CheckSpec
from filters.types import Prompt, Sample, Verdict

PROGRAMS: Final = 200
"""Solutions that are tried: tests take seconds, and an audit should take minutes."""
PROMPTS: Final = 1_000
"""Prompts among which solutions are looked for."""
AT_ONCE: Final = 100
"""Prompts held in memory at once: their tests may be large."""
NEAR_MISSES: Final = 5
"""Near misses of each solution."""
_MARKS: Final = re.compile("`+")


class Solution(NamedTuple):
    """A program that a prompt's row knows to be right, in a language of extract_code.LABELS."""

    prompt: Prompt
    code: str
    language: str


class _Trial(NamedTuple):
    """A program to be judged. change: how it differs from the solution; "" where it does not."""

    solution: Solution
    sample: Sample
    change: str = ""

    @property
    def example(self) -> str:
        """What an error is shown as: the prompt, and what was changed."""
        prompt = self.sample.prompt
        return quote_answer(f"{prompt.source_id or prompt.id}: {self.change}".removesuffix(": "))


def measure_on_solutions(run: Run, name: str, spec: CheckSpec, executor: Executor) -> dict[str, Rate]:
    """Whether the rows' own solutions are accepted and near misses of them rejected; the rates by kind of error."""
    own = Rate("own solution rejected")
    near = Rate("near miss of it passes (it may be right, or the tests weak)")
    accepted = []
    for trial, verdict in _judge(_make_trials(draw_solutions(run, name, spec)), spec, executor, name):
        own.add(verdict.ok is False, verdict.ok is None, f"{trial.example}: {verdict.reason}")
        accepted += [trial.solution] * (verdict.ok is True)
    for trial, verdict in _judge(_make_near_misses(accepted), spec, executor, f"near misses, {name}"):
        near.add(verdict.ok is True, verdict.ok is None, trial.example)
    return {"false_reject": own, "false_accept": near}


def draw_solutions(run: Run, name: str, spec: CheckSpec) -> Iterator[Solution]:
    """Solutions of prompts with tests that may be quoted, chosen by the prompts' ids, which are random digests."""
    hidden = list(find_hidden_prompts(run, name))
    shown = pl.col("extra").is_not_null() & ~pl.col("prompt_id").is_in(hidden)
    asked = scan_parts(run.prompts(name), later=("variant",)).filter(shown)
    unique = asked.select(PROMPT_KEY).unique("prompt_id", keep="first", maintain_order=True)
    ids = unique.sort("prompt_id").head(PROMPTS).collect()
    found = 0
    for chunk in ids.iter_slices(AT_ONCE):
        prompts = find_prompts(run.prompts(name), chunk.lazy())
        for prompt in sorted(prompts.values(), key=lambda one: one.id):
            solution = _find_solution(prompt, spec)
            if solution is not None:
                yield solution
                found += 1
            if found == PROGRAMS:
                return


def _find_solution(prompt: Prompt, spec: CheckSpec) -> Solution | None:
    """None also where the tests cannot be read: `verify` warns of those."""
    try:
        tests = read_tests(prompt.extra)
    except UnreadableTestsError:
        return None
    language = tests and LANGUAGES.get(tests.language or spec.options.get("language", "python"))
    code = find_solution(prompt.extra, language, prompt.answer) if language else None
    return Solution(prompt, code, language) if language and code else None


def _make_trials(solutions: Iterable[Solution]) -> Iterator[_Trial]:
    for one in solutions:
        yield from _make_trial(one, one.code, 0)


def _make_near_misses(solutions: Iterable[Solution]) -> Iterator[_Trial]:
    for one in solutions:
        for number, mutant in enumerate(make_mutants(one.code, NEAR_MISSES, one.language), 1):
            yield from _make_trial(one, mutant.code, number, mutant.change)


def _make_trial(solution: Solution, code: str, index: int, change: str = "") -> Iterator[_Trial]:
    """A response that is a program alone; none for one that the check would not find there as it is (it holds think tags, say)."""
    fence = "`" * max([3, *(len(marks) + 1 for marks in _MARKS.findall(code))])
    prompt = solution.prompt
    sample = Sample(f"{prompt.id}-{index}", prompt, f"{fence}{solution.language}\n{code}\n{fence}", index)
    if (find_code(sample.parts.answer or "", solution.language) or "").strip() == code.strip():
        yield _Trial(solution, sample, change)


def _judge(
    trials: Iterable[_Trial], spec: CheckSpec, executor: Executor, what: str
) -> Iterator[tuple[_Trial, Verdict]]:
    """The trials with their verdicts, in order; one at a time, since each takes a worker long."""
    listed = list(trials)
    judged = executor.judge_in_order(([trial.sample] for trial in listed), [spec.label])
    with open_meter(f"audit of {spec.label} on {what}", len(listed)) as meter:
        for trial, (_, verdicts) in zip(listed, judged, strict=True):
            yield trial, verdicts[spec.label][0]
            meter.advance()
