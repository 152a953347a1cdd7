"""What one run of the sampler is asked for, looked at before any work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from curate.engines.identity import identify_engine
from curate.sampling.budget import Budget
from curate.sampling.ledger import require_enough
from curate.sampling.prompting import AskOptions, identify_prompted
from curate.sampling.run_sampler import SamplingWork
from curate.sampling.stopping import StoppingRule
from curate.sampling.watchdog import WatchdogOptions
from curate.store.layout import Run
from filters.check import EngineCheck
from filters.engine import EngineOptions, SamplingOptions
from filters.errors import UserError
from filters.spec import CheckSpec, require_distinct_labels


def select_immediate_checks(specs: Iterable[CheckSpec]) -> list[CheckSpec]:
    """The checks that can judge a sample as soon as it is there: they hold no model and wait for no sibling."""
    built = ((spec, spec.build()) for spec in specs)
    return [
        spec
        for spec, check in built
        if not isinstance(check, EngineCheck) and not check.resident and check.scope == "sample"
    ]


def require_plan(
    rule: StoppingRule, specs: Sequence[CheckSpec], budget: Budget | None, longest: int
) -> list[CheckSpec]:
    """The checks that judge while sampling. Raises UserError where rule, checks and budget do not go together.

    longest: tokens of a sample, at most.
    """
    rules = select_immediate_checks(require_distinct_labels(specs))
    if rule.accept is not None and not rules:
        raise UserError("accept counts samples that a rule accepts while sampling: name one with --check.")
    require_enough(budget or Budget(), longest)
    return rules


def plan_sampling(
    run: Run,
    name: str,
    rule: StoppingRule,
    engine: EngineOptions,
    sampling: SamplingOptions,
    specs: Sequence[CheckSpec],
    workers: int | None = None,
    budget: Budget | None = None,
    watchdog: WatchdogOptions | None = None,
    ask: AskOptions | None = None,
    retry_refused: bool = False,
) -> SamplingWork:
    """All that one run of the sampler needs, looked at before any work.

    retry_refused: ask again for what was refused for good. Raises UserError where its parts do not go together.
    """
    budget, ask = budget or Budget(), ask or AskOptions()
    rules = require_plan(rule, specs, budget, sampling.max_tokens)
    identity = identify_prompted(identify_engine(engine), ask)
    return SamplingWork(
        run, name, rule, specs, rules, workers, engine, sampling, budget, watchdog or WatchdogOptions(), ask,
        retry_refused, identity,
    )  # fmt: skip
