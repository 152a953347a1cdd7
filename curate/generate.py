"""`generate`: many samples a prompt from a teacher, each verified as soon as it is there."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field
from rich.table import Table

from curate.checks import CheckSpec, Spec, distinct, spec_of
from curate.console import emit, meter
from curate.engines import engine_identity, open_engine
from curate.folder import Run, parts, read_json, write_json
from curate.inputs import ColumnMap, prompts_of, read_rows
from curate.journal import SampleWriter
from curate.judging import judge_samples, remember
from curate.options import StageOptions
from curate.sampler import Counts, Sampler, wanted
from curate.tables import PROMPTS, chunks, next_part, prompt_row, read_prompts, write_part
from curate.verify import summary
from filters.check import EngineCheck
from filters.engine import EngineOptions, SamplingOptions
from filters.vocabulary import Prompt, UserError


class GenerateOptions(StageOptions):
    """Sample responses to prompts."""

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
    name: str = "teacher"
    """What these samples are called in the run."""
    samples: int = Field(8, gt=0)
    """Samples a prompt. Asking for 16 where 4 exist makes 12."""
    limit: int | None = Field(None, gt=0)
    """Only the first so many prompts."""
    check: tuple[Spec, ...] = (spec_of("math_answer"),)
    """A check to run while sampling, as NAME or NAME:option=value,…; math_answer unless given. Repeatable."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of the prompts, as ours=theirs. Repeatable."""
    split: str = "train"
    """The split of a data set."""
    workers: int | None = Field(None, gt=0)
    """Processes that check; none means one a core."""
    engine: EngineOptions = EngineOptions()
    sampling: SamplingOptions = SamplingOptions()


def generate(options: GenerateOptions) -> None:
    """Sample many responses a prompt from a model, and verify each while others are being sampled.

    Reads prompts with the columns prompt and answer (rename with --map). Writes RUN/prompts/NAME,
    RUN/samples/NAME and RUN/verdicts/NAME. A rerun makes only what is missing.

    Example: r1curate generate --run runs/r1 --prompts problems.jsonl --model Qwen/Qwen3-8B --samples 16
    """
    run = Run(options.run)
    source = read_rows(options.prompts, options.split, options.map)
    prompts = itertools.islice(prompts_of(source), options.limit)
    sample(
        run, options.name, prompts, options.samples, options.engine, options.sampling, options.check,
        options.workers,
    )  # fmt: skip
    emit(summary(run, options.name, options.check))


def sample(
    run: Run,
    name: str,
    prompts: Iterable[Prompt],
    samples: int,
    engine: EngineOptions,
    sampling: SamplingOptions,
    specs: Sequence[CheckSpec],
    workers: int | None = None,
) -> None:
    """Bring `samples(name)` to `samples` samples for each of these prompts, with verdicts by `specs`.

    The engine is not loaded where nothing is missing.
    """
    specs = distinct(specs)
    identity = engine_identity(engine)
    _same_generation(run, name, identity, engine, sampling)
    listed = _adopted(run, name, prompts)
    if not listed:
        raise UserError("There are no prompts to sample from.")
    rules = [spec for spec in specs if not isinstance(spec.build(), EngineCheck)]
    remember(run, name, specs)
    with SampleWriter(run, name, rules) as writer:
        work = list(wanted(listed, samples, identity, sampling))
        missing = [item for item in work if item.id not in writer.done]
        if missing:
            started = time.monotonic()
            with meter(f"sampling {name}", len(work), len(work) - len(missing)) as progress:
                counts = asyncio.run(_sample(engine, sampling, writer, rules, progress, workers, missing))
            emit(_account(counts, time.monotonic() - started))
    judge_samples(run, name, specs, workers)


async def _sample(
    options: EngineOptions,
    sampling: SamplingOptions,
    writer: SampleWriter,
    specs: Sequence[CheckSpec],
    progress: Any,
    workers: int | None,
    work: Iterable[Any],
) -> Counts:
    engine = await open_engine(options)
    try:
        return await Sampler(engine, sampling, writer, specs, progress, workers).run(work)
    finally:
        await engine.close()


def _account(counts: Counts, seconds: float) -> Table:
    table = Table("samples", "failed", "tokens", "tokens/s", "seconds")
    speed = f"{counts.tokens / seconds:,.0f}"
    table.add_row(f"{counts.whole:,}", f"{counts.failed:,}", f"{counts.tokens:,}", speed, f"{seconds:.1f}")
    return table


def _adopted(run: Run, name: str, prompts: Iterable[Prompt]) -> list[Prompt]:
    """The distinct prompts, in order; those new to the run are added to it."""
    folder = run.prompts(name)
    known = {prompt.id for prompt in read_prompts(folder)} if parts(folder) else set()
    listed = {prompt.id: prompt for prompt in prompts}
    for chunk in chunks((prompt for key, prompt in listed.items() if key not in known), 50_000):
        write_part(next_part(folder), [prompt_row(prompt) for prompt in chunk], PROMPTS)
    return list(listed.values())


def _same_generation(
    run: Run, name: str, identity: str, engine: EngineOptions, sampling: SamplingOptions
) -> None:
    """Refuse to mix samples of another model or sampling into a set, naming what changed."""
    path = run.samples(name) / "generation.json"
    now = {"model": engine.model, "identity": identity, **sampling.model_dump(mode="json")}
    before = read_json(path)
    if before is None:
        write_json(path, now)
        return
    changed = [
        f"{key} {before.get(key)!r} -> {value!r}" for key, value in now.items() if before.get(key) != value
    ]
    if changed and [c for c in changed if not c.startswith("model ")]:
        raise UserError(
            f"Samples '{name}' in '{run.path}' were made otherwise ({'; '.join(changed)}); "
            "give these another --name, or another --run."
        )
