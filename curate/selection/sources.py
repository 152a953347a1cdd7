"""The sources of a set: samples of the run, or files, with how many are taken of each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from curate.readers.read_rows import ColumnMap
from curate.readers.read_samples import BadRows, Traces
from filters.chosen_names import validate_name
from filters.errors import UserError
from filters.option_values import parse_options, split_pairs

LICENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,59}")
"""How the Hub and SPDX write a licence."""
_FORMATS: Final = re.compile(r"(?:\.(?:jsonl|ndjson|json|csv|tsv|parquet|arrow|feather|gz|bz2|xz|zst))+$")


class Source(BaseModel):
    """One source of a set."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    source: str
    """Samples of the run by name, or a file, folder or Hub data set with the columns prompt and response."""
    name: str = ""
    """What the source is called in the run. Default: its own name."""
    checks: tuple[str, ...] | None = None
    """Labels of checks that must all be true, in the order that names the first that failed; `a|b` takes b where a could not decide. Default: those of the last generate, verify and filter, a judge with the rule it comes after; an empty list: none."""
    per_prompt: int | None = Field(default=None, gt=0)
    """Use at most N samples per prompt. Default: all that are accepted."""
    choose: Literal["random", "shortest", "first", "median", "diverse", "balanced"] = "random"
    """Which of a prompt's accepted samples are taken first: at random; the shortest; the first by index, and none beyond the one at which sampling stopped, so that none is taken for its length; those nearest to the median length of the prompt's; or, diverse, those that are least alike. balanced chooses between prompts: of the `rows`, as even numbers for every class of pass rate as there are."""
    rows: int | None = Field(default=None, gt=0)
    """Use at most N rows of this source: drawn at random, or with choose=balanced by the prompts' pass rates."""
    tokens: int | None = Field(default=None, gt=0)
    """Use rows of this source, drawn as with rows, as long as their completions have at most N tokens together."""
    share: float | None = Field(default=None, gt=0, le=1)
    """This source's share of the whole set, by rows or, with --by tokens, by tokens; the scarcest source bounds the whole. Sources without one share the rest, as they have rows for it."""
    repeat: int = Field(default=1, ge=1, le=100)
    """Use each sample up to N times, none again before all were used as often. Default: once."""
    kind: Literal["reasoning", "general"] | None = None
    """What --preset and --quota take it for. Default: what its samples were generated as, else reasoning."""
    licence: str | None = Field(default=None, pattern=LICENCE.pattern)
    """The licence of its rows, by the Hub's identifier. Default: what each row says, else the card of its folder or Hub set."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of a plain file, as ours: theirs."""
    split: str = "train"
    """The split of a data set."""
    config: str | None = None
    """The configuration of a data set that has several."""
    shape: str | None = None
    """The shape that all rows of a file are read by. Default: each row's own."""
    bad_rows: BadRows = "refuse"
    """What is done with rows of a file that fit no shape: refuse, or skip, which counts them as unreadable."""

    @property
    def is_limited(self) -> bool:
        """Whether it names an amount of its own, or takes samples more than once."""
        return self.rows is not None or self.tokens is not None or self.repeat > 1

    @model_validator(mode="after")
    def _require_limit(self) -> Self:
        """Refuse a choice that would choose nothing; the older ones are taken so."""
        if self.choose in ("median", "diverse") and self.per_prompt is None:
            raise ValueError(
                f"choose={self.choose} says which samples of a prompt are taken: say how many, as per_prompt=4"
            )
        if self.choose == "balanced" and self.rows is None:
            raise ValueError(
                "choose=balanced evens out the pass rates among the rows that are taken: say how many, as rows=10000"
            )
        if self.choose == "balanced" and self.tokens is not None:
            raise ValueError("choose=balanced counts rows: leave out tokens=, or choose otherwise")
        return self

    def resolve_name(self, is_sampled: Callable[[str], bool]) -> Source:
        """The same source under the name that its samples have, or will have, in a run. is_sampled: which it has, by name."""
        name = self.source if is_sampled(self.source) else self.name or name_source(self.source)
        return self.model_copy(update={"name": validate_name(name)})

    @property
    def traces(self) -> Traces:
        """The file, folder or data set to read."""
        return Traces(self.source, self.split, self.config, self.map, self.shape, self.bad_rows)


def name_source(source: str, folders: int = 0) -> str:
    """What a file is called: its name without its format's, after those of some of its folders."""
    parts = PurePath(source.rstrip("/")).parts[-1 - folders :]
    bare = _FORMATS.sub("", "-".join(part.strip("/") or "root" for part in parts))
    bare = unicodedata.normalize("NFKD", bare)
    bare = "".join(mark for mark in bare if not unicodedata.combining(mark))
    return re.sub(r"[^\w.-]+", "-", bare, flags=re.ASCII).strip("-.") or "file"


def name_apart(sources: Sequence[Source], is_sampled: Callable[[str], bool]) -> list[Source]:
    """Sources with their names; files of one name are called after their folders, too, as far as it takes.

    is_sampled: whether a run has samples of a name. Raises UserError where the same source is named twice.
    """
    named = [one.resolve_name(is_sampled) for one in sources]
    for folders in range(1, 9):
        names = [one.name for one in named]
        named = [
            one.model_copy(update={"name": name_source(one.source, folders)})
            if names.count(one.name) > 1 and not given.name and not is_sampled(one.source)
            else one
            for one, given in zip(named, sources, strict=True)
        ]
    for number, (one, given) in enumerate(zip(named, sources, strict=True)):
        before = [other for other in named[:number] if other.name == one.name]
        # Names that are written in other letters are told apart by numbers alone.
        if before and not given.name and all(other.source != one.source for other in before):
            named[number] = one.model_copy(update={"name": f"{one.name}-{number + 1}"})
    names = [one.name for one in named]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(
            f"Two sources are called '{twice}': name samples once, and give files names with name=…."
        )
    return named


def read_source(value: Any) -> Any:
    """A source from `NAME:option=value,…`, or as it is."""
    if not isinstance(value, str):
        return value
    source, *pairs = re.split(r":(?=[\w.]+=)", value, maxsplit=1)
    options = parse_options(split_pairs("".join(pairs)), f"--source {value}")
    if isinstance(options.get("checks", []), str | None):
        options["checks"] = (options["checks"] or "").split("+")
        if not all(single for label in options["checks"] for single in label.split("|")):
            raise ValueError("it names a check without a name; write checks=a+b, or checks=[] for none")
    return {"source": source, **options}
