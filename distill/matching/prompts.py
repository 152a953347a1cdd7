"""A set's prompts as the student is given them, each once, in a memory-mapped file; and each looked at as it will get it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from curate.progress import open_meter
from curate.readers.read_rows import read_rows
from curate.readers.row import Row
from curate.store.layout import INSPECTION
from curate.store.parquet import split_chunks
from curate.store.whole_files import write_aside, write_json
from distill.sft.corpus import Admission, CorpusCounts, read_counts, write_counts
from distill.sft.findings import Findings
from distill.sft.inspection import Inspection
from distill.sft.prompt_faults import CLOSED_THINK, loses_history, read_prompt
from distill.sft.student import Student
from distill.sft.tokens import IGNORED_LABEL, Lesson
from filters.digest import digest
from filters.errors import UserError

logger = logging.getLogger(__name__)

ROWS_A_CHUNK: Final = 512
SCHEMA: Final = pa.schema([("input_ids", pa.list_(pa.int32()))])
PROMPTS: Final = "prompts.arrow"


class PromptInspector:
    """Tokenizes a set's prompts chunk by chunk, and looks at each. longest: the most tokens of a prompt."""

    def __init__(self, student: Student, set_name: str, longest: int) -> None:
        self._student, self._room = student, longest
        self._findings = Findings(student, set_name, longest)
        self._seen: set[str] = set()
        self.repeated = 0

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
            self.repeated += 1
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
    known = read_counts(folder, PROMPTS)
    if known is not None:
        return known
    with write_aside(folder / PROMPTS) as aside:
        with pa.OSFile(str(aside), "wb") as file, pa.ipc.new_stream(file, SCHEMA) as stream:
            found, repeated = inspect_prompts(source, student, longest, admission, stream.write_table)
        found.require_teachable(drop_bad=admission.drop_bad)
    for note in found.list_notes():
        logger.warning(note)
    write_json(folder / INSPECTION, found.describe())
    total, bad = found.total, {kind: one.rows for kind, one in found.row_faults.items()}
    made = CorpusCounts(
        total.used, total.too_long, 0, total.tokens, 0, found.longest, {"repeated": repeated, **bad}
    )
    write_counts(folder, PROMPTS, made)
    return made


def inspect_prompts(
    source: Path,
    student: Student,
    longest: int,
    admission: Admission,
    write: Callable[[pa.Table], None] = lambda table: None,
) -> tuple[Inspection, int]:
    """Tokenize a set's prompts and look at every one; how many were there before. `write` takes those to answer."""
    inspector = PromptInspector(student, source.name, longest)
    with open_meter(f"tokenizing {source.name}", None) as progress:
        for chunk in split_chunks(_read_asked(source), ROWS_A_CHUNK):
            write(inspector.take_chunk(chunk))
            progress.advance(len(chunk))
    return inspector.conclude(admission.max_too_long), inspector.repeated


def _read_asked(source: Path) -> Iterator[Row]:
    for row in read_rows(str(source)):
        if "prompt" not in row.values:
            there = ", ".join(row.values) or "none"
            raise UserError(f"{row.place}: there is no column 'prompt' to answer; there are: {there}.")
        yield row
