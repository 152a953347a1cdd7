"""What a GRPO training starts from: prompts, rewards, the model, and the content key of all of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from curate.readers.prompts import make_prompts
from curate.readers.read_rows import read_rows
from curate.store.layout import name_run
from curate.store.model_info import RENAMED_GRPO_OPTIONS
from distill.common.options import PLACES, SPEED
from distill.common.plan import Plan, resolve_start
from distill.grpo.options import GrpoOptions, PromptsOptions
from distill.grpo.rewards import require_usable
from distill.grpo.schedule import pick_by_pass_rate
from filters.digest import digest
from filters.errors import UserError
from filters.spec import list_required, require_distinct_labels
from filters.types import Prompt

KEYED_APART: Final = {
    *("reward", "general", "coding", "reference_steps"),
    *("prompts", "map", "split", "config", "limit", "rates", "pass_rate"),
}
"""Options that are part of the key by what they amount to, not as they are written."""
WITHOUT_EFFECT: Final = {*PLACES, *SPEED, "workers", "stop_on_trouble", "preset", "rollout"}
"""Options that change nothing about the result."""
FORMER_NAMES: Final = {name: former for former, name in RENAMED_GRPO_OPTIONS.items()}
"""Keys are computed with the names that options had at first, so that models trained then are still found."""


@dataclass(frozen=True, slots=True)
class GrpoPlan(Plan):
    """A plan with the prompts to train on."""

    options: GrpoOptions
    reasoning: tuple[Prompt, ...]
    general: tuple[Prompt, ...]


def make_plan(options: GrpoOptions) -> GrpoPlan:
    """Find the prompts, the model and the template. Raises UserError where one is missing."""
    folder, base, template = resolve_start(options)
    reasoning, general = collect_prompts(options)
    key = digest(
        "grpo", _key_options(options), base.key, template, _key_prompts(reasoning), _key_prompts(general)
    )
    return GrpoPlan(folder, base, key, options, tuple(reasoning), tuple(general))


def collect_prompts(options: GrpoOptions) -> tuple[list[Prompt], list[Prompt]]:
    """The reasoning prompts, programs included, and the general ones. Raises UserError where there are none, or no rewards."""
    require_distinct_labels(require_usable(options.reward, options.general is not None))
    required = list_required([spec for spec in options.reward if spec.prompts != "general"])
    reasoning = list(_prompts(options, required))
    if options.rates is not None:
        reasoning = pick_by_pass_rate(name_run(options.run), reasoning, options.rates, *options.pass_rate)
    if not reasoning:
        raise UserError(f"There are no prompts in '{options.prompts}'.")
    if options.coding is not None:
        reasoning += _read_coding(options, {prompt.id for prompt in reasoning})
    general = [] if options.general is None else list(_prompts(options.general, ("prompt",)))
    if options.general is not None and not general:
        raise UserError(f"There are no prompts in '{options.general.prompts}'.")
    if general and options.prompts_per_step < 2:
        raise UserError("General prompts need at least two prompts per step: raise --prompts-per-step.")
    return reasoning, general


def _key_options(options: GrpoOptions) -> list[Any]:
    """Everything that decides the result of a training, beside the model and the prompts."""
    written = options.model_dump(mode="json", exclude=KEYED_APART | WITHOUT_EFFECT)
    # The mean of bnpo is over the rows that a device takes at once.
    micro = options.micro_batch_size if options.loss == "bnpo" else None
    return [
        {FORMER_NAMES.get(name, name): value for name, value in written.items()},
        [spec.key for spec in options.reward],
        None if options.general is None else options.general.step_shares(),
        options.reference_interval,
        micro,
    ]


def _key_prompts(prompts: Sequence[Prompt]) -> list[list[Any]]:
    """What checks may read of prompts."""
    return [[prompt.id, prompt.language, str(sorted(prompt.extra.items()))] for prompt in prompts]


def _read_coding(options: GrpoOptions, known: Set[str]) -> list[Prompt]:
    """The programming prompts that are not among the others. Raises UserError where nothing would reward them."""
    assert options.coding is not None
    if not any(spec.check == "code_tests" and spec.prompts != "general" for spec in options.reward):
        raise UserError(
            "There are programming prompts, but no reward runs programs: add --reward code_tests."
        )
    found = [prompt for prompt in _prompts(options.coding, ("prompt",)) if prompt.id not in known]
    if not found:
        raise UserError(f"There are no prompts in '{options.coding.prompts}' that are not among the others.")
    return found


def _prompts(source: GrpoOptions | PromptsOptions, required: tuple[str, ...]) -> list[Prompt]:
    rows = read_rows(source.prompts, source.split, source.map, config=source.config)
    listed = itertools.islice(make_prompts(rows, required), source.limit)
    return list({prompt.id: prompt for prompt in listed}.values())
