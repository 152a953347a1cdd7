"""`run`: all stages of a recipe, one after the other; running it again goes on.

Every stage knows by itself what is already there, so a recipe needs no record of its progress: all stages
are called again, and those with nothing to do return at once. Each runs in a process of its own, so that none sees what
another has left in memory, on a GPU or in the environment; this process holds no model.
"""

from __future__ import annotations

import difflib
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator
from rich.console import RenderableType

from curate.cli.dry_run import show_plan_needs
from curate.cli.recipe_plan import Stage, find_recipe, plan_recipe, read_recipe, resolve_plan
from curate.console import emit
from curate.heavy_imports import HEAVY
from curate.options import StageOptions
from curate.planning.cluster import Cluster, read_cluster
from curate.stage_process import StageProcesses
from curate.stage_results import StageResult
from curate.store.copies import find_folder
from curate.store.layout import EVALUATION, Run, create_run
from curate.store.storage import STORAGE
from curate.store.whole_files import read_json, write_aside, write_json
from filters.errors import UserError
from filters.option_values import parse_options

logger = logging.getLogger(__name__)


class RunOptions(StageOptions):
    """Run a recipe."""

    arguments = ("recipe",)

    recipe: str
    """A recipe's file, or the name of a bundled one (see `r1curate recipes`)."""
    run: Path | None = None
    """The run folder. Default: runs/NAME."""
    override: tuple[str, ...] = ()
    """An option for all stages of a command, as STAGE.option=value, e.g. generate.samples=4. Repeatable."""
    dry_run: bool = False
    """Only show the resolved plan, and on standard error what its models need of the machine's memory and what it will come to. Exits 2 where a stage would be refused."""
    cluster: Annotated[Cluster | None, BeforeValidator(read_cluster)] = None
    """The cluster that --dry-run plans for, as MACHINESxGPUS of each, or MACHINESxGPUSxGIB of each GPU: 64x8x80. Default: this machine."""
    pilot: Path | None = None
    """A run folder in which --dry-run finds what samples of this recipe cost. Default: the recipe's own."""


@dataclass(frozen=True, slots=True)
class RunResult(StageResult):
    """The plan as YAML, the run folder, and each stage's result, shown as soon as it was there; none of a dry run.

    refusals: why stages of a dry run would be refused.
    """

    plan: str
    run: Run
    results: Sequence[StageResult]
    refusals: Sequence[str] = ()

    @property
    def exit_code(self) -> int:
        """That of the stage that ended worst; 2 of a dry run in which one would be refused."""
        if self.refusals:
            return 2
        return max((result.exit_code for result in self.results), default=0)

    def render(self) -> Iterator[RenderableType]:
        """The plan of a dry run; else the final screen."""
        if self.results:
            yield from _final_screen(self.run)
        else:
            yield self.plan


def run_recipe(options: RunOptions) -> RunResult:
    """Run all stages of a recipe, one after the other; running it again resumes.

    Reads a recipe's YAML file. Writes everything into the run folder, RUN/recipe.yaml first.

    Example: r1curate run mini --run runs/mini --override generate.samples=4
    """
    path = find_recipe(options.recipe)
    recipe = read_recipe(path)
    folder = options.run or Path("runs") / recipe["name"]
    run = Run(folder if options.dry_run else find_folder(folder))
    stages = plan_recipe(recipe, path, run.path, parse_options(options.override, "--override"))
    plan = resolve_plan(recipe, stages)
    if not options.dry_run and (options.cluster is not None or options.pilot is not None):
        raise UserError(
            "--cluster and --pilot are for --dry-run, which plans; a stage's option `on` says where it runs."
        )
    if options.dry_run:
        return RunResult(plan, run, (), show_plan_needs(stages, run, options.pilot, options.cluster))
    with STORAGE.lock(create_run(run.path).lock("recipe"), f"the run '{run.path}'"):
        _write_plan(run, plan)
        return RunResult(plan, run, _run_stages(run, stages))


def _run_stages(run: Run, stages: Sequence[Stage]) -> list[StageResult]:
    results: list[StageResult] = []
    with closing(StageProcesses()) as processes:
        for number, stage in enumerate(stages, 1):
            started = time.monotonic()
            title = f"{stage.kind} {getattr(stage.options, 'name', None) or ''}".rstrip()
            logger.info(f"[{number}/{len(stages)}] {title}")
            try:
                expected = _expect_imports(run, stage)
                results.append(processes.run(stage.function, stage.options, title, expected))
            except UserError:
                # A run that a stage refused to go on with has a report too.
                emit(*_final_screen(run))
                raise
            emit(*results[-1].render())
            _record_time(run, title, time.monotonic() - started)
            if results[-1].exit_code:
                logger.warning(
                    f"The recipe ends here: '{title}' has left work undone. Run it again to go on."
                )
                break
    return results


def _expect_imports(run: Run, stage: Stage) -> tuple[str, ...]:
    """What a stage that has made nothing yet will import of what takes seconds, so that it is imported once for all stages."""
    name = getattr(stage.options, "name", None) or ""
    if stage.kind in ("distill", "grpo"):
        return () if run.model(name).exists() else HEAVY[:-1]
    if stage.kind not in ("generate", "evaluate") or stage.options.engine.kind != "vllm":
        return ()
    samples = name if stage.kind == "generate" else f"{EVALUATION}{name}"
    return () if run.has_samples(samples) else HEAVY


def _final_screen(run: Run) -> Iterator[RenderableType]:
    from curate.stages.report import write_final_report

    yield from write_final_report(run).render()


def _write_plan(run: Run, plan: str) -> None:
    """Write the plan into the run; where it differs from the last one, say how."""
    path = run.recipe
    if path.exists():
        before = path.read_text(encoding="utf-8")
        lines = difflib.unified_diff(before.splitlines(), plan.splitlines(), lineterm="", n=0)
        changed = [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]
        if changed:
            logger.warning("The recipe differs from this run's last one:\n" + "\n".join(changed))
    with write_aside(path) as aside:
        aside.write_text(plan, encoding="utf-8")


def _record_time(run: Run, title: str, seconds: float) -> None:
    """Keep how long a stage took; a rerun with nothing to do does not hide what the work cost."""
    timings = read_json(run.timings) or {}
    write_json(run.timings, {**timings, title: round(max(seconds, timings.get(title, 0.0)), 1)})
