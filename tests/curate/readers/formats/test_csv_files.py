"""Tables come as spreadsheets leave them; one whose cells do not fit its header is refused."""

from pathlib import Path

import pytest

from curate.readers.read_rows import read_rows
from filters.errors import UserError


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", 'prompt,response\n"a, b","c\nd; e"\n'),
        ("semicolon.csv", 'prompt;response\na, b;"c\nd; e"\n'),
        ("excel.csv", '\ufeffsep=;\r\nprompt;response\r\na, b;"c\nd; e"\r\n'),
        ("mark.csv", '\ufeffprompt,response\r\n"a, b","c\nd; e"\r\n'),
        ("tabs.csv", 'prompt\tresponse\na, b\t"c\nd; e"\n'),
        ("tabs.tsv", 'prompt\tresponse\na, b\t"c\nd; e"\n'),
        ("bars.csv", 'prompt|response\na, b|"c\nd; e"\n'),
        ("blank_lines.csv", '\nprompt,response\n\n"a, b","c\nd; e"\n\n'),
    ],
)
def test_the_delimiter_is_told_from_the_table(tmp_path: Path, name: str, content: str):
    path = tmp_path / name
    path.write_bytes(content.encode())
    (row,) = read_rows(str(path))
    assert row.values == {"prompt": "a, b", "response": "c\nd; e"}


def test_a_header_with_another_delimiter_in_a_name_is_told_by_its_rows(tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("prompt;response, all;id, or so\na;b;1\nc;d, e, f;2\n")
    assert [row.values["response, all"] for row in read_rows(str(path))] == ["b", "d, e, f"]


def test_cells_stay_texts_and_may_be_long(tmp_path: Path):
    path = tmp_path / "t.csv"
    long = "x" * 300_000
    path.write_text(f'id,prompt,response\n007,"[{{""role"": ""user""}}]",{long}\n,NaN,\n')
    assert [tuple(row.values.values()) for row in read_rows(str(path))] == [
        ("007", '[{"role": "user"}]', long),
        ("", "NaN", ""),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("prompt,response\na,b\nhello, you,c\n", r"row 2 \(line 3\): 3 cells, but the header has 2: prompt, response"),
        ("prompt\nhi\nyou, me\n", r"row 2 \(line 3\): 2 cells, but the header has 1"),
        ("What is 1+1?,2\nWhat is 2+2?,4\n", "line 1: '2' is no column's name, so there seems to be no header"),
        (f"{'Why? ' * 50},b\nc,d\n", "line 1: 'Why?.* is no column's name"),
        ("a,a\n1,2\n", "line 1: several columns have the name 'a'"),
        ('prompt,response\na,"b\nc,d\n', r"row 1 \(line 3\): not valid CSV \(unexpected end of data\)"),
        ('prompt,response\na,"say \\"hi\\" x"\n', r"row 1 \(line 2\): not valid CSV"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_refused(tmp_path: Path, content: str, message: str):
    path = tmp_path / "t.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=f"t.csv, {message}"):
        list(read_rows(str(path)))
