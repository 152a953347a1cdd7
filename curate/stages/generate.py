"""`generate`: many samples per prompt from a teacher, each verified as soon as it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.console import RenderableType
from rich.table import Table

from curate.cluster.places import open_place
from curate.cluster.slurm import Given, sample_in_array
from curate.monitoring.outlets import open_board
from curate.reporting.verdict_table import VerdictCounts, count_checks, verdict_table
from curate.sampling.budget import Budget, Counts
from curate.sampling.cost_estimate import Pilot, PlanOptions, choose_pilot, estimate_table
from curate.sampling.options import PromptedOptions
from curate.sampling.plan_sampling import plan_sampling, select_immediate_checks
from curate.sampling.prompting import AskOptions
from curate.sampling.run_sampler import SamplingWork, sample_prompts
from curate.sampling.stopping import StoppingRule
from curate.sampling.watchdog import WatchdogOptions
from curate.stage_results import StageResult
from curate.store.layout import create_run
from curate.store.run_metrics import read_last_speed
from filters.engine import SamplingOptions
from filters.spec import Spec, make_spec
from filters.types import Prompt


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
    """Name of these samples in the run."""
    check: tuple[Spec, ...] = (make_spec("math_answer"),)
    """A check to run while sampling, as NAME or NAME:option=value,… Repeatable."""
    sampling: SamplingOptions = SamplingOptions()
    ask: AskOptions = AskOptions()
    budget: Budget = Budget()
    watchdog: WatchdogOptions = WatchdogOptions()
    plan: PlanOptions = PlanOptions()


@dataclass(frozen=True, slots=True)
class GenerateResult(StageResult):
    """What is there now.

    samples: the folder of the samples. counts: what this call sampled; None where nothing was missing. verdicts: of
    all samples there. estimate: what the whole run will cost, where that was asked for.
    """

    name: str
    samples: Path
    counts: Counts | None
    verdicts: Sequence[VerdictCounts]
    estimate: Table | None

    @property
    def exit_code(self) -> int:
        """1 where prompts lack samples that may still be made."""
        return int(self.counts is not None and self.counts.undone)

    def render(self) -> Iterator[RenderableType]:
        """What was sampled in a sentence, the verdicts, the estimate."""
        if self.counts is not None:
            yield self.counts.summarize()
        yield verdict_table(self.name, self.verdicts)
        if self.estimate is not None:
            yield self.estimate


def generate_samples(options: GenerateOptions) -> GenerateResult:
    """Sample many responses per prompt from a model, and verify each while others are being sampled.

    Reads prompts with the columns prompt and answer (rename with --map). Writes RUN/prompts/NAME,
    RUN/samples/NAME and RUN/verdicts/NAME. A rerun makes only what is missing.

    Example: r1curate generate --run runs/r1 --prompts problems.jsonl --model Qwen/Qwen3-8B --samples 16
    """
    work, pilot = _plan(options)
    with open_board(options.metrics, "generate") as board, open_place(options.on) as place:
        counts = sample_prompts(replace(work, board=board), _read_prompts(options, pilot), place)
    return _tell(options, work, pilot, counts)


def generate_in_array(options: GenerateOptions, command: Sequence[str]) -> StageResult:
    """Write the jobs by which Slurm runs a command line, or do the work of one."""
    work, pilot = _plan(options)
    given = Given("generate", options.on, options.sbatch, command)
    return sample_in_array(given, work, _read_prompts(options, pilot), partial(_tell, options, work, pilot))


def _tell(
    options: GenerateOptions, work: SamplingWork, pilot: Pilot | None, counts: Counts | None
) -> GenerateResult:
    """What there is once all is sampled, and what the whole run will cost by that, where a pilot was asked for."""
    run, name, estimate = work.run, work.name, None
    if pilot is not None:
        rules = [spec.label for spec in select_immediate_checks(options.check)]
        estimate = estimate_table(
            run, name, pilot, rules, read_last_speed(run.metrics(name)), options.plan, options,
            options.sampling.max_tokens,
        )  # fmt: skip
    verdicts = count_checks(run, name, [spec.label for spec in options.check])
    return GenerateResult(name, run.samples(name), counts, verdicts, estimate)


def _plan(options: GenerateOptions) -> tuple[SamplingWork, Pilot | None]:
    """What is to be sampled, and the pilot that it is for, where one is asked for."""
    pilot = None
    if options.plan.prompts is not None:
        pilot = choose_pilot(options.read_prompts(), options.plan.prompts)
    work = plan_sampling(
        create_run(options.run), options.name, options, options.engine, options.sampling, options.check,
        options.workers, options.budget, options.watchdog, options.ask, options.retry_refused,
    )  # fmt: skip
    return work, pilot


def _read_prompts(options: GenerateOptions, pilot: Pilot | None) -> Iterable[Prompt]:
    return options.read_prompts() if pilot is None else pilot.chosen
