"""JSON in files: one object a line, which is read fastest, or a list, objects over several lines, and one object around it all."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Any, Final

import msgspec

from curate.readers.formats.encodings import refuse_encoding
from curate.readers.formats.json_objects import rows_of_object
from curate.readers.formats.json_values import JsonValues, explain, is_cut
from curate.readers.formats.opening import OpenFile, chain_bytes
from curate.readers.row import Row, number_rows
from filters.errors import UserError

_DECODER: Final = msgspec.json.Decoder()
"""What it takes it reads as `json` does, in half the time."""
FIRST_LINE: Final = 1 << 24
"""Bytes of the first line that are tried as one object; a longer one is read bit by bit."""


def read_json(file: OpenFile, split: str) -> Iterator[Row]:
    """The rows of a JSON file. `split` chooses where one object holds several splits by name."""
    first, number = _first_line(file.bytes)
    value = _try_value(f"{file.place.name}, line {number}", file.place.name, first)
    if not isinstance(value, dict):
        if isinstance(value, list) and _pass_blanks(file.bytes) is not None:
            raise UserError(
                f'{file.place.name}, line {number}: not a JSON object but a list, and more lines follow. Write each row as an object, as {{"messages": […]}}.'
            )
        return _read_values(file, chain_bytes(b"\n" * (number - 1) + first, file.bytes), split)
    passed = 0
    if file.kind == "json":
        blanks = _pass_blanks(file.bytes)
        if blanks is None:
            return number_rows(rows_of_object(value, file.place.name, split), file.place.name)
        passed = blanks
    return _read_lines(file.place.name, chain([(number, first)], enumerate(file.bytes, number + 1 + passed)))


def _first_line(file: IO[bytes]) -> tuple[bytes, int]:
    """The first line that is not blank, and its number; empty where there is none."""
    number = 1
    while (line := file.readline(FIRST_LINE)).isspace():
        number += line.endswith(b"\n")
    return line.removeprefix(b"\xef\xbb\xbf"), number


def _try_value(place: str, name: str, line: bytes) -> Any:
    """The value that the first line is; None where it is none alone."""
    try:
        return json.loads(line.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        if len(line) < FIRST_LINE:
            raise refuse_encoding(place, name, line) from None
    except (ValueError, RecursionError):
        pass
    return None


def _pass_blanks(file: io.BufferedReader) -> int | None:
    """Pass over blank lines and count them; None where nothing else follows."""
    lines = 0
    while head := file.peek(1):
        rest = head.lstrip()
        lines += file.read(len(head) - len(rest)).count(b"\n")
        if rest:
            return lines
    return None


def _read_lines(name: str, lines: Iterable[tuple[int, bytes]]) -> Iterator[Row]:
    decode = _DECODER.decode
    for at, line in lines:
        try:
            value = decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            value = _load_line(line)
            if value is None:
                for value in _mend_line(name, at, line):
                    yield Row(f"{name}, line {at}", value)
                continue
        if type(value) is not dict:
            raise UserError(f"{name}, line {at}: not a JSON object but {type(value).__name__}.")
        yield Row(f"{name}, line {at}", value)


def _load_line(line: bytes) -> Any:
    """A line that the fast decoder refused, as Python's takes it: NaN, numbers beyond floats, half an emoji; else None."""
    try:
        return json.loads(line.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None


def _mend_line(name: str, number: int, line: bytes) -> list[dict[str, Any]]:
    """The objects of a line that is not one object alone: none, one with a comma after it, or several."""
    place = f"{name}, line {number}"
    try:
        text = line.decode("utf-8", "surrogatepass").lstrip("\ufeff")
    except UnicodeDecodeError:
        raise refuse_encoding(place, name, line) from None
    rest, decoder, values = text.strip(), json.JSONDecoder(), []
    try:
        while rest := rest.lstrip(", \t\r\n"):
            value, end = decoder.raw_decode(rest)
            if not isinstance(value, dict):
                raise UserError(f"{place}: not a JSON object but {type(value).__name__}.")
            values.append(value)
            rest = rest[end:]
    except json.JSONDecodeError as error:
        if not line.endswith(b"\n") and rest.startswith("{") and is_cut(rest, error):
            raise UserError(
                f"{place}: not valid JSON: the file ends inside this line, so it was cut off. Get it whole again, or leave the line out."
            ) from None
        raise UserError(f"{place}: {explain(rest, error.msg)}") from None
    except (ValueError, RecursionError) as error:
        said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UserError(f"{place}: not valid JSON ({said}).") from None
    return values


def _read_values(file: OpenFile, text: IO[bytes], split: str) -> Iterator[Row]:
    """The rows of a list, or of objects over several lines."""
    name = file.place.name
    values = JsonValues(name, text)
    read = values.read()
    first = next(read, None)
    if isinstance(first, dict) and file.kind == "json" and not values.is_list and values.is_done():
        yield from number_rows(rows_of_object(first, name, split), name)
        return
    for value in chain([first] if values.row else [], read):
        if not isinstance(value, dict):
            raise UserError(f"{name}, row {values.row}: not a JSON object but {type(value).__name__}.")
        yield Row(f"{name}, row {values.row}", value)
