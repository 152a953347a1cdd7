"""From rows to samples: each row is read by the shape it has, refused with its place, or set aside.

How a source was read is told in one line. Nothing is guessed: what fits no shape never becomes a text.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from curate.readers.prompts import put_prompt, refuse_missing
from curate.readers.read_rows import read_rows
from curate.readers.row import Row
from curate.readers.shapes.alike import merge_alike
from curate.readers.shapes.cells import is_texts
from curate.readers.shapes.columns import find_columns
from curate.readers.shapes.facts import Facts, read_facts
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.plain import read_plain
from curate.readers.shapes.prompt_or_turns import ask_alone
from curate.readers.shapes.reading import SampleReading
from curate.readers.shapes.references import has_reference, read_reference
from curate.readers.shapes.shapes import OWN_OUTPUT, SEVERAL, SHAPES, is_own_output, is_verdicts, read_row
from filters.errors import UserError
from filters.types import Prompt

logger = logging.getLogger(__name__)

BadRows = Literal["refuse", "skip"]
PROMPT_ALONE: Final = "prompt alone"
"""What the shape of a row without a response is called, where prompts will do."""
SHAPE_NAMES: Final = tuple(shape.name for shape in SHAPES)


class Traces(NamedTuple):
    """A file, folder or data set of rows to read samples from, and how. columns: ours -> theirs, as `--map` gives them."""

    source: str
    split: str = "train"
    config: str | None = None
    columns: Mapping[str, str] = MappingProxyType({})
    shape: str | None = None
    bad_rows: BadRows = "refuse"

    def read_rows(self) -> Iterator[Row]:
        """The rows, with the columns named as they were mapped."""
        return read_rows(self.source, self.split, self.columns, config=self.config)

    def make_reader(self, prompts_only: bool = False) -> SampleReader:
        """The reader of their samples. prompts_only: as `SampleReader` has it."""
        mapped = "response" in self.columns
        return SampleReader(self.source, self.shape, self.bad_rows, mapped, prompts_only)


class RowSamples(NamedTuple):
    """The samples of a row, in order; none where it was set aside, with the reason."""

    row: Row
    samples: list[ReadSample]
    bad: str | None = None


class ReadSample(NamedTuple):
    """One sample of a row. verdicts: those of earlier checks, where `verify` or `filter` wrote the row. is_bare: whether it is a prompt alone."""

    prompt: Prompt
    reading: SampleReading
    facts: Facts
    verdicts: Mapping[str, Any] | None = None
    is_bare: bool = False


@dataclass(slots=True)
class SampleReader:
    """Reads rows into samples and counts how.

    source: what the rows are called in messages. shape: the one that all rows must have, else each its own. bad_rows: what is done
    with rows that have none: refuse raises a UserError with the row's place. mapped: whether the response's column was named by the user.
    prompts_only: whether a row without any response will do, as a prompt with an empty one.
    """

    source: str
    shape: str | None = None
    bad_rows: BadRows = "refuse"
    mapped: bool = False
    prompts_only: bool = False
    shapes: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    unclear: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    bad: int = 0
    has_prompt: bool = False
    has_answer: bool = False
    first: Row | None = None

    def __post_init__(self) -> None:
        if self.shape is not None and self.shape not in SHAPE_NAMES:
            raise UserError(f"There is no shape '{self.shape}'; known are: {', '.join(SHAPE_NAMES)}.")

    def read(self, rows: Iterable[Row]) -> Iterator[RowSamples]:
        """The samples of each row. Tells at the end how they were read."""
        yield from self.read_rows(rows)
        self._tell()

    def read_rows(self, rows: Iterable[Row]) -> Iterator[RowSamples]:
        """The same, without telling."""
        for number, row in enumerate(rows):
            yield self._read_row(row, number)

    def _read_row(self, row: Row, number: int) -> RowSamples:
        self.rows += 1
        try:
            values = merge_alike(row.values)
            shape, readings = self._read_shape(values)
            own = shape == OWN_OUTPUT
            first = readings[0].first_shape or shape if readings else shape
            reference = read_reference(values, first, [one.response for one in readings])
            is_bare = shape == PROMPT_ALONE
            judged = own or (is_bare and is_verdicts(values.get("verdicts")))
            verdicts = values["verdicts"] if judged else None
            samples: list[ReadSample] = []
            for one in readings:
                facts = read_facts(values, one.generation, one.first_count if own else len(readings))
                before = samples[-1] if samples else None
                if (
                    before is not None
                    and one.messages is before.reading.messages
                    and facts.names == before.facts.names
                ):
                    prompt = before.prompt
                else:
                    prompt = put_prompt(values, one.messages, reference, facts, number, first)
                samples.append(ReadSample(prompt, one, facts, verdicts, is_bare))
        except Misfit as misfit:
            if self.bad_rows == "refuse":
                raise UserError(f"{row.place}: {misfit}.") from None
            self.bad += 1
            return RowSamples(row, [], str(misfit))
        self.first = self.first or row
        self.has_prompt = self.has_prompt or any(one.messages for one in readings)
        self.has_answer = self.has_answer or reference is not None or has_reference(values)
        self.shapes[shape] += 1
        for one in readings:
            self.marks[one.marks] += 1
            if one.notes:
                self.notes.update(one.notes)
        for sample in samples:
            if sample.facts.unclear:
                self.unclear.update(sample.facts.unclear)
        return RowSamples(row, samples)

    def _read_shape(self, values: Mapping[str, Any]) -> tuple[str, list[SampleReading]]:
        """The name of a row's shape, and its samples."""
        forced = self._find_forced(values)
        plain = read_plain(values) if forced is None else None
        if plain is not None:
            return plain[0], [plain[1]]
        try:
            shape, readings = read_row(values, forced)
        except Misfit:
            if not self.prompts_only or forced is not None:
                raise
            return PROMPT_ALONE, [_read_prompt_alone(values)]
        return shape.name, readings

    def _find_forced(self, values: Mapping[str, Any]) -> str | None:
        if is_own_output(values) or (self.shape is None and not self.mapped):
            return None
        if self.shape is not None:
            return self.shape
        return "generations" if is_texts(values.get("response")) else "response"

    def require(self, parts: Iterable[str]) -> None:
        """Refuse rows of which none has a part, prompt or answer, under a name that is known."""
        for part in parts:
            if self.first is not None and not {"prompt": self.has_prompt, "answer": self.has_answer}[part]:
                raise UserError(refuse_missing(self.first, part))

    def _tell(self) -> None:
        if self.rows - self.bad:
            logger.info(f"'{self.source}' {self.describe()}.")
        if self.bad:
            logger.warning(
                f"{self.bad:,} of {self.rows:,} rows of '{self.source}' fit no shape and were set aside."
            )

    def describe(self) -> str:
        """How the rows were read, in one line: `read as: generations (2 a row), chain inline`."""
        total, samples = self.shapes.total(), self.marks.total()
        if not total:
            return "read as: nothing"
        shapes = ", ".join(
            f"{name}"
            + (f" ({_number(samples / total)} a row)" if name in SEVERAL else "")
            + (f" ({count:,})" if len(self.shapes) > 1 else "")
            for name, count in self.shapes.most_common()
        )
        chains = ", ".join(
            (
                "no chain"
                if not marks
                else "chain inline"
                if marks == "inline"
                else "chain closed only"
                if marks == "closed only"
                else f"chain in {marks}"
            )
            + (f" ({count:,})" if len(self.marks) > 1 else "")
            for marks, count in self.marks.most_common()
        )
        done = "".join(
            f"; {note} read back or cut off: {count:,}" for note, count in sorted(self.notes.items())
        )
        vague = "".join(
            f"; '{name}' says neither right nor wrong: {count:,}"
            for name, count in sorted(self.unclear.items())
        )
        return f"read as: {shapes}, {chains}{done}{vague}"


def _read_prompt_alone(values: Mapping[str, Any]) -> SampleReading:
    """What a row asks, with an empty response. Raises Misfit where it asks nothing."""
    asked = ask_alone(values, find_columns(tuple(values)))
    if asked.prefill:
        raise Misfit("the prompt ends on a turn of the assistant's, which cannot be gone on with")
    return SampleReading(asked.messages, "")


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"
