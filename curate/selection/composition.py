"""What a set is made of: each source's part of its rows and of its tokens, and what could not be filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel
from rich.console import RenderableType
from rich.table import Table

from curate.intervals import format_percent
from curate.selection.count_tokens import TokenCounter, name_counter
from curate.selection.fit_amounts import AmountFit
from curate.selection.funnel import Funnel
from curate.selection.ingredients import Ingredient
from curate.selection.sources import Source


class Part(BaseModel):
    """One source's rows of a set. repeats: of those, rows that stand there again. tokens: of all their completions; None where somebody's were not counted."""

    source: str
    rows: int
    repeats: int
    tokens: int | None


class Composition(BaseModel):
    """A set's parts. counted: by what their tokens were counted, in a sentence. shortfalls: what was asked for and is not there, in sentences.

    held_out: rows and prompts that are kept out of the set, beside it as its split validation.
    """

    parts: list[Part]
    counted: str
    shortfalls: list[str] = []
    held_out: dict[str, int] | None = None

    @property
    def rows(self) -> int:
        """All rows of the set."""
        return sum(one.rows for one in self.parts)

    @property
    def tokens(self) -> int | None:
        """All tokens of its completions; None where some were not counted."""
        known = [one.tokens for one in self.parts if one.tokens is not None]
        return sum(known) if len(known) == len(self.parts) else None

    def list_shares(self) -> list[tuple[Part, float, float | None]]:
        """Each part with its share of the rows and of the tokens."""
        rows, tokens = self.rows, self.tokens
        return [
            (one, one.rows / max(1, rows), None if tokens is None else (one.tokens or 0) / max(1, tokens))
            for one in self.parts
        ]


def count_part(name: str, chosen: pl.DataFrame, known: bool) -> Part:
    """A source's part. chosen: its samples with fate, times and tokens. known: whether these were counted."""
    rows = chosen.filter(pl.col("fate") == "selected").select("times", "tokens")
    times = int(rows["times"].sum())
    tokens = (rows["tokens"].cast(pl.Int64) * rows["times"]).sum() if known else None
    return Part(source=name, rows=times, repeats=times - rows.height, tokens=tokens)


def compose(
    ingredients: Sequence[Ingredient],
    parts: Sequence[Part],
    funnels: Sequence[Funnel],
    counter: TokenCounter | None,
    fit: AmountFit | None,
) -> Composition:
    """All parts together, with what was asked for and is not there. fit: where the whole was bounded, what did it."""
    made = Composition(parts=list(parts), counted=_say_counted(ingredients, parts, counter))
    for one, part, funnel in zip(ingredients, parts, funnels, strict=True):
        made.shortfalls += _tell_lack(one.source, part, funnel)
    if fit is not None:
        made.shortfalls += fit.tell_shortfall(made.rows if fit.unit == "rows" else made.tokens or 0)
    return made


def _tell_lack(source: Source, part: Part, funnel: Funnel) -> Iterator[str]:
    """What a source was to give and had not, though all that was accepted of it is taken."""
    for unit, asked, got in (("rows", source.rows, part.rows), ("tokens", source.tokens, part.tokens)):
        if asked is not None and got is not None and got < asked and not funnel.unselected:
            yield f"'{source.name}' was to give {asked:,} {unit}, and has {got:,}: all its accepted rows are taken."


def _say_counted(
    ingredients: Sequence[Ingredient], parts: Sequence[Part], counter: TokenCounter | None
) -> str:
    """By what tokens were counted, and whether their shares can be trusted."""
    if counter is not None:
        name = Path(counter.place).name if Path(counter.place).is_dir() else counter.place
        return f"Tokens are those of the completions, of all sources counted by the tokenizer {name}."
    bare = [f"'{one.source}'" for one in parts if one.tokens is None]
    if bare:
        return (
            f"Nobody counted the tokens of {', '.join(bare)}: --tokenizer FOLDER counts those of all sources."
        )
    counters = {name_counter(one) for one in ingredients}
    if len(ingredients) > 1 and (None in counters or len(counters) > 1):
        return (
            "Tokens are those of the completions, as each source's own engine or rows say, perhaps by different tokenizers: --tokenizer "
            "FOLDER counts all sources alike."
        )
    return "Tokens are those of the completions, as their engine or rows say."


def tell_composition(composition: Composition) -> Iterator[RenderableType]:
    """The parts as a table for the terminal, where there are several or some rows stand there again, and what is to be said of them."""
    shares = composition.list_shares()
    repeated = any(one.repeats for one in composition.parts)
    if len(shares) > 1 or repeated:
        table = Table(
            "source",
            "rows",
            "share",
            *(["of those again"] if repeated else []),
            "tokens",
            "share",
            title="parts of the set",
        )
        for one, of_rows, of_tokens in shares:
            tokens = "" if one.tokens is None else f"{one.tokens:,}"
            share = "" if of_tokens is None else f"{format_percent(of_tokens)}%"
            again = [f"{one.repeats:,}"] if repeated else []
            table.add_row(one.source, f"{one.rows:,}", f"{format_percent(of_rows)}%", *again, tokens, share)
        yield table
        yield composition.counted
    if composition.held_out is not None:
        yield "{rows:,} accepted rows of {prompts:,} held-out prompts are the split validation.".format(
            **composition.held_out
        )
    yield from composition.shortfalls


def read_composition(info: Mapping[str, Any]) -> Composition | None:
    """What a set's information says it is made of; None in those of earlier versions."""
    found = info.get("composition")
    return None if found is None else Composition(**found)
