"""What a fine-tuning starts from: the set, the student, and the content key of both with the options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from curate.engines.identity import Source, find_model
from curate.store.finished_sets import compute_set_digest
from curate.store.layout import name_run
from distill.common.options import PLACES
from distill.common.plan import Plan, resolve_start
from distill.common.training_sets import find_set
from distill.sft.options import FASTER, DistillOptions
from filters.digest import digest
from filters.engine import EngineOptions

TEACHER_OPTIONS: Final = frozenset({"method", "teacher", "teacher_revision", "divergence", "on_policy"})
"""Options that are part of the key only where a teacher's distribution is matched, by what they amount to."""
ENGINE: Final = {"rollout", "gpu_memory", "tensor_parallel"}
"""Options of sampling that change how fast it goes."""


@dataclass(frozen=True, slots=True)
class SftPlan(Plan):
    """A plan with the set to train on. teacher: the model to match; None where the set's completions are learned."""

    options: DistillOptions
    set: Path
    set_digest: str
    teacher: Source | None = None


def make_plan(options: DistillOptions) -> SftPlan:
    """Find the set, the student, the teacher and the template. Raises UserError where one is missing."""
    folder, base, template = resolve_start(options)
    source = find_set(name_run(options.run), options.dataset)
    content = compute_set_digest(source)
    # Whether too many rows are too long decides whether there is a training, and nothing about its result.
    unkeyed = {
        *PLACES,
        *FASTER,
        *TEACHER_OPTIONS,
        "dataset",
        "max_too_long",
        *(() if options.drop_bad else ("drop_bad",)),
    }
    how = options.model_dump(mode="json", exclude=unkeyed)
    teacher = _find_teacher(options)
    key = digest("distill", how, base.key, template, content, *_matching_key(options, teacher))
    return SftPlan(folder, base, key, options, source, content, teacher)


def _find_teacher(options: DistillOptions) -> Source | None:
    if options.teacher is None:
        return None
    return find_model(EngineOptions(model=options.teacher, revision=options.teacher_revision))


def _matching_key(options: DistillOptions, teacher: Source | None) -> list[Any]:
    """What decides the result of matching a teacher; nothing for SFT, whose models were trained before there was more."""
    if teacher is None:
        return []
    sampling = options.on_policy.model_dump(mode="json", exclude=ENGINE)
    return [options.method, options.beta, teacher.key, sampling if options.method == "on_policy" else None]
