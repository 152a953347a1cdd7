"""The checks of general samples: what judges how good an answer is, beside those that need no judge."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from filters.check import EngineCheck
from filters.errors import UserError
from filters.spec import CheckSpec, make_spec

logger = logging.getLogger(__name__)

PLAIN: Final = ("language", "repetition", "format")
"""What every general sample is held to, unless checks are named that need no judge."""


def list_general_checks(given: Sequence[CheckSpec] | None) -> tuple[CheckSpec, ...]:
    """The checks of general samples. given: those that were named; where all of these ask a model, PLAIN are run beside them."""
    named = tuple(given or ())
    if any(not spec.build().calibrated for spec in named):
        return named
    return (*named, *map(make_spec, PLAIN))


def require_general_plan(specs: Sequence[CheckSpec], accept: int | None) -> None:
    """Say so where nothing judges how good answers are. Raises UserError where `accept` counts on what no rule can tell."""
    checks = [spec.build() for spec in specs]
    verifies = any(
        check.role == "verifier" and not check.resident and not isinstance(check, EngineCheck)
        for check in checks
    )
    if accept is not None and not verifies:
        raise UserError(
            "--accept counts samples that a rule finds good while sampling, and of general answers only a model judges that: "
            "leave it out, and let mix choose (per_prompt)."
        )
    if not any(check.calibrated for check in checks) and not verifies:
        logger.warning(
            "Nothing judges how good these answers are: name a rubric with its engine (--check rubric:engine.model=…) or a "
            "reward_model (--check reward_model:model=…)."
        )
