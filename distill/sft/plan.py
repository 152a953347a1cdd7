"""What a fine-tuning starts from: the set, the student, and the content key of both with the options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from curate.store.layout import name_run
from distill.common.options import PLACES
from distill.common.plan import Plan, resolve_start
from distill.sft.corpus import compute_set_digest, find_set
from distill.sft.options import FASTER, DistillOptions
from filters.digest import digest


@dataclass(frozen=True, slots=True)
class SftPlan(Plan):
    """A plan with the set to train on."""

    options: DistillOptions
    set: Path
    set_digest: str


def make_plan(options: DistillOptions) -> SftPlan:
    """Find the set, the student and the template. Raises UserError where one is missing."""
    folder, base, template = resolve_start(options)
    source = find_set(name_run(options.run), options.dataset)
    content = compute_set_digest(source)
    how = options.model_dump(mode="json", exclude={*PLACES, *FASTER, "dataset"})
    key = digest("distill", how, base.key, template, content)
    return SftPlan(folder, base, key, options, source, content)
