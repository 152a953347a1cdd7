"""What a student would see of a set: counts by kind and by source, and a few rows with what of them carries loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from distill.sft.kinds import ROW_FAULTS, SET_FAULTS, WARNINGS
from filters.errors import UserError

IDS_SHOWN: Final = 3
"""Rows named of a kind."""
SOURCES: Final = 30
"""Sources counted apart; the rows of more count together."""
OTHERS: Final = "(others)"


@dataclass(slots=True)
class Tally:
    """What became of the rows of a source. tokens: of the used rows; learned: those that carry loss; chains: used rows with one."""

    rows: int = 0
    used: int = 0
    too_long: int = 0
    bad: int = 0
    chains: int = 0
    tokens: int = 0
    learned: int = 0
    tokens_too_long: int = 0

    @property
    def repetitions(self) -> int:
        """Rows that are left out because an earlier one is the same, where each is used once."""
        return self.rows - self.used - self.too_long - self.bad


@dataclass(slots=True)
class Found:
    """How many rows there are of a kind, the ids of a few, and what was said of the first."""

    rows: int = 0
    ids: list[str] = field(default_factory=list)
    said: str = ""

    def add(self, name: str, said: str = "") -> None:
        """Count a row."""
        self.rows += 1
        self.said = self.said or said
        if len(self.ids) < IDS_SHOWN:
            self.ids.append(name)


@dataclass(frozen=True, slots=True)
class Inspection:
    """A whole set as one student sees it. Faults of rows are left out; those of the set are what no row is to blame for.

    longest: tokens of the longest row used. facts: how it is trained and used, in words. shown: rows in pieces, see `shown_rows`.
    """

    set: str
    student: str
    max_length: int
    tallies: Mapping[str, Tally]
    row_faults: Mapping[str, Found]
    set_faults: Mapping[str, Found]
    warnings: Mapping[str, Found]
    longest: int
    facts: Mapping[str, str]
    shown: tuple[Mapping[str, Any], ...]

    @property
    def total(self) -> Tally:
        """All sources together."""
        return _add(self.tallies.values())

    def explain_refusal(self, *, drop_bad: bool) -> str | None:
        """Why nothing is trained on this set, in words; None where it is fit."""
        total = self.total.rows
        bad = {} if drop_bad else self.row_faults
        rows = [_tell_rows(kind, found, total) for kind, found in bad.items()]
        known = {*self.set_faults} - ({"no_rows"} if rows or "limit_too_small" in self.set_faults else set())
        faults = [_tell_set_fault(kind, found) for kind, found in self.set_faults.items() if kind in known]
        if not (faults or rows):
            return None
        said = [f"'{self.set}' is not fit to train '{self.student}' on; nothing was trained."]
        said += [*faults, *rows]
        if rows:
            said.append(
                "These rows would teach nothing or the wrong thing: mend them, or leave them out and count them with "
                "--drop-bad; --dry-run shows some."
            )
        return "\n".join(said)

    def require_teachable(self, *, drop_bad: bool) -> None:
        """Raises UserError where the set is not fit, with every kind of fault, its rows, and what to do."""
        refusal = self.explain_refusal(drop_bad=drop_bad)
        if refusal is not None:
            raise UserError(refusal)

    def list_notes(self) -> Iterator[str]:
        """What is left out, and what is only suspicious, a sentence each."""
        for kind, found in self.row_faults.items():
            yield f"{kind}: {_count_rows(found, self.total.rows)} {ROW_FAULTS[kind].said}, and are left out."
        for kind, found in self.warnings.items():
            rows = f"{_count_rows(found, self.total.rows)} " if found.rows else ""
            yield f"{kind}: {rows}{WARNINGS[kind]}."

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        about = asdict(self)
        for name, words in (("row_faults", ROW_FAULTS), ("set_faults", SET_FAULTS), ("warnings", WARNINGS)):
            for kind, found in about[name].items():
                said = words[kind]
                found["meaning"] = said if isinstance(said, str) else said.said
                found["remedy"] = "" if isinstance(said, str) else said.remedy
        return about


def merge_tallies(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    """The largest sources, and all others as one."""
    ranked = sorted(tallies.items(), key=lambda item: (item[0] == OTHERS, -item[1].rows))
    if len(ranked) <= SOURCES:
        return dict(ranked)
    return {**dict(ranked[: SOURCES - 1]), OTHERS: _add(one for _, one in ranked[SOURCES - 1 :])}


def _add(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for one in tallies:
        total = replace(total, **{name: getattr(total, name) + value for name, value in asdict(one).items()})
    return total


def _tell_rows(kind: str, found: Found, total: int) -> str:
    fault = ROW_FAULTS[kind]
    first = f" ({found.said.rstrip('.')})" if found.said else ""
    return f"{kind}: {_count_rows(found, total)} {fault.said}{first}: {fault.remedy}."


def _count_rows(found: Found, total: int) -> str:
    more = ", …" if found.rows > len(found.ids) else ""
    return f"{found.rows:,} of {total:,} rows ({', '.join(found.ids)}{more})"


def _tell_set_fault(kind: str, found: Found) -> str:
    fault = SET_FAULTS[kind]
    details = f" ({found.said})" if found.said else ""
    return f"{kind}: {fault.said}{details}: {fault.remedy}."
