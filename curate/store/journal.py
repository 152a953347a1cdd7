"""How samples reach the disk: a checksummed journal while they are made, then immutable Parquet parts.

A sample is acknowledged once its journal line is synced, a second after it came at the latest. After a kill the
torn tail is cut off, and lines whose samples reached a part before the journal was removed are passed over:
nothing is lost or doubled.
"""

from __future__ import annotations

import json
import os
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import pyarrow.parquet as pq

from curate.store.layout import PART, PARTIAL, Run, list_parts, next_part
from curate.store.parquet import write_part
from curate.store.schema import SAMPLES, VERDICTS, sample_row, verdict_row
from curate.store.verdicts import describe_check
from curate.store.whole_files import lock_folder
from filters.spec import CheckSpec
from filters.types import Sample, Status, Verdict

SYNC_S: Final = 1.0
"""A sample waits at most this long before it is synced."""
SEAL_ROWS: Final = 10_000
SEAL_BYTES: Final = 64 << 20
"""A journal of this size becomes a part: its rows are held in memory until then."""


class SampleWriter:
    """Adds samples, with the verdicts given while sampling, to `samples(name)` of a run. One at a time."""

    def __init__(self, run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
        self._run, self._name, self._specs = run, name, {spec.label: spec for spec in specs}
        self._digests = {spec.label: describe_check(spec)["digest"] for spec in specs}
        self.folder = run.samples(name)
        self._lock = lock_folder(self.folder)
        self._lock.__enter__()
        self._path = run.journal(name)
        self._rows = list(self._recover())
        self._bytes = sum(len(row["response"]) for row in self._rows)
        self._journal = self._path.open("ab")
        self._syncing = _Syncing(self._journal)

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
            label: {**verdict_row(sample.id, verdict), "digest": self._digests[label]}
            for label, verdict in verdicts.items()
        }
        self._journal.write(_format_line(row))
        self._syncing.written()
        self._rows.append(row)
        self._bytes += len(row["response"])
        if len(self._rows) >= SEAL_ROWS or self._bytes >= SEAL_BYTES:
            self.seal()

    def sync(self) -> None:
        """Force the journal to the disk now."""
        self._syncing.sync()

    def seal(self) -> None:
        """Turn the journal into parts, and the verdicts that all its samples have into sidecars."""
        self.sync()
        whole = _sort_rows(row for row in self._rows if row["status"] == "whole")
        partial = _sort_rows(row for row in self._rows if row["status"] != "whole")
        if partial:
            write_part(next_part(self.folder, PARTIAL), partial, SAMPLES)
        if whole:
            part = next_part(self.folder)
            write_part(part, whole, SAMPLES)
            for spec in self._specs.values():
                self._write_verdicts(spec, part, whole)
        self._journal.truncate(0)
        self._rows, self._bytes = [], 0

    def _write_verdicts(self, spec: CheckSpec, part: Path, rows: Sequence[dict[str, Any]]) -> None:
        given = [row["verdicts"].get(spec.label, {}) for row in rows]
        if all(verdict.get("digest") == self._digests[spec.label] for verdict in given):
            columns = [{name: verdict[name] for name in VERDICTS.names} for verdict in given]
            write_part(
                self._run.sidecar(self._name, spec.label, part), columns, VERDICTS, describe_check(spec)
            )

    def _recover(self) -> Iterator[dict[str, Any]]:
        """The rows of a journal that a killed process left; its torn tail is cut off."""
        if not self._path.exists():
            return
        good = 0
        whole, partial = (set(_read_ids(list_parts(self.folder, kind))) for kind in (PART, PARTIAL))
        with self._path.open("rb") as lines:
            for line in lines:
                row = _parse_line(line)
                if row is None:
                    break
                good += len(line)
                if row["sample_id"] not in (whole if row["status"] == "whole" else partial):
                    yield row
        os.truncate(self._path, good)

    def __enter__(self) -> SampleWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.seal()
            self._syncing.close()
            self._journal.close()
            if kind is None:
                self._path.unlink()
        finally:
            self._lock.__exit__(None, None, None)


class _Syncing:
    """Forces a file to the disk every so often, in a thread of its own: whoever writes does not wait for the disk."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._behind = threading.Event()
        self._closing = threading.Event()
        self._failed: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def written(self) -> None:
        """Take note of something written. Raises what kept earlier lines from the disk."""
        if self._failed is not None:
            raise self._failed
        self._behind.set()

    def sync(self) -> None:
        """Wait until all that was written is on the disk."""
        self._behind.clear()
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(SYNC_S):
            if self._behind.is_set():
                try:
                    self.sync()
                except OSError as error:
                    self._failed = error
                    return


def _format_line(row: Mapping[str, Any]) -> bytes:
    text = json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _parse_line(line: bytes) -> dict[str, Any] | None:
    """The row of a journal line, or None where the line is torn."""
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        return None
    row: dict[str, Any] = json.loads(text)
    return row


def _read_ids(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        yield from pq.read_table(file, columns=["sample_id"])["sample_id"].to_pylist()


def _sort_rows(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["prompt_id"], row["index"]))
