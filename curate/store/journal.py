"""How samples reach the disk: a journal while they are made, then immutable Parquet parts.

What is promised:
- A sample that was added is kept once, with the verdicts it was given: after a kill at any moment, also of the whole
  machine if the sample was added a second before.
- A part is there whole or not at all, and never without the verdicts that were given to its samples.
- One command at a time adds to one set of samples: whoever holds its lock (`curate.store.locks`), alone or by writers that
  have a segment each (`curate.store.segments`).
What is not: that samples which were not acknowledged (in the last second before a power cut) are there; that disks and
file systems keep what they said was synced; that a folder changed by hand is mended (`r1curate doctor RUN` tells).

The journal begins with a token, and each part says which journal it came from. So after a kill between a part's
commit and the journal's end it is known which lines have reached a part, without comparing ids: a sample that
was cancelled, then stopped, then made whole has three rows under one id, and each of them counts.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import pyarrow.parquet as pq

from curate.store.copies import find_copy
from curate.store.journal_lines import JournalFile, read_journal, remove_journal
from curate.store.layout import PART, PARTIAL, Run, list_parts
from curate.store.parquet import read_part_info, write_part
from curate.store.part_names import list_own_parts, name_part, next_part
from curate.store.schema import SAMPLES, VERDICTS, sample_row, verdict_row
from curate.store.segments import FencedError, fence, has_part, read_left, take_name
from curate.store.verdicts import describe_check
from filters.spec import CheckSpec
from filters.types import Sample, Status, Verdict

logger = logging.getLogger(__name__)

HEIR: Final = "h"
"""Behind a segment's name: of the parts that were made of a lost writer's journal."""
SEAL_ROWS: Final = 10_000
SEAL_BYTES: Final = 64 << 20
"""A journal of this size becomes a part: its rows are held in memory until then."""


class SampleWriter:
    """Adds samples, with the verdicts given while sampling, to `samples(name)` of a run.

    Without a segment its caller holds the lock; a writer with one writes beside others, and its methods raise FencedError
    once its segment was taken over.
    """

    def __init__(self, run: Run, name: str, specs: Sequence[CheckSpec], segment: str = "") -> None:
        self._parts = _Parts(run, name, specs, segment)
        self.folder = run.samples(name)
        self._path = run.journal(name, segment)
        self._token, self._rows = (uuid.uuid4().hex, []) if segment else self._recover()
        self._bytes = sum(len(row["response"]) for row in self._rows)
        self._journal = JournalFile(self._path)
        # What a killed process left becomes parts before anything else is added under its token.
        self.seal()

    def add(
        self,
        sample: Sample,
        verdicts: Mapping[str, Verdict],
        status: Status = "whole",
        prompt_tokens: int | None = None,
        seed: int | None = None,
        error: str | None = None,
    ) -> None:
        """Keep one sample, and what producing it took. It is acknowledged, at the latest, when `sync` returns."""
        row = sample_row(sample, status, prompt_tokens, seed, error)
        row["verdicts"] = {
            label: {**verdict_row(sample.id, row["content"], verdict), "digest": self._parts.digests[label]}
            for label, verdict in verdicts.items()
        }
        self._journal.add(row)
        self._rows.append(row)
        self._bytes += len(row["response"])
        if len(self._rows) >= SEAL_ROWS or self._bytes >= SEAL_BYTES:
            self.seal()

    def sync(self) -> None:
        """Force the journal to the disk now."""
        self._journal.sync()

    def seal(self) -> None:
        """Turn the journal into parts, and the verdicts that all its samples have into sidecars."""
        self.sync()
        self._parts.write(self._rows, self._token)
        self._journal.clear()
        self._rows, self._bytes, self._token = [], 0, uuid.uuid4().hex
        self._journal.add({"journal": self._token})

    def _recover(self) -> tuple[str, list[dict[str, Any]]]:
        """The token of a journal that a killed process left, and its rows that have not reached a part."""
        lines = read_journal(self._path, repair=True)
        first = next(lines, None)
        if first is None or "journal" not in first:
            # Empty, or of format 1, whose rows are told apart by their ids.
            rows = list(_pass_over_known(self.folder, [*([first] if first else []), *lines]))
            return uuid.uuid4().hex, rows
        token = str(first["journal"])
        return token, list(_pass_over_sealed(self.folder, "", token, lines))

    def __enter__(self) -> SampleWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.seal()
            self._journal.close()
            remove_journal(self._path)
        except OSError as failure:  # the journal holds what is not sealed
            if kind is None:
                raise
            logger.warning(
                f"The journal '{self._path}' is kept for the next call: {failure.strerror or failure}"
            )


def take_over(run: Run, name: str, segment: str, specs: Sequence[CheckSpec]) -> None:
    """Fence a writer that is lost, and make parts of what its journal alone holds. Made again after a kill it adds nothing."""
    folder, heir = run.samples(name), f"{segment}{HEIR}"
    fence(folder, segment)
    token, rows = read_left(run, name, segment)
    left = list(_pass_over_sealed(folder, segment, token, rows))
    # What the journal holds now, once: a machine that comes back may add to it, and what that says was made again.
    left = [row for row in left if not has_part(folder, _kind(row), heir)]
    _Parts(run, name, specs, heir, numbered=False).write(left, token)
    for kind in (PARTIAL, PART):
        if not has_part(folder, kind, heir):
            take_name(name_part(folder, kind, heir, 0))
    remove_journal(run.journal(name, segment))


class _Parts:
    """The parts of one writer. numbered: whether it may write more than one."""

    def __init__(
        self, run: Run, name: str, specs: Sequence[CheckSpec], segment: str, *, numbered: bool = True
    ) -> None:
        self._run, self._name, self._specs = run, name, {spec.label: spec for spec in specs}
        self._segment, self._numbered = segment, numbered
        self._written: Counter[str] = Counter()
        self.digests = {spec.label: describe_check(spec)["digest"] for spec in specs}

    def write(self, rows: Sequence[dict[str, Any]], token: str) -> None:
        """Write the rows of a journal with this token. Raises FencedError where another process has the parts' names."""
        whole = _sort_rows(row for row in rows if row["status"] == "whole")
        partial = _sort_rows(row for row in rows if row["status"] != "whole")
        about = {"journal": token}
        if partial:
            self._commit(self._find_place(PARTIAL), partial, about)
        if whole:
            part = self._find_place(PART)
            # First the verdicts: a reader never meets a part without those that were given.
            for spec in self._specs.values():
                self._write_verdicts(spec, part, whole)
            self._commit(part, whole, about)

    def _find_place(self, kind: str) -> Path:
        """The next part's. Who writes beside others counts itself: a name that is taken is the end, not to be passed over."""
        folder = self._run.samples(self._name)
        if not self._segment:
            return next_part(folder, kind)
        return name_part(folder, kind, self._segment, self._written[kind])

    def _commit(self, part: Path, rows: Sequence[dict[str, Any]], about: Mapping[str, Any]) -> None:
        try:
            # On an object store what a former holder of the lock put late must not be written over, nor write over this.
            write_part(part, rows, SAMPLES, about, new=bool(self._segment or find_copy(part)))
        except FileExistsError:
            if not self._numbered:  # made before
                return
            raise FencedError(
                f"'{part}' is there: another process has taken over this writer's samples. Run the same command again."
            ) from None
        self._written[part.name.partition("-")[0]] += 1

    def _write_verdicts(self, spec: CheckSpec, part: Path, rows: Sequence[dict[str, Any]]) -> None:
        given = [row["verdicts"].get(spec.label, {}) for row in rows]
        if all(verdict.get("digest") == self.digests[spec.label] for verdict in given):
            columns = [{name: verdict.get(name) for name in VERDICTS.names} for verdict in given]
            write_part(
                self._run.sidecar(self._name, spec.label, part), columns, VERDICTS, describe_check(spec)
            )


def _kind(row: Mapping[str, Any]) -> str:
    return PART if row["status"] == "whole" else PARTIAL


def _pass_over_sealed(
    folder: Path, segment: str, token: str, rows: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The rows of a journal with this token that its writer has made no part of."""
    sealed = {kind for kind in (PART, PARTIAL) if _is_from(folder, kind, segment, token)}
    return (row for row in rows if _kind(row) not in sealed)


def _is_from(folder: Path, kind: str, segment: str, token: str) -> bool:
    """Whether the newest part of a writer was made from the journal with this token."""
    parts = list_own_parts(folder, kind, segment)
    return bool(parts) and (read_part_info(parts[-1]) or {}).get("journal") == token


def _pass_over_known(folder: Path, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    if not rows:
        return
    known = {kind: set(_read_ids(list_parts(folder, kind))) for kind in (PART, PARTIAL)}
    yield from (row for row in rows if row["sample_id"] not in known[_kind(row)])


def _read_ids(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        yield from pq.read_table(file, columns=["sample_id"])["sample_id"].to_pylist()


def _sort_rows(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["prompt_id"], row["index"]))
