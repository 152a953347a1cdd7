"""A set's prompts as the student is given them, each once, in a memory-mapped file; and each looked at as it will get it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

import pyarrow as pa

from curate.readers.row import Row
from distill.sft.corpus import Admission, CorpusCounts, inspect_rows, write_corpus
from distill.sft.findings import Findings
from distill.sft.inspection import Inspection
from distill.sft.prompt_faults import CLOSED_THINK, loses_history, read_prompt
from distill.sft.student import Student
from distill.sft.tokens import IGNORED_LABEL, Lesson
from filters.digest import digest

SCHEMA: Final = pa.schema([("input_ids", pa.list_(pa.int32()))])
PROMPTS: Final = "prompts.arrow"


class PromptInspector:
    """Tokenizes a set's prompts chunk by chunk, and looks at each. longest: the most tokens of a prompt."""

    schema: ClassVar[pa.Schema] = SCHEMA
    columns: ClassVar[tuple[str, ...]] = ("prompt",)
    purpose: ClassVar[str] = "answer"

    def __init__(self, student: Student, set_name: str, longest: int) -> None:
        self._student, self._room = student, longest
        self._findings = Findings(student, set_name, longest)
        self._seen: set[str] = set()

    def take_chunk(self, rows: Sequence[Row]) -> pa.Table:
        """The prompts to answer: those without a fault that are not too long and were not there before."""
        return pa.table({"input_ids": [ids for row in rows if (ids := self._take(row))]}, SCHEMA)

    def conclude(self, max_too_long: float) -> Inspection:
        """All that was found, with the faults of the set as a whole."""
        limit = f"the {self._room:,} tokens that are left beside a response (--max-tokens)"
        return self._findings.conclude(max_too_long, limit, thinks=True)

    def _take(self, row: Row) -> list[int] | None:
        findings = self._findings
        findings.tally(row).rows += 1
        lesson, kind, said = read_prompt(row, self._student.tokenization)
        if kind or lesson is None:
            if findings.blame(row, kind, said) and lesson is not None:
                self._show(row, lesson, kind)
            return None
        ids = lesson.prompt.ids
        key = digest(ids)
        if key in self._seen:
            return None
        self._seen.add(key)
        if len(ids) > self._room:
            findings.leave_out(row, len(ids))
            return None
        self._look_at(row, lesson)
        return ids

    def _look_at(self, row: Row, lesson: Lesson) -> None:
        findings, ids = self._findings, lesson.prompt.ids
        findings.require_known(max(ids))
        findings.compare_prefix(row, lesson.messages, ids)
        if loses_history(lesson):
            findings.warn(row, "chain_of_history")
        if CLOSED_THINK.search(lesson.prompt.text):
            findings.warn(row, "reasoning_off")
        if findings.use(row, len(ids), 0, chain=False):
            self._show(row, lesson)

    def _show(self, row: Row, lesson: Lesson, fault: str = "") -> None:
        ids = lesson.prompt.ids
        self._findings.show(row, ids, [IGNORED_LABEL] * len(ids), fault)


def tokenize_prompts(
    source: Path, student: Student, longest: int, folder: Path, admission: Admission
) -> CorpusCounts:
    """Write `folder`/prompts.arrow, with prompts of at most `longest` tokens, and what was found, unless they are there.

    Raises UserError where the set has no prompts, or is not fit to train on.
    """
    return write_corpus(source, PromptInspector(student, source.name, longest), admission, folder / PROMPTS)


def inspect_prompts(source: Path, student: Student, longest: int, admission: Admission) -> Inspection:
    """Look at every prompt of a set as `tokenize_prompts` does, and write nothing."""
    return inspect_rows(source, PromptInspector(student, source.name, longest), admission)
