"""Tables as text: CSV with commas, semicolons or bars, and TSV. Cells stay the texts they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, Final

from curate.readers.formats.encodings import refuse_encoding
from curate.readers.formats.kinds import HEAD, suffix_of
from curate.readers.formats.opening import OpenFile
from curate.readers.row import Row
from filters.errors import UserError

DELIMITERS: Final = (",", "\t", ";", "|")
LONGEST_CELL: Final = 1 << 28
"""Characters of a cell; a quote that is never closed would make one of all the rest."""

LONGEST_NAME: Final = 200
"""Characters of a column's name; what is longer is a text, so the header is missing."""

_NUMBER: Final = re.compile(r"\s*-?\d+([.,]\d+)?\s*")
_SEPARATOR: Final = re.compile('\ufeff?"?sep=(.)"?\r?\n?', re.IGNORECASE)


def read_table(file: OpenFile) -> Iterator[Row]:
    """The rows of a table with a header. Raises UserError where a row has not as many cells as the header."""
    csv.field_size_limit(LONGEST_CELL)  # its own limit is 128 KiB, less than a long chain
    name, number = file.place.name, 0
    delimiter, skipped = _tell_delimiter(file)
    text = io.TextIOWrapper(file.bytes, encoding="utf-8-sig", newline="")
    for _ in range(skipped):
        text.readline()
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not cells:
                continue
            if header is None:
                header = _check_header(name, cells)
                continue
            number += 1
            if len(cells) != len(header):
                raise _refuse_ragged(
                    f"{name}, row {number}", cells, header, reader.line_num + skipped, delimiter
                )
            yield Row(f"{name}, row {number}", dict(zip(header, cells, strict=True)))
    except UnicodeDecodeError as error:
        near = error.object[max(0, error.start - 2000) : error.start + 2000]
        raise refuse_encoding(f"{name}, row {number + 1} or later", name, near) from None
    except csv.Error as error:
        raise UserError(
            f"{name}, row {number + 1} (line {reader.line_num + skipped}): not valid CSV ({error}). A quote inside a quoted cell is "
            'written twice (""), and each quote is closed; has the file been cut off?'
        ) from None


def _tell_delimiter(file: OpenFile) -> tuple[str, int]:
    """The delimiter, and the lines before the header: Excel's `sep=;` says it, else the header and the first rows do."""
    head = file.bytes.peek(HEAD)[:HEAD]
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    if said := _SEPARATOR.match(text):
        return said[1], 1
    whole = len(head) < HEAD
    widths = {delimiter: _widths(text, delimiter, whole) for delimiter in DELIMITERS}
    even = [d for d in DELIMITERS if len(set(widths[d])) == 1 and widths[d][0] > 1]
    wide = {delimiter: counts[0] for delimiter, counts in widths.items() if counts and counts[0] > 1}
    if suffix_of(file.place.name) in (".tsv", ".tab") and "\t" in wide:
        return "\t", 0
    if not wide:
        return ",", 0
    best = even or list(wide)
    return max(best, key=lambda delimiter: wide[delimiter]), 0


def _widths(text: str, delimiter: str, whole: bool) -> list[int]:
    """How many cells the header and the first rows have."""
    counts: list[int] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            counts.extend([len(cells)] if cells else [])
    except csv.Error:
        return counts
    return counts if whole or len(counts) < 2 else counts[:-1]


def _check_header(name: str, cells: list[str]) -> list[str]:
    todo = "The first line must name the columns, as prompt,response"
    for cell in cells:
        if _NUMBER.fullmatch(cell) or len(cell) > LONGEST_NAME or "\n" in cell:
            raise UserError(
                f"{name}, line 1: {cell[:40]!r} is no column's name, so there seems to be no header. {todo}; add such a line."
            )
    twice = sorted({cell for cell in cells if cells.count(cell) > 1})
    if twice:
        raise UserError(
            f"{name}, line 1: several columns have the name {twice[0]!r}. {todo}, each another name."
        )
    return cells


def _refuse_ragged(place: str, cells: list[str], header: list[str], line: int, delimiter: str) -> UserError:
    sign: dict[str, Any] = {"\t": "tab", ",": "comma", ";": "semicolon"}
    return UserError(
        f"{place} (line {line}): {len(cells)} cells, but the header has {len(header)}: {', '.join(header[:8])}. "
        f'Put a cell that holds a {sign.get(delimiter, delimiter)} or a line end in quotes ("…"), and see that the first line is the header.'
    )
