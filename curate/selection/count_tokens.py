"""One tokenizer for all ingredients of a set, so that their numbers of tokens are of one kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from curate.readers.formats.places import say_error, unreachable
from curate.selection.ingredients import Ingredient
from curate.store.layout import list_parts
from curate.store.parquet import scan_files
from curate.store.whole_files import read_json
from filters.digest import digest
from filters.errors import UserError

TOKENIZER: Final = "tokenizer.json"
BATCH_BYTES: Final = 8 << 20
"""Text that is tokenized at once."""


class TokenCounter:
    """Counts the tokens of completions: of the text alone, without a template and without the end of the turn.

    place: a folder with a fast tokenizer, or a Hub id. Raises UserError where there is none.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._tokenizer = _load_tokenizer(place)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    @property
    def key(self) -> str:
        """The content key of the tokenizer, wherever it lies."""
        return digest(self._tokenizer.to_str())

    def count_accepted(self, one: Ingredient, fated: pl.DataFrame) -> pl.DataFrame:
        """`fated` with the tokens of the samples that are accepted, and null for the others. Texts are read a part at a time."""
        counts = np.zeros(fated.height, np.int32)
        wanted = (
            fated.select("sample_id", "part", "fate")
            .with_row_index("at")
            .filter(pl.col("fate") == "accepted")
        )
        parts = list_parts(one.run.samples(one.name))
        for (number,), rows in wanted.partition_by("part", as_dict=True, maintain_order=True).items():
            texts = scan_files([parts[int(str(number))]]).select("sample_id", "response")
            read = (
                texts.join(rows.lazy().select("sample_id", "at"), on="sample_id")
                .select("at", "response")
                .collect()
            )
            if read.height != rows.height:
                raise UserError(f"'{parts[int(str(number))]}' was changed while it was read; run mix again.")
            for some in _split_bytes(read):
                found = self._tokenizer.encode_batch_fast(
                    some["response"].to_list(), add_special_tokens=False
                )
                counts[some["at"].to_numpy()] = [len(encoding) for encoding in found]
        known = pl.when(pl.col("fate") == "accepted").then(pl.Series(counts)).otherwise(None)
        return fated.with_columns(known.cast(fated.schema["tokens"]).alias("tokens"))


def _load_tokenizer(place: str) -> Any:
    """The tokenizer of a folder or a Hub id, as its tokenizer.json has it; nothing of the model or its code is loaded."""
    from tokenizers import Tokenizer

    folder = Path(place)
    file = folder / TOKENIZER if folder.is_dir() else _fetch_tokenizer(place)
    if not file.exists():
        raise UserError(
            f"--tokenizer {place}: there is no {TOKENIZER} in this folder; name one that holds a fast tokenizer."
        )
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # noqa: BLE001  its library raises no narrower one
        said = " ".join(str(error).split())[:200]
        raise UserError(f"--tokenizer {place}: its {TOKENIZER} cannot be read ({said}).") from None


def _fetch_tokenizer(place: str) -> Path:
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(place, TOKENIZER))
    except unreachable(ValueError) as error:
        raise UserError(
            f"--tokenizer {place}: there is no such folder, and the Hub gives no {TOKENIZER} of that name ({say_error(error)})."
        ) from None


def _split_bytes(read: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows of a frame with about so much text each time, at least one."""
    size = pl.col("response").str.len_bytes().cast(pl.Int64)
    numbers = read.select((size.cum_sum() - size) // BATCH_BYTES).to_series()
    yield from (read.filter(numbers == number) for number in numbers.unique(maintain_order=True))


def name_counter(one: Ingredient) -> str | None:
    """By what a source's tokens were counted: the content key of the model that generated it; None where its rows say a number and not whose."""
    made = read_json(one.run.generation(one.name)) or {}
    found: str | None = made.get("identity")
    return found


def require_counts(one: Ingredient, fated: pl.DataFrame) -> None:
    """Raises UserError where accepted samples have no number of tokens, and amounts by tokens are asked for."""
    lacking = fated.filter((pl.col("fate") == "accepted") & pl.col("tokens").is_null()).height
    if lacking:
        raise UserError(
            f"Nobody counted the tokens of {lacking:,} accepted rows of '{one.name}': name the tokenizer that counts all sources with "
            "--tokenizer FOLDER (or a Hub id), or ask for rows."
        )


def require_one_counter(ingredients: Sequence[Ingredient]) -> None:
    """Raises UserError where tokens of several sources would be compared that one tokenizer is not known to have counted."""
    if len(ingredients) < 2:
        return
    first, *others = ingredients
    other = next(
        (one for one in others if name_counter(one) is None or name_counter(one) != name_counter(first)), None
    )
    if other is not None:
        raise UserError(
            f"The tokens of '{first.name}' and '{other.name}' were counted by different tokenizers, or nobody says by which: name one that "
            "counts all sources with --tokenizer FOLDER (or a Hub id), or ask for rows."
        )
