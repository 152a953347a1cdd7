"""How much of what a set is to have: shares of its rows or tokens by kind, domain or language, a total, and the presets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from curate.selection.sources import Source
from filters.errors import UserError

Unit = Literal["rows", "tokens"]
Preset = Literal["r1"]
_QUOTA: Final = re.compile(r"(\w+)=(.{1,200}):([0-9.eE+-]+)")


class Quota(BaseModel):
    """The exact share of the whole set that rows of one kind, domain or language are to have."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    column: Literal["kind", "domain", "language"]
    """What is told apart: the sources' kind, or the prompts' domain or language."""
    value: str
    """Which of it."""
    share: float = Field(gt=0, le=1)
    """How much of the set, by rows or tokens."""


class MixPreset(NamedTuple):
    """Amounts by name: rows of the whole, and their shares."""

    total: int
    quotas: tuple[Quota, ...]


PRESETS: Final[Mapping[Preset, MixPreset]] = MappingProxyType(
    {"r1": MixPreset(800_000, (Quota(column="kind", value="general", share=0.25),))}
)
"""r1: 600,000 rows of reasoning and 200,000 general ones (arXiv 2501.12948, section 2.3.3)."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the whole set is held to. by: what is counted. total: of that, at most. quotas: shares of the whole."""

    by: Unit = "rows"
    total: int | None = None
    quotas: tuple[Quota, ...] = ()

    def bounds_whole(self, sources: Sequence[Source]) -> bool:
        """Whether what is taken of one source depends on the others."""
        return self.total is not None or bool(self.quotas) or any(one.share is not None for one in sources)

    def needs_tokens(self, sources: Sequence[Source]) -> bool:
        """Whether an amount cannot be told without every row's number of tokens."""
        by_tokens = self.by == "tokens" and self.bounds_whole(sources)
        return by_tokens or any(one.tokens is not None for one in sources)

    def require_sound(self, sources: Sequence[Source]) -> None:
        """Raises UserError where shares are named twice, add up to more than the whole, or leave sources nothing."""
        shares = [one.share for one in sources if one.share is not None]
        _require_whole("the sources", shares)
        if shares and len(shares) == len(sources) and sum(shares) < 1 - SLACK:
            raise UserError(
                f"The shares of all sources add up to {sum(shares):g}: make them 1, or leave one source without a share, which takes the rest."
            )
        if len(shares) < len(sources) and sum(shares) > 1 - SLACK:
            bare = next(one.source for one in sources if one.share is None)
            raise UserError(
                f"The shares add up to 1 and leave nothing for '{bare}': give it a share, or leave it out."
            )
        for column in dict.fromkeys(one.column for one in self.quotas):
            of_column = [one for one in self.quotas if one.column == column]
            values = [one.value for one in of_column]
            twice = next((value for value in values if values.count(value) > 1), None)
            if twice is not None:
                raise UserError(f"--quota names {column}={twice} twice: give it one share.")
            _require_whole(f"--quota {column}", [one.share for one in of_column])


SLACK: Final = 1e-9
"""By how much sums of shares may be off for being written as decimals."""


def _require_whole(what: str, shares: Sequence[float]) -> None:
    if sum(shares) > 1 + SLACK:
        raise UserError(
            f"The shares of {what} add up to {sum(shares):g}, more than the whole: make them 1 at most."
        )


def read_quota(value: Any) -> Any:
    """A quota from `COLUMN=VALUE:SHARE`, or as it is."""
    if not isinstance(value, str):
        return value
    found = _QUOTA.fullmatch(value)
    if found is None:
        raise ValueError("write a quota as COLUMN=VALUE:SHARE, as language=zh:0.3")
    if found[1] == "source":
        raise ValueError("the share of a source is an option of its own: --source NAME:share=0.3")
    return {"column": found[1], "value": found[2], "share": found[3]}


def choose_amounts(by: Unit, total: int | None, quotas: tuple[Quota, ...], preset: Preset | None) -> Amounts:
    """The amounts that options ask for; a preset's quotas stand beside those that are named. Raises UserError where they contradict it."""
    if preset is None:
        return Amounts(by, total, quotas)
    if by != "rows":
        raise UserError(
            f"--preset {preset} counts rows: leave out --by {by}, or give shares and a total of your own."
        )
    known = PRESETS[preset]
    if any(one.column == "kind" for one in quotas):
        raise UserError(
            f"--preset {preset} says how much of each kind there is: leave out --quota kind=…, or the preset."
        )
    return Amounts(by, known.total if total is None else total, (*known.quotas, *quotas))
