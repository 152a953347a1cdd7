"""The rows that are taken of all sources together, so that the whole has the shares and the total that it is to have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from curate.selection.fit_shares import Division, FittedAmounts, UnfilledError, fit_shares, round_rows
from curate.selection.ingredients import Ingredient
from curate.selection.quotas import SLACK, Amounts, Unit
from curate.selection.sources import Source
from curate.store.parquet import require_parts, scan_files
from curate.store.prompts_by_id import PROMPT_KEY
from filters.errors import UserError

_CELL: Final = "cell"
KINDS_ARE_SAID: Final = (
    " A source is reasoning unless it says kind=general, or was generated so: --source NAME:kind=general."
)


class AmountFit:
    """Takes rows of all sources so that shares hold, and knows what it could not fill.

    sources: in their order, with the `kinds` they are taken for. Where shares leave a rest, it goes to the rows of which no share
    speaks, in the proportions in which they are there.
    """

    def __init__(self, amounts: Amounts, sources: Sequence[Source], kinds: Sequence[str]) -> None:
        self._amounts, self._sources = amounts, sources
        self._columns = [name for name in ("domain", "language") if self._values(name)]
        self._cells = np.stack(
            np.meshgrid(
                np.arange(len(sources)),
                *(np.arange(len(self._values(name)) + 1) for name in self._columns),
                indexing="ij",
            ),
            -1,
        ).reshape(-1, 1 + len(self._columns))
        self._divisions = self._divide(kinds)
        self._last: FittedAmounts | None = None

    @property
    def unit(self) -> Unit:
        """What is counted."""
        return self._amounts.by

    def code_cells(self, source: int, one: Ingredient, keys: pl.DataFrame) -> pl.Series:
        """The cell of each row of a source, by its place among them. keys: prompt_id and variant of each row."""
        prompts = _read_prompts(one, keys, self._columns) if self._columns else keys
        code = pl.repeat(source, prompts.height, dtype=pl.UInt32)
        for name in self._columns:
            values = self._values(name)
            place = pl.col(name).replace_strict(
                values, range(len(values)), default=len(values), return_dtype=pl.UInt32
            )
            code = code * (len(values) + 1) + place
        return prompts.select(code.alias(_CELL)).to_series()

    def fit(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of a set, of those that each source may give, in the order in which it gives them; those that are `held` beside them.

        rows: cell; tokens, where they count. Raises UserError where no set has these shares.
        """
        if "held" not in rows.columns:
            return self._fit(rows)
        held = pl.col("held")
        return pl.concat([self._fit(rows.filter(~held)), rows.filter(held)])

    def _fit(self, rows: pl.DataFrame) -> pl.DataFrame:
        by_tokens = self._amounts.by == "tokens"
        weights = rows["tokens"].to_numpy().astype(np.float64) if by_tokens else None
        available = np.bincount(rows[_CELL], weights, len(self._cells)).astype(np.float64)
        if not available.sum():
            return rows.clear()
        try:
            fitted = fit_shares(available, self._divisions, self._amounts.total)
        except UnfilledError as error:
            raise UserError(self._say_unfilled(error.group)) from None
        self._last = fitted
        if by_tokens:
            most = pl.Series(fitted.amounts * (1 + SLACK))
            return rows.filter(
                pl.col("tokens").cast(pl.Int64).cum_sum().over(_CELL) <= most.gather(rows[_CELL])
            )
        wanted = pl.Series(round_rows(fitted, available, self._divisions))
        return rows.filter(pl.int_range(pl.len()).over(_CELL) < wanted.gather(rows[_CELL]))

    def tell_shortfall(self, got: int) -> list[str]:
        """What bounded the whole, in a sentence, where that is not what was asked for. got: rows, or tokens."""
        if self._last is None or self._last.scarcest is None:
            return []
        unit, total = self._amounts.by, self._amounts.total
        asked = f" of the {total:,} asked for" if total is not None else ""
        scarce = self._name_cell(self._last.scarcest)
        return [
            f"The set has {got:,} {unit}{asked}: the accepted rows of {scarce} are all used, and bound the shares of the others."
        ]

    def _values(self, column: str) -> list[str]:
        return [one.value for one in self._amounts.quotas if one.column == column]

    def _divide(self, kinds: Sequence[str]) -> list[Division]:
        """What the shares say: each source's own, then each column's."""
        found = []
        shared = [one.share for one in self._sources if one.share is not None]
        if shared:
            places = iter(range(len(shared)))
            codes = np.array([len(shared) if one.share is None else next(places) for one in self._sources])
            names = [f"'{one.name}'" for one in self._sources if one.share is not None]
            found.append(
                _make_division(names, shared, "the sources without a share", codes[self._cells[:, 0]])
            )
        for column in ("kind", *self._columns):
            quotas = [one for one in self._amounts.quotas if one.column == column]
            if not quotas:
                continue
            values = [one.value for one in quotas]
            if column == "kind":
                own = np.array([values.index(one) if one in values else len(values) for one in kinds])
                codes = own[self._cells[:, 0]]
            else:
                codes = self._cells[:, 1 + self._columns.index(column)]
            names = [f"{column} {value}" for value in values]
            found.append(_make_division(names, [one.share for one in quotas], f"any other {column}", codes))
        return found

    def _name_cell(self, cell: int) -> str:
        source, *places = self._cells[cell].tolist()
        said = [f"'{self._sources[source].name}'"]
        for column, place in zip(self._columns, places, strict=True):
            values = self._values(column)
            said.append(f"{column} {values[place]}" if place < len(values) else f"any other {column}")
        return " with ".join((said[0], " and ".join(said[1:]))) if places else said[0]

    def _says_kind(self, group: str) -> bool:
        return group in {"any other kind", *(f"kind {value}" for value in self._values("kind"))}

    def _say_unfilled(self, group: str | None) -> str:
        if group is not None:
            return (
                f"The set is to have rows of {group}, and there are none to take, that were accepted and that no source named before has: "
                f"add some, or change the shares.{KINDS_ARE_SAID if self._says_kind(group) else ''}"
            )
        named = [
            name
            for one in self._divisions
            for name, share in zip(one.names, one.shares, strict=True)
            if share > SLACK
        ]
        return (
            f"No set of the accepted rows has all these shares at once ({', '.join(named)}): rows that would fill one are of another that is full. "
            "Change the shares, or the sources."
        )


def _read_prompts(one: Ingredient, keys: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The columns of the prompts that rows are of, row by row, read part by part."""
    wanted = keys.unique()
    found = []
    for part in require_parts(one.run.prompts(one.name)):
        asked = scan_files([part], ("variant",)).select(*PROMPT_KEY, *columns)
        found.append(asked.join(wanted.lazy(), on=["prompt_id", "variant"], how="semi").collect())
    known = pl.concat(found).unique(["prompt_id", "variant"], keep="first", maintain_order=True)
    return keys.join(known, on=["prompt_id", "variant"], how="left", maintain_order="left")


def _make_division(names: Sequence[str], shares: Sequence[float], rest: str, codes: Any) -> Division:
    left = max(0.0, 1.0 - sum(shares))
    whole = np.array([*shares, left if left > SLACK else 0.0])
    return Division([*names, rest], whole / whole.sum(), codes.astype(np.int64))
