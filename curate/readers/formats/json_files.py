"""JSON Lines and JSON files, compressed or not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from curate.readers.row import Row, number_rows
from filters.errors import UserError


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file for reading, decompressed where it is named .gz."""
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def read_json_lines(path: Path) -> Iterator[Row]:
    """The rows of a JSON Lines file, one object a line; blank lines are skipped."""
    with open_bytes(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                place = f"{path}, line {number}"
                yield Row(place, _parse_object(line, place))


def _parse_object(text: bytes, place: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{place}: not valid JSON ({error}).") from None
    if not isinstance(value, dict):
        raise UserError(f"{place}: not a JSON object but {type(value).__name__}.")
    return value


def read_json(path: Path) -> Iterator[Row]:
    """The rows of a JSON file that holds a list of objects."""
    with open_bytes(path) as file:
        try:
            value = json.load(file)
        except (ValueError, RecursionError) as error:
            raise UserError(
                f"{path}: not valid JSON ({error}); is it JSON Lines? Then name it .jsonl."
            ) from None
    if not (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
        raise UserError(f"{path}: not a list of JSON objects.")
    return number_rows(value, str(path))
