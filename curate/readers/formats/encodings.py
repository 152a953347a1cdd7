"""Text that is not UTF-8 is refused, and its user told what it seems to be and how to convert it."""

from __future__ import annotations

import re
import shlex
from typing import Final

from filters.errors import UserError

_MARKS: Final = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_UNPACK: Final = {"gz": "gunzip -c", "bz2": "bunzip2 -c", "xz": "xz -dc", "zst": "zstd -dc --long=31"}
_MULTIBYTE: Final = re.compile(
    rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}"
)
_GUESSED: Final = (
    "cp1252", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256",
)  # fmt: skip
_GUESSED_FROM: Final = 1 << 16
"""Bytes that are looked at for a guess."""


def refuse_wide_text(name: str, head: bytes) -> None:
    """Refuse a file whose beginning is UTF-16 or UTF-32, by its mark or by its zero bytes."""
    found = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    if found is None and len(head) >= 8:
        even, odd = head[:400:2].count(0), head[1:400:2].count(0)
        most = len(head[:400]) // 3  # of each half, two thirds
        if odd > most and not even:
            found = "UTF-16LE"
        elif even > most and not odd:
            found = "UTF-16BE"
    if found is not None:
        raise UserError(
            f"{name}: the text is {found}, not UTF-8 (Windows PowerShell writes such files). {convert(name, found)}"
        )


def refuse_encoding(where: str, name: str, near: bytes) -> UserError:
    """What to say of bytes that are no UTF-8; `near` is the text around them."""
    if _MULTIBYTE.search(near):
        return UserError(
            f"{where}: broken bytes among text that is otherwise UTF-8. Get the file again, or drop them: "
            f"{_command(name, 'iconv -c -f UTF-8 -t UTF-8')}"
        )
    encoding = guess_encoding(near)
    return UserError(f"{where}: the text is not UTF-8; it seems to be {encoding}. {convert(name, encoding)}")


def convert(name: str, encoding: str) -> str:
    """How to convert a file to UTF-8."""
    return f"Convert it: {_command(name, f'iconv -f {encoding.upper()} -t UTF-8')}"


def guess_encoding(near: bytes) -> str:
    """The likeliest encoding of bytes that are no UTF-8, as iconv calls it."""
    near = near[:_GUESSED_FROM]
    runs = re.findall(rb"[\x80-\xff]+", near)
    alone = sum(len(run) == 1 for run in runs)
    if 2 * alone >= len(runs):  # accents among Latin letters
        return "windows-1252"
    from charset_normalizer import from_bytes

    best = from_bytes(near, cp_isolation=list(_GUESSED)).best()
    found = best.encoding if best is not None else "cp1252"
    return found.replace("cp", "windows-").replace("_", "-")


def _command(name: str, command: str) -> str:
    stem, _, ending = name.rpartition(".")
    file = shlex.quote(name)
    if ending in _UNPACK:
        return f"{_UNPACK[ending]} {file} | {command} > {shlex.quote(_rename(stem))}"
    return f"{command} {file} > {shlex.quote(_rename(name))}"


def _rename(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.utf8.{ending}" if dot else f"{name}.utf8"
