"""Rows that somebody else made become samples of a run, so that checks, mix and explain know one form only."""

from __future__ import annotations

import json
import logging
import tempfile
from array import array
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from curate.readers.given_verdicts import find_objection
from curate.readers.import_parts import PartWriter
from curate.readers.read_samples import ReadSample, SampleReader, Traces
from curate.readers.row import Row
from curate.readers.shapes.asked import ECHO
from curate.store.given_checks import record_given
from curate.store.layout import Run
from curate.store.storage import STORAGE
from curate.store.verdicts import list_given_labels
from curate.store.whole_files import read_json, remove_folder, replace_folder, write_json
from filters.digest import digest_file, digest_keys
from filters.errors import UserError
from filters.types import digest_stored, encode_text

logger = logging.getLogger(__name__)

REJECTED_FILE: Final = "rejected.jsonl"
"""In a folder of imported samples: the rows of which there are none, each with its file, row and reason."""


@dataclass(slots=True)
class ImportCounts:
    """What became of a source's rows; a row that holds several responses counts once for each.

    read = samples + duplicates + unreadable + not_kept. per_row: how many samples each row gave, in order.
    places: of each sample, its place among those of a row that holds several, else -1. given: the labels
    of the verdicts that rows brought along. echoed: the samples, by number, whose response held the prompt, too. bare: of each sample
    whether its row has no response.
    """

    read: int = 0
    samples: int = 0
    duplicates: int = 0
    unreadable: int = 0
    not_kept: int = 0
    per_row: array[int] = field(default_factory=lambda: array("I"))
    places: array[int] = field(default_factory=lambda: array("i"))
    given: list[str] = field(default_factory=list)
    echoed: set[int] = field(default_factory=set)
    bare: array[int] = field(default_factory=lambda: array("b"))

    def describe(self) -> dict[str, int]:
        """The counts as an import's record has them."""
        return {
            name: getattr(self, name) for name in ("read", "samples", "duplicates", "unreadable", "not_kept")
        }


def import_rows(
    run: Run,
    name: str,
    rows: Iterable[Row],
    required: Iterable[str] = (),
    keep_all: bool = False,
    reader: SampleReader | None = None,
    verdicts: Collection[str] | None = None,
) -> ImportCounts:
    """Write the samples of rows as samples `name`, in order, with the verdicts that the rows bring along.

    keep_all: each is a sample of its own, whatever it says. Otherwise those that say that they are not right or not whole, that have an
    empty prompt or response, or repeat the prompt and response of an earlier one are left out, counted, and listed in `rejected.jsonl`.
    required: parts of a row that one of them must have: prompt, answer. verdicts: the labels of those that are written; all unless given. Raises UserError where none has,
    where there are no rows, or one fits no shape.
    """
    reader = reader or SampleReader("the file")
    counts, samples = ImportCounts(), run.samples(name)
    samples.mkdir(parents=True, exist_ok=True)
    writer = PartWriter(run, name, verdicts)
    with (samples / REJECTED_FILE).open("w", encoding="utf-8") as rejected:
        _take(rows, reader, keep_all, counts, writer, rejected)
        writer.close()
    counts.given = list(writer.labels)
    if not counts.read:
        raise UserError(f"'{reader.source}' holds no rows.")
    reader.require(required)
    if counts.read == counts.samples:
        (samples / REJECTED_FILE).unlink()
    return counts


def _take(
    rows: Iterable[Row],
    reader: SampleReader,
    keep_all: bool,
    counts: ImportCounts,
    writer: PartWriter,
    rejected: IO[str],
) -> None:
    """Write the samples that are imported; what becomes of the others is counted and written down."""
    first_rows: dict[str, int] = {}
    for found in reader.read(rows):
        before = counts.samples
        if found.bad is not None:
            counts.read += 1
            counts.unreadable += 1
            _reject(rejected, found.row, "unreadable", found.bad)
        for one in found.samples:
            counts.read += 1
            stored = encode_text(one.reading.response)
            content = digest_stored(stored)
            key = f"row-{counts.samples}" if keep_all else digest_keys(one.prompt.id, content)
            if not keep_all and (why := _find_fault(one)) is not None:
                kind, reason = why
                setattr(counts, kind, getattr(counts, kind) + 1)
                _reject(rejected, found.row, kind, reason, one)
            elif key in first_rows:
                counts.duplicates += 1
                _reject(rejected, found.row, "duplicates", f"the same as row {first_rows[key]:,}", one)
            else:
                if not keep_all:
                    first_rows[key] = reader.rows
                writer.add(key, content, counts.samples, one, stored)
                if ECHO in one.reading.notes:
                    counts.echoed.add(counts.samples)
                counts.samples += 1
                counts.places.append(-1 if one.reading.generation is None else one.reading.generation)
                counts.bare.append(one.is_bare)
        counts.per_row.append(counts.samples - before)


def _find_fault(one: ReadSample) -> tuple[str, str] | None:
    """Why a sample is not taken into a set, with the count that it belongs to."""
    response = one.reading.response
    if not response or response.isspace():
        return "unreadable", "the response is empty"
    if not any(turn["content"].strip() for turn in one.reading.messages if turn["role"] != "system"):
        return "unreadable", "the prompt is empty"
    objection = find_objection(one)
    return None if objection is None else ("not_kept", objection)


def _reject(file: IO[str], row: Row, kind: str, reason: str, one: ReadSample | None = None) -> None:
    about: dict[str, Any] = {"row": row.place, "fate": kind, "reason": reason}
    if one is not None:
        about |= {"id": one.prompt.source_id, "generation": one.reading.generation}
    file.write(json.dumps(about) + "\n")


def import_source(
    run: Run, name: str, traces: Traces, verdicts: Collection[str] | None = None
) -> ImportCounts:
    """Import a file, folder or Hub data set as samples `name`; again from the start when it has changed.

    What was imported before stays until the new rows are there as a whole. verdicts: of those that rows bring along, the labels
    that a run needs which is gone afterwards; all are written in any other.
    """
    with STORAGE.lock(run.lock("samples", name), f"the samples '{name}' in '{run.path}'"):
        now = _describe(traces)
        before = _read_import(run, name, traces)
        if before is not None and _is_untouched(before, now):
            return ImportCounts(**before["counts"])
        now["content"] = None if run.temporary else _digest_files(Path(traces.source))
        if before is not None and "counts" in before and _is_same_content(before, now):
            counts = ImportCounts(**before["counts"])
        else:
            return _import_anew(run, name, traces, now, verdicts if run.temporary else None)
        write_json(run.import_info(name), {**now, "counts": counts.describe()})
        return counts


def find_import(run: Run, name: str, traces: Traces) -> ImportCounts | None:
    """What `import_source` would find imported already, writing nothing; None where it would import.

    Raises UserError where samples of that name were generated.
    """
    if run.generation(name).exists():
        raise UserError(_name_conflict(run, name, traces.source))
    now, before = _describe(traces), _read_import(run, name, traces)
    if before is None or "counts" not in before:
        return None
    there = _is_untouched(before, now) or _is_same_content(
        before, {**now, "content": _digest_files(Path(traces.source))}
    )
    return ImportCounts(**before["counts"]) if there else None


def _describe(traces: Traces) -> dict[str, Any]:
    """What an import's record says of where its rows come from."""
    return {**traces._asdict(), "columns": dict(traces.columns), "state": _state(Path(traces.source))}


def _read_import(run: Run, name: str, traces: Traces) -> dict[str, Any] | None:
    """The record of what was imported; None of what lies at an address: nobody knows whether it has changed, and it is read again."""
    found: dict[str, Any] | None = None if "://" in traces.source else read_json(run.import_info(name))
    return found


def _is_untouched(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a record tells of the very files that are there now."""
    left_out = {"content": None, "counts": None}
    return {**before, **left_out} == {**now, **left_out}


def _name_conflict(run: Run, name: str, source: str) -> str:
    return f"Samples '{name}' in '{run.path}' were generated; give '{source}' another name."


def _is_same_content(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the same rows would come again, though the files were touched or written anew."""
    keys = (*Traces._fields, "content")
    return now["content"] is not None and all(before.get(key) == now[key] for key in keys)


def _import_anew(
    run: Run, name: str, traces: Traces, about: Mapping[str, Any], verdicts: Collection[str] | None
) -> ImportCounts:
    """Import rows in place of those before. Verdicts stay: those on other samples are stale, a judge's are found again.

    about: the import's record, which is there with the samples or not at all: without it they would count as generated.
    """
    reader = traces.make_reader()
    if run.generation(name).exists():
        raise UserError(_name_conflict(run, name, reader.source))
    with tempfile.TemporaryDirectory(prefix=".adopting-", dir=run.path) as aside:
        fresh = Run(Path(aside), run.temporary)
        counts = import_rows(fresh, name, traces.read_rows(), ("prompt",), reader=reader, verdicts=verdicts)
        if not counts.samples:
            raise UserError(f"'{reader.source}' holds no row for a set: {_say(counts)}.")
        write_json(fresh.import_info(name), {**about, "counts": counts.describe()})
        remove_folder(run.samples(name))
        # The samples come last: without them nothing is taken to be there.
        for label in list_given_labels(run, name):
            remove_folder(run.verdicts(name) / label)
        for label in counts.given:
            replace_folder(fresh.verdicts(name) / label, run.verdicts(name) / label)
        record_given(run, name, counts.given)
        replace_folder(fresh.prompts(name), run.prompts(name))
        replace_folder(fresh.samples(name), run.samples(name))
    return counts


def _say(counts: ImportCounts) -> str:
    said = {
        "not kept": counts.not_kept,
        "unreadable": counts.unreadable,
        "exact duplicates": counts.duplicates,
    }
    return ", ".join(f"{count:,} {what}" for what, count in said.items() if count)


def _state(path: Path) -> list[Any]:
    """What tells that a file may have changed: sizes and times; a Hub set is known by its name alone."""
    return [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in _list_files(path)]


def _digest_files(path: Path) -> list[list[str]]:
    """What tells that a file has changed: the content keys of all."""
    return [[str(file), digest_file(file)] for file in _list_files(path)]


def _list_files(path: Path) -> list[Path]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path] if path.exists() else []
    return [file for file in files if file.is_file()]
