"""Rows from wherever people keep them: JSON Lines, JSON, CSV and Parquet files, `datasets` folders, Hub sets.

A malformed line or a missing column is the user's mistake and is refused with its place; what stands inside
a row is data, and never refused.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Annotated, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BeforeValidator

from filters.vocabulary import Message, Prompt, UserError

KNOWN = ("id", "prompt", "answer", "response", "domain", "language")
"""The columns that mean something to us; a file's others travel along."""


HUB_SET = re.compile(
    r"(?P<name>[\w.-]+/[\w.-]+(?<!\.jsonl)(?<!\.json)(?<!\.csv)(?<!\.parquet)(?<!\.gz))"
    r"(:(?P<config>[\w.-]+))?(@(?P<revision>[\w./-]+))?"
)
"""A Hub set's name, with a configuration and a revision where they matter: openai/gsm8k:main@e53f048."""


class Row(NamedTuple):
    """A row and its place, for messages: `file, line 3`."""

    place: str
    values: Mapping[str, Any]


def _read_map(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple)):
        return value
    for pair in value:
        if "=" not in pair:
            raise ValueError(f"'{pair}' is not of the form ours=theirs")
    return dict(pair.split("=", 1) for pair in value)


ColumnMap = Annotated[dict[str, str], BeforeValidator(_read_map)]
"""Our column's name -> the source's, dotted where it is nested; on the command line, `ours=theirs`."""


def read_rows(source: str, split: str = "train", columns: Mapping[str, str] | None = None) -> Iterator[Row]:
    """The rows of a file, folder or Hub set, renamed by `columns`."""
    mapping = dict(columns or {})
    for name in mapping:
        if name not in KNOWN:
            raise UserError(f"--map {name}=…: there is no column '{name}' of ours; {', '.join(KNOWN)}.")
    for row in _open(source, split):
        yield Row(row.place, _renamed(row, mapping)) if mapping else row


def prompts_of(rows: Iterable[Row], required: tuple[str, ...] = ("prompt",)) -> Iterator[Prompt]:
    """Prompts from rows with `prompt` (a text or chat messages) and, where there are, `answer`, `id` and the rest."""
    for number, row in enumerate(rows):
        require(row, required)
        yield prompt_of(row, number)


def prompt_of(row: Row, number: int) -> Prompt:
    """The prompt of one row; its number stands in where it has no id."""
    values = row.values
    return Prompt.make(
        _messages(values.get("prompt"), row.place),
        as_text(values.get("answer")),
        source_id=as_text(values.get("id")) or str(number),
        domain=as_text(values.get("domain")) or "",
        language=as_text(values.get("language")) or None,
        extra={name: value for name, value in values.items() if name not in KNOWN},
    )


def require(row: Row, names: Iterable[str]) -> None:
    """Refuse a row that lacks a column."""
    for name in names:
        if name not in row.values:
            there = ", ".join(row.values) or "none"
            raise UserError(
                f"{row.place}: there is no column '{name}'; there are: {there}. "
                f"Name yours with --map {name}=COLUMN."
            )


def as_text(value: Any) -> str | None:
    """A cell as text; what is neither text nor number is written as JSON."""
    if value is None or isinstance(value, str):
        return value
    return (
        str(value) if isinstance(value, (int, float)) else json.dumps(value, ensure_ascii=False, default=str)
    )


def _messages(value: Any, place: str) -> str | list[Message]:
    if not isinstance(value, list):
        return as_text(value) or ""
    for turn in value:
        if not (isinstance(turn, dict) and isinstance(turn.get("role"), str) and "content" in turn):
            raise UserError(f"{place}: 'prompt' is a list, but not of messages with 'role' and 'content'.")
    return [Message(role=turn["role"], content=as_text(turn["content"]) or "") for turn in value]


def _renamed(row: Row, mapping: Mapping[str, str]) -> dict[str, Any]:
    values = dict(row.values)
    found = {ours: _reach(row, theirs) for ours, theirs in mapping.items()}
    for theirs in mapping.values():
        values.pop(theirs, None)
    return {**values, **found}


def _reach(row: Row, path: str) -> Any:
    if path in row.values:
        return row.values[path]
    value: Any = row.values
    for step in path.split("."):
        if not (isinstance(value, Mapping) and step in value):
            there = ", ".join(row.values) or "none"
            raise UserError(f"{row.place}: there is no column '{path}' to map; there are: {there}.")
        value = value[step]
    return value


def _open(source: str, split: str) -> Iterator[Row]:
    path = Path(source)
    if path.is_dir():
        return _folder(path, split)
    if path.is_file():
        return _file(path)
    if found := HUB_SET.fullmatch(source):
        return _hub(found, split)
    raise UserError(f"There is no file or folder '{source}'.")


def _file(path: Path) -> Iterator[Row]:
    kinds = {".jsonl": _json_lines, ".json": _json, ".csv": _csv, ".parquet": _parquet}
    suffix = next((s for s in reversed(path.suffixes) if s != ".gz"), "")
    if suffix not in kinds:
        raise UserError(f"'{path}' is of no kind known here; known are: {', '.join(kinds)}, also with .gz.")
    return _readable(path, kinds[suffix](path))


def _readable(path: Path, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, until the file turns out to be damaged or closed to us."""
    try:
        yield from rows
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        said = (getattr(error, "strerror", None) or str(error)).partition("\n")[0]
        raise UserError(f"{path}: cannot be read ({said}).") from None


def _folder(path: Path, split: str) -> Iterator[Row]:
    if (path / "dataset_info.json").exists() or (path / "dataset_dict.json").exists():
        from datasets import DatasetDict, load_from_disk

        try:
            found = load_from_disk(str(path))
        except (OSError, ValueError) as error:
            raise UserError(f"{path}: not a whole datasets folder ({error}).") from None
        if isinstance(found, DatasetDict):
            found = _split_of(found, split, str(path))
        return _numbered(found, str(path))
    kinds = (".parquet", ".jsonl")
    files = sorted(p for p in path.rglob("[!.]*") if p.suffix in kinds and p.is_file())
    if not files:
        raise UserError(f"'{path}' holds no Parquet or JSON Lines file.")
    return (row for file in files for row in _file(file))


def _hub(source: re.Match[str], split: str) -> Iterator[Row]:
    from datasets import load_dataset

    name, config, revision = source["name"], source["config"], source["revision"]
    try:
        found = load_dataset(name, config, split=split, revision=revision, streaming=True)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise UserError(f"There is no file '{source[0]}', and the Hub gives no such set: {why}") from None
    return _numbered(found, source[0])


def _split_of(found: Any, split: str, source: str) -> Any:
    if split not in found:
        raise UserError(f"'{source}' has no split '{split}'; there are: {', '.join(found)}.")
    return found[split]


def _numbered(rows: Iterable[Mapping[str, Any]], source: str) -> Iterator[Row]:
    return (Row(f"{source}, row {number}", row) for number, row in enumerate(rows, 1))


def _text(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _json_lines(path: Path) -> Iterator[Row]:
    with _text(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                place = f"{path}, line {number}"
                yield Row(place, _object(line, place))


def _object(text: bytes, place: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{place}: not valid JSON ({error}).") from None
    if not isinstance(value, dict):
        raise UserError(f"{place}: not a JSON object but {type(value).__name__}.")
    return value


def _json(path: Path) -> Iterator[Row]:
    with _text(path) as file:
        try:
            value = json.load(file)
        except (ValueError, RecursionError) as error:
            raise UserError(
                f"{path}: not valid JSON ({error}); is it JSON Lines? Then name it .jsonl."
            ) from None
    if not (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
        raise UserError(f"{path}: not a list of JSON objects.")
    return _numbered(value, str(path))


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)  # its own limit is 128 KiB, less than a long chain
    with io.TextIOWrapper(_text(path), encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            if None in row or None in row.values():
                raise UserError(f"{path}, row {number}: not as many cells as the header has.")
            yield Row(f"{path}, row {number}", row)


def _parquet(path: Path) -> Iterator[Row]:
    try:
        file = pq.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a Parquet file ({str(error).splitlines()[0]}).") from None
    number = 0
    for batch in file.iter_batches(1024):
        for row in batch.to_pylist():
            number += 1
            yield Row(f"{path}, row {number}", row)
