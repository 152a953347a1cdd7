"""The student's-eye check: every row as the student will get it, judged in the pass that tokenizes it.

Nothing is taken for granted because the code above makes it so: what is judged are the ids and labels of the
table that is written to the corpus. Decoded, they must be the teacher's text and the end of the turn, no more and
no less; the prompt's ids must be those that inference sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa

from curate.readers.row import Row
from distill.sft.findings import Findings
from distill.sft.inspection import Inspection
from distill.sft.row_faults import has_chain, list_warnings, read_lesson
from distill.sft.student import Student
from distill.sft.tokens import IGNORED_LABEL, Example, Lesson

SCHEMA: Final = pa.schema(
    [("input_ids", pa.list_(pa.int32())), ("labels", pa.list_(pa.int32())), ("length", pa.int32())]
)


class Inspector:
    """Tokenizes a set chunk by chunk, and looks at each row."""

    schema: ClassVar[pa.Schema] = SCHEMA
    columns: ClassVar[tuple[str, ...]] = ("prompt", "completion")
    purpose: ClassVar[str] = "train on"

    def __init__(self, student: Student, set_name: str, max_length: int) -> None:
        self._student, self._max_length = student, max_length
        self._findings = Findings(student, set_name, max_length)
        self._marks = np.array(sorted(student.marks), np.int32)

    def take_chunk(self, rows: Sequence[Row]) -> pa.Table:
        """The rows to train on, tokenized: those without a fault that are not too long."""
        kept: list[tuple[Row, Lesson]] = []
        for row in rows:
            self._findings.tally(row).rows += 1
            lesson, kind, said = read_lesson(row, self._student.tokenization)
            if kind or lesson is None:
                self._blame(row, kind, said, lesson)
            else:
                kept.append((row, lesson))
        examples = self._student.tokenization.encode([lesson for _, lesson in kept])
        fitting = []
        for (row, lesson), example in zip(kept, examples, strict=True):
            if len(example.input_ids) > self._max_length:
                self._findings.leave_out(row, len(example.input_ids))
            else:
                fitting.append((row, lesson, example))
        return self._prove(fitting)

    def conclude(self, max_too_long: float) -> Inspection:
        """All that was found, with the faults of the set as a whole."""
        return self._findings.conclude(max_too_long, f"{self._max_length:,} tokens")

    def _prove(self, taken: Sequence[tuple[Row, Lesson, Example]]) -> pa.Table:
        """The table of these rows, with the rows taken out that are not what they should be."""
        table = make_table([example for _, _, example in taken])
        ids, labels, starts = _read_columns(table)
        learned = labels != IGNORED_LABEL
        bad = np.zeros(len(taken), bool)
        targets = []
        if len(ids):
            self._findings.require_known(int(ids.max()))
        for number, (row, lesson, _) in enumerate(taken):
            here = slice(starts[number], starts[number + 1])
            first = here.stop - int(np.count_nonzero(learned[here]))
            target = ids[first : here.stop]
            self._require_labels(row, lesson, ids[here], labels[here], target)
            targets.append(target[:-1])
        texts = self._decode(targets)
        for number, (row, lesson, _) in enumerate(taken):
            kind = self._judge_target(targets[number], texts[number], lesson.target)
            bad[number] = bool(kind)
            if kind:
                self._blame(row, kind, "", lesson)
            else:
                self._count(row, lesson, starts[number + 1] - starts[number], len(targets[number]) + 1)
        return table.filter(pa.array(~bad)) if bad.any() else table

    def _require_labels(
        self, row: Row, lesson: Lesson, ids: np.ndarray, labels: np.ndarray, target: np.ndarray
    ) -> None:
        """Loss on the last stretch of a row alone, which ends on the end of a turn and follows the prompt inference sends."""
        prompt = len(ids) - len(target)
        sound = (
            len(target) > 0
            and target[-1] == self._student.end
            and np.array_equal(labels[prompt:], target)
            and ids[:prompt].tolist() == lesson.prompt.ids
        )
        if not sound:
            self._findings.blame_set(row, "wrong_labels")
        self._findings.compare_prefix(row, lesson.messages, lesson.prompt.ids)

    def _decode(self, targets: Sequence[np.ndarray]) -> list[str]:
        """The texts of ids, with special tokens. The library's own loop over rows costs three times as much."""
        lists = [target.tolist() for target in targets]
        backend = getattr(self._student.tokenizer, "backend_tokenizer", None)
        if backend is not None:
            return list(backend.decode_batch(lists, skip_special_tokens=False))
        return [
            str(
                self._student.tokenizer.decode(
                    ids, skip_special_tokens=False, clean_up_tokenization_spaces=False
                )
            )
            for ids in lists
        ]

    def _judge_target(self, ids: np.ndarray, text: str, wanted: str) -> str:
        if np.isin(ids, self._marks).any():
            return "special_token"
        return "" if self._is_same(text, wanted) else "changed_text"

    def _is_same(self, text: str, wanted: str) -> bool:
        """Whether a decoded text is the wanted one, as far as the tokenizer can tell characters apart.

        Tokenizers compose characters (NFC), and some put a space before a text, or take it away in decoding.
        """
        if text == wanted:
            return True
        backend = getattr(self._student.tokenizer, "backend_tokenizer", None)
        normalizer = None if backend is None else backend.normalizer
        if normalizer is not None:
            wanted = normalizer.normalize_str(wanted)
        return text.removeprefix(" ") == wanted.replace("▁", " ").removeprefix(" ")

    def _blame(self, row: Row, kind: str, said: str, lesson: Lesson | None) -> None:
        if self._findings.blame(row, kind, said) and lesson is not None:
            self._show(row, lesson, kind)

    def _count(self, row: Row, lesson: Lesson, tokens: int, learned: int) -> None:
        shown = self._findings.use(row, int(tokens), learned, chain=has_chain(lesson))
        for kind in list_warnings(lesson):
            self._findings.warn(row, kind)
        if shown:
            self._show(row, lesson, "")

    def _show(self, row: Row, lesson: Lesson, fault: str) -> None:
        (example,) = self._student.tokenization.encode([lesson])
        self._findings.show(row, *example, fault)


def make_table(examples: Sequence[Example]) -> pa.Table:
    """Rows as the corpus has them."""
    lengths = np.array([len(example.input_ids) for example in examples], np.int32)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    columns = [
        pa.ListArray.from_arrays(offsets, pa.array(_flatten([example[place] for example in examples])))
        for place in range(2)
    ]
    return pa.Table.from_arrays([*columns, pa.array(lengths)], schema=SCHEMA)


def _flatten(rows: Sequence[list[int]]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int32), *(np.array(row, np.int32) for row in rows)])


def _read_columns(table: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All ids and all labels of a table, and where each row starts in them, with the end after the last."""
    ids, labels = (table.column(name).combine_chunks() for name in ("input_ids", "labels"))
    return ids.values.to_numpy(), labels.values.to_numpy(), ids.offsets.to_numpy()
