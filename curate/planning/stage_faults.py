"""What a stage refuses before any work, asked of the functions that it asks itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from curate.engines.identity import identify_engine, require_engine
from curate.general.general_checks import require_general_plan
from curate.general.unlike import list_absent, require_others
from curate.monitoring.outlets import read_outlet
from curate.planning.pilot import SampledStage, describe_sampled, describe_settings
from curate.repairs.repair import require_repairable
from curate.sampling.generation import TOLD, list_changes
from curate.sampling.plan_sampling import require_plan
from curate.selection.sources import name_apart
from curate.store.layout import Run
from filters.chosen_names import validate_name
from filters.engine import EngineOptions
from filters.errors import UserError


def list_stage_faults(kind: str, options: Any, run: Run, made: Collection[str]) -> Iterator[str]:
    """Why a stage would refuse its options. made: the names of samples that earlier stages make."""
    for ask in _list_questions(kind, options, run, made):
        try:
            ask()
        except UserError as error:
            yield str(error)


def _list_questions(
    kind: str, options: Any, run: Run, made: Collection[str]
) -> Iterator[Callable[[], object]]:
    name, where = getattr(options, "name", None), getattr(options, "metrics", None)
    if name is not None:
        yield lambda: validate_name(name)
    if where is not None:
        yield lambda: read_outlet(where)
    if kind in ("generate", "evaluate"):
        stage = describe_sampled(kind, options)
        budget, longest = getattr(options, "budget", None), options.sampling.max_tokens
        yield lambda: require_plan(stage.rule, stage.checks, budget, longest)
        yield lambda: require_engine(options.engine)
        if getattr(options, "kind", None) == "general":
            apart_from = [one for one in options.general.apart_from if one not in made]
            yield lambda: require_general_plan(stage.checks, stage.rule.accept)
            yield lambda: require_others(list_absent(run, apart_from))
    elif kind in ("verify", "filter"):
        yield lambda: options.specs
        if kind == "verify" and options.repair:
            yield lambda: require_repairable(name, options.specs)
    elif kind == "mix":
        yield lambda: options.amounts.require_sound(options.sources)
        yield lambda: name_apart(options.sources, lambda one: one in made or run.has_samples(one))


def find_conflict(before: SampledStage, now: SampledStage) -> str | None:
    """Why a stage would not go on with the samples of an earlier one of its name; None where it would."""
    changed = list_changes(describe_settings(before), describe_settings(now), (*TOLD, "identity"))
    if not changed and _identify(before.options.engine) != _identify(now.options.engine):
        changed = f"the model '{before.options.engine.model}' -> '{now.options.engine.model}', or its content or options"
    if not changed:
        return None
    return f"a stage before makes the samples '{now.name}' with other settings ({changed}): give these another name."


def _identify(engine: EngineOptions) -> object:
    """What tells two models apart here and now: their content, else how they are named; the Hub is not asked."""
    if engine.kind == "vllm" and not Path(engine.model).expanduser().is_dir():
        return engine.kind, engine.model, engine.revision, engine.template, engine.dtype, engine.max_model_len
    try:
        return identify_engine(engine)
    except UserError:  # which the stage is told for itself
        return engine.kind, engine.model
