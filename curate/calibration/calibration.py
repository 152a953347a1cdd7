"""What a calibration found: error rates with their intervals, and why a judge may not decide, where it may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from curate.intervals import format_percent, wilson_interval
from curate.store.answer_journal import Usage
from curate.store.layout import Run
from curate.store.whole_files import read_json, write_json

CALIBRATION: Final = "calibration"
"""Under which `audit.json` holds a judge's."""
FALSE_ACCEPT: Final = "false_accept"
FALSE_REJECT: Final = "false_reject"
"""The two rates that are held against a check's bounds."""


@dataclass(frozen=True, slots=True)
class JudgeRate:
    """Errors among the cases of one kind that were decided; the undecided are no errors, but told.

    meaning: what such an error is, in the words that tables, reports and cards have for it.
    """

    meaning: str
    errors: int
    decided: int
    undecided: int = 0
    examples: tuple[str, ...] = ()

    @property
    def cases(self) -> int:
        """The number of cases, decided or not."""
        return self.decided + self.undecided

    @property
    def value(self) -> float | None:
        """The share of errors; None where nothing was decided."""
        return self.errors / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95% interval; (0, 1) where nothing was decided."""
        return wilson_interval(self.errors, self.decided)


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """By how much the score of a version of a response lies above the response's own, on average, with its 95% interval."""

    meaning: str
    mean: float
    low: float
    high: float
    compared: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a check said of labelled cases.

    check: the check's name. digest: of the check, without its bounds, and of the cases: another is another calibration.
    sources: number of labelled cases by where their labels come from. rates: by kind: FALSE_ACCEPT, FALSE_REJECT, always, and one for
    each kind of canary or bias. bounds: what they were held against. faults: why the check decides nothing, in words;
    empty where it may decide. usage: requests, the tokens that were read and written, and of how many requests nobody counted them.
    changes: of a check that gives scores, by the kind of version. engine: the identity of the engine that answered; empty of a
    check that holds its model itself, whose weights are in the digest.
    """

    check: str
    digest: str
    sources: Mapping[str, int]
    rates: Mapping[str, JudgeRate]
    bounds: Mapping[str, float]
    faults: tuple[str, ...] = ()
    usage: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, ScoreChange] = field(default_factory=dict)
    engine: str = ""

    @property
    def reliable(self) -> bool:
        """Whether the check may decide."""
        return not self.faults

    @property
    def model_usage(self) -> Usage | None:
        """What its model was asked for it; None of a check that holds its model itself."""
        told = self.usage
        if not told:
            return None
        counts = (told.get(name, 0) for name in ("requests", "prompt_tokens", "tokens", "uncounted"))
        return Usage(*counts)

    def as_json(self) -> dict[str, Any]:
        """As it is stored, each rate with its share and interval."""
        told = asdict(self)
        for kind, rate in self.rates.items():
            low, high = rate.interval
            told["rates"][kind] |= {"rate": rate.value, "low": low, "high": high}
        return {**told, "reliable": self.reliable}


def read_calibration(run: Run, name: str, label: str) -> Calibration | None:
    """The calibration of a check on `samples(name)`; None where there is none, or none that this version reads."""
    about = read_json(run.calibration(name, label))
    return None if about is None else load_calibration(about)


def load_calibration(about: Mapping[str, Any]) -> Calibration | None:
    """A calibration from what `as_json` gave; None where it is not of that form."""
    try:
        rates = {
            kind: JudgeRate(
                rate["meaning"], rate["errors"], rate["decided"], rate["undecided"], tuple(rate["examples"])
            )
            for kind, rate in about["rates"].items()
        }
        if not {FALSE_ACCEPT, FALSE_REJECT} <= rates.keys():
            return None
        return Calibration(
            about["check"], about["digest"], about["sources"], rates, about["bounds"], tuple(about["faults"]),
            about["usage"], {kind: ScoreChange(**change) for kind, change in about.get("changes", {}).items()},
            about.get("engine", ""),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError):
        return None


def sum_attacks(found: Calibration) -> JudgeRate:
    """All kinds but the two that are held against bounds, added up."""
    rates = [rate for kind, rate in found.rates.items() if kind not in (FALSE_ACCEPT, FALSE_REJECT)]
    return JudgeRate(
        f"attack accepted, of {len(rates)} kinds",
        sum(rate.errors for rate in rates),
        sum(rate.decided for rate in rates),
        sum(rate.undecided for rate in rates),
    )


def describe_errors(about: Mapping[str, Any]) -> str:
    """The two rates that are held against bounds, with their intervals, from what `as_json` gave."""
    rates = (about["rates"].get(kind) for kind in (FALSE_ACCEPT, FALSE_REJECT))
    return "; ".join(
        f"{rate['meaning']}: {rate['errors']} of {rate['decided']} ({format_percent(rate['low'])}% to "
        f"{format_percent(rate['high'])}%)"
        for rate in rates
        if rate is not None
    )


def drop_calibration(run: Run, name: str, label: str) -> None:
    """Take a calibration away that is of another check or model: nothing may be said or decided by it any more."""
    run.calibration(name, label).unlink(missing_ok=True)


def write_calibration(run: Run, name: str, label: str, found: Calibration) -> None:
    """Keep a calibration beside the check's verdicts, whole or not at all."""
    path = run.calibration(name, label)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, found.as_json())
