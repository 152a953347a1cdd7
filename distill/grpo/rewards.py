"""Checks as rewards, weighted and added up in one function, so that an undecided sample gets no reward at all.

TRL adds up the values of several reward functions and counts None as 0: a sample whose answer could not be
checked would count as wrong. Here such a sample gets None, and TRL leaves it out of its group.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator

from curate.calibration.calibrate import list_cases, measure, needs_calibration
from curate.calibration.calibration import Calibration
from curate.calibration.preference_calibration import conclude_preferences
from curate.checking.executors.local import LocalExecutor
from curate.checking.references import warn_unverifiable
from curate.checking.worker_messages import Verdicts
from curate.engines.factory import open_engine
from curate.engines.identity import find_model
from curate.engines.remembering import RecentAnswers, RememberingEngine
from filters.check import WITHOUT_SUBJECT, Check, EngineCheck
from filters.engine import Engine, EngineOptions
from filters.errors import UserError
from filters.spec import CheckSpec, is_judge_of_answers, is_rule_of_answers, parse_spec, read_spec
from filters.take_verdicts import take_verdicts
from filters.types import Prompt, Sample, Verdict

CHUNK = 32
"""Samples that a check worker gets at a time."""


class RewardSpec(CheckSpec):
    """A check as a reward."""

    weight: float = 1.0
    """Factor of the check's value: its score where the check grades, else 1 where it passes and 0 where it fails."""
    prompts: Literal["reasoning", "general", "all"] = "reasoning"
    """Which prompts it applies to: reasoning ones, general ones, or all."""

    @property
    def key(self) -> list[Any]:
        """The content key of the reward; where the check holds a model, also of its weights."""
        check = self.build()
        model = {"model": getattr(check, "model", ""), "revision": getattr(check, "revision", None)}
        weights = find_model(EngineOptions(**model)).key if check.resident and model["model"] else ""
        return [self.label, check.digest, weights, self.weight, self.prompts]


OWN = {"weight", "prompts"}


def _read_reward(value: Any) -> Any:
    """A reward written like a check; its weight and prompts stand beside the check's name or among its options."""
    if isinstance(value, RewardSpec):
        return value
    if isinstance(value, str):
        check, options = parse_spec(value)
        value = {
            "check": check,
            "options": options,
            **{key: options.pop(key) for key in OWN & options.keys()},
        }
    own = {key: value[key] for key in OWN & value.keys()} if isinstance(value, dict) else {}
    return (
        {**read_spec({key: rest for key, rest in value.items() if key not in own}), **own}
        if own
        else read_spec(value)
    )


Reward = Annotated[RewardSpec, BeforeValidator(_read_reward)]


def require_usable(specs: Sequence[RewardSpec], general: bool) -> tuple[RewardSpec, ...]:
    """Refuse rewards that cannot be computed during training, and return the others. Raises UserError."""
    if not any(spec.prompts != "general" for spec in specs):
        raise UserError("No reward applies to reasoning prompts: name one with --reward, e.g. math_answer.")
    if general and not any(spec.prompts != "reasoning" for spec in specs):
        raise UserError(
            "There are general prompts, but no reward applies to them: give one the option prompts=general."
        )
    for spec in specs:
        if spec.after is not None:
            raise UserError(
                f"'{spec.label}': a reward judges every sample and cannot wait for another check (after)."
            )
        if spec.build().scope != "sample":
            raise UserError(f"'{spec.label}' judges several samples at once and cannot be a reward.")
        if not spec.build().reads_response:
            raise UserError(
                f"'{spec.label}' judges prompts alone, so that all responses would earn the same."
            )
        _refuse_beside_rule(spec, specs)
        if spec.prompts == "general" and not general:
            raise UserError(
                f"'{spec.label}' rewards general prompts, but there are none: name them with --general."
            )
    return tuple(specs)


def _refuse_beside_rule(spec: RewardSpec, specs: Sequence[RewardSpec]) -> None:
    """Refuse a judge of answers beside a rule on the same prompts: added up, it would outweigh what that has proved."""
    if not is_judge_of_answers(spec.build()):
        return
    for rule in specs:
        if is_rule_of_answers(rule.build()) and (
            "all" in (rule.prompts, spec.prompts) or rule.prompts == spec.prompts
        ):
            raise UserError(
                f"'{spec.label}' and '{rule.label}' would both reward correct answers, and a judge never overrules a rule: "
                "name one of them."
            )


class SampleReward(NamedTuple):
    """The reward of one sample: the sum, None where a check is undecided, and each check's own value and verdict."""

    total: float | None
    values: dict[str, float | None]
    verdicts: dict[str, Verdict]


class Rewards:
    """Computes rewards: rules in worker processes with deadlines, models in this process or behind an engine."""

    def __init__(self, specs: Sequence[RewardSpec], workers: int | None = None) -> None:
        self._specs = tuple(specs)
        self._checks = {spec.label: spec.build() for spec in specs}
        self._rules = [spec for spec in specs if not isinstance(self._checks[spec.label], EngineCheck)]
        self._pool = LocalExecutor(self._rules, workers) if self._rules else None
        self._engines = _Engines()

    def compute(self, samples: Sequence[Sample], general: Sequence[bool]) -> list[SampleReward]:
        """The reward of each sample; general: whether its prompt is a general one."""
        verdicts: list[dict[str, Verdict]] = [{} for _ in samples]
        for spec, asked, future in [(spec, *self._ask(spec, samples, general)) for spec in self._specs]:
            for place, verdict in zip(asked, (v for part in future for v in part.result()), strict=True):
                verdicts[place][spec.label] = verdict
        return [self._add_up(given) for given in verdicts]

    def _ask(
        self, spec: RewardSpec, samples: Sequence[Sample], general: Sequence[bool]
    ) -> tuple[list[int], list[Future[list[Verdict]]]]:
        """The positions of the samples that a reward applies to, and their future verdicts, in chunks."""
        asked = [at for at, is_general in enumerate(general) if spec.prompts in ("all", _kind(is_general))]
        check, batch = self._checks[spec.label], [samples[at] for at in asked]
        if isinstance(check, EngineCheck):
            return asked, [self._engines.ask(check, batch)]
        chunks = [batch[at : at + CHUNK] for at in range(0, len(batch), CHUNK)]
        return asked, [self._by_rule(spec.label, chunk) for chunk in chunks]

    def _by_rule(self, label: str, batch: Sequence[Sample]) -> Future[list[Verdict]]:
        assert self._pool is not None
        judged, given = Future[list[Verdict]](), self._pool.submit(batch, [label])

        def pass_on(done: Future[Verdicts]) -> None:
            if done.cancelled():
                judged.cancel()
            elif error := done.exception():
                judged.set_exception(error)
            else:
                judged.set_result(done.result()[label])

        given.add_done_callback(pass_on)
        return judged

    def _add_up(self, given: Mapping[str, Verdict]) -> SampleReward:
        verdicts = self._drop_others(given)
        weights = {spec.label: spec.weight for spec in self._specs}
        values = {label: _value(self._checks[label], verdict) for label, verdict in verdicts.items()}
        decided = [weights[label] * value for label, value in values.items() if value is not None]
        total = sum(decided) if values and len(decided) == len(values) else None
        return SampleReward(total, values, verdicts)

    def _drop_others(self, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """Without verifiers that are for other prompts than this one: those with answers, or with tests. One is always left."""
        verifiers = [label for label in verdicts if self._checks[label].role == "verifier"]
        others = [label for label in verifiers if verdicts[label].rule in WITHOUT_SUBJECT]
        dropped = others if len(others) < len(verifiers) else []
        return {label: verdict for label, verdict in verdicts.items() if label not in dropped}

    def calibrate(self, folder: Path) -> dict[str, Calibration]:
        """Try the rewards that ask a model on bundled cases: no rule has decided anything before them. The outcomes by label.

        folder: where their answers are kept, so that a training that goes on asks for none again. Raises UserError where one
        errs too often, or its error rate cannot be found out.
        """
        found = {
            spec.label: self._calibrate(spec.label, folder / f"{spec.label}.jsonl")
            for spec in self._specs
            if needs_calibration(self._checks[spec.label])
        }
        for label, one in found.items():
            if not one.reliable:
                raise UserError(
                    f"The reward '{label}' errs too often to train on: {'; '.join(one.faults)}. Nothing was trained; name "
                    "another judge, or raise its bounds."
                )
        return found

    def _calibrate(self, label: str, journal: Path) -> Calibration:
        """By an engine, or by the model that the check holds in this process, where it is already."""
        check = self._checks[label]
        if isinstance(check, EngineCheck):
            return self._engines.measure(check, journal).result()
        cases = list_cases(check)
        samples = [case.sample for case in cases]
        parts = [self._by_rule(label, samples[at : at + CHUNK]) for at in range(0, len(samples), CHUNK)]
        return conclude_preferences(check, cases, [verdict for part in parts for verdict in part.result()])

    @property
    def correctness_labels(self) -> Sequence[str]:
        """The labels of the rewards that decide what is correct: the first, and where it verifies, others that do for other prompts."""
        first, *others = (spec for spec in self._specs)
        if self._checks[first.label].role != "verifier":
            return [first.label]
        return [first.label, *(spec.label for spec in others if self._checks[spec.label].role == "verifier")]

    def warn_unverifiable(self, prompts: Sequence[Prompt]) -> None:
        """Log how many of the reasoning prompts have a reference answer, or tests, that their rewards cannot use."""
        if self._pool is not None:
            rules = [spec for spec in self._rules if spec.prompts != "general"]
            warn_unverifiable(prompts, rules, self._pool)

    def close(self) -> None:
        """End the workers and close the engines."""
        if self._pool is not None:
            self._pool.close()
        self._engines.close()


class _Engines:
    """Engines for checks that ask a model, opened on first use, on an event loop in a thread of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="judges", daemon=True)
        self._open: dict[str, asyncio.Future[Engine]] = {}
        self._stack = AsyncExitStack()

    def ask(self, check: EngineCheck, batch: Sequence[Sample]) -> Future[list[Verdict]]:
        """The future verdicts."""
        if not self._thread.is_alive():
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._ask(check, batch), self._loop)

    def measure(self, check: EngineCheck, journal: Path) -> Future[Calibration]:
        """The future calibration of a check on bundled cases."""
        if not self._thread.is_alive():
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._measure(check, journal), self._loop)

    async def _measure(self, check: EngineCheck, journal: Path) -> Calibration:
        return await measure(check, await self._find(check), list_cases(check), journal)

    async def _ask(self, check: EngineCheck, batch: Sequence[Sample]) -> list[Verdict]:
        return take_verdicts(await check.ask(batch, await self._find(check)), len(batch))

    async def _find(self, check: EngineCheck) -> Engine:
        """The open engine of a check."""
        key = check.engine.model_dump_json()
        if key not in self._open:
            self._open[key] = asyncio.ensure_future(_open_remembering(check.engine))
            self._stack.push_async_callback((await self._open[key]).close)
        return await self._open[key]

    def close(self) -> None:
        """Close the open engines and end the thread."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stack.aclose(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()


async def _open_remembering(options: EngineOptions) -> Engine:
    """The engine, which is asked once of what several steps, samples or rewards want to know."""
    return RememberingEngine(await open_engine(options), RecentAnswers())


def _kind(is_general: bool) -> str:
    return "general" if is_general else "reasoning"


def _value(check: Check, verdict: Verdict) -> float | None:
    if verdict.ok is None:
        return None
    return verdict.score if check.graded else float(verdict.ok)
