"""How many prompts of each category are asked for, where shares say so: whole numbers within one prompt of the shares."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BeforeValidator

from filters.errors import UserError

OTHERS: Final = None
"""The group of all categories without a share of their own."""
MOST_NAMES: Final = 12
"""Categories that a message names at most, those with most prompts first; of each so many characters:"""
NAME_LENGTH: Final = 40
_CLOSE: Final = 1e-9


def _read_shares(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, (list, tuple)):
        for pair in value:
            if "=" not in str(pair):
                raise ValueError(f"'{pair}' is not of the form category=share")
        value = dict(str(pair).rsplit("=", 1) for pair in value)
    return value


Shares = Annotated[dict[str, float], BeforeValidator(_read_shares)]
"""Category -> its share of the prompts; on the command line, `category=share`."""


class Quota(NamedTuple):
    """Of a category, or of all others (None): how many prompts are wanted, and how many there are."""

    category: str | None
    wanted: int
    there: int

    @property
    def taken(self) -> int:
        """How many of them are taken."""
        return min(self.wanted, self.there)


def require_shares(shares: Mapping[str, float]) -> None:
    """Raise UserError where shares are no shares of one whole."""
    for category, share in shares.items():
        if not 0 < share <= 1:
            raise UserError(f"--share {category}={share:g}: a share is above 0, and at most 1.")
    if sum(shares.values()) > 1 + _CLOSE:
        raise UserError(f"The shares add up to {sum(shares.values()):g}; together they are at most 1.")


def allot(there: Mapping[str, int], shares: Mapping[str, float], total: int | None) -> list[Quota]:
    """How many prompts each category with a share gives, and all others together.

    there: prompts by category. total: of all; None for as many as there are without leaving a share unfilled. Numbers are
    rounded by largest remainders, those of equal ones by name. Raises UserError where a share cannot be for these prompts.
    """
    require_shares(shares)
    missing = next((category for category in shares if not there.get(category)), None)
    if missing is not None:
        names = sorted(filter(None, there), key=lambda name: (-there[name], name))
        known = (
            ", ".join(name[:NAME_LENGTH] for name in names[:MOST_NAMES])
            or "none; name the column with --map domain=COLUMN"
        )
        raise UserError(f"--share {missing}: there are no prompts of that category; there are: {known}.")
    others = sum(number for category, number in there.items() if category not in shares)
    rest = 1 - sum(shares.values())
    if rest > _CLOSE and not others:
        raise UserError(
            f"The shares add up to {1 - rest:g}, and there are no prompts of other categories: let them add up to 1."
        )
    groups: list[tuple[str | None, float, int]] = [(c, shares[c], there[c]) for c in sorted(shares)]
    if others:
        groups.append((OTHERS, max(0.0, rest if rest > _CLOSE else 0.0), others))
    if total is None:
        total = _find_most(groups)
    return [Quota(c, number, n) for (c, _, n), number in zip(groups, _round(groups, total), strict=True)]


def _find_most(groups: list[tuple[str | None, float, int]]) -> int:
    """The largest total of which every group can give its share."""
    most = min(floor((there + 1) / share) for _, share, there in groups if share)
    while any(number > there for (_, _, there), number in zip(groups, _round(groups, most), strict=True)):
        most -= 1
    return most


def _round(groups: list[tuple[str | None, float, int]], total: int) -> list[int]:
    """Shares of a total as whole numbers that add up to it."""
    exact = [share * total for _, share, _ in groups]
    found = [floor(number + _CLOSE) for number in exact]
    order = sorted(range(len(groups)), key=lambda at: (found[at] - exact[at], at))
    wanted = min(total - sum(found), sum(1 for _, share, _ in groups if share))
    for at in [at for at in order if groups[at][1]][:wanted]:
        found[at] += 1
    return found
