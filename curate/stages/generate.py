"""`generate`: many samples per prompt from a teacher, each verified as soon as it is there; general answers, too."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import model_validator
from rich.console import RenderableType
from rich.table import Table

from curate.cluster.places import open_place
from curate.cluster.slurm import Given, sample_in_array
from curate.general.chain_table import chain_table, count_chains
from curate.general.choose import Choice, choose_prompts
from curate.general.general_checks import list_general_checks, require_general_plan
from curate.general.options import GeneralOptions
from curate.monitoring.outlets import open_board
from curate.readers.prompts import make_prompts
from curate.readers.read_rows import read_rows
from curate.reporting.verdict_table import VerdictCounts, count_checks, verdict_table
from curate.sampling.ask_general import GeneralAsk
from curate.sampling.budget import Budget, Counts
from curate.sampling.cost_estimate import Pilot, PlanOptions, choose_pilot, estimate_table
from curate.sampling.judge_cost import judge_cost_table, read_judge_pilots
from curate.sampling.options import PromptedOptions
from curate.sampling.plan_sampling import plan_sampling, select_immediate_checks
from curate.sampling.prompting import AskOptions
from curate.sampling.run_sampler import SamplingWork, sample_prompts
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.sampling.watchdog import WatchdogOptions
from curate.stage_results import StageResult
from curate.store.layout import Run, create_run
from curate.store.run_metrics import read_last_speed
from curate.store.verdict_index import index_verdicts
from curate.store.verdicts import read_checks
from filters.engine import SamplingOptions
from filters.spec import CheckSpec, Spec, make_spec
from filters.types import Prompt

logger = logging.getLogger(__name__)


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
        "share": "general.share",
        "chain": "general.chain",
        "without_chain": "general.without_chain",
        "apart_from": "general.apart_from",
    }

    name: str = "teacher"
    """Name of these samples in the run."""
    kind: Literal["reasoning", "general"] = "reasoning"
    """reasoning: problems with an answer that a rule can check. general: writing, facts, translation and the like, which need no reference answer; a chain is asked for where the prompt is hard, and --limit chooses by content."""
    check: tuple[Spec, ...] = (make_spec("math_answer"),)
    """A check to run while sampling, as NAME or NAME:option=value,… Repeatable. With --kind general: name what judges how good an answer is, as rubric:engine.model=…; language, repetition and format run beside it."""
    sampling: SamplingOptions = SamplingOptions()
    ask: AskOptions = AskOptions()
    budget: Budget = Budget()
    watchdog: WatchdogOptions = WatchdogOptions()
    plan: PlanOptions = PlanOptions()
    general: GeneralOptions = GeneralOptions()

    @model_validator(mode="after")
    def _require_kind(self) -> GenerateOptions:
        if self.kind == "reasoning" and self.general != GeneralOptions():
            name = min(name for name in GeneralOptions.model_fields if name in self.general.model_fields_set)
            raise ValueError(f"general.{name} is for general prompts; give --kind general, too")
        if self.kind == "general" and "check" in self.model_fields_set and self._names_default_check():
            raise ValueError(
                "math_answer has nothing to compare a general answer with; name a rubric or a reward_model"
            )
        if self.name in self.general.apart_from:
            raise ValueError(f"the samples '{self.name}' cannot be apart from themselves; name others")
        return self

    def _names_default_check(self) -> bool:
        return any(spec.check == "math_answer" for spec in self.check)

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """The checks that are run."""
        given = self.check if "check" in self.model_fields_set else None
        return self.check if self.kind == "reasoning" else list_general_checks(given)

    @property
    def surroundings(self) -> AskOptions:
        """What the prompts are surrounded with."""
        return self.ask if self.kind == "reasoning" else GeneralAsk.of(self.ask, self.general)

    def choose(self, *, strict: bool) -> Choice | None:
        """The choice of general prompts; None of others. See `choose_prompts`."""
        if self.kind == "reasoning":
            return None
        return choose_prompts(self._read_all, Run(self.run), self.general, self.limit, strict=strict)

    def read_prompts(self, required: tuple[str, ...] = ("prompt",)) -> Iterator[Prompt]:
        """The prompts asked for, in order; of general ones those chosen, as far as what they are to be apart from is there."""
        choice = self.choose(strict=False)
        return super().read_prompts(required) if choice is None else iter(choice)

    def _read_all(self) -> Iterator[Prompt]:
        rows = read_rows(self.prompts, self.split, self.map, config=self.config)
        return make_prompts(rows)


@dataclass(frozen=True, slots=True)
class GenerateResult(StageResult):
    """What is there now.

    samples: the folder of the samples. counts: what this call sampled; None where nothing was missing. verdicts: of
    all samples there. estimate: what the whole run will cost, where that was asked for; judged: and its judges. chains: of general prompts, how many
    of each category were asked for a chain, and why.
    """

    name: str
    samples: Path
    counts: Counts | None
    verdicts: Sequence[VerdictCounts]
    estimate: Table | None
    chains: Mapping[tuple[str, str], int] = field(default_factory=dict)
    judged: Table | None = None

    @property
    def exit_code(self) -> int:
        """1 where prompts lack samples that may still be made."""
        return int(self.counts is not None and self.counts.undone)

    def render(self) -> Iterator[RenderableType]:
        """What was sampled in a sentence, the verdicts, the estimate."""
        if self.counts is not None:
            yield self.counts.summarize()
        if self.chains:
            yield chain_table(self.name, self.chains)
        yield verdict_table(self.name, self.verdicts)
        if self.estimate is not None:
            yield self.estimate
        if self.judged is not None:
            yield self.judged


def generate_samples(options: GenerateOptions) -> GenerateResult:
    """Sample many responses per prompt from a model, and verify each while others are being sampled.

    Reads prompts with the columns prompt and answer (rename with --map). Writes RUN/prompts/NAME,
    RUN/samples/NAME and RUN/verdicts/NAME. A rerun makes only what is missing. With --kind general prompts need no
    answer, and a rubric or a reward model judges the responses.

    Example: r1curate generate --run runs/r1 --prompts problems.jsonl --model Qwen/Qwen3-8B --samples 16

    Example: r1curate generate --run runs/r1 --kind general --name general --prompts general.jsonl --model Qwen/Qwen3-8B
    --check rubric:engine.model=Qwen/Qwen2.5-72B-Instruct --share writing=0.4 --apart-from teacher
    """
    work, prompts, pilot = _plan(options)
    with open_board(options.metrics, "generate") as board, open_place(options.on) as place:
        counts = sample_prompts(replace(work, board=board), prompts, place)
    return _tell(options, work, pilot, counts)


def generate_in_array(options: GenerateOptions, command: Sequence[str]) -> StageResult:
    """Write the jobs by which Slurm runs a command line, or do the work of one."""
    work, prompts, pilot = _plan(options)
    given = Given("generate", options.on, options.sbatch, command)
    return sample_in_array(given, work, prompts, partial(_tell, options, work, pilot))


def _tell(
    options: GenerateOptions, work: SamplingWork, pilot: Pilot | None, counts: Counts | None
) -> GenerateResult:
    """What there is once all is sampled, and what the whole run will cost by that, where a pilot was asked for."""
    run, name, estimate, judged = work.run, work.name, None, None
    if pilot is not None:
        rules = [spec.label for spec in select_immediate_checks(options.specs)]
        estimate = estimate_table(
            run, name, pilot, rules, read_last_speed(run.metrics(name)), options.plan, options,
            options.sampling.max_tokens,
        )  # fmt: skip
        judged = _estimate_judges(options, run, pilot, rules)
    verdicts = count_checks(run, name, [spec.label for spec in options.specs])
    chains = count_chains(run, name) if options.kind == "general" else {}
    return GenerateResult(name, run.samples(name), counts, verdicts, estimate, chains, judged)


def _estimate_judges(options: GenerateOptions, run: Run, pilot: Pilot, rules: Sequence[str]) -> Table | None:
    """What the judges of the whole run will be asked, from the pilot's prompts whose samples are all there."""
    known = index_verdicts(run, options.name, rules)
    finished = [one.id for one in pilot.chosen if PromptProgress(options, known.get(one.id, {})).is_finished]
    judges = list(read_judge_pilots(run, options.name, options.specs, read_checks(run, options.name)))
    most = max(options.samples, options.escalate or 0)
    total = sum(pilot.domains.values())
    return judge_cost_table(judges, finished, total, most, options.plan.price_tokens)


def _plan(options: GenerateOptions) -> tuple[SamplingWork, Iterable[Prompt], Pilot | None]:
    """What is to be sampled, its prompts, and the pilot that they are, where one is asked for."""
    if options.kind == "general":
        require_general_plan(options.specs, options.accept)
    run = create_run(options.run)
    work = plan_sampling(
        run, options.name, options, options.engine, options.sampling, options.specs,
        options.workers, options.budget, options.watchdog, options.surroundings, options.retry_refused,
    )  # fmt: skip
    prompts = options.read_prompts() if options.kind == "reasoning" else _choose_prompts(options)
    if options.plan.prompts is None:
        return work, prompts, None
    pilot = choose_pilot(prompts, options.plan.prompts)
    return work, pilot.chosen, pilot


def _choose_prompts(options: GenerateOptions) -> Iterator[Prompt]:
    """The general prompts that are asked, told once they are wanted: a job of an array has its own already."""
    choice = options.choose(strict=True)
    assert choice is not None, "they are general"
    for sentence in choice.tell():
        logger.info(f"{sentence}.")
    yield from choice
