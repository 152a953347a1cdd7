"""Documents with planted near copies: what the search for near-duplicates is measured on.

Documents of 200 words and more are put together from real texts, which several documents share in part, so that there are
pairs of every likeness. What is truly alike is said here anew: planted, or an exact Jaccard index of word 5-grams of 0.6.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

ALIKE: Final = 0.6
LEAST: Final = 200
"""Words of a document."""
RUN: Final = 5
RATES: Final = (0.0, 0.01, 0.03, 0.1)
"""The shares of words that are replaced in copies."""
_WORD: Final = re.compile(r"[㐀-鿿]|[^\W㐀-鿿]+")


@dataclass(frozen=True, slots=True)
class Document:
    """A text. of: the place of the document that it was made from, or its own. kind: how."""

    text: str
    of: int
    kind: str


def split_words(text: str) -> list[str]:
    """Words in small letters; a Chinese character is one."""
    return _WORD.findall(text.lower())


def measure_likeness(one: str, other: str) -> float:
    """The exact Jaccard index of their runs of five words."""
    first, second = _runs(one), _runs(other)
    return len(first & second) / max(1, len(first | second))


def replace_words(text: str, share: float, others: Sequence[str], rng: random.Random) -> str:
    """The text with so large a share of its words, at random places, replaced by other words."""
    spans = [found.span() for found in _WORD.finditer(text)]
    chosen = sorted(rng.sample(spans, round(share * len(spans))), reverse=True)
    for begin, end in chosen:
        text = text[:begin] + rng.choice(others) + text[end:]
    return text


def make_documents(texts: Sequence[str], rng: random.Random) -> list[Document]:
    """Documents that have no text in common, then of each a copy with words replaced."""
    order = rng.sample(texts, len(texts))
    documents: list[Document] = []
    while order:
        joined = _join(order, rng)
        if len(split_words(joined)) >= LEAST:
            documents.append(Document(joined, len(documents), "base"))
    others = sorted({word for text in texts[:500] for word in split_words(text) if word.isascii()})
    copies = []
    for place, document in enumerate(documents):
        rate = RATES[place % len(RATES)]
        text = replace_words(document.text, rate, others, rng)
        copies.append(Document(text, place, f"{rate:.0%} of words replaced"))
    return documents + copies


def make_half_copies(documents: Sequence[Document], rng: random.Random) -> list[tuple[str, str, float]]:
    """Pairs of documents that have their first part in common, each with its exact likeness."""
    pairs = []
    for one, other in pairwise(documents):
        cut = int(len(one.text) * rng.uniform(0.4, 1))
        text = one.text[:cut] + "\n" + other.text[: int(len(other.text) * rng.uniform(0.05, 0.5))]
        pairs.append((one.text, text, measure_likeness(one.text, text)))
    return pairs


def read_texts(folder: Path) -> Iterator[str]:
    """The solutions and general answers of the folder, in its order."""
    for row in _read_lines(folder / "gsm8k/example_model_solutions.jsonl"):
        yield from (value["solution"] for value in row.values() if isinstance(value, dict))
    for row in _read_lines(folder / "math/olympiadbench.jsonl"):
        yield "\n".join(row["solution"])
    for name in ("alpaca_en_demo.json", "alpaca_zh_demo.json"):
        rows = json.loads((folder / "general" / name).read_text("utf-8"))
        yield from (row["output"] for row in rows if row["output"])


def _read_lines(file: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, file.read_text("utf-8").splitlines())


def _join(texts: list[str], rng: random.Random) -> str:
    """Texts taken from the end until there are enough words, while there are any."""
    least = rng.choice((LEAST, LEAST, 300, 600))
    joined, words = "", 0
    while words < least and texts:
        text = texts.pop()
        joined += text + "\n\n"
        words += len(split_words(text))
    return joined


def _runs(text: str) -> set[tuple[str, ...]]:
    words = split_words(text)
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
