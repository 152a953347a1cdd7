"""A run folder's own account of itself, read once and shown in many ways.

Everything is optional: a run that has only sampled has no sets, one that verified a file has no models.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from curate.reporting.audits import Audit, Interval, read_audits
from curate.reporting.display_order import order_by_stage, order_samples
from curate.reporting.evaluation_notes import list_notes
from curate.reporting.judges import Judges, read_judges
from curate.reporting.models import Model, read_models
from curate.reporting.option_values import hide_folders
from curate.reporting.repairs import count_repairs
from curate.selection.funnel import Funnel
from curate.store.finished_sets import list_set_files
from curate.store.joined import scan_sidecars
from curate.store.layout import EVALUATION, PARTIAL, Run, list_parts
from curate.store.parquet import count_rows, read_part_info, scan_parts
from curate.store.verdict_counts import count_verdicts
from curate.store.verdicts import read_checks, read_role
from curate.store.whole_files import read_json
from filters.check import COMMON_RULES, Role
from filters.registry import find_check_class, is_built_in

logger = logging.getLogger(__name__)

LONGEST_PATH: Final = 200
"""Characters of a name that may still be asked for on the disk."""


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
    def shares(self) -> Mapping[str, float]:
        """Of each further check, the share of samples that pass, or the mean score; without those that decided nothing."""
        return {label: share for label, share in self.rest["checks"].items() if share is not None}

    @property
    def notes(self) -> Sequence[str]:
        """What its numbers leave out, and what they compare, in sentences."""
        return list_notes(self.rest)

    @property
    def best_of(self) -> tuple[int, Interval] | None:
        """The largest k of its pass@k above 1, and the value, where that is known; earlier versions' have none."""
        known: Mapping[str, Any] = self.rest.get("pass@k", {})
        k = max(map(int, known), default=1)
        return (k, read_interval(known[str(k)])) if k > 1 and known[str(k)]["value"] is not None else None

    @property
    def cons(self) -> tuple[int, Interval] | None:
        """The majority answer's accuracy and how many votes it had."""
        found = self.rest.get("cons@k")
        return (found["k"], read_interval(found)) if found and found["value"] is not None else None

    @property
    def prompts_asked(self) -> int:
        """How many prompts it asked; evaluations of earlier versions know only those that were answered."""
        found: int = self.rest.get("prompts_asked", self.rest["prompts"])
        return found


class Comparison(NamedTuple):
    """An evaluation beside the one it is to be compared with."""

    before: Evaluation | None
    after: Evaluation


@dataclass(frozen=True, slots=True)
class Tally:
    """How a check's verdicts fell, and its rules that were not true, commonest first. rules: what they mean, of our own checks.

    version: the check's, with which the verdicts were made; None where they do not say.
    """

    label: str
    check: str
    options: Mapping[str, Any]
    true: int
    false: int
    null: int
    reasons: Sequence[tuple[str, int]]
    role: Role = "readability"
    rules: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Samples:
    """One set of samples: where it came from and what the checks said. `made` is empty for foreign rows. repair: of references, in a sentence."""

    name: str
    made: Mapping[str, Any]
    adopted: Mapping[str, Any]
    prompts: int
    whole: int
    partial: int
    tokens: int | None
    checks: Sequence[Tally] = ()
    audits: Sequence[Audit] = ()
    repair: str = ""
    judges: Judges = field(default_factory=Judges)

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
    recipe, timings = run.recipe, _timings(run)
    by_place = order_by_stage(timings, "distill", "grpo")
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
    names = sorted(run.sample_names(), key=order_samples(_timings(run)))
    return [_samples(run, name) for name in names if list_parts(run.samples(name))]


def read_sets(run: Run) -> list[DataSet]:
    """The finished sets of a run, in the order they were made."""
    names = sorted(run.set_names(), key=order_by_stage(_timings(run), "mix"))
    return [read_set(run, name) for name in names]


def read_set(run: Run, name: str) -> DataSet:
    """One finished set. Raises UserError where its files are not those that `mix` wrote."""
    list_set_files(run, name)
    about = read_json(run.set_info(name))
    funnels = [Funnel(**funnel) for funnel in about["funnels"]]
    return DataSet(name, about["rows"], about["checks"], funnels, about)


def read_evaluations(run: Run) -> list[Evaluation]:
    """The evaluations of a run, in the order they were made."""
    found = [_evaluation(read_json(run.evaluation_metrics(name))) for name in run.evaluation_names()]
    by_place = order_by_stage(_timings(run), "evaluate")
    return sorted(found, key=lambda one: by_place(one.name))


def _timings(run: Run) -> dict[str, float]:
    """Seconds by stage, in the order in which the stages were first done."""
    found: dict[str, float] = read_json(run.timings) or {}
    return found


def pair_evaluations(evaluations: Sequence[Evaluation]) -> list[Comparison]:
    """Each evaluation with the one it names as its `before`; one that is only a `before` is not repeated."""
    by_name = {one.name: one for one in evaluations}
    earlier = {one.before for one in evaluations}
    return [
        Comparison(by_name.get(one.before or ""), one)
        for one in evaluations
        if one.before is not None or one.name not in earlier
    ]


def title_comparisons(pairs: Sequence[Comparison], run: Run) -> list[str]:
    """What each comparison goes by: its model's name, or its evaluation's where two models would read the same."""
    shown = [display_model(pair.after.model, run) for pair in pairs]
    return [
        pair.after.name if shown.count(name) > 1 else name for pair, name in zip(pairs, shown, strict=True)
    ]


def list_other_checks(evaluations: Sequence[Evaluation]) -> list[str]:
    """The labels of the checks beside the first that any evaluation measured."""
    return list(dict.fromkeys(label for one in evaluations for label in one.rest["checks"]))


def temperatures_differ(evaluations: Sequence[Evaluation]) -> bool:
    """Whether evaluations were sampled at several temperatures, which a reader must know to compare them."""
    return len({one.temperature for one in evaluations}) > 1


def read_interval(found: Mapping[str, float]) -> Interval:
    """An interval as JSON holds it."""
    return Interval(found["value"], found["low"], found["high"])


def display_model(model: str, run: Run) -> str:
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
        read_interval(found["pass@1"]),
        found.get("before"),
        read_interval(gain) if gain and gain["value"] is not None else None,
        found,
    )


def _samples(run: Run, name: str) -> Samples:
    folder = run.samples(name)
    whole = scan_parts(folder).select(pl.col("prompt_id").n_unique(), pl.col("tokens").sum())
    prompts, tokens = whole.collect().row(0)
    return Samples(
        name,
        read_json(run.generation(name)) or {},
        read_json(run.import_info(name)) or {},
        prompts,
        sum(map(count_rows, list_parts(folder))),
        sum(map(count_rows, list_parts(folder, PARTIAL))),
        tokens or None,
        list(_tallies(run, name)),
        list(read_audits(run, name)),
        count_repairs(run, name),
        read_judges(run, name),
    )


def _tallies(run: Run, name: str) -> Iterator[Tally]:
    for entry in read_checks(run, name):
        label = entry["label"]
        files = [run.sidecar(name, label, part) for part in list_parts(run.samples(name))]
        if not all(file.exists() for file in files):
            logger.warning(
                f"'{label}' has no verdicts on some samples of '{name}', and is not shown: run it again."
            )
        else:
            counts, reasons = count_verdicts(scan_sidecars(run, name, label))
            options = hide_folders(entry.get("options") or {})
            numbers = counts[True], counts[False], counts[None]
            known = find_check_class(entry["check"]).rules if is_built_in(entry["check"]) else {}
            yield Tally(
                label, entry["check"], options, *numbers, reasons, read_role(entry), {**COMMON_RULES, **known},
                read_part_info(files[0]).get("version") if files else None,
            )  # fmt: skip
