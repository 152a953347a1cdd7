"""One sampler with leases, from opening its engine to closing its segment: what runs beside each replica of an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from curate.checking.executors.local import LocalExecutor
from curate.engines.factory import open_engine
from curate.engines.restarting import RestartingEngine
from curate.sampling.budget import Counts
from curate.sampling.leased_prompts import Exchange, LeasedPrompts, sample_leased
from curate.sampling.prompting import About, AskOptions, Conversation, PromptingEngine, describe_prompts
from curate.sampling.sampler import Sampler
from curate.sampling.stopping import StoppingRule
from curate.sampling.watchdog import WatchdogOptions
from curate.store.copies import find_folder
from curate.store.journal import SampleWriter
from curate.store.layout import Run
from curate.store.prompts_by_id import PromptIndex
from curate.store.whole_files import read_json
from filters.engine import Engine, EngineOptions, SamplingOptions
from filters.errors import UserError
from filters.spec import CheckSpec
from filters.types import Prompt


@dataclass(frozen=True, slots=True)
class LeasedTask:
    """All that a sampler needs to work wherever it is.

    address: by what any machine finds the run. folder: the run's where the command was given. rules: the checks that judge
    while sampling. identity: of the engine with what is asked.
    """

    address: str
    folder: Path
    name: str
    identity: str
    engine: EngineOptions
    sampling: SamplingOptions
    rule: StoppingRule
    rules: Sequence[CheckSpec]
    watchdog: WatchdogOptions
    ask: AskOptions
    workers: int | None = None


async def sample_task(
    task: LeasedTask, segment: str, exchange: Exchange
) -> tuple[Counts, Mapping[str, object]]:
    """Sample what is leased, into a segment of the run; what was done, and the settings that the engine had in force.

    Raises UserError where this machine has not what the task names, or the engine cannot be opened; WorkUndone where it
    keeps failing.
    """
    run, options = _find_run(task)
    about: dict[Conversation, About] = {}
    engine: Engine = await RestartingEngine.open(lambda: open_engine(options))
    try:
        if not task.ask.bare:
            engine = PromptingEngine(engine, task.ask, about)
        if engine.identity != task.identity:
            raise UserError(
                f"'{task.engine.model}' is another model here than where the command was given: its files differ."
            )
        read = _PromptReader(run, task.name, about)
        wave = task.rule.accept or task.rule.samples
        source = LeasedPrompts(exchange, read, wave)
        with (
            LocalExecutor(task.rules, task.workers) as executor,
            SampleWriter(run, task.name, task.rules, segment) as writer,
        ):
            sampler = Sampler(
                engine, task.sampling, task.rule, writer, executor, source.known, source.share, task.watchdog
            )
            return await sample_leased(source, sampler, writer.sync), dict(engine.in_force)
    finally:
        await engine.close()


def _find_run(task: LeasedTask) -> tuple[Run, EngineOptions]:
    """The run as it is found here, and the engine: a model that lies in the run is looked for there.

    Raises UserError where the run is not the one that the command was given for.
    """
    place, options = task.folder, task.engine
    inside = Path(options.model).is_relative_to(place)
    model = Path(options.model).relative_to(place).as_posix() if inside else ""
    needed = ["format.json", f"prompts/{task.name}", f"samples/{task.name}/generation.json"]
    run = Run(find_folder(task.address, *needed, *filter(None, [model])))
    about = read_json(run.generation(task.name))
    if not isinstance(about, dict) or about.get("identity") != task.identity:
        raise UserError(
            f"The run folder '{run.path}' is not here, or another one: it must lie where all machines see it."
        )
    return run, options.model_copy(update={"model": str(run.path / model)}) if inside else options


class _PromptReader:
    """Finds prompts by id, and notes what decides how they are put. The index is read once."""

    def __init__(self, run: Run, name: str, about: dict[Conversation, About]) -> None:
        self._index, self._about = PromptIndex(run.prompts(name)), about

    def __call__(self, ids: Sequence[str]) -> Mapping[str, Prompt]:
        if not ids:
            return {}
        wanted = pl.LazyFrame({"prompt_id": list(ids), "variant": [""] * len(ids)})
        found = {key[0]: prompt for key, prompt in self._index.find(wanted).items()}
        self._about |= describe_prompts(found.values())
        return found
