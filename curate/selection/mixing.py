"""Merging: the chosen samples of several sources become one set of Parquet files.

Order and random choice are drawn from the samples' ids (see curate.selection.draws): the same run and seed give the
same set on every machine, and nothing but ids and numbers is sorted in memory.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from curate.selection.composition import Composition, read_composition
from curate.selection.effects import Effect
from curate.selection.funnel import Funnel
from curate.selection.ingredients import Ingredient, peek_ingredient, read_state, take_ingredient
from curate.selection.licences import LicenceEntry, read_licences, roll_up_licences
from curate.selection.rules import Rules
from curate.selection.select_rows import Selection, select_rows
from curate.selection.set_files import write_set_files
from curate.selection.sources import Source, name_apart
from curate.store.finished_sets import HELD_OUT, describe_files, find_fault, read_set_info
from curate.store.layout import Run
from curate.store.parquet import write_table
from curate.store.repairs import read_repairs_in_force
from curate.store.storage import STORAGE
from curate.store.verdicts import require_current
from curate.store.whole_files import make_fleeting_folder, remove_file, write_folder_aside, write_json
from filters.digest import digest
from filters.errors import UserError

logger = logging.getLogger(__name__)

WAY: Final = 5
"""Which way sets are made: one that was made in an earlier way is made anew."""


class SetInfo(NamedTuple):
    """A set: its folder, its number of rows, what became of each source's samples, and what was accepted against what was selected.

    effects, composition, licences: none of a set that an earlier version made. comparison: with benchmarks, as `SourceComparison.describe` tells it;
    None where none was asked for.
    """

    folder: Path
    rows: int
    funnels: list[Funnel]
    effects: list[Effect]
    comparison: Mapping[str, Any] | None = None
    composition: Composition | None = None
    licences: Sequence[LicenceEntry] = ()


def make_set(
    run: Run, name: str, sources: Sequence[Source], rules: Rules, options: Mapping[str, Any]
) -> SetInfo:
    """Select and merge; a set that was made from the same files with the same options is found as it is.

    options: what the set's information says it was asked for. Raises UserError where no sample is accepted, and where one holds a problem of a benchmark and none may.
    """
    named = name_apart(sources, run.has_samples)
    with ExitStack() as held:
        # The set first: nothing is read that another process may be about to change.
        held.enter_context(STORAGE.lock(run.lock("set", name), f"the set '{name}' in '{run.path}'"))
        ingredients = []
        for source in named:
            one = take_ingredient(run, source)
            what = f"the verdicts on '{source.name}' in '{run.path}'"
            held.enter_context(STORAGE.lock(run.lock("verdicts", source.name), what, shared=True))
            require_current(run, source.name, one.singles)
            ingredients.append(one)
        return _find_or_make_set(run, name, ingredients, rules, options)


def preview_set(run: Run | None, folder: Path, sources: Sequence[Source], rules: Rules) -> SetInfo:
    """What `make_set` would make at `folder`, written nowhere: files are imported into a temporary folder, and no lock is held.

    run: which has samples and what was imported before; None where files alone are mixed. Raises UserError where no sample is
    accepted, and where something was changed while it was read.
    """
    with make_fleeting_folder(Path(tempfile.gettempdir()) / "mix") as made_in:
        aside = Run(made_in, temporary=True)
        place = run or aside
        named = name_apart(sources, place.has_samples)
        ingredients = [peek_ingredient(place, source, aside) for source in named]
        for one in ingredients:
            require_current(one.run, one.name, one.singles)
        before = [read_state(one) for one in ingredients]
        selection = _select(ingredients, rules)
        if before != [read_state(one) for one in ingredients]:
            raise UserError("Samples or verdicts were changed while they were read; run mix --dry-run again.")
    about = None if rules.comparison is None else rules.comparison.describe()
    return SetInfo(
        folder, selection.picked.height, selection.funnels, selection.effects, about, selection.composition
    )


def _find_or_make_set(
    run: Run, name: str, ingredients: Sequence[Ingredient], rules: Rules, options: Mapping[str, Any]
) -> SetInfo:
    key = digest(WAY, options, [read_state(one) for one in ingredients], *rules.keys)
    info = read_set_info(run, name)
    if info is None or info["digest"] != key or find_fault(run, name, info):
        info = _make_set(run, name, ingredients, rules, {"digest": key, "options": options})
    effects = [Effect(**effect) for effect in info.get("effects", ())]
    funnels = [Funnel(**funnel) for funnel in info["funnels"]]
    comparison, composition = info.get("comparison"), read_composition(info)
    licences = read_licences(info)
    return SetInfo(run.set(name), info["rows"], funnels, effects, comparison, composition, licences)


def count_repaired(picked: pl.DataFrame, repairs: Mapping[str, pl.DataFrame]) -> dict[str, dict[str, int]]:
    """Of each source with rows whose prompt's reference is repaired: how many prompts, and rows."""
    found = {}
    for name, rows in repairs.items():
        own = picked.filter(pl.col("source") == name).join(rows, on="prompt_id", how="semi")
        if own.height:
            found[name] = {"prompts": own["prompt_id"].n_unique(), "rows": own.height}
    return found


def _select(ingredients: Sequence[Ingredient], rules: Rules) -> Selection:
    selection = select_rows(ingredients, rules)
    if rules.comparison is not None:
        rules.comparison.require_none()
    if selection.picked.is_empty():
        raise UserError(_say_empty(selection))
    return selection


def _say_empty(selection: Selection) -> str:
    """Why a set would have no rows: nothing accepted, all of it held out, or amounts in which no row has room."""
    named = ", ".join(one.source for one in selection.funnels)
    if held := selection.held_out.height:
        return f"All accepted rows of {named} that the set would have are of held-out prompts ({held:,}): hold out fewer."
    if left := sum(one.unselected for one in selection.funnels):
        return f"{left:,} rows of {named} were accepted, and not one has room in the amounts that are asked for: ask for more."
    return f"No sample of {named} was accepted: the set would be empty."


def _make_set(
    run: Run, name: str, ingredients: Sequence[Ingredient], rules: Rules, given: Mapping[str, Any]
) -> dict[str, Any]:
    made = _select(ingredients, rules)
    repeats = any(one.source.repeat > 1 for one in ingredients)
    repairs = {one.name: read_repairs_in_force(run, one.name, one.labels) for one in ingredients}
    with write_folder_aside(run.set(name)) as aside:
        for split, rows in (("train", made.picked), (HELD_OUT, made.held_out)):
            if rows.height:
                write_set_files(run, rows if repeats else rows.drop("repeat"), aside, split, repairs)
        files = describe_files(aside)
        licences = roll_up_licences(ingredients, [aside / file["name"] for file in files])
        written = made.picked.height + made.held_out.height
        assert sum(file["rows"] for file in files) == written, "every chosen sample is one row"
        remove_file(run.set_info(name))
    if rules.labels:
        write_table(run.set_left_out(name), made.left_out.to_arrow())
    else:
        remove_file(run.set_left_out(name))
    info = {
        "name": name,
        "digest": given["digest"],
        "rows": made.picked.height,
        "options": given["options"],
        "checks": {one.name: list(one.labels) for one in ingredients},
        "funnels": [funnel.model_dump() for funnel in made.funnels],
        "effects": [effect.model_dump() for effect in made.effects],
        "composition": made.composition.model_dump(),
        "licences": [one.model_dump() for one in licences],
        "files": files,
    }
    if repaired := count_repaired(made.picked, repairs):
        info["repaired"] = repaired
    if rules.comparison is not None:
        info["comparison"] = rules.comparison.describe()
    write_json(run.set_info(name), info)  # the set counts as made once this exists
    if not run.temporary:
        logger.info(f"wrote {run.set(name)}")
    return info
