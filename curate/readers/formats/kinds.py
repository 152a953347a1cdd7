"""What a file is: its first bytes tell, and its name where they do not. What we do not read is named with the way out."""

from __future__ import annotations

import shlex
from typing import Final, Literal

from curate.readers.formats.encodings import refuse_wide_text
from filters.errors import UserError

Kind = Literal["json lines", "json", "table", "parquet", "arrow file", "arrow stream", "empty"]

HEAD: Final = 1 << 16
"""Bytes at the beginning of a file that are looked at."""

SUFFIXES: Final[dict[str, Kind]] = {
    ".jsonl": "json lines", ".ndjson": "json lines", ".jsonlines": "json lines", ".json": "json",
    ".csv": "table", ".tsv": "table", ".tab": "table",
    ".parquet": "parquet", ".pq": "parquet", ".arrow": "arrow file", ".feather": "arrow file", ".ipc": "arrow file",
}  # fmt: skip
PACKINGS: Final = (".gz", ".bz2", ".xz", ".zst")

_MAGIC: Final[dict[bytes, Kind]] = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow file",
    b"\xff\xff\xff\xff": "arrow stream",
}
_TO_JSON: Final = ".to_json('rows.jsonl', orient='records', lines=True)"
_FOREIGN: Final = (
    (b"version https://git-lfs", "a Git LFS pointer, not the data itself", "Fetch the data: git lfs pull"),
    (b"# xet version", "a Xet pointer, not the data itself", "Fetch the data: git xet install && git pull"),
    (b"PARE", "an encrypted Parquet file", "Write it without encryption first"),
    (b"FEA1", "an old Feather file (version 1)", f"Write it anew: python -c \"import pandas; pandas.read_feather(FILE){_TO_JSON}\""),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office file", "Save it as 'CSV UTF-8' in Excel and give that"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first: 7z x FILE"),
    (b"Rar!", "a RAR archive", "Unpack it first: unrar x FILE"),
    (b"\x04\x22\x4d\x18", "packed with lz4", "Unpack it first: lz4 -d FILE"),
    (b"SQLite format 3\0", "an SQLite database", "Write a table of it: sqlite3 -csv -header FILE 'select * from TABLE' > rows.csv"),
    (b"\x93NUMPY", "a NumPy array", "Write its rows as JSON Lines or Parquet first"),
    (b"\x89HDF", "an HDF5 file", "Write its rows as JSON Lines or Parquet first"),
    (b"Obj\x01", "an Avro file", "Write its rows as JSON Lines or Parquet first"),
    (b"ORC", "an ORC file", "Write its rows as Parquet first: python -c \"import pandas; pandas.read_orc(FILE).to_parquet('rows.parquet')\""),
    (b"%PDF", "a PDF document", "Give the data it was made from"),
    (b"\x1f\x8b", "packed twice", "Unpack it once first: gunzip FILE"),
    (b"BZh", "packed twice", "Unpack it once first: bunzip2 FILE"),
    (b"\xfd7zXZ", "packed twice", "Unpack it once first: unxz FILE"),
    (b"\x28\xb5\x2f\xfd", "packed twice", "Unpack it once first: unzstd FILE"),
)  # fmt: skip
_ZEROS: Final = 8
"""Zero bytes that no text has at its beginning."""

_PAGES: Final = (b"<!doctype html", b"<html", b"<?xml", b"<head", b"<!--")


def tell_kind(name: str, head: bytes) -> Kind:
    """The kind of a file, unpacked, by its first bytes and its name. Raises UserError for one that is not read here."""
    if not head:
        return "empty"
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    _refuse_foreign(name, head)
    refuse_wide_text(name, head)
    if head[:512].count(0) >= _ZEROS:
        raise UserError(
            f"{name}: this is binary data of no kind that is read here. Write its rows as JSON Lines or Parquet first."
        )
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    named = SUFFIXES.get(suffix_of(name))
    if named in ("json lines", "json"):
        return named
    if begin[:1] == b"{" or begin[:2] in (b"[{", b"[\n", b"[\r") or (begin[:1] == b"[" and named != "table"):
        return "json"
    if named == "table":
        return named
    if named is not None:
        what = "a Parquet" if named == "parquet" else "an Arrow"
        raise UserError(
            f"{name}: not {what} file, though its name says so; it begins with {show(head)}. Get it again, or give it the name of what it is."
        )
    known = ", ".join(SUFFIXES)
    raise UserError(
        f"'{name}' has an unknown format; known formats: {known}, also with {', '.join(PACKINGS)}."
    )


def suffix_of(name: str) -> str:
    """The suffix that tells the kind: .jsonl of rows.jsonl.gz."""
    last = name.rpartition("/")[2].lower()
    for packing in PACKINGS:
        last = last.removesuffix(packing)
    return "." + last.rpartition(".")[2] if "." in last else ""


def show(text: bytes) -> str:
    """The beginning of a text, safe to print."""
    return repr(text[:40].decode("utf-8", "replace"))


def _refuse_foreign(name: str, head: bytes) -> None:
    for magic, what, todo in _FOREIGN:
        if head.startswith(magic):
            raise UserError(f"{name}: this is {what}. {todo.replace('FILE', shlex.quote(name))}.")
    if head.startswith(b"PK\x03\x04"):
        raise UserError(f"{name}: {_describe_zip(name, head)}")
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        raise UserError(
            f"{name}: this is a Python pickle, which can run code when it is loaded, so it is never opened here. "
            f"Where you trust it, write its rows as JSON Lines: pandas.read_pickle({name!r}){_TO_JSON}."
        )
    if head[257:262] == b"ustar":
        raise UserError(
            f"{name}: this is a tar archive. Unpack it first (tar -xf {shlex.quote(name)}) and give the folder."
        )
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:20].lower().startswith(_PAGES):
        raise UserError(
            f"{name}: this is a web page, not data: perhaps an error or a login page saved in its place. "
            "Download the file again (on the Hub by its 'resolve' address, not 'blob')."
        )
    if name.lower().endswith(".ipynb"):
        raise UserError(
            f"{name}: this is a notebook. In it, write the rows to a file ({_TO_JSON[1:]}) and give that."
        )


def _describe_zip(name: str, head: bytes) -> str:
    if name.lower().endswith((".xlsx", ".xlsm")) or b"xl/" in head or b"[Content_Types].xml" in head:
        return "this is an Excel workbook. Save it as 'CSV UTF-8' in Excel and give that."
    if name.lower().endswith((".pt", ".pth", ".bin")) or b"/data.pkl" in head:
        return "this is a PyTorch file, which can run code when it is loaded. Write its rows as JSON Lines first."
    if name.lower().endswith(".ods") or b"opendocument.spreadsheet" in head:
        return "this is an OpenDocument spreadsheet. Save it as CSV in UTF-8 and give that."
    return f"this is a zip archive. Unpack it first (unzip {shlex.quote(name)}) and give what was in it."
