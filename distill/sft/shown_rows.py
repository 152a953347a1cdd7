"""A few rows to look at: the very ids that are trained on, decoded, with what of them carries loss told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from distill.sft.tokens import IGNORED_LABEL

HEAD, TAIL = 120, 60
"""Tokens shown of a long stretch: its begin and its end."""
TORN: Final = "\ufffd"
"""What a character decodes to of which a part was left out."""
ROWS: Final = 3
"""Good rows shown, of as many sources as there are."""


def cut_row(
    tokenizer: Any, ids: Sequence[int], labels: Sequence[int], marks: frozenset[int]
) -> list[dict[str, Any]]:
    """A row in pieces with `text`, `learned` (its tokens carry loss), `special` (a token that is no text) and `left_out`
    (tokens not shown between this piece and the next).
    """
    kinds = [(label != IGNORED_LABEL, id_ in marks) for id_, label in zip(ids, labels, strict=True)]
    pieces: list[dict[str, Any]] = []
    for (learned, special), group in groupby(zip(kinds, ids, strict=True), key=lambda pair: pair[0]):
        stretch = [id_ for _, id_ in group]
        for part, left_out in _cut_stretch(stretch):
            text = tokenizer.decode(part, skip_special_tokens=False, clean_up_tokenization_spaces=False)
            text = text.strip(TORN) if len(part) < len(stretch) else text
            pieces.append({"text": text, "learned": learned, "special": special, "left_out": left_out})
    return pieces


def _cut_stretch(ids: list[int]) -> Iterator[tuple[list[int], int]]:
    """The begin and the end of a stretch, with the number of tokens left out after each."""
    left_out = len(ids) - HEAD - TAIL
    if left_out <= 0:
        yield ids, 0
    else:
        yield ids[:HEAD], left_out
        yield ids[-TAIL:], 0
