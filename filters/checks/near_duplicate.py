"""One problem told in many ways, or one chain under many ids: of those that are alike one stays.

Prompts are compared by their runs of two words and by their skeletons (`filters.overlap.skeleton`): problems that differ in a
word, a number, a sign, a variable or an option are two problems, but for words such as `please` and forms of a sign. Responses are compared by their runs of five words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from filters.check import Role
from filters.overlap.give_way import give_way
from filters.overlap.near_pairs import CHUNK, LIKENESS, Places, SignedTexts, find_near_pairs
from filters.overlap.signatures import BINS, NGRAM, digest_words, measure_likeness, sign_words
from filters.overlap.skeleton import digest_skeleton
from filters.overlap.words import hash_words, split_texts
from filters.set_check import SetCheck, SignedSamples
from filters.types import Prompt, Sample, Verdict, encode_text

Of = Literal["prompt", "response"]
Stays = Literal["first_source", "most_samples", "verified"]

SHOWN: Final = 60
"""Characters of a row's own name that a reason tells."""
PROMPT_NGRAM: Final = 2
"""Words in a run, of prompts: of a prompt of 20 words, longer runs would leave too few when a word is another."""
FEW: Final = 12
"""Prompts of fewer words are alike only where all their words are equal, and what the system is told: of `What is the capital of
France?` each one matters, and `Go.` asks for what the system was told. Responses of fewer are alike only where they are the same text."""
ROW: Final = np.dtype(
    [("prompt", "<u8"), ("exact", "<u8"), ("words", "<u8"), ("strict", "<u8"), ("bins", "<u2", (BINS,))]
)
"""A signature: keys of the sample's prompt, of the text that is compared, of its words and of what must be equal, and its bins."""


class NearDuplicate(SetCheck):
    """The prompt, or the response, is like no other of the set that stays in its place.

    Samples of one prompt are no duplicates of each other where prompts are compared. Of those that are alike the first by
    `stays` stays, and each of the others is alike to it. The set is the file, or the samples NAME of a run; `mix` looks at all
    its ingredients. The score is the likeness to the one that stays. The signatures, in RUN/signatures/NAME/near_duplicate, can
    be kept as an index, which a later run is compared with by `against`.
    """

    name: ClassVar[str] = "near_duplicate"
    version: ClassVar[int] = 2
    role: ClassVar[Role] = "data"
    rules: ClassVar[Mapping[str, str]] = {
        "exact": "it is the same text as one that stays, but for spaces",
        "near": "it shares most of its runs of words with one that stays, and a prompt asks for the same",
        "stays": "others give way to it",
    }

    of: Of = "prompt"
    """What is compared: prompt (one problem, many sources), each prompt once; or response (one chain, many ids)."""
    rows: Literal["samples", "prompts"] = "samples"
    """What rows of one prompt are, where prompts are compared: samples of it, which are no duplicates of each other; or prompts, of which one stays. In a file of prompts alone they are prompts."""
    likeness: float = Field(default=LIKENESS, gt=0.3, le=1)
    """Least share of runs of words that two texts have in common: of two words in prompts, of five in responses."""
    stays: Stays = "first_source"
    """Which of a cluster stays: first_source (the rows' own source, by its name; rows without one last), most_samples (the prompt with the most samples) or verified (what a verifier found correct). Then by source, by samples, by the text's key."""
    against: str | None = None
    """An index kept from an earlier run, RUN/signatures/NAME/near_duplicate or a copy of it: what is like a text in it gives way to that."""

    @property
    def signing_options(self) -> tuple[object, ...]:
        """Only what is compared decides what a signature is."""
        return (self.of,)

    @property
    def index(self) -> str | None:
        """See `against`."""
        return self.against

    @property
    def goes_by_verdicts(self) -> bool:
        """Whether verified ones stay."""
        return self.stays == "verified"

    @property
    def reads_prompt(self) -> bool:
        """Responses can be compared without their prompts."""
        return self.of == "prompt"

    @property
    def reads_response(self) -> bool:
        """A file of prompts alone is enough where prompts are compared."""
        return self.of == "response"

    def sign(self, batch: Sequence[Sample]) -> list[bytes]:
        """Bytes of a ROW for each sample; each prompt is signed once."""
        prompts = {sample.prompt.id: sample.prompt for sample in batch}
        if self.of == "response":
            rows = sign_responses([sample.response for sample in batch])
        else:
            places = {key: place for place, key in enumerate(prompts)}
            signed = sign_prompts([read_prompt(one) for one in prompts.values()], list(prompts.values()))
            rows = signed[[places[sample.prompt.id] for sample in batch]]
        keys = {key: _digest(encode_text(key)) for key in prompts}
        rows["prompt"] = [keys[sample.prompt.id] for sample in batch]
        return [row.tobytes() for row in rows]

    def judge_set(self, samples: SignedSamples) -> list[Verdict]:
        """The verdicts on all samples that are not of the index."""
        about = samples.about
        if not len(about):
            return []
        rows = samples.signatures.view(ROW)[:, 0]
        units = self._list_units(rows, about)
        texts = _copy_rows(rows, units.leaders, samples.beside)
        rank = np.arange(len(texts))
        near = find_near_pairs(select_texts(texts), rank, self.likeness, samples.beside)
        is_kept = about["is_kept"].to_numpy()
        pairs = near.pairs[~is_kept[units.leaders[near.pairs]].all(axis=1)]
        given = _tell(texts, give_way(pairs, rank), about[units.leaders])
        return [given[number] for number in units.numbers[~is_kept].tolist()]

    def find_pairs(self, rows: NDArray[np.void], units: Places, beside: Path | None = None) -> Places:
        """The pairs among some rows that are alike, as places among `units`, of shape (pairs, 2), the lower first.

        rows: ROWs. units: which of them, those that are to stay first before the others. beside: a folder for temporary files.
        """
        texts = _copy_rows(rows, units, beside)
        return find_near_pairs(select_texts(texts), np.arange(len(units)), self.likeness, beside).pairs

    def _list_units(self, rows: NDArray[np.void], about: pl.DataFrame) -> _Units:
        """What is compared, in the order in which it may stay, that of an index first."""
        key = ["prompt", "new"] if (self.of, self.rows) == ("prompt", "samples") else ["at"]
        facts = about.select(
            "sample_id",
            "row_id",
            pl.int_range(pl.len()).alias("at"),
            pl.Series("prompt", np.ascontiguousarray(rows["prompt"])),
            pl.Series("content", np.ascontiguousarray(rows["exact"])),
            (~pl.col("is_kept")).alias("new"),
            (pl.col("row_source") == "").alias("nameless"),
            pl.col("row_source").alias("source"),
            (~pl.col("verified")).alias("unverified"),
        ).with_columns(-pl.len().over("prompt", "new").cast(pl.Int64).alias("few"))
        first = _ORDERS[self.stays]
        listed = facts.sort("new", *first, "content", "prompt", "row_id", "sample_id")
        units = listed.unique(key, keep="first", maintain_order=True).with_row_index("unit")
        found = facts.join(units.select("unit", *key), on=key, how="left", maintain_order="left")
        return _Units(found["unit"].to_numpy().astype(np.int64), units["at"].to_numpy())


class _Units(NamedTuple):
    """Prompts, or responses, that are compared. numbers: of each sample its unit. leaders: of each unit the first of its samples."""

    numbers: Places
    leaders: Places


_SOURCE: Final = ("nameless", "source")
_ORDERS: Final[Mapping[Stays, Sequence[str]]] = {
    "first_source": (*_SOURCE, "few"),
    "most_samples": ("few", *_SOURCE),
    "verified": ("unverified", *_SOURCE, "few"),
}


def sign_prompts(texts: Sequence[str], prompts: Sequence[Prompt] = ()) -> NDArray[np.void]:
    """A ROW for each prompt, with its skeleton; without its `prompt`. prompts: of which these are the texts, where they have turns."""
    rows, counts = _sign(texts, PROMPT_NGRAM)
    rows["strict"] = [int.from_bytes(digest_skeleton(text), "little") for text in texts]
    few = counts < FEW
    rows["strict"][few] ^= rows["words"][few]
    for number, prompt in enumerate(prompts):
        if len(prompt.messages) > 1:
            rows["strict"][number] ^= np.uint64(_digest_turns(prompt, bool(few[number])))
    return rows


def sign_responses(texts: Sequence[str]) -> NDArray[np.void]:
    """A ROW for each response, without its `prompt`."""
    rows, counts = _sign(texts, NGRAM)
    few = counts < FEW
    rows["strict"][few] = rows["exact"][few]
    return rows


def _sign(texts: Sequence[str], ngram: int) -> tuple[NDArray[np.void], Places]:
    """What is signed of all texts, and how many words each has. ngram: words in a run."""
    rows, counts = np.zeros(len(texts), ROW), np.zeros(len(texts), np.int64)
    for some in split_texts(texts):
        piece = [texts[number] for number in some]
        words = hash_words(piece)
        counts[some] = words.counts
        rows["words"][some] = digest_words(words)
        rows["bins"][some] = sign_words(words, ngram)
        rows["exact"][some] = [_digest(encode_text(" ".join(text.split()))) for text in piece]
    return rows, counts


def select_texts(rows: NDArray[np.void]) -> SignedTexts:
    """The columns of ROWs that are compared."""
    exact, words, strict = (np.ascontiguousarray(rows[name]) for name in ("exact", "words", "strict"))
    return SignedTexts(rows["bins"], exact, words, strict)


def read_prompt(prompt: Prompt) -> str:
    """What is compared of a prompt: all that was said in it, but for what the system was told."""
    return "\n".join(turn["content"] for turn in prompt.messages if turn["role"] != "system")


def _digest_turns(prompt: Prompt, few: bool) -> int:
    """A key of who said what, where that is more than one question; few: and of what the system was told."""
    turns = [turn for turn in prompt.messages if turn["role"] != "system"]
    said = [turn["role"] for turn in turns] if len(turns) > 1 else []
    told = [turn["content"] for turn in prompt.messages if turn["role"] == "system"] if few else []
    if not said and not told:
        return 0
    return _digest(encode_text("\0".join([*said, *(" ".join(text.split()) for text in told)])))


def _digest(stored: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(stored, digest_size=8).digest(), "little")


def _copy_rows(rows: NDArray[np.void], places: Places, beside: Path | None) -> NDArray[np.void]:
    """Some rows in an order of their own; in a file of the folder, where there is one."""
    if beside is None:
        return rows[places]
    copied: Any = np.memmap(beside / "compared", ROW, "w+", shape=(len(places),))
    for first in range(0, len(places), CHUNK):
        copied[first : first + CHUNK] = rows[places[first : first + CHUNK]]
    found: NDArray[np.void] = copied
    return found


def _tell(texts: NDArray[np.void], stays: Places, about: pl.DataFrame) -> list[Verdict]:
    """The verdict on each unit. about: of its first sample."""
    sizes = np.bincount(stays, minlength=len(stays))
    given = [Verdict(True)] * len(stays)
    for unit in np.flatnonzero((sizes > 1) & (stays == np.arange(len(stays)))).tolist():
        given[unit] = Verdict(True, f"stays: cluster of {sizes[unit]}")
    away = np.flatnonzero(stays != np.arange(len(stays)))
    names = about.select("sample_id", "row_id", "is_kept")
    for first in range(0, len(away), CHUNK):
        some = away[first : first + CHUNK]
        before = stays[some]
        shares = measure_likeness(texts["bins"][some], texts["bins"][before])
        is_exact = texts["exact"][some] == texts["exact"][before]
        for unit, stay, share, exact in zip(
            some.tolist(), before.tolist(), shares.tolist(), is_exact.tolist(), strict=True
        ):
            rule, alike = ("exact", "the same text") if exact else ("near", f"{share:.2f} alike")
            size = f"cluster of {sizes[stay]}"
            given[unit] = Verdict(False, f"{rule}: like {_name(*names.row(stay))}, {alike}, {size}", share)
    return given


def _name(sample_id: str, row_id: str, is_kept: bool) -> str:
    row = f" (row {row_id[:SHOWN]})" if row_id else ""
    return f"{sample_id}{row}{' of the index' if is_kept else ''}"
