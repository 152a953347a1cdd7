"""`mix`: the one place where samples are selected; the reasoning and the general sets become one to train on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from pydantic import BeforeValidator, Field
from rich.console import RenderableType

from curate.benchmarks.contamination import Contamination
from curate.checking.set_pairs import open_pairs
from curate.options import StageOptions
from curate.selection.choose_apart import Stays
from curate.selection.compare_sources import IfContaminated, SourceComparison, tell_comparison
from curate.selection.composition import Composition, tell_composition
from curate.selection.count_tokens import TokenCounter
from curate.selection.effects import Effect, effects_tables, tell_effects
from curate.selection.funnel import Funnel, funnel_table
from curate.selection.holdout import read_holdout
from curate.selection.ingredients import Ingredient
from curate.selection.licences import LicenceEntry, tell_licences
from curate.selection.loose_sets import make_loose_set, preview_loose_set
from curate.selection.mixing import SetInfo, make_set, preview_set
from curate.selection.quotas import Amounts, Preset, Quota, Unit, choose_amounts, read_quota
from curate.selection.rules import NEAR_DUPLICATE, Apart, FindPairs, Of, Rules
from curate.selection.sources import Source, read_source
from curate.stage_results import StageResult
from curate.store.layout import open_run
from filters.errors import UserError
from filters.spec import CheckSpec, make_spec

logger = logging.getLogger(__name__)


def _as_text(value: Any) -> Any:
    """A number as a recipe holds it, as it is written on a command line."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class MixOptions(StageOptions):
    """Select accepted samples and merge sources into one training set."""

    arguments = ("files",)

    files: tuple[Annotated[Source, BeforeValidator(read_source)], ...] = ()
    """Files to mix, as FILE or FILE:option=value,… with the options of --source."""
    run: Path | None = None
    """The run folder; where there is none, give --out."""
    out: Path | None = None
    """The folder of a set that is mixed from files alone."""
    source: tuple[Annotated[Source, BeforeValidator(read_source)], ...] = ()
    """Samples of the run or a file, as NAME:option=value,… (options: checks=a+b, per_prompt, choose, rows, tokens, share, repeat, kind, licence, name, map, split, config, shape, bad_rows). Repeatable."""
    name: str = "sft"
    """Name of the set."""
    seed: int = 0
    """Seed of the random choice and order of samples."""
    against: tuple[str, ...] = ()
    """Benchmarks whose problems no prompt may hold: a file, a folder of them, or a Hub set. Repeatable. By the default rule of the check contamination; for another one, run filter with it."""
    contaminated: IfContaminated = "refuse"
    """What is done where an accepted sample's prompt holds a problem of --against: refuse, which ends with 2 and writes no set; drop, which leaves such samples out and counts them."""
    distinct: Of | None = None
    """Keep one of rows that are near-duplicates: of a problem told several times (prompt), with all samples of its prompt; or of a response (response). Decided last, over all sources."""
    stays: Stays = "first_source"
    """Which of near-duplicates stays: first_source (of the source named first), most_samples (of its prompt, accepted) or verified (true by a verifier). Ties by the others, then by id."""
    by: Unit = "rows"
    """What shares and --total count: rows, or the tokens of completions."""
    total: int | None = Field(default=None, gt=0)
    """The set has at most N rows, or with --by tokens at most N tokens."""
    quota: tuple[Annotated[Quota, BeforeValidator(read_quota)], ...] = ()
    """The exact share that rows of a domain, a language or a kind have of the set, as language=zh:0.3; the scarcest bounds the whole, and rows of which no quota speaks take the rest. Repeatable."""
    preset: Preset | None = None
    """Amounts by name. r1: 800,000 rows, a quarter of them of the sources with kind=general; fewer in the same shares where a kind runs out."""
    tokenizer: str | None = None
    """A folder with a fast tokenizer, or a Hub id, that counts the tokens of the completions of all sources."""
    holdout: Annotated[str | None, BeforeValidator(_as_text)] = None
    """Prompts whose rows are kept out of the set, beside it as the split validation: a share of them, as 0.01, drawn from the seed and what they ask; or a file of prompts, or of ids."""
    dry_run: bool = False
    """Only show what would be selected: rows, prompts, lengths and difficulty of what is accepted and of what would be in the set. Writes nothing."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """All that is mixed, in the order given."""
        return (*self.files, *self.source)

    @property
    def amounts(self) -> Amounts:
        """What the whole set is held to."""
        return choose_amounts(self.by, self.total, self.quota, self.preset)

    @property
    def is_bounded(self) -> bool:
        """Whether more than each source's own number of rows bounds what is taken of it."""
        return self.amounts.bounds_whole(self.sources) or any(one.tokens is not None for one in self.sources)


@dataclass(frozen=True, slots=True)
class MixResult(StageResult):
    """A finished set, or what it would be. folder: its Parquet files. funnels: what became of each source's samples.

    effects: what was accepted of each source against what was selected. dry_run: nothing was written. comparison: with
    benchmarks, where one was asked for. composition: each source's part of the rows and tokens. licences: of
    the set's rows, which nothing is known of before they are written.
    """

    name: str
    folder: Path
    rows: int
    funnels: Sequence[Funnel]
    effects: Sequence[Effect] = ()
    dry_run: bool = False
    comparison: Mapping[str, Any] | None = None
    composition: Composition | None = None
    licences: Sequence[LicenceEntry] = ()

    def render(self) -> Iterator[RenderableType]:
        """The funnels as one table, and the effects of the selection as another, with what is known of them in words."""
        would = " it would have; nothing was written" if self.dry_run else ""
        yield funnel_table(f"set {self.name}: {self.rows:,} rows{would}", self.funnels)
        if self.composition is not None:
            yield from tell_composition(self.composition)
        yield from tell_licences(self.licences)
        if self.effects:
            yield from effects_tables(self.effects)
        yield from tell_effects(self.effects)
        if self.comparison is not None:
            yield tell_comparison(self.comparison)


def mix_samples(options: MixOptions) -> MixResult:
    """Select the samples whose verdicts are all true and merge sources into one training set.

    Reads RUN/samples and RUN/verdicts, or files of samples in any known shape, whose rows must not say that they are not kept.
    Writes RUN/sets/NAME (Parquet that `datasets.load_dataset` opens and TRL trains on) and RUN/sets/NAME.json; without
    a run the folder --out, and beside it its description and the rows that were left out. With --dry-run, nothing.

    Example: r1curate mix --run runs/r1 --source teacher:per_prompt=4 --source general.jsonl:rows=200000

    Example: r1curate mix verified.parquet general.jsonl:rows=2000 --out set
    """
    given = options.model_dump(mode="json", exclude={"run", "out", "dry_run"})
    if not options.sources:
        raise UserError("mix needs something to mix: files, or samples of a run by --source.")
    if (options.run is None) == (options.out is None):
        raise UserError(
            "mix writes a set into a run, or into a folder of its own: give either --run RUN or --out FOLDER."
        )
    rules = _make_rules(options)
    if options.out is not None:
        return _show(options, options.out.name, _mix_files(options, options.out, rules, given))
    assert options.run is not None, "one of the two is given"
    run = open_run(options.run)
    if options.dry_run:
        made = preview_set(run, run.set(options.name), options.sources, rules)
    else:
        made = make_set(run, options.name, options.sources, rules, given)
    return _show(options, options.name, made)


def _make_rules(options: MixOptions) -> Rules:
    """How rows are selected beside what each source says."""
    if not options.against and "contaminated" in options.model_fields_set:
        raise UserError(
            "--contaminated says what is done with what is found: name benchmarks with --against FILE."
        )
    if options.distinct is None and "stays" in options.model_fields_set:
        raise UserError(
            "--stays says which of near-duplicates stays: give --distinct prompt or --distinct response."
        )
    comparison, apart = None, None
    if options.against:
        check = Contamination(against=options.against)
        _refuse_own_files(options.sources, check)
        comparison = SourceComparison(check, options.contaminated)
    if options.distinct is not None:
        spec = make_spec({"check": NEAR_DUPLICATE, "options": {"of": options.distinct}})
        apart = Apart(options.distinct, options.stays, partial(_open_pairs, spec))
    options.amounts.require_sound(options.sources)
    holdout = None if options.holdout is None else read_holdout(options.holdout, options.seed)
    counter = None if options.tokenizer is None else TokenCounter(options.tokenizer)
    return Rules(options.seed, apart, comparison, options.amounts, holdout, counter)


def _refuse_own_files(sources: Sequence[Source], check: Contamination) -> None:
    """Refuse a source that is a benchmark: all of it would be found in itself."""
    compared = {file.resolve() for file in check.compared_files}
    for source in sources:
        place = Path(source.source).resolve()
        if any(place == file or place in file.parents for file in compared):
            raise UserError(
                f"--against would compare '{source.source}' with itself; name other files, or leave the source out."
            )


def _open_pairs(
    spec: CheckSpec, ingredients: Sequence[Ingredient], units: pl.DataFrame
) -> AbstractContextManager[FindPairs]:
    return open_pairs([(one.run, one.name) for one in ingredients], units, spec)


def _mix_files(options: MixOptions, folder: Path, rules: Rules, given: Mapping[str, Any]) -> SetInfo:
    if options.dry_run:
        return preview_loose_set(folder, options.sources, rules)
    made = make_loose_set(folder, options.sources, rules, given)
    logger.info(f"wrote {made.folder}")
    return made


def _show(options: MixOptions, name: str, made: SetInfo) -> MixResult:
    return MixResult(
        name, made.folder, made.rows, made.funnels, made.effects, options.dry_run, made.comparison,
        made.composition, made.licences,
    )  # fmt: skip
