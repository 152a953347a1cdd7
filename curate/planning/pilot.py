"""What a pilot's samples of one stage say: what each prompt came to, bytes on disk, and the speed of one replica."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from curate.engines.identity import identify_engine
from curate.planning.pilot_verdicts import NO_RECORD, select_judged
from curate.sampling.cost_estimate import NOTHING, count_spent
from curate.sampling.generation import TOLD, describe_generation, list_changes
from curate.sampling.plan_sampling import select_immediate_checks
from curate.sampling.prompting import AskOptions, identify_prompted
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.store.layout import EVALUATION, PARTIAL, Run, list_parts
from curate.store.parquet import count_bytes, count_rows, count_stored_bytes, refuse_damaged
from curate.store.prompt_list import read_keys
from curate.store.run_metrics import read_replica_speed
from curate.store.verdict_index import index_verdicts
from curate.store.verdicts import add_request
from curate.store.whole_files import read_json
from filters.errors import UserError
from filters.spec import CheckSpec
from filters.types import Prompt

LATER: Final = (*TOLD, "identity")
"""Of the settings of samples, those that may differ, and the one that a model tells only once it is there."""
COUNTS: Final = ("samples", "accept", "escalate")
"""Of a stopping rule, what says how many samples a prompt gets."""


@dataclass(frozen=True, slots=True)
class SampledStage:
    """A stage that samples: the name of its samples in a run, its options, and how many samples a prompt gets.

    rules: the checks that decide that, while it samples. checks: all of its own.
    """

    name: str
    options: Any
    rule: StoppingRule
    rules: tuple[CheckSpec, ...]
    checks: tuple[CheckSpec, ...]

    @property
    def most(self) -> int:
        """Samples of a prompt, at most."""
        return max(self.rule.samples, self.rule.escalate or 0)


def describe_sampled(kind: str, options: Any) -> SampledStage:
    """The stage of `generate` or `evaluate` options."""
    checks = options.specs if kind == "generate" else options.check
    rules = tuple(select_immediate_checks(checks))
    if kind == "generate":
        return SampledStage(options.name, options, options, rules, checks)
    rule = StoppingRule(samples=options.samples)
    return SampledStage(f"{EVALUATION}{options.name}", options, rule, rules, checks)


@dataclass(frozen=True, slots=True)
class PromptMatch:
    """A recipe's prompts beside those of a pilot: how many distinct ones there are, and which of them the pilot has.

    fair: whether the pilot has those with the smallest keys, which is a random choice, or all. strange: how many prompts the
    pilot has that the recipe has not.
    """

    number: int
    found: tuple[str, ...]
    fair: bool
    strange: int


def match_prompts(prompts: Iterable[Prompt], pilot: Iterable[bytes]) -> PromptMatch:
    """Count a recipe's distinct prompts and find those that a pilot has. Of each its key alone is held."""
    keys = {bytes.fromhex(prompt.id) for prompt in prompts}
    piloted = set(pilot)
    found = sorted(keys & piloted)
    fair = not found or sum(key <= found[-1] for key in keys) == len(found)
    return PromptMatch(len(keys), tuple(key.hex() for key in found), fair, len(piloted - keys))


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a pilot measured.

    spent: of each prompt that is finished by the stage's rule, its samples, their tokens, and how many were accepted.
    samples, tokens: all it has, finished or not. uncounted: samples whose tokens nobody counted, in `spent` taken for the most
    that they may be. unjudged: checks of the stage by which the samples were not judged as the recipe has them, so that
    more are `accepted` than will be. parts, plain, verdicts: bytes of its samples as they are stored and before
    compression, and of their verdicts. prompts: bytes of the prompts of the whole. ends: what its files hold beside the rows,
    which does not grow with these. speed: tokens a second of one replica.
    """

    run: Run
    stage: SampledStage
    model: str
    matched: PromptMatch
    spent: tuple[Mapping[str, int], ...]
    finished: tuple[str, ...]
    samples: int
    tokens: int
    parts: int
    plain: int
    verdicts: int
    prompts: int
    ends: int
    speed: float | None
    uncounted: int = 0
    unjudged: tuple[str, ...] = ()

    @property
    def has_more(self) -> bool:
        """Whether some prompt has more samples than the stage asks for."""
        return any(one["samples"] > self.stage.most for one in self.spent)

    @property
    def source(self) -> str:
        """Where its numbers are from, for people."""
        return f"a pilot of {len(self.spent):,} prompts in {self.run.samples(self.stage.name)}"


def read_pilot(run: Run, stage: SampledStage) -> Pilot:
    """Measure the samples of a stage that are there. Raises UserError where they are no pilot of it, and says why."""
    with refuse_damaged(f"the samples '{stage.name}' in '{run.path}' or their verdicts"):
        return _read_pilot(run, stage)


def _read_pilot(run: Run, stage: SampledStage) -> Pilot:
    name = stage.name
    about = read_json(run.generation(name))
    if not run.has_samples(name) or not isinstance(about, dict):
        raise UserError(f"there are no samples of it in '{run.path}' that were generated")
    changed = _list_setting_changes(about, stage)
    if changed:
        raise UserError(
            f"the samples '{name}' in '{run.path}' were generated with other settings ({changed})"
        )
    judged, unjudged = _split_judged(run, stage)
    matched = match_prompts(stage.options.read_prompts(), read_keys(run.prompts(name)))
    known = index_verdicts(run, name, judged)
    spent = count_spent(run, name, judged, stage.options.sampling.max_tokens)
    finished = [one for one in matched.found if PromptProgress(stage.rule, known.get(one, {})).is_finished]
    if not finished:
        raise UserError(
            f"no prompt of the recipe has all its samples among '{name}' in '{run.path}' "
            f"(it has {len(matched.found):,} of {matched.number:,} prompts)"
        )
    listed, verdicts = list_parts(run.prompts(name)), sorted(run.verdicts(name).glob("*/*.parquet"))
    parts = [*list_parts(run.samples(name)), *list_parts(run.samples(name), PARTIAL)]
    return Pilot(
        run,
        stage,
        str(about.get("model")),
        matched,
        tuple(spent.get(one, NOTHING) for one in finished),
        tuple(finished),
        sum(one["samples"] for one in spent.values()),
        sum(one["tokens"] for one in spent.values()),
        sum(map(count_stored_bytes, parts)),
        sum(map(count_bytes, parts)),
        sum(map(count_stored_bytes, verdicts)),
        round(sum(map(count_stored_bytes, listed)) / max(1, sum(map(count_rows, listed))) * matched.number),
        sum(file.stat().st_size - count_stored_bytes(file) for file in (*listed, *verdicts, *parts)),
        read_replica_speed(run.metrics(name)),
        sum(one["uncounted"] for one in spent.values()),
        unjudged,
    )


def _split_judged(run: Run, stage: SampledStage) -> tuple[list[str], tuple[str, ...]]:
    """The stage's rules by which the pilot was judged, and those by which it was not.

    Raises UserError where the number of samples hangs on one of the latter.
    """
    labels = [spec.label for spec in stage.rules]
    judged = select_judged(run, stage.name, add_request(NO_RECORD, stage.checks, "generate"), labels)
    unjudged = tuple(label for label in labels if label not in judged)
    if unjudged and stage.rule.accept is not None:
        raise UserError(
            f"the samples '{stage.name}' in '{run.path}' were not judged by {', '.join(unjudged)} as the recipe has it, and "
            "on that hangs how many a prompt gets"
        )
    return judged, unjudged


def find_refusal(run: Run, stage: SampledStage) -> str | None:
    """Why `generate` would not go on with the samples that are there under the stage's name; None where it may."""
    try:
        if not (run.has_samples(stage.name) and list_parts(run.samples(stage.name))):
            return None
        about = read_json(run.generation(stage.name)) or {}
    except UserError as error:
        return str(error)
    if run.import_info(stage.name).exists():
        return f"the samples '{stage.name}' in '{run.path}' came from a file; give these another name."
    changed = list_changes(about, describe_settings(stage), LATER)
    if not changed and about.get("identity") != _identify_again(stage, about.get("identity")):
        changed = f"the model '{about.get('model')}' had another content or options than '{stage.options.engine.model}' now"
    if not changed:
        return None
    return f"the samples '{stage.name}' in '{run.path}' were generated with different settings ({changed})."


def _identify_again(stage: SampledStage, before: Any) -> Any:
    """The identity that the stage's samples would have; that of before where it cannot be told here."""
    ask = getattr(stage.options, "surroundings", AskOptions())
    try:
        return identify_prompted(identify_engine(stage.options.engine), ask)
    except UserError:  # no model there, which is told by itself, or no Hub
        return before


def _list_setting_changes(about: Mapping[str, Any], stage: SampledStage) -> str:
    """What differs between how samples were generated and what a stage asks for; the model apart."""
    stopping = {name: getattr(stage.rule, name) for name in COUNTS}
    before = {name: about.get("stopping", {}).get(name) for name in COUNTS}
    changes = [list_changes(about, describe_settings(stage), LATER), list_changes(before, stopping)]
    return "; ".join(filter(None, changes))


def describe_settings(stage: SampledStage) -> dict[str, Any]:
    """The settings that its samples will have, the model's identity apart."""
    options = stage.options
    return describe_generation(
        "", options.engine, options.sampling, getattr(options, "surroundings", AskOptions())
    )
