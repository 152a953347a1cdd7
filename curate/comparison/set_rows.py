"""The rows of two sets side by side: by id, all columns by their keys, so that no text is held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
import pyarrow.parquet as pq

from curate.comparison.absences import explain_absences
from curate.comparison.differences import LONGEST, Comparison, take_differences
from curate.comparison.settings import compare_sets
from curate.comparison.sides import SetSide
from curate.comparison.values import widen_kind, write_text
from curate.store.hidden_texts import find_hidden_in_runs
from curate.store.layout import Run
from curate.store.parquet import refuse_damaged, scan_files
from filters.errors import UserError

_KEY: Final = ("id", "copy")
_KEYED: Final = "="
"""How the columns begin that hold the keys of others."""
_TURN: Final = "turn"


class _Rows(NamedTuple):
    """Rows by id and copy, with their prompt_id and the keys of their columns; and the files that they are of."""

    keys: pl.DataFrame
    files: Sequence[Path]
    columns: Sequence[str]


def compare_set_rows(title: str, before: SetSide, after: SetSide) -> Comparison:
    """What went, came and changed from one set to the other, and why. Raises UserError where rows have no ids."""
    one, two = _read(before.files), _read(after.files)
    columns = list(dict.fromkeys([*one.columns, *two.columns]))
    if "repeat" in columns and all(_counts_copies(side) for side in (one, two)):
        columns.remove("repeat")  # it says which copy a row is, and nothing of what the row holds
    went = one.keys.join(two.keys, on=_KEY, how="anti", maintain_order="left")
    came = two.keys.join(one.keys, on=_KEY, how="anti", maintain_order="left")
    runs = [side.run for side in (before, after) if side.run is not None]
    rows = take_differences(
        [
            _tell_absent("went", after, went, runs),
            _tell_absent("came", before, came, runs),
            *_compare_columns(one, two, columns, runs),
        ]
    )
    bare = [side.title for side in (before, after) if side.files and not side.about]
    notes = [f"'{title}' does not say what it was made with." for title in bare]
    found = Comparison(title, one.keys.height, two.keys.height, compare_sets(before, after), rows, notes)
    found.require_identity()
    return found


def _read(files: Sequence[Path]) -> _Rows:
    empty = pl.DataFrame(schema={"id": pl.String, _TURN: pl.Int64, "prompt_id": pl.String})
    if not files:
        return _Rows(_number(empty), (), ())
    with refuse_damaged(f"'{files[0].parent}'"):
        names = list(dict.fromkeys(name for file in files for name in pq.read_schema(file).names))
        if "id" not in names:
            raise UserError(
                f"'{files[0].parent}' cannot be compared: its rows have no ids, which a set has in the column 'id'."
            )
        columns = [name for name in names if name != "id"]
        found = pl.concat([empty, *_read_keys(files)], how="diagonal")
        if nameless := found["id"].null_count():
            raise UserError(
                f"'{files[0].parent}' cannot be compared: {nameless:,} of its rows hold nothing in the column 'id'."
            )
    return _Rows(_number(found), files, columns)


def _read_keys(files: Sequence[Path]) -> Iterator[pl.DataFrame]:
    """The keys of each file's rows, which are read as a stream: its texts are never in memory together."""
    for file in files:
        rows = scan_files([file])
        schema = rows.collect_schema()
        prompt = pl.col("prompt_id").cast(pl.String) if "prompt_id" in schema else pl.lit(None, pl.String)
        keys = [
            _make_key(name, kind).alias(f"{_KEYED}{name}") for name, kind in schema.items() if name != "id"
        ]
        wanted = rows.select(
            pl.col("id").cast(pl.String), prompt.alias("prompt_id"), _find_turn(schema), *keys
        )
        yield wanted.collect(engine="streaming")


def _find_turn(schema: pl.Schema) -> pl.Expr:
    """Which of the rows with its id a row is, where it says so: sets of other seeds have them in another order."""
    told = pl.col("repeat").cast(pl.Int64, strict=False) if "repeat" in schema else pl.lit(None, pl.Int64)
    return told.alias(_TURN)


def _number(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with those of one id numbered, as they say, or in their order."""
    placed = rows.sort(_TURN, maintain_order=True)
    return placed.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).over("id").alias("copy"))


def _counts_copies(side: _Rows) -> bool:
    """Whether the column `repeat` is the one that `mix` writes, or is not there."""
    told = side.keys.select(pl.col(_TURN).eq_missing(pl.col("copy")).all()).item()
    return "repeat" not in side.columns or bool(told)


def _make_key(name: str, kind: pl.DataType) -> pl.Expr:
    """The key of a column's values, null where they are; those of kinds that can hold the same have the same."""
    return pl.when(pl.col(name).is_not_null()).then(pl.col(name).cast(widen_kind(kind)).hash())


def _tell_absent(change: str, lacks: SetSide, rows: pl.DataFrame, runs: Sequence[Run]) -> pl.DataFrame:
    """Rows that a side lacks, each with why; what is said of it stands on that side."""
    told = rows.select(*_KEY, "prompt_id").join(
        explain_absences(lacks, rows.select("id", "prompt_id"), runs),
        on="id",
        how="left",
        maintain_order="left",
    )
    gone = change == "went"
    nothing = pl.lit(None, pl.String)
    sides = (nothing.alias("before"), pl.col("said").alias("after"))
    if not gone:
        sides = (pl.col("said").alias("before"), nothing.alias("after"))
    return told.select(pl.lit(change).alias("change"), *_KEY, "why", *sides)


def _compare_columns(
    one: _Rows, two: _Rows, columns: Sequence[str], runs: Sequence[Run]
) -> Iterator[pl.DataFrame]:
    """A frame of differences for each column in which rows of both sides differ; one that a side lacks holds nulls there."""
    both = _complete(one.keys, columns).join(
        _complete(two.keys, columns), on=_KEY, how="inner", suffix=_KEYED, maintain_order="left"
    )
    for name in columns:
        key = f"{_KEYED}{name}"
        ids = both.filter(pl.col(key).ne_missing(pl.col(f"{key}{_KEYED}"))).select(_KEY)
        if ids.height:
            values = _read_values(one, name, ids, "before").join(
                _read_values(two, name, ids, "after"), on=_KEY, how="inner"
            )
            yield _hide(values, runs).with_columns(change=pl.lit("changed"), why=pl.lit(name))


def _complete(keys: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    missing = [name for name in columns if f"{_KEYED}{name}" not in keys.columns]
    return keys.with_columns(pl.lit(None, pl.UInt64).alias(f"{_KEYED}{name}") for name in missing)


def _read_values(side: _Rows, name: str, ids: pl.DataFrame, alias: str) -> pl.DataFrame:
    """What a column holds in some rows, as text, cut."""
    if name not in side.columns:
        return ids.with_columns(pl.lit(None, pl.String).alias(alias))
    wanted = ids.lazy().select("id").unique()
    found = [pl.DataFrame(schema={"id": pl.String, _TURN: pl.Int64, alias: pl.String})]
    for file in side.files:
        rows = scan_files([file])
        schema = rows.collect_schema()
        kind = schema.get(name)
        value = pl.lit(None, pl.String) if kind is None else _cut(write_text(name, kind))
        rows = rows.select(pl.col("id").cast(pl.String), _find_turn(schema), value.alias(alias))
        rows = rows.join(wanted, on="id", how="semi", maintain_order="left")
        found.append(rows.collect(engine="streaming"))
    return _number(pl.concat(found)).drop(_TURN).join(ids, on=_KEY, how="semi")


def _cut(text: pl.Expr) -> pl.Expr:
    """The beginning of a text as a text of its own: a slice alone would hold all of it in memory."""
    return pl.concat_str(text.str.slice(0, LONGEST), pl.lit(""))


def _hide(values: pl.DataFrame, runs: Sequence[Run]) -> pl.DataFrame:
    """Values of rows whose texts must not be shown become the sentence that stands in their place."""
    hidden = find_hidden_in_runs(runs, values["id"].to_list())
    if not hidden:
        return values
    said = pl.col("id").replace_strict(hidden, default=None, return_dtype=pl.String)
    return values.with_columns(pl.coalesce(said, name).alias(name) for name in ("before", "after"))
