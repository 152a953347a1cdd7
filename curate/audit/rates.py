"""What audits of verifiers count: errors among what was tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from curate.intervals import wilson_interval

SHOWN: Final = 10
"""Errors kept as examples of each kind."""


@dataclass(slots=True)
class Rate:
    """How many of those tried were errors, with the Wilson interval; undecided ones are no errors, but told.

    meaning: what such an error is, in the words that tables, reports and cards have for it.
    """

    meaning: str
    tried: int = 0
    errors: int = 0
    undecided: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, error: bool, undecided: bool, example: str) -> None:
        """Count one more."""
        self.tried += 1
        self.undecided += undecided
        self.errors += error
        if error and len(self.examples) < SHOWN:
            self.examples.append(example)

    def as_json(self) -> dict[str, Any]:
        """The rate as it is stored."""
        low, high = wilson_interval(self.errors, self.tried)
        value = self.errors / self.tried if self.tried else None
        return {**asdict(self), "rate": value, "low": low, "high": high}


ErrorRates = Mapping[str, Mapping[str, Rate]]
"""Rates by the check's label and the kind of error."""
