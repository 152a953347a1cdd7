"""A run folder's own account of itself, read once and shown in many ways.

Everything is optional: a run that has only sampled has no sets, one that verified a file has no models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from curate.folder import Run, parts, read_json
from curate.funnel import Funnel
from curate.judging import sidecar
from curate.reporting.models import Model, read_models
from curate.reporting.order import EVALUATION, placed, samples_place
from curate.tables import rows_in, scan
from curate.tallies import tally

LONGEST_PATH: Final = 200
"""Characters of a name that may still be asked for on the disk."""


ERRORS: Final = {
    "false_reject": "own reference rejected",
    "false_accept": "near miss of the reference accepted",
    "second_rule_refuses": "accepted, and {rule} refuses",
    "second_rule_accepts": "rejected, and {rule} accepts",
}
"""What the rates of audit.json are called."""


class Interval(NamedTuple):
    """A measured share or difference with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One measured model, as RUN/evals/NAME/metrics.json holds it; `rest` is the whole file."""

    name: str
    model: str
    pass_at_1: Interval
    before: str | None
    gain: Interval | None
    rest: Mapping[str, Any]

    @property
    def temperature(self) -> float | None:
        """What its samples were drawn at, where that is known."""
        found: float | None = self.rest.get("sampling", {}).get("temperature")
        return found

    @property
    def cons(self) -> tuple[int, Interval] | None:
        """The majority answer's accuracy and how many votes it had."""
        found = self.rest.get("cons@k")
        return (found["k"], interval(found)) if found else None


class Comparison(NamedTuple):
    """An evaluation beside the one it is to be compared with."""

    before: Evaluation | None
    after: Evaluation


@dataclass(frozen=True, slots=True)
class Tally:
    """How a check's verdicts fell, and its rules that were not true, commonest first."""

    label: str
    check: str
    options: Mapping[str, Any]
    true: int
    false: int
    null: int
    reasons: Sequence[tuple[str, int]]


class Audit(NamedTuple):
    """How often a check errs or a filter is right: `share` of `tried`, with its 95% interval; None where none was tried."""

    label: str
    of: str
    tried: int
    found: int
    share: Interval | None


@dataclass(frozen=True, slots=True)
class Samples:
    """One set of samples: where it came from and what the checks said. `made` is empty for foreign rows."""

    name: str
    made: Mapping[str, Any]
    adopted: Mapping[str, Any]
    prompts: int
    whole: int
    partial: int
    tokens: int | None
    checks: Sequence[Tally] = ()
    audits: Sequence[Audit] = ()

    @property
    def evaluates(self) -> bool:
        """Whether these samples measure a model instead of making data."""
        return self.name.startswith(EVALUATION)


@dataclass(frozen=True, slots=True)
class DataSet:
    """What mix made."""

    name: str
    rows: int
    checks: Mapping[str, Sequence[str]]
    funnels: Sequence[Funnel]
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it, in the order in which the recipe made it."""

    run: Run
    recipe: str | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    samples: Sequence[Samples] = ()
    sets: Sequence[DataSet] = ()
    models: Sequence[Model] = ()
    evaluations: Sequence[Evaluation] = ()


def read_facts(run: Run) -> Facts:
    """Read what is there. Counts are made lazily; no text is held in memory."""
    recipe = run.path / "recipe.yaml"
    timings = _timings(run)
    by_place = placed(timings, "distill", "grpo")
    return Facts(
        run,
        recipe.read_text(encoding="utf-8", errors="replace") if recipe.exists() else None,
        timings,
        read_samples(run),
        read_sets(run),
        sorted(read_models(run), key=lambda one: by_place(one.name)),
        read_evaluations(run),
    )


def read_samples(run: Run) -> list[Samples]:
    """Each set of samples with its counts and verdicts, in the order they were made."""
    names = sorted(run.sample_sets(), key=samples_place(_timings(run)))
    return [_samples(run, name) for name in names if parts(run.samples(name))]


def read_sets(run: Run) -> list[DataSet]:
    """The finished sets of a run, in the order they were made."""
    names = sorted(
        (file.stem for file in (run.path / "sets").glob("*.json")), key=placed(_timings(run), "mix")
    )
    return [read_set(run, name) for name in names]


def read_set(run: Run, name: str) -> DataSet:
    """One finished set."""
    about = read_json(run.set(name).with_name(f"{name}.json"))
    funnels = [Funnel(**funnel) for funnel in about["funnels"]]
    return DataSet(name, about["rows"], about["checks"], funnels, about)


def read_evaluations(run: Run) -> list[Evaluation]:
    """The evaluations of a run, in the order they were made."""
    found = [_evaluation(read_json(file)) for file in (run.path / "evals").glob("*/metrics.json")]
    by_place = placed(_timings(run), "evaluate")
    return sorted(found, key=lambda one: by_place(one.name))


def _timings(run: Run) -> dict[str, float]:
    """Seconds by stage, in the order in which the stages were first done."""
    found: dict[str, float] = read_json(run.path / "timings.json") or {}
    return found


def comparisons(evaluations: Sequence[Evaluation]) -> list[Comparison]:
    """Each evaluation with the one it names as its `before`; one that is only a `before` is not repeated."""
    by_name = {one.name: one for one in evaluations}
    earlier = {one.before for one in evaluations}
    return [
        Comparison(by_name.get(one.before or ""), one)
        for one in evaluations
        if one.before is not None or one.name not in earlier
    ]


def titles(pairs: Sequence[Comparison], run: Run) -> list[str]:
    """What each comparison goes by: its model's name, or its evaluation's where two models would read the same."""
    shown = [model_name(pair.after.model, run) for pair in pairs]
    return [
        pair.after.name if shown.count(name) > 1 else name for pair, name in zip(pairs, shown, strict=True)
    ]


def other_checks(evaluations: Sequence[Evaluation]) -> list[str]:
    """The labels of the checks beside the first that any evaluation measured."""
    return list(dict.fromkeys(label for one in evaluations for label in one.rest["checks"]))


def temperatures_differ(evaluations: Sequence[Evaluation]) -> bool:
    """Whether evaluations were sampled at several temperatures, which a reader must know to compare them."""
    return len({one.temperature for one in evaluations}) > 1


def interval(found: Mapping[str, float]) -> Interval:
    """An interval as JSON holds it."""
    return Interval(found["value"], found["low"], found["high"])


def model_name(model: str, run: Run) -> str:
    """A model's name fit to be shown: a Hub id as it is, a folder by its last name.

    Local paths say nothing to other people, and should not be published.
    """
    path = Path(model)
    local = len(model) < LONGEST_PATH and path.is_dir()
    inside = path.is_absolute() or run.path.absolute() in path.absolute().parents
    return path.name if local or inside else model


def _evaluation(found: Mapping[str, Any]) -> Evaluation:
    gain = found.get("gain")
    return Evaluation(
        found["name"],
        found["model"],
        interval(found["pass@1"]),
        found.get("before"),
        interval(gain) if gain else None,
        found,
    )


def _samples(run: Run, name: str) -> Samples:
    folder = run.samples(name)
    whole = scan(folder).select(pl.col("prompt_id").n_unique(), pl.col("tokens").sum()).collect()
    prompts, tokens = whole.row(0)
    return Samples(
        name,
        read_json(folder / "generation.json") or {},
        read_json(folder / "adopted.json") or {},
        prompts,
        sum(map(rows_in, parts(folder))),
        sum(map(rows_in, parts(folder, "partial"))),
        tokens or None,
        list(_tallies(run, name)),
        list(_audits(run, name)),
    )


def _tallies(run: Run, name: str) -> Iterator[Tally]:
    for entry in read_json(run.verdicts(name) / "checks.json") or []:
        label = entry["label"]
        files = [sidecar(run, name, label, part) for part in parts(run.samples(name))]
        if all(file.exists() for file in files):
            counts, reasons = tally(pl.scan_parquet(files))
            options = entry.get("options") or {}
            yield Tally(label, entry["check"], options, counts[True], counts[False], counts[None], reasons)


def _audits(run: Run, name: str) -> Iterator[Audit]:
    """What `verify --audit` and `filter --audit` found of these verdicts; of a check that has since changed nothing."""
    current = {entry["label"]: entry for entry in read_json(run.verdicts(name) / "checks.json") or []}
    for label, rates in (read_json(run.verdicts(name) / "audit.json") or {}).items():
        if rates["digest"] == current.get(label, {}).get("digest", rates["digest"]):
            yield from (_error(label, kind, rates) for kind in ERRORS if kind in rates)
    for row in (read_json(run.verdicts(name) / "filter-audit.json") or {}).get("reasons", []):
        low, high = row["interval"]
        share = None if row["precision"] is None else Interval(row["precision"], low, high)
        said = "rightly kept" if row["rule"] == "kept" else f"rightly rejected: {row['rule']}"
        yield Audit(row["check"] or "all", said, row["judged"], row["right"], share)


def _error(label: str, kind: str, rates: Mapping[str, Any]) -> Audit:
    rate = rates[kind]
    share = None if rate["rate"] is None else Interval(rate["rate"], rate["low"], rate["high"])
    said = ERRORS[kind].format(rule=(rates["second_rule"] or "").replace("_", " "))
    return Audit(label, said, rate["tried"], rate["errors"], share)
