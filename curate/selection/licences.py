"""Under which licences the rows of a set stand, who says so, and where the rows come from: rolled up over its files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl
from pydantic import BaseModel

from curate.readers.cards import CARD, LONGEST_CARD, read_licence
from curate.readers.datasets_hub import HUB_SET, fetch_card
from curate.selection.ingredients import Ingredient
from curate.selection.licence_terms import LONGEST, list_conflicts
from curate.store.finished_sets import HELD_OUT
from curate.store.parquet import scan_files
from curate.store.whole_files import read_json

Origin = Literal["option", "row", "card", "nobody"]
ENTRIES: Final = 100
"""Entries of the table: the largest; what is beyond them is added up to one."""


class LicenceEntry(BaseModel):
    """Rows of one source under one licence. said_by: who says so: the source's option, each row, the data set's card, or nobody.

    row_source: where the rows' owner has them from. model: which wrote the completions, under terms of its own that are not looked up. held_out: rows of the split beside the set, which
    are published with it, and are not among `rows`.
    """

    source: str
    row_source: str
    licence: str | None
    said_by: Origin
    model: str | None
    rows: int
    held_out: int = 0


def roll_up_licences(ingredients: Sequence[Ingredient], files: Sequence[Path]) -> list[LicenceEntry]:
    """The licences of a set's rows, the largest groups first. files: of the set, those of held-out rows among them; only a few of their columns are read."""
    by_name = {one.name: one for one in ingredients}
    cards = {name: _find_card_licence(one) for name, one in by_name.items()}
    metadata = pl.col("metadata")
    said = pl.when(metadata.str.contains('"license"', literal=True)).then(metadata)
    splits = [
        scan_files([file]).select(
            "source", "row_source", "metadata", held=pl.lit(file.name.startswith(f"{HELD_OUT}-"))
        )
        for file in files
    ]
    groups = (
        pl.concat(splits)
        .with_columns(said.map_elements(_read_licence, pl.String).alias("licence"))
        .group_by("source", "row_source", "licence")
        .agg((~pl.col("held")).sum().alias("rows"), pl.col("held").sum().alias("held_out"))
        .collect()
        .sort("rows", "source", "row_source", "licence", descending=[True, False, False, False])
    )
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    for source, row_source, licence, rows, held_out in groups.iter_rows():
        one = by_name[source]
        told, by = _decide(one.source.licence, licence, cards[source])
        where = (row_source or "") if len(found) < ENTRIES else "others"
        key = (source, where[:200], told, by, _find_model(one))
        before = found.get(key, (0, 0))
        found[key] = (before[0] + rows, before[1] + held_out)
    return [
        LicenceEntry(
            source=source,
            row_source=where,
            licence=told,
            said_by=by,
            model=model,
            rows=rows,
            held_out=held_out,
        )
        for (source, where, told, by, model), (rows, held_out) in found.items()
    ]


def tell_licences(entries: Sequence[LicenceEntry]) -> list[str]:
    """What is wrong with the licences of a set's rows, or not known of them, in sentences."""
    bare: dict[str, tuple[int, int]] = {}
    for one in entries:
        if one.licence is None:
            rows, held_out = bare.get(one.source, (0, 0))
            bare[one.source] = (rows + one.rows, held_out + one.held_out)
    said = [
        f"Nobody says under which licence {rows:,} rows of '{name}'{f' and {held_out:,} held-out ones' if held_out else ''} stand: "
        "give the source licence=…, if you know it."
        for name, (rows, held_out) in bare.items()
    ]
    said += list_conflicts(one.licence for one in entries if one.licence is not None)
    models = sorted({one.model for one in entries if one.model is not None})
    if models:
        said.append(
            f"The completions of {', '.join(models)} stand under the terms of their model, too, which are not looked up."
        )
    return said


def read_licences(info: Mapping[str, Any]) -> list[LicenceEntry]:
    """The licences that a set's information tells; none in those of earlier versions."""
    return [LicenceEntry(**entry) for entry in info.get("licences", ())]


def _decide(given: str | None, of_row: str | None, of_card: str | None) -> tuple[str | None, Origin]:
    if given is not None:
        return given, "option"
    if of_row is not None:
        return of_row, "row"
    return of_card, "nobody" if of_card is None else "card"


def _read_licence(metadata: str) -> str | None:
    """What a row's metadata says as its licence, where that is a name and no text."""
    try:
        found = json.loads(metadata).get("license")
    except (ValueError, AttributeError, RecursionError):
        return None
    return found.strip() if isinstance(found, str) and 0 < len(found.strip()) <= LONGEST else None


def _find_model(one: Ingredient) -> str | None:
    """The model that generated a source's samples, as it was named; of a local one its folder alone."""
    model = (read_json(one.run.generation(one.name)) or {}).get("model")
    return None if model is None else Path(model).name if Path(model).is_absolute() else str(model)


def _find_card_licence(one: Ingredient) -> str | None:
    """The licence in the card of the folder or Hub set that a source is; None where there is none, or it cannot be had."""
    if one.imported is None or one.source.licence is not None:
        return None
    place = one.source.source
    if (named := HUB_SET.fullmatch(place)) and not Path(place).exists():
        card = fetch_card(named)
    else:
        file = Path(place) / CARD
        card = file.read_bytes()[:LONGEST_CARD] if file.is_file() else None
    return None if card is None else read_licence(card, place)
