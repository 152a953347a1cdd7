"""What is not a file of rows, or not in UTF-8, is refused in one sentence that says what it is and what to type next."""

import functools
import gzip
import io
import pickle
import zipfile
from pathlib import Path

import pytest

from curate.readers.formats.encodings import guess_encoding
from curate.readers.read_rows import read_rows
from filters.errors import UserError

pack_gzip = functools.partial(
    gzip.compress, mtime=0
)  # tests are called after what they are given, which must not change

LINES = '{"prompt": "Café – “naïve” 李?"}\n'
EUROPEAN = '{"prompt": "Café naïve – “so”"}\n'


def zip_of(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("powershell.jsonl", LINES.encode("utf-16"), "the text is UTF-16, .*: iconv -f UTF-16 -t UTF-8 .* > .*powershell.utf8.jsonl"),
        ("bare.jsonl", LINES.encode("utf-16-le"), "the text is UTF-16LE"),
        ("bare.csv", b"\0p\0r\0o\0m\0p\0t\0,\0a\0\n", "the text is UTF-16BE"),
        ("wide.csv", "prompt\nhi\n".encode("utf-32"), "the text is UTF-32"),
        ("latin.jsonl", EUROPEAN.encode("cp1252"), "line 1: the text is not UTF-8; it seems to be windows-1252. Convert it: iconv -f WINDOWS-1252"),
        ("latin.jsonl.gz", pack_gzip(EUROPEAN.encode("cp1252")), r"line 1: .* gunzip -c .*latin.jsonl.gz \| iconv -f WINDOWS-1252 .* > .*latin.utf8.jsonl"),
        ("latin.csv", "prompt\nCafé\n".encode("cp1252"), "row 1 or later: .* windows-1252"),
        ("latin.json", f"[{EUROPEAN}]".encode("cp1252"), "line 1: .* windows-1252"),
        ("broken.jsonl", LINES.encode() + LINES.encode().replace(b"?", b"\xff"), "line 2: broken bytes among text that is otherwise UTF-8.* iconv -c"),
        ("book.xlsx", zip_of("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook. Save it as 'CSV UTF-8'"),
        ("book.csv", zip_of("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Office file"),
        ("rows.zip", zip_of("rows.jsonl"), r"a zip archive. Unpack it first \(unzip .*rows.zip\)"),
        ("model.pt", zip_of("model/data.pkl"), "a PyTorch file, which can run code"),
        ("rows.parquet", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer, .*: git lfs pull"),
        ("rows.jsonl", b"\n<!DOCTYPE html>\n<html></html>", "a web page, not data"),
        ("rows.pkl", pickle.dumps([1]), "a Python pickle, which can run code .* never opened"),
        ("pickle.jsonl", pickle.dumps({"prompt": 1}), "a Python pickle"),
        ("twice.jsonl.gz", pack_gzip(pack_gzip(b"{}")), "packed twice. .*: gunzip"),
        ("rows.tar.gz", pack_gzip(b"a" * 257 + b"ustar" + b"0" * 300), r"a tar archive. Unpack it first \(tar -xf"),
        ("rows.parquet.gz", pack_gzip(b"PAR1" + b"0" * 30 + b"PAR1"), "a packed Parquet file .* Unpack it first"),
        ("rows.db", b"SQLite format 3\0", "an SQLite database"),
        ("weights.jsonl", bytes(range(9)) * 9, "binary data of no kind that is read here"),
        ("lab.ipynb", b'{"cells": []}', "a notebook"),
        ("rows.parquet", b"prompt,answer\n", "not a Parquet file, though its name says so; it begins with 'prompt,answer"),
        ("notes.txt", b"hello", "has an unknown format; known formats: .jsonl"),
        ("bad.jsonl.gz", pack_gzip(b"{}\n")[:-8] + b"12345678", "cannot be read .CRC check failed"),
    ],
)  # fmt: skip
def test_a_foreign_file_is_refused_in_a_sentence(tmp_path: Path, name: str, content: bytes, message: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"{name}.*{message}") as refused:
        list(read_rows(str(path)))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Grüße aus Köln", "cp1252"),
        ("中文推理：这个问题的答案是四十二。", "gb18030"),
        ("日本語のテキストです。答えは四十二です。", "shift_jis"),
        ("Ответ на вопрос: сорок два", "cp1251"),
        ("한국어 텍스트입니다", "euc_kr"),
    ],
)
def test_encodings_are_guessed(text: str, encoding: str):
    name = encoding.replace("cp", "windows-").replace("_", "-")
    assert guess_encoding(b'{"prompt": "' + text.encode(encoding) + b'"}') == name
