"""The parts of a run that imported samples become.

Only texts and numbers are kept until a part is full: objects, some of each sample's, would be looked through by Python's
collector again and again, and tuples of texts are not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from curate.readers.given_verdicts import GivenVerdicts, list_given
from curate.readers.read_samples import ReadSample
from curate.store.layout import Run
from curate.store.parquet import write_table
from curate.store.part_names import next_part
from curate.store.schema import SAMPLES, name_variant, prompt_table
from curate.store.storable import join_texts, make_table
from filters.types import Prompt, Verdict

ROWS_PER_PART: Final = 10_000
"""Samples of a part: they are held in memory while it is written."""
PART_BYTES: Final = 16 << 20
"""Bytes of their texts, at which a part is full, too."""
_NAMES: Final = ("sample_id", "prompt_id", "index", "response", "finish", "tokens", "variant", "content")


class PartWriter:
    """Writes samples `name` in parts, with their prompts and the verdicts that their rows bring along: all, or those of some labels."""

    def __init__(self, run: Run, name: str, verdicts: Collection[str] | None = None) -> None:
        self._run, self._name, self._wanted = run, name, verdicts
        self._rows: list[tuple[Any, ...]] = []
        self._prompts: dict[tuple[str, str], Prompt] = {}
        self._said: dict[str, dict[int, Verdict]] = {}
        self._given = GivenVerdicts(run, name)
        self._begin()

    @property
    def labels(self) -> Sequence[str]:
        """The labels of the verdicts so far."""
        return self._given.labels

    def add(self, sample_id: str, content: str, number: int, one: ReadSample, stored: bytes) -> None:
        """Take a sample under its id, with the content key of its text, its number among all, and its response as it is stored."""
        prompt = one.prompt
        variant = name_variant(prompt)
        self._prompts[prompt.id, variant] = prompt
        finish = "stop" if one.facts.cut is None else "length"
        if self._wanted is None or self._wanted:
            for label, verdict in list_given(one).items():
                if self._wanted is None or label in self._wanted:
                    self._said.setdefault(label, {})[len(self._rows)] = verdict
        self._rows.append((sample_id, prompt.id, number, stored, finish, one.facts.tokens, variant, content))
        self._bytes += len(stored)
        if len(self._rows) == ROWS_PER_PART or self._bytes >= PART_BYTES:
            self._write()

    def close(self) -> None:
        """Write what is left."""
        if self._rows:
            self._write()
        self._given.complete()

    def _begin(self) -> None:
        self._rows, self._prompts, self._said, self._bytes = [], {}, {}, 0

    def _write(self) -> None:
        run, name, rows = self._run, self._name, len(self._rows)
        columns: dict[str, Sequence[Any]] = dict(
            zip(_NAMES, map(list, zip(*self._rows, strict=True)), strict=True)
        )
        columns["response"] = join_texts(columns["response"])
        asked, variants = list(self._prompts.values()), [variant for _, variant in self._prompts]
        # zstd would take a third of the whole import.
        squeezed = "none" if run.temporary else "snappy"
        write_table(next_part(run.prompts(name)), prompt_table(asked, variants), compression=squeezed)
        unknown = {
            "status": ["whole"] * rows,
            "prompt_tokens": [None] * rows,
            "seed": [None] * rows,
            "error": [None] * rows,
        }
        part = next_part(run.samples(name))
        write_table(part, make_table({**columns, **unknown}, SAMPLES), compression=squeezed)
        self._given.write(part, columns["sample_id"], columns["content"], self._said)
        self._begin()
