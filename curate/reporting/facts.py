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
from curate.tables import rows_in, scan
from curate.tallies import tally

EVALUATION: Final = "eval-"
"""How the names of an evaluation's samples begin."""

LONGEST_PATH: Final = 200
"""Characters of a name that may still be asked for on the disk."""


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
class Model:
    """What distill made: `about` is its r1curate.json, `loss` the pairs of step and training loss.

    commit: the Hub commit of the base model, None where that is a folder.
    """

    name: str
    about: Mapping[str, Any]
    base: str
    commit: str | None
    set: str
    loss: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it."""

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
    return Facts(
        run,
        recipe.read_text(encoding="utf-8", errors="replace") if recipe.exists() else None,
        read_json(run.path / "timings.json") or {},
        read_samples(run),
        read_sets(run),
        read_models(run),
        read_evaluations(run),
    )


def read_samples(run: Run) -> list[Samples]:
    """Each set of samples with its counts and verdicts, by name."""
    return [_samples(run, name) for name in run.sample_sets() if parts(run.samples(name))]


def read_sets(run: Run) -> list[DataSet]:
    """The finished sets of a run, by name."""
    return [read_set(run, file.stem) for file in sorted((run.path / "sets").glob("*.json"))]


def read_set(run: Run, name: str) -> DataSet:
    """One finished set."""
    about = read_json(run.set(name).with_name(f"{name}.json"))
    funnels = [Funnel(**funnel) for funnel in about["funnels"]]
    return DataSet(name, about["rows"], about["checks"], funnels, about)


def read_models(run: Run) -> list[Model]:
    """The trained models of a run, by name."""
    files = sorted((run.path / "models").glob("*/r1curate.json"))
    return [_model(file.parent.name, read_json(file)) for file in files]


def read_evaluations(run: Run) -> list[Evaluation]:
    """The evaluations of a run, by name."""
    files = sorted((run.path / "evals").glob("*/metrics.json"))
    return [_evaluation(read_json(file)) for file in files]


def comparisons(evaluations: Sequence[Evaluation]) -> list[Comparison]:
    """Each evaluation with the one it names as its `before`; one that is only a `before` is not repeated."""
    by_name = {one.name: one for one in evaluations}
    earlier = {one.before for one in evaluations}
    return [
        Comparison(by_name.get(one.before or ""), one)
        for one in evaluations
        if one.before is not None or one.name not in earlier
    ]


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


def _model(name: str, about: Mapping[str, Any]) -> Model:
    loss = [(float(row["step"]), float(row["loss"])) for row in about["loss"]]
    return Model(name, about, about["base"], about["base_commit"], about["set"], loss)


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
    )


def _tallies(run: Run, name: str) -> Iterator[Tally]:
    for entry in read_json(run.verdicts(name) / "checks.json") or []:
        label = entry["label"]
        files = [sidecar(run, name, label, part) for part in parts(run.samples(name))]
        if all(file.exists() for file in files):
            counts, reasons = tally(pl.scan_parquet(files))
            options = entry.get("options") or {}
            yield Tally(label, entry["check"], options, counts[True], counts[False], counts[None], reasons)
