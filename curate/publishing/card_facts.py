"""What a card counts and quotes: what a set is composed of, how wrong its judges are, and what was asked for to make it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl
import pyarrow as pa
import yaml

from curate.calibration.calibration import Calibration, load_calibration
from curate.calibration.told_rows import ToldRow, list_rows
from curate.reporting.run_facts import Samples
from curate.scrubber import Scrubber
from curate.store.layout import Run
from curate.store.parquet import scan_files

GROUPS: Final = 20
"""Lines of a table of what a set is composed of."""
LONGEST: Final = 20_000
"""Characters of a recipe that is quoted."""
COLUMNS: Final = {
    "prompt": "the chat messages put to the model",
    "completion": "the one message to learn: `<think>`, the chain of thought, `</think>`, the answer",
    "id": "the sample's content key, by which the run knows it",
    "prompt_id": "the content key of the prompt and its reference answer",
    "source": "the ingredient it came from",
    "domain": "the prompt's domain",
    "language": "the prompt's language",
    "answer": "the reference answer that the response was checked against",
    "tokens": "tokens of the completion, as its engine counted them",
    "repeat": "0 where the sample stands here for the first time, 1 for the second, and so on",
    "row_id": "what the row's owner calls it",
    "row_source": "where the row's owner has it from",
    "metadata": "what else the row's owner says of it, as a JSON object",
    "reference_before": "the prompt's own reference answer, where `answer` was repaired",
}


class Part(NamedTuple):
    """Rows of a set that have something in common. Shares are of all rows, and of all tokens that were counted; mean: of a counted row.

    The last three are None where no row's tokens were counted.
    """

    name: str
    rows: int
    row_share: float
    tokens: int | None
    token_share: float | None
    mean: float | None


class Composition(NamedTuple):
    """A set by one column, the largest parts first, what is beyond `GROUPS` in one. uncounted: rows whose tokens nobody counted."""

    by: str
    parts: Sequence[Part]
    uncounted: int


def describe_columns(schema: pa.Schema) -> dict[str, str]:
    """What the columns of a set's files hold."""
    return {name: COLUMNS.get(name, "a column of the set's own") for name in schema.names}


def compose(files: Sequence[Path]) -> list[Composition]:
    """A set by source, domain and language: counted, never held."""
    return [_compose_by(files, key) for key in ("source", "domain", "language")]


def _compose_by(files: Sequence[Path], key: str) -> Composition:
    grouped = scan_files(files).group_by(pl.col(key).fill_null("").alias("name"))
    tokens = pl.col("tokens").cast(pl.Int64)
    counted = grouped.agg(pl.len().alias("rows"), tokens.sum(), tokens.count().alias("known"))
    found = counted.sort(["rows", "name"], descending=[True, False]).collect()
    whole = found.sum()
    if found.height > GROUPS:
        others = pl.lit(f"{found.height - GROUPS:,} others").alias("name")
        found = pl.concat([found.head(GROUPS), found[GROUPS:].sum().with_columns(others)])
    parts = [_make_part(row, whole["rows"][0], whole["tokens"][0]) for row in found.iter_rows(named=True)]
    return Composition(key, parts, int(whole["rows"][0] - whole["known"][0]))


def _make_part(row: Mapping[str, Any], rows: int, tokens: int) -> Part:
    known = row["tokens"] if row["known"] else None
    share = None if known is None or not tokens else known / tokens
    mean = None if known is None else known / row["known"]
    return Part(row["name"] or "not known", row["rows"], row["rows"] / rows, known, share, mean)


@dataclass(frozen=True, slots=True)
class Judge:
    """A check that asks a model, and how often it erred on labelled cases. where: the samples, or the model, that it judged."""

    where: str
    label: str
    found: Calibration

    @property
    def rows(self) -> Iterator[ToldRow]:
        """What it was tried for, with its bounds."""
        return list_rows(self.found)

    @property
    def labels(self) -> str:
        """Where the labels of its cases come from, with their number."""
        return ", ".join(f"{source} {count:,}" for source, count in self.found.sources.items())


def list_judges(samples: Sequence[Samples]) -> list[Judge]:
    """The calibrated checks of samples."""
    return [
        Judge(one.name, label, found) for one in samples for label, found in one.judges.calibrations.items()
    ]


def list_reward_judges(name: str, about: Mapping[str, Any]) -> list[Judge]:
    """The calibrated checks among a model's rewards, as its own record has them."""
    told = about.get("judges") or {}
    found = ((label, load_calibration(one)) for label, one in told.items() if isinstance(one, Mapping))
    return [Judge(name, label, one) for label, one in found if one is not None]


def quote_options(options: Mapping[str, Any], scrubber: Scrubber) -> str:
    """Options that were given, as YAML that names nothing of this machine."""
    return _as_yaml(scrubber.scrub(_drop_empty(options)))


def _drop_empty(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: kept
            for key, inner in value.items()
            if (kept := _drop_empty(inner)) not in (None, "", [], {})
        }
    return [_drop_empty(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def quote_recipe(run: Run, scrubber: Scrubber) -> str | None:
    """The recipe of a run, resolved, in the same way; None where there is none that can be read."""
    if not run.recipe.exists():
        return None
    text = run.recipe.read_text(encoding="utf-8", errors="replace")
    try:
        asked = yaml.safe_load(text) if len(text) <= LONGEST else None
    except yaml.YAMLError:
        return None
    return None if asked is None else _as_yaml(scrubber.scrub(asked))


def _as_yaml(value: Any) -> str:
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110)
    return text.rstrip()


def flatten(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Nested settings as one level, their names joined by a dot."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= (
            flatten(value, f"{before}{key}.") if isinstance(value, Mapping) else {f"{before}{key}": value}
        )
    return found
