"""One run of the sampler: prompts, engine, checks and journal put together."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from curate.checking.executors.base import Executor
from curate.checking.executors.local import LocalExecutor
from curate.checking.references import warn_unverifiable
from curate.checking.run_checks import run_checks
from curate.engines.factory import open_engine
from curate.engines.identity import identify_engine
from curate.engines.restarting import RestartingEngine
from curate.event_loop import run_async
from curate.progress import Meter, open_meter
from curate.sampling.budget import Budget, Counts
from curate.sampling.pass_rates import write_pass_rates
from curate.sampling.progress import SamplingProgress
from curate.sampling.prompting import AskOptions, PromptingEngine, conversation_key, identify_prompted
from curate.sampling.sampler import Sampler
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.sampling.watchdog import WatchdogOptions
from curate.store.journal import SampleWriter
from curate.store.layout import Run
from curate.store.prompt_list import PromptList
from curate.store.verdict_index import VerdictIndex, index_verdicts
from curate.store.verdicts import record_checks
from curate.store.whole_files import read_json, write_json
from filters.check import EngineCheck
from filters.engine import Engine, EngineOptions, SamplingOptions
from filters.errors import UserError
from filters.spec import CheckSpec, require_distinct_labels
from filters.types import Prompt


def select_immediate_checks(specs: Iterable[CheckSpec]) -> list[CheckSpec]:
    """The checks that can judge a sample as soon as it is there: they hold no model and wait for no sibling."""
    built = ((spec, spec.build()) for spec in specs)
    return [
        spec
        for spec, check in built
        if not isinstance(check, EngineCheck) and not check.resident and check.scope == "sample"
    ]


def sample_prompts(
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
    counts, specs = None, require_distinct_labels(specs)
    rules = select_immediate_checks(specs)
    if rule.accept is not None and not rules:
        raise UserError("accept counts samples that a rule accepts while sampling: name one with --check.")
    ask = ask or AskOptions()
    identity = identify_prompted(identify_engine(engine), ask)
    settings = _describe_generation(identity, engine, sampling, ask)
    _require_same_generation(run, name, settings)
    listed = PromptList.add(run.prompts(name), prompts)
    if not len(listed):
        raise UserError("There are no prompts to sample from.")
    if read_json(run.generation(name)) is None:
        write_json(run.generation(name), settings)
    record_checks(run, name, specs)
    with SampleWriter(run, name, rules) as writer, LocalExecutor(rules, workers) as executor:
        writer.seal()
        run_checks(run, name, rules, workers)
        known = index_verdicts(run, name, [spec.label for spec in rules])
        if any(PromptProgress(rule, known.get(prompt.id, {})).next_wave() for prompt in listed):
            with open_meter(f"sampling {name}", len(listed)) as progress:
                sampling_run = _SamplingRun(
                    engine,
                    sampling,
                    rule,
                    writer,
                    executor,
                    known,
                    budget,
                    watchdog,
                    progress,
                    ask,
                    run.metrics(name),
                )
                counts = run_async(sampling_run.run(listed, rules))
    run_checks(run, name, specs, workers)
    if rules:
        write_pass_rates(run, name, rule, index_verdicts(run, name, [spec.label for spec in rules]))
    return counts


class _SamplingRun(NamedTuple):
    """Everything one run of the sampler needs."""

    engine: EngineOptions
    sampling: SamplingOptions
    rule: StoppingRule
    writer: SampleWriter
    executor: Executor
    known: VerdictIndex
    budget: Budget | None
    watchdog: WatchdogOptions | None
    progress: Meter
    ask: AskOptions
    metrics: Path

    async def run(self, prompts: PromptList, rules: Sequence[CheckSpec]) -> Counts:
        """Look at the references while the engine is opened, sample, and close it."""
        stop = threading.Event()
        noting = asyncio.create_task(
            asyncio.to_thread(warn_unverifiable, prompts, rules, self.executor, stop)
        )
        counts: Counts | None = None
        try:
            counts = await self._sample(prompts)
        finally:
            if counts is None:
                stop.set()
            await asyncio.wait({noting})  # its own error does not take the place of what ended the run
        await noting
        return counts

    async def _sample(self, prompts: PromptList) -> Counts:
        engine: Engine = await RestartingEngine.open(lambda: open_engine(self.engine))
        if not self.ask.bare:
            languages = {conversation_key(prompt.messages): prompt.language for prompt in prompts}
            engine = PromptingEngine(engine, self.ask, languages)
        try:
            sampler = Sampler(
                engine, self.sampling, self.rule, self.writer, self.executor, self.known, self.budget,
                self.watchdog,
            )  # fmt: skip
            live = SamplingProgress(self.progress, self.metrics, sampler.counts, len(prompts))
            following = asyncio.create_task(live.follow())
            try:
                return await sampler.run(prompts)
            finally:
                following.cancel()
                live.show()
                live.write()
        finally:
            await engine.close()


def _describe_generation(
    identity: str, engine: EngineOptions, sampling: SamplingOptions, ask: AskOptions
) -> dict[str, Any]:
    return {
        "model": engine.model,
        "revision": engine.revision,
        "identity": identity,
        **sampling.model_dump(mode="json"),
        **({} if ask.bare else {"ask": ask.model_dump(mode="json")}),
    }


def _require_same_generation(run: Run, name: str, now: Mapping[str, Any]) -> None:
    """Refuse to mix samples of another model or sampling into a set, naming what changed."""
    before = read_json(run.generation(name))
    if run.import_info(name).exists():
        raise UserError(f"Samples '{name}' in '{run.path}' came from a file; give these another --name.")
    if before is None:
        return
    # The names may change where the weights, the template and the sampling do not.
    if {**now, "model": "", "revision": ""} == {**before, "model": "", "revision": ""}:
        return
    changed = [
        f"{key} {before.get(key)!r} -> {value!r}" for key, value in now.items() if before.get(key) != value
    ]
    raise UserError(
        f"Samples '{name}' in '{run.path}' were generated with different settings ({'; '.join(changed)}); "
        "give these another --name, or another --run."
    )
