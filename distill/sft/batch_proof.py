"""Proof that the trainer's batches teach what the corpus says: the same tokens with loss, and no others.

A collator that masks padding by the padding's id also masks the end of a turn where both are one token, and the
student never learns to stop. Whatever the collator, padded, packed or padding-free, its labels are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from distill.sft.tokens import IGNORED_LABEL
from filters.errors import UserError

ROWS: Final = 4
"""Rows of the batch that is looked at."""


def require_faithful_batches(collate: Callable[[list[Any]], Mapping[str, Any]], rows: Any) -> None:
    """Collate a few rows of different lengths and compare. Raises UserError where a label is lost, added or moved.

    rows: of `input_ids` and `labels`, not shifted, as the trainer has them.
    """
    some = _choose([rows[number] for number in range(min(8 * ROWS, len(rows)))])
    batch = collate([dict(row) for row in some])
    wanted = [label for row in some for label in row["labels"] if label != IGNORED_LABEL]
    ids, labels = (batch[name].flatten().tolist() for name in ("input_ids", "labels"))
    found = [(id_, label) for id_, label in zip(ids, labels, strict=True) if label != IGNORED_LABEL]
    if sorted(label for _, label in found) != sorted(wanted) or any(id_ != label for id_, label in found):
        raise UserError(
            f"The trainer's batches carry loss on {len(found):,} tokens where the rows have {len(wanted):,} to learn, or on "
            "others: nothing was trained. Where padding and the end of a turn are one token, a collator may mask both."
        )


def _choose(rows: Sequence[Any]) -> Sequence[Any]:
    """The shortest and the longest rows, so that there is padding."""
    ranked = sorted(rows, key=lambda row: len(row["labels"]))
    return [*ranked[: ROWS // 2], *ranked[-(ROWS // 2) :]] if len(ranked) >= ROWS else ranked
