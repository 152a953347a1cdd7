"""JSON values one after the other, whatever stands between them: a list is read one element at a time, so that one of gigabytes streams."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any, Final

from curate.readers.formats.encodings import refuse_encoding
from filters.errors import UserError

CHUNK: Final = 1 << 20
LARGEST_VALUE: Final = 1 << 30
"""Characters of one row, or of a whole file that holds one object: it is read into memory."""

_BLANK: Final = " \t\r\n\ufeff"
_DECODER: Final = json.JSONDecoder()


class JsonValues:
    """Reads values from a file of JSON text; `name` is the file's, for messages. `row` is the number of the value read last."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name, self.row, self.is_list = name, 0, False
        self._file, self._text, self._at, self._lines, self._is_end = file, "", 0, 1, False
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogatepass").decode

    def read(self) -> Iterator[Any]:
        """The elements of the list that the file is, or else its values one after the other."""
        self.is_list = self._next_mark() == "["
        self._at += self.is_list
        yield from self._read_values("," + _BLANK, "]" if self.is_list else "")
        if self.is_list:
            if self._next_mark() != "]":
                raise self._refuse_cut()
            self._at += 1
            if self._next_mark():
                raise UserError(
                    f"{self.name}, line {self._line()}: after the end of the list there is more. A file is one list, or has one object a line."
                )

    def _read_values(self, between: str, end: str) -> Iterator[Any]:
        while (mark := self._next_mark(between)) and mark != end:
            self.row += 1
            if not end and mark not in "{[":
                raise UserError(f"{self._place()}: {explain(self._text[self._at : self._at + 200], '')}")
            yield self._read_value()

    def is_done(self) -> bool:
        """Whether nothing follows but blanks."""
        return not self._next_mark()

    def _next_mark(self, passed: str = _BLANK) -> str:
        """The next character that is not one of those passed over; empty at the end."""
        while True:
            while self._at < len(self._text):
                if (mark := self._text[self._at]) not in passed:
                    return mark
                self._at += 1
            if not self._read_more():
                return ""

    def _read_value(self) -> Any:
        while True:
            try:
                value, self._at = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise UserError(f"{self._place()}: not valid JSON (nested too deeply).") from None
            except json.JSONDecodeError as error:
                unfinished = error.pos >= len(self._text) - 16 or error.msg.startswith("Unterminated string")
                if not (unfinished and self._read_more()):
                    raise self._refuse(error, unfinished) from None
            except ValueError as error:
                raise UserError(f"{self._place()}: not valid JSON ({error}).") from None
            else:
                return value

    def _read_more(self) -> bool:
        """Read on, the more the longer the value is, so that a long one is not tried again too often."""
        if self._is_end:
            return False
        self._lines += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :], 0
        if len(self._text) > LARGEST_VALUE:
            raise UserError(
                f"{self._place()}: more than {LARGEST_VALUE >> 30} GiB in one JSON value, which would have to be read into memory whole. "
                "Write the file as JSON Lines, one object a line."
            )
        chunk = self._file.read(max(CHUNK, len(self._text)))
        self._is_end = not chunk
        try:
            self._text += self._decode(chunk, self._is_end)
        except UnicodeDecodeError as error:
            near = error.object[max(0, error.start - 2000) : error.start + 2000]
            raise refuse_encoding(self._place(), self.name, near) from None
        return True

    def _line(self, at: int | None = None) -> int:
        return self._lines + self._text.count("\n", 0, self._at if at is None else at)

    def _place(self, at: int | None = None) -> str:
        return f"{self.name}, line {self._line(at)}" + (f" (row {self.row})" if self.row > 1 else "")

    def _refuse(self, error: json.JSONDecodeError, unfinished: bool) -> UserError:
        if unfinished and self._is_end and is_cut(self._text, error):
            return self._refuse_cut()
        return UserError(
            f"{self._place(error.pos)}: {explain(self._text[self._at : self._at + 200], error.msg)}"
        )

    def _refuse_cut(self) -> UserError:
        return UserError(
            f"{self._place(len(self._text))}: not valid JSON: the file ends in the middle of it, so it was cut off. "
            "Get it whole again."
        )


def is_cut(text: str, error: json.JSONDecodeError) -> bool:
    """Whether a text that ends here is wrong only in that it ends."""
    left = text[error.pos :].rstrip()
    words = ("true", "false", "null", "NaN", "-Infinity", "Infinity")
    return (
        not left
        or error.msg.startswith("Unterminated string")
        or (error.msg.startswith("Invalid \\") and len(left) < 12)
        or any(word.startswith(left) for word in words)
    )


def explain(text: str, said: str) -> str:
    """What is wrong with a text that is not JSON, and what to do."""
    begin = repr(text.lstrip()[:40])
    if text.lstrip()[:2] in ("{'", '{"') and ("': " in text or ": '" in text):
        return "not valid JSON: with single quotes it is how Python shows a dict. Write the rows with json.dumps(row)."
    if text.lstrip()[:1] not in ("{", "["):
        return f'not valid JSON: it begins with {begin}. One JSON object is wanted, as {{"prompt": …}}; see what the file is: head -c 300 FILE'
    return f"not valid JSON ({said}); it begins with {begin}."
