"""The accepted samples of a set's sources compared with benchmarks: which of their prompts hold a problem, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import polars as pl

from curate.benchmarks.compare_prompts import ContaminatedPrompt, find_contaminated
from curate.benchmarks.contamination import Contamination, say_share
from curate.selection.ingredients import Ingredient
from curate.store.prompts_by_id import PromptIndex
from filters.errors import UserError
from filters.types import Prompt

IfContaminated = Literal["refuse", "drop"]
CHUNK: Final = 10_000
"""Prompts held at once."""
SHOWN: Final = 20
"""Contaminated prompts that a set's information tells one by one."""
_PROMPT: Final = ("source", "prompt_id", "variant")
_NO_PROMPTS: Final = pl.Series("prompt_id", [], pl.String)


class SourceComparison:
    """Compares the candidates of a set with benchmarks, source after source, and keeps what it found.

    check: the benchmarks and the rule. contaminated: what is done where something is found.
    """

    def __init__(self, check: Contamination, contaminated: IfContaminated) -> None:
        self._check, self._contaminated = check, contaminated
        self._prompts = self._found = _NO_PROMPTS
        self._rows = 0
        self._shown: list[dict[str, Any]] = []

    @property
    def key(self) -> str:
        """The content key of the benchmarks and the rule."""
        return self._check.digest

    def compare(self, ingredients: Sequence[Ingredient], candidates: pl.DataFrame) -> pl.Series:
        """Of each candidate which problem its prompt holds, in words, or null. candidates: with source (its place), prompt_id and variant."""
        asked = candidates.select(_PROMPT).unique(maintain_order=True)
        held: list[tuple[int, str, str, str]] = []
        for (number,), rows in asked.partition_by("source", as_dict=True, maintain_order=True).items():
            for one in find_contaminated(_read_prompts(ingredients[number], rows), self._check.index):
                self._note(ingredients[number].name, one)
                said = f"{one.match.kind}: {one.problem}, {say_share(one.match)}"
                held.append((number, one.prompt.id, rows["variant"][one.number], said))
        schema = {"source": pl.UInt32, "prompt_id": pl.String, "variant": pl.String, "said": pl.String}
        found = pl.DataFrame(held, schema, orient="row")
        # A prompt of several sources, or of rows that differ in what else they say, is one prompt.
        self._prompts = pl.concat([self._prompts, asked["prompt_id"]]).unique()
        self._found = pl.concat([self._found, found["prompt_id"]]).unique()
        answer = candidates.select(_PROMPT).join(found, on=_PROMPT, how="left", maintain_order="left")["said"]
        self._rows += answer.count()
        return answer

    def require_none(self) -> None:
        """Refuse a set of which samples hold a problem, unless they are to be left out. Raises UserError."""
        if not self._rows or self._contaminated == "drop":
            return
        first = self._shown[0]
        row = f" (row {first['row_id']})" if first["row_id"] else ""
        raise UserError(
            f"{self._rows:,} accepted samples hold a problem of a benchmark ({len(self._found):,} different prompts), the first, of "
            f"'{first['source']}', prompt {first['prompt']}{row}: {first['problem']}, {first['share']}. No set was written: leave "
            "them out with --contaminated drop, or take them out of the sources."
        )

    def describe(self) -> dict[str, Any]:
        """What a set's information says: benchmarks with the keys of their content, the rule, counts, and the first matches."""
        return {
            "benchmarks": [
                {"name": one.name, "split": one.split, "key": one.key} for one in self._check.benchmarks
            ],
            "rule": self._check.match_rules.describe(),
            "options": self._check.model_dump(mode="json", exclude_defaults=True),
            "digest": self.key,
            "prompts": len(self._prompts),
            "contaminated_prompts": len(self._found),
            "rows": self._rows,
            "shown": self._shown,
        }

    def _note(self, source: str, one: ContaminatedPrompt) -> None:
        if len(self._shown) < SHOWN:
            self._shown.append(
                {
                    "source": source,
                    "prompt": one.prompt.id,
                    "row_id": one.prompt.source_id,
                    "problem": str(one.problem),
                    "kind": one.match.kind,
                    "share": say_share(one.match),
                }
            )


def tell_comparison(about: Mapping[str, Any]) -> str:
    """A comparison as a set's information has it, in a sentence."""
    names = ", ".join(one["name"] for one in about["benchmarks"])
    return (
        f"Compared with {names} ({about['rule']}): {about['contaminated_prompts']:,} of {about['prompts']:,} prompts hold a "
        f"problem, and {about['rows']:,} samples of these were left out."
    )


def _read_prompts(ingredient: Ingredient, rows: pl.DataFrame) -> Iterator[Prompt]:
    """The prompts of a source in the order of the rows, some thousand at a time."""
    index = PromptIndex(ingredient.run.prompts(ingredient.name))
    for some in rows.iter_slices(CHUNK):
        known = index.find(some.lazy())
        yield from (known[key] for key in some.select("prompt_id", "variant").iter_rows())
