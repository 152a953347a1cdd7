"""`generate`: many samples a prompt from a teacher, each verified as soon as it is there."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from pydantic import Field

from curate.asking import Asking, AskOptions, asked_identity, key_of
from curate.checks import CheckSpec, Spec, distinct, spec_of
from curate.console import Meter, emit, meter
from curate.engines import engine_identity, open_engine
from curate.engines.lasting import LastingEngine
from curate.folder import Run, read_json, write_json
from curate.inputs import ColumnMap, prompts_of, read_rows
from curate.journal import SampleWriter
from curate.judging import judge_samples, remember
from curate.known import Known, known_verdicts
from curate.listed import Listed
from curate.live import METRICS, Live, last_speed
from curate.options import StageOptions
from curate.plan import PlanOptions, estimate, pilot
from curate.pool import CheckPool
from curate.rates import write_rates
from curate.references import note_unverifiable
from curate.sampler import Budget, Counts, Sampler
from curate.stopping import PromptProgress, StoppingRule
from curate.verify import summary
from curate.watchdog import WatchdogOptions
from filters.check import EngineCheck
from filters.engine import Engine, EngineOptions, SamplingOptions
from filters.vocabulary import Prompt, UserError


class PromptedOptions(StageOptions):
    """What every stage that samples a model is told: where to, which prompts, which model."""

    flags: ClassVar[Mapping[str, str]] = {
        "model": "engine.model",
        "engine": "engine.kind",
        "endpoint": "engine.endpoints",
        "template": "engine.template",
        "temperature": "sampling.temperature",
        "top_p": "sampling.top_p",
        "max_tokens": "sampling.max_tokens",
        "seed": "sampling.seed",
    }

    run: Path
    """The run folder; made where there is none."""
    prompts: str
    """A file (JSON Lines, JSON, CSV, Parquet), datasets folder or Hub set with the columns prompt and answer."""
    limit: int | None = Field(None, gt=0)
    """Only the first so many prompts."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of the prompts, as ours=theirs. Repeatable."""
    split: str = "train"
    """The split of a data set."""
    workers: int | None = Field(None, gt=0)
    """Processes that check; none means one a core."""
    engine: EngineOptions = EngineOptions()

    def read_prompts(self, required: tuple[str, ...] = ("prompt",)) -> Iterator[Prompt]:
        """The prompts asked for, in order."""
        rows = read_rows(self.prompts, self.split, self.map)
        return itertools.islice(prompts_of(rows, required), self.limit)


class GenerateOptions(PromptedOptions, StoppingRule):
    """Sample responses to prompts."""

    flags: ClassVar[Mapping[str, str]] = {
        **PromptedOptions.flags,
        "stop_by": "watchdog.check",
        "chain_tokens": "watchdog.chain_tokens",
        "stop_loops": "watchdog.loops",
        "examples": "ask.examples",
        "shots": "ask.shots",
        "instruction": "ask.instruction",
        "plan": "plan.prompts",
        "price_tokens": "plan.price_tokens",
        "price_hour": "plan.price_hour",
        "budget_samples": "budget.samples",
        "budget_tokens": "budget.tokens",
        "budget_minutes": "budget.minutes",
    }

    name: str = "teacher"
    """What these samples are called in the run."""
    check: tuple[Spec, ...] = (spec_of("math_answer"),)
    """A check to run while sampling, as NAME or NAME:option=value,…; math_answer unless given. Repeatable."""
    sampling: SamplingOptions = SamplingOptions()
    ask: AskOptions = AskOptions()
    budget: Budget = Budget()
    watchdog: WatchdogOptions = WatchdogOptions()
    plan: PlanOptions = PlanOptions()


def generate(options: GenerateOptions) -> None:
    """Sample many responses a prompt from a model, and verify each while others are being sampled.

    Reads prompts with the columns prompt and answer (rename with --map). Writes RUN/prompts/NAME,
    RUN/samples/NAME and RUN/verdicts/NAME. A rerun makes only what is missing.

    Example: r1curate generate --run runs/r1 --prompts problems.jsonl --model Qwen/Qwen3-8B --samples 16
    """
    run, planned = Run(options.run), None
    if options.plan.prompts is not None:
        planned = pilot(options.read_prompts(), options.plan.prompts)
    prompts = options.read_prompts() if planned is None else planned.chosen
    sample(run, options.name, prompts, options, options.engine, options.sampling, options.check, options.workers, options.budget, options.watchdog, options.ask)  # fmt: skip
    emit(summary(run, options.name, options.check))
    if planned is not None:
        speed = last_speed(run.samples(options.name) / METRICS)
        rules = [spec.label for spec in rules_of(options.check)]
        emit(estimate(run, options.name, planned, rules, speed, options.plan))


def rules_of(specs: Iterable[CheckSpec]) -> list[CheckSpec]:
    """The checks that can judge a sample as soon as it is there: they hold no model and wait for no sibling."""
    built = ((spec, spec.build()) for spec in specs)
    return [
        spec
        for spec, check in built
        if not isinstance(check, EngineCheck) and not check.resident and check.scope == "sample"
    ]


def sample(
    run: Run,
    name: str,
    prompts: Iterable[Prompt],
    rule: StoppingRule,
    engine: EngineOptions,
    sampling: SamplingOptions,
    specs: Sequence[CheckSpec],
    workers: int | None = None,
    budget: Budget | None = None,
    watchdog: WatchdogOptions | None = None,
    ask: AskOptions | None = None,
) -> Counts | None:
    """Bring `samples(name)` to what the rule asks for each of these prompts, with verdicts by `specs`.

    The engine is not loaded where nothing is missing: then None is returned.
    """
    counts, specs = None, distinct(specs)
    rules = rules_of(specs)
    if rule.accept is not None and not rules:
        raise UserError("accept counts samples that a rule accepts while sampling: name one with --check.")
    ask = ask or AskOptions()
    identity = asked_identity(engine_identity(engine), ask)
    _same_generation(run, name, identity, engine, sampling, ask)
    listed = Listed.adopt(run.prompts(name), prompts)
    if not len(listed):
        raise UserError("There are no prompts to sample from.")
    remember(run, name, specs)
    with SampleWriter(run, name, rules) as writer, CheckPool(rules, workers) as pool:
        writer.seal()
        judge_samples(run, name, rules, workers)
        known = known_verdicts(run, name, [spec.label for spec in rules])
        if any(PromptProgress(rule, known.get(prompt.id, {})).next_wave() for prompt in listed):
            with meter(f"sampling {name}", len(listed)) as progress:
                make = Making(engine, sampling, rule, writer, pool, known, budget, watchdog, progress, ask)
                counts = asyncio.run(make.run(listed, rules))
            emit(_account(counts))
    judge_samples(run, name, specs, workers)
    if rules:
        write_rates(run, name, rule, known_verdicts(run, name, [spec.label for spec in rules]))
    return counts


class Making(NamedTuple):
    """Everything one run of the sampler needs."""

    engine: EngineOptions
    sampling: SamplingOptions
    rule: StoppingRule
    writer: SampleWriter
    pool: CheckPool
    known: Known
    budget: Budget | None
    watchdog: WatchdogOptions | None
    progress: Meter
    ask: AskOptions

    async def run(self, prompts: Listed, rules: Sequence[CheckSpec]) -> Counts:
        """Look at the references while the engine is opened, sample, and close it."""
        stop = threading.Event()
        noting = asyncio.create_task(asyncio.to_thread(note_unverifiable, prompts, rules, self.pool, stop))
        counts: Counts | None = None
        try:
            counts = await self._sampled(prompts)
        finally:
            if counts is None:
                stop.set()
            await noting
        return counts

    async def _sampled(self, prompts: Listed) -> Counts:
        engine: Engine = await LastingEngine.open(lambda: open_engine(self.engine))
        if not self.ask.bare:
            languages = {key_of(prompt.messages): prompt.language for prompt in prompts}
            engine = Asking(engine, self.ask, languages)
        try:
            sampler = Sampler(
                engine, self.sampling, self.rule, self.writer, self.pool, self.known, self.budget,
                self.watchdog,
            )  # fmt: skip
            live = Live(self.progress, self.writer.folder / METRICS, sampler.counts, len(prompts))
            following = asyncio.create_task(live.follow())
            try:
                return await sampler.run(prompts)
            finally:
                following.cancel()
                live.show()
                live.write()
        finally:
            await engine.close()


def _account(counts: Counts) -> str:
    """What was sampled, in a sentence."""
    each = f", {counts.tokens / counts.accepted:,.0f} an accepted sample" if counts.accepted else ""
    partial = "".join(f", {number:,} {status}" for status, number in sorted(counts.partial.items()))
    speed = counts.tokens / counts.seconds
    spent = (
        f" The budget of {counts.spent} is spent; the same command goes on with a new one."
        if counts.spent
        else ""
    )
    failed = f" The last that failed: {counts.error}." if counts.error else ""
    return (
        f"{counts.whole:,} samples, {counts.accepted:,} accepted{partial}: "
        f"{counts.tokens:,} tokens{each}, {speed:,.0f} tokens/s, {counts.seconds:.1f} s.{failed}{spent}"
    )


def _same_generation(
    run: Run, name: str, identity: str, engine: EngineOptions, sampling: SamplingOptions, ask: AskOptions
) -> None:
    """Refuse to mix samples of another model or sampling into a set, naming what changed."""
    path = run.samples(name) / "generation.json"
    now = {
        "model": engine.model,
        "revision": engine.revision,
        "identity": identity,
        **sampling.model_dump(mode="json"),
        **({} if ask.bare else {"ask": ask.model_dump(mode="json")}),
    }
    before = read_json(path)
    if (path.parent / "adopted.json").exists():
        raise UserError(f"Samples '{name}' in '{run.path}' came from a file; give these another --name.")
    if before is None:
        write_json(path, now)
        return
    # The names may change where the weights, the template and the sampling do not.
    if {**now, "model": "", "revision": ""} == {**before, "model": "", "revision": ""}:
        return
    changed = [
        f"{key} {before.get(key)!r} -> {value!r}" for key, value in now.items() if before.get(key) != value
    ]
    raise UserError(
        f"Samples '{name}' in '{run.path}' were made otherwise ({'; '.join(changed)}); "
        "give these another --name, or another --run."
    )
