"""What is found in a set while it is looked at row by row: counts by source, faults by kind, a few rows to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from curate.readers.row import Row
from curate.visible_text import escape_controls
from distill.sft.inspection import OTHERS, Found, Inspection, Tally, merge_tallies
from distill.sft.kinds import ROW_FAULTS
from distill.sft.shown_rows import ROWS, cut_row
from distill.sft.student import Student
from filters.types import Message

PREFIXES: Final = 32
"""Prompts rendered once more by transformers' own function: templates treat all alike."""
DISTINCT: Final = 1000
"""Sources told apart while counting: where each row names its own, memory stays flat."""


class Findings:
    """Remembers what a student would see of a set. limit: the most tokens of a row."""

    def __init__(self, student: Student, set_name: str, limit: int) -> None:
        self._student, self._set, self._limit = student, set_name, limit
        self._tallies: dict[str, Tally] = {}
        self._row_faults: dict[str, Found] = {}
        self._set_faults: dict[str, Found] = {}
        self._warnings: dict[str, Found] = {}
        self._shown: list[dict[str, Any]] = []
        self._compared, self._longest, self._largest = 0, 0, 0

    def tally(self, row: Row) -> Tally:
        """The counts of a row's source."""
        source = name_source(row)
        if source not in self._tallies and len(self._tallies) >= DISTINCT:
            source = OTHERS
        return self._tallies.setdefault(source, Tally())

    def blame(self, row: Row, kind: str, said: str = "") -> bool:
        """Count a row with a fault; whether it is the first of its kind, and so to be shown."""
        self.tally(row).bad += 1
        first = kind not in self._row_faults and kind != "not_unicode"
        self._row_faults.setdefault(kind, Found()).add(name_row(row), said)
        return first

    def blame_set(self, row: Row, kind: str, said: str = "") -> None:
        """Count a row that shows a fault of the set."""
        self._set_faults.setdefault(kind, Found()).add(name_row(row), said)

    def warn(self, row: Row, kind: str) -> None:
        """Count a row that is suspicious."""
        self._warnings.setdefault(kind, Found()).add(name_row(row))

    def leave_out(self, row: Row, tokens: int) -> None:
        """Count a row that is too long."""
        tally = self.tally(row)
        tally.too_long += 1
        tally.tokens_too_long += tokens
        self.warn(row, "too_long")

    def use(self, row: Row, tokens: int, learned: int, *, chain: bool) -> bool:
        """Count a row that is trained on; whether it is to be shown."""
        tally = self.tally(row)
        tally.used += 1
        tally.tokens += tokens
        tally.learned += learned
        tally.chains += chain
        self._longest = max(self._longest, tokens)
        good = [one for one in self._shown if not one["fault"]]
        return len(good) < ROWS and (tally.used == 1 or not good)

    def show(self, row: Row, ids: Sequence[int], labels: Sequence[int], fault: str = "") -> None:
        """Keep a row to look at, in pieces."""
        pieces = cut_row(self._student.tokenizer, ids, labels, self._student.marks)
        shown = {"id": name_row(row), "source": name_source(row), "fault": fault, "pieces": pieces}
        self._shown.append({**shown, "tokens": len(ids)})

    def require_known(self, largest: int) -> None:
        """Look at the largest of some ids: the model must have an embedding for it."""
        size = self._student.facts.vocabulary
        if size is None or largest < size:
            return
        self._largest = max(self._largest, largest)
        said = f"the largest in this set is {self._largest:,}, the embedding has {size:,}"
        self._set_faults["vocabulary"] = Found(said=said)

    def compare_prefix(self, row: Row, messages: Sequence[Message], ids: list[int]) -> None:
        """A prompt's ids with what transformers sends at inference for the same messages, for the first prompts."""
        if self._compared >= PREFIXES:
            return
        self._compared += 1
        turns = [dict(turn) for turn in messages]
        sent = self._student.tokenizer.apply_chat_template(
            turns, tokenize=True, add_generation_prompt=True, return_dict=False
        )
        if list(sent) != ids:
            self.blame_set(row, "another_prefix", f"first of row {name_row(row)}")
        start = self._student.tokenizer.bos_token_id
        if start is not None and ids[:2] == [start, start]:
            self.warn(row, "double_start")

    def conclude(self, max_too_long: float, limit: str, *, thinks: bool = False) -> Inspection:
        """All that was found, with the faults of the set as a whole.

        limit: the most tokens of a row, in words. thinks: whether the student will think, though no row has a chain.
        """
        tallies = merge_tallies(self._tallies)
        faults = dict(self._set_faults)
        total = sum(one.rows for one in tallies.values())
        too_long = sum(one.too_long for one in tallies.values())
        if self._student.special_tags and (thinks or any(one.chains for one in tallies.values())):
            faults["special_think_tags"] = Found(total)
        if self._student.begins_chains:
            faults["begun_chain"] = Found(total)
        if self._student.unlearnable:
            faults["untrained_tokens"] = Found(said=", ".join(self._student.unlearnable))
        if too_long > max_too_long * total:
            faults["limit_too_small"] = Found(
                too_long, said=f"{too_long:,} of {total:,} rows are longer than {limit}; at most {max_too_long:.0%} may be"
            )  # fmt: skip
        if not any(one.used for one in tallies.values()):
            faults["no_rows"] = Found(total, said=self._tell_left_out(too_long))
        warnings = {**{kind: Found() for kind in self._student.list_warnings()}, **self._warnings}
        if "vocabulary" in faults:
            warnings.pop("large_tokenizer", None)
        ordered = {kind: self._row_faults[kind] for kind in ROW_FAULTS if kind in self._row_faults}
        facts = {**self._student.describe(), "longest row": f"{self._longest:,} of at most {limit}"}
        return Inspection(
            self._set, self._student.facts.name, self._limit, tallies, ordered, faults, warnings, self._longest, facts,
            tuple(self._shown),
        )  # fmt: skip

    def _tell_left_out(self, too_long: int) -> str:
        said = [f"{found.rows:,} {kind}" for kind, found in self._row_faults.items()]
        return ", ".join([*said, *([f"{too_long:,} too long"] if too_long else [])]) or "the set is empty"


def name_row(row: Row) -> str:
    """What a row is called: its id, or its file and line."""
    id_ = row.values.get("id")
    return escape_controls(str(id_) if isinstance(id_, (str, int)) and str(id_).strip() else row.place)


def name_source(row: Row) -> str:
    """What a row's source is called; empty where it says none."""
    source = row.values.get("source")
    return escape_controls(source) if isinstance(source, str) else ""
