"""The student's-eye check: every row as the student will get it, judged in the pass that tokenizes it.

Nothing is taken for granted because the code above makes it so: what is judged are the ids and labels of the
table that is written to the corpus. Decoded, they must be the teacher's text and the end of the turn, no more and
no less; the prompt's ids must be those that inference sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from curate.readers.row import Row
from curate.visible_text import escape_controls
from distill.sft.inspection import OTHERS, Found, Inspection, Tally, merge_tallies
from distill.sft.kinds import ROW_FAULTS
from distill.sft.row_faults import has_chain, list_warnings, read_lesson
from distill.sft.shown_rows import ROWS, cut_row
from distill.sft.student import CLOSED_THINK, Student
from distill.sft.tokens import IGNORED_LABEL, Example, Lesson
from filters.think import CLOSE

SCHEMA: Final = pa.schema(
    [("input_ids", pa.list_(pa.int32())), ("labels", pa.list_(pa.int32())), ("length", pa.int32())]
)
PREFIXES: Final = 32
"""Prompts rendered once more by transformers' own function: templates treat all alike."""
DISTINCT: Final = 1000
"""Sources told apart while counting: where each row names its own, memory stays flat."""


class Inspector:
    """Tokenizes a set chunk by chunk, and remembers what was wrong with it."""

    def __init__(self, student: Student, set_name: str, max_length: int) -> None:
        self._student, self._set, self._max_length = student, set_name, max_length
        self._tallies: dict[str, Tally] = {}
        self._row_faults: dict[str, Found] = {}
        self._set_faults: dict[str, Found] = {}
        self._warnings: dict[str, Found] = {}
        self._shown: list[dict[str, Any]] = []
        self._compared, self._longest, self._largest = 0, 0, 0
        self._marks = np.array(sorted(student.marks), np.int32)

    def take_chunk(self, rows: Sequence[Row]) -> pa.Table:
        """The rows to train on, tokenized: those without a fault that are not too long."""
        kept: list[tuple[Row, Lesson]] = []
        for row in rows:
            self._tally(row).rows += 1
            lesson, kind, said = read_lesson(row, self._student.tokenization)
            if kind or lesson is None:
                self._blame(row, kind, said, lesson)
            else:
                kept.append((row, lesson))
        examples = self._student.tokenization.encode([lesson for _, lesson in kept])
        fitting = []
        for (row, lesson), example in zip(kept, examples, strict=True):
            if len(example.input_ids) > self._max_length:
                self._leave_out(row, len(example.input_ids))
            else:
                fitting.append((row, lesson, example))
        return self._prove(fitting)

    def conclude(self, max_too_long: float) -> Inspection:
        """All that was found, with the faults of the set as a whole."""
        tallies = merge_tallies(self._tallies)
        faults = dict(self._set_faults)
        total = sum(one.rows for one in tallies.values())
        too_long = sum(one.too_long for one in tallies.values())
        if self._student.special_tags and any(one.chains for one in tallies.values()):
            faults["special_think_tags"] = Found(total)
        if self._student.unlearnable:
            faults["untrained_tokens"] = Found(said=", ".join(self._student.unlearnable))
        if too_long > max_too_long * total:
            faults["limit_too_small"] = Found(
                too_long, said=f"{too_long:,} of {total:,} rows are longer than {self._max_length:,} tokens; at most {max_too_long:.0%} may be"
            )  # fmt: skip
        if not any(one.used for one in tallies.values()):
            faults["no_rows"] = Found(total, said=self._tell_left_out(too_long))
        warnings = {**{kind: Found() for kind in self._student.list_warnings()}, **self._warnings}
        if "vocabulary" in faults:
            warnings.pop("large_tokenizer", None)
        ordered = {kind: self._row_faults[kind] for kind in ROW_FAULTS if kind in self._row_faults}
        facts = {
            **self._student.describe(),
            "longest row": f"{self._longest:,} of at most {self._max_length:,} tokens",
        }
        return Inspection(
            self._set, self._student.facts.name, self._max_length, tallies, ordered, faults, warnings, self._longest, facts,
            tuple(self._shown),
        )  # fmt: skip

    def _prove(self, taken: Sequence[tuple[Row, Lesson, Example]]) -> pa.Table:
        """The table of these rows, with the rows taken out that are not what they should be."""
        table = make_table([example for _, _, example in taken])
        ids, labels, starts = _read_columns(table)
        learned = labels != IGNORED_LABEL
        bad = np.zeros(len(taken), bool)
        targets = []
        self._count_foreign(ids)
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
            self._set_faults.setdefault("wrong_labels", Found()).add(name_row(row))
        if self._compared < PREFIXES:
            self._compared += 1
            self._compare_prefix(row, lesson)

    def _compare_prefix(self, row: Row, lesson: Lesson) -> None:
        """What transformers sends at inference for the same messages."""
        turns = [dict(turn) for turn in lesson.messages]
        sent = self._student.tokenizer.apply_chat_template(
            turns, tokenize=True, add_generation_prompt=True, return_dict=False
        )
        if list(sent) != lesson.prompt.ids:
            found = self._set_faults.setdefault("another_prefix", Found())
            found.add(name_row(row), f"first of row {name_row(row)}")
        start = self._student.tokenizer.bos_token_id
        if start is not None and lesson.prompt.ids[:2] == [start, start]:
            self._warnings.setdefault("double_start", Found()).add(name_row(row))

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

    def _count_foreign(self, ids: np.ndarray) -> None:
        size = self._student.facts.vocabulary
        if size is None or not len(ids) or int(ids.max()) < size:
            return
        self._largest = max(self._largest, int(ids.max()))
        said = f"the largest in this set is {self._largest:,}, the embedding has {size:,}"
        self._set_faults["vocabulary"] = Found(said=said)

    def _blame(self, row: Row, kind: str, said: str, lesson: Lesson | None) -> None:
        self._tally(row).bad += 1
        if kind not in self._row_faults and lesson is not None and kind != "not_unicode":
            self._show(row, lesson, kind)
        self._row_faults.setdefault(kind, Found()).add(name_row(row), said)

    def _leave_out(self, row: Row, tokens: int) -> None:
        tally = self._tally(row)
        tally.too_long += 1
        tally.tokens_too_long += tokens
        self._warnings.setdefault("too_long", Found()).add(name_row(row))

    def _count(self, row: Row, lesson: Lesson, tokens: int, learned: int) -> None:
        tally = self._tally(row)
        tally.used += 1
        tally.tokens += int(tokens)
        tally.learned += learned
        tally.chains += has_chain(lesson)
        self._longest = max(self._longest, int(tokens))
        for kind in list_warnings(lesson):
            self._warnings.setdefault(kind, Found()).add(name_row(row))
        if CLOSED_THINK.search(lesson.prompt.text) and CLOSE in lesson.target:
            self._set_faults.setdefault("reasoning_off", Found()).add(name_row(row))
        good = [one for one in self._shown if not one["fault"]]
        if len(good) < ROWS and (tally.used == 1 or not good):
            self._show(row, lesson, "")

    def _show(self, row: Row, lesson: Lesson, fault: str) -> None:
        (example,) = self._student.tokenization.encode([lesson])
        pieces = cut_row(self._student.tokenizer, example.input_ids, example.labels, self._student.marks)
        shown = {"id": name_row(row), "source": name_source(row), "fault": fault, "pieces": pieces}
        self._shown.append({**shown, "tokens": len(example.input_ids)})

    def _tally(self, row: Row) -> Tally:
        source = name_source(row)
        if source not in self._tallies and len(self._tallies) >= DISTINCT:
            source = OTHERS
        return self._tallies.setdefault(source, Tally())

    def _tell_left_out(self, too_long: int) -> str:
        said = [f"{found.rows:,} {kind}" for kind, found in self._row_faults.items()]
        return ", ".join([*said, *([f"{too_long:,} too long"] if too_long else [])]) or "the set is empty"


def make_table(examples: Sequence[Example]) -> pa.Table:
    """Rows as the corpus has them."""
    lengths = np.array([len(example.input_ids) for example in examples], np.int32)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    columns = [
        pa.ListArray.from_arrays(offsets, pa.array(_flatten([example[place] for example in examples])))
        for place in range(2)
    ]
    return pa.Table.from_arrays([*columns, pa.array(lengths)], schema=SCHEMA)


def name_row(row: Row) -> str:
    """What a row is called: its id, or its file and line."""
    id_ = row.values.get("id")
    return escape_controls(str(id_) if isinstance(id_, (str, int)) and str(id_).strip() else row.place)


def name_source(row: Row) -> str:
    """What a row's source is called; empty where it says none."""
    source = row.values.get("source")
    return escape_controls(source) if isinstance(source, str) else ""


def _flatten(rows: Sequence[list[int]]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int32), *(np.array(row, np.int32) for row in rows)])


def _read_columns(table: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All ids and all labels of a table, and where each row starts in them, with the end after the last."""
    ids, labels = (table.column(name).combine_chunks() for name in ("input_ids", "labels"))
    return ids.values.to_numpy(), labels.values.to_numpy(), ids.offsets.to_numpy()
