"""How wrong a check that asks a model may be before it decides nothing: its bounds, options of every such check."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

UNRELIABLE: Final = "judge_unreliable"
"""The rule of verdicts that were not asked for, since the check errs too often or its error rate is not known."""


class ErrorBounds(BaseModel):
    """The error rates up to which a check's verdicts are believed; what it said is the same whatever they are."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    max_false_accepts: float = Field(default=0.05, ge=0, le=1)
    """Bound of the share of wrong cases that are accepted: where the upper end of its 95% interval is above it, nothing is decided."""
    max_false_rejects: float = Field(default=0.20, ge=0, le=1)
    """The same bound of the share of right cases that are rejected."""

    @staticmethod
    def drop_bounds(options: dict[str, Any]) -> dict[str, Any]:
        """Options without the bounds, which say nothing of what the check was asked and are no part of its digest."""
        return {key: value for key, value in options.items() if key not in ErrorBounds.model_fields}


class PreferenceBounds(ErrorBounds):
    """The same of a check that prefers responses to others, and the pairs of which it is known which is better."""

    max_misordered: float = Field(default=0.20, ge=0, le=1)
    """The same bound of the share of pairs whose worse response is preferred, and of padded twins that are preferred to their originals."""
    pairs: Path | None = None
    """JSON Lines with prompt, good and bad (a response, and a worse one), which it is calibrated with in place of the bundled pairs; needed for a rubric in your own words."""

    @staticmethod
    def drop_bounds(options: dict[str, Any]) -> dict[str, Any]:
        """Options without the bounds and the pairs, which say nothing of what the check was asked."""
        return {key: value for key, value in options.items() if key not in PreferenceBounds.model_fields}
