"""Each row's licence comes from where it is said, and rows of which nobody says it are counted."""

import json
from pathlib import Path

from curate.readers.cards import read_licence
from curate.selection.licences import LicenceEntry, tell_licences
from curate.stages.mix import MixOptions, mix_samples


def write_rows(file: Path, *licences: str | None) -> str:
    file.parent.mkdir(exist_ok=True)
    rows = [
        {"prompt": f"{file.stem} {n}", "response": f"answer {n}", "source": f"book {n % 2}", **({"license": one} if one else {})}
        for n, one in enumerate(licences)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(file)


def test_a_licence_is_that_of_the_option_else_the_row_else_the_card(tmp_path: Path):
    rows = write_rows(tmp_path / "rows.jsonl", "mit", "mit", None, "cc-by-nc-4.0")
    write_rows(tmp_path / "carded" / "train.jsonl", None, "mit")
    (tmp_path / "carded" / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n")
    given = write_rows(tmp_path / "given.jsonl", "mit")
    made = mix_samples(
        MixOptions(
            files=[rows, str(tmp_path / "carded"), f"{given}:licence=apache-2.0"], out=tmp_path / "set"
        )
    )
    found = {(one.source, one.row_source, one.licence, one.said_by, one.rows) for one in made.licences}
    assert found == {
        ("rows", "book 0", "mit", "row", 1),
        ("rows", "book 1", "mit", "row", 1),
        ("rows", "book 0", None, "nobody", 1),
        ("rows", "book 1", "cc-by-nc-4.0", "row", 1),
        ("carded", "book 0", "cc-by-4.0", "card", 1),
        ("carded", "book 1", "mit", "row", 1),
        ("given", "book 0", "apache-2.0", "option", 1),
    }
    assert tell_licences(made.licences) == [
        "Nobody says under which licence 1 rows of 'rows' stand: give the source licence=…, if you know it.",
        "Rows under cc-by-nc-4.0 keep the whole set from commercial use.",
    ]
    info = json.loads((tmp_path / "set.json").read_text())
    assert [LicenceEntry(**one) for one in info["licences"]] == list(made.licences)


def test_held_out_rows_are_counted_apart(tmp_path: Path):
    rows = write_rows(tmp_path / "rows.jsonl", "mit", None, "mit", None)
    held = tmp_path / "held.jsonl"
    held.write_text(json.dumps({"prompt": "rows 2"}) + "\n" + json.dumps({"prompt": "rows 3"}) + "\n")
    made = mix_samples(MixOptions(files=[rows], out=tmp_path / "set", holdout=str(held)))
    assert {(one.licence, one.rows, one.held_out) for one in made.licences} == {("mit", 1, 1), (None, 1, 1)}
    assert "1 rows of 'rows' and 1 held-out ones stand" in "".join(tell_licences(made.licences))


def test_a_models_own_terms_are_said_to_be_unknown():
    entry = LicenceEntry(source="a", row_source="", licence="mit", said_by="row", model="org/model", rows=3)
    assert tell_licences([entry]) == [
        "The completions of org/model stand under the terms of their model, too, which are not looked up."
    ]


def test_a_cards_licence_is_read_where_it_declares_one():
    assert read_licence(b"---\nlicense: mit\n---\n", "x") == "mit"
    assert read_licence(b"---\nlicense: [mit, gpl]\n---\n", "x") is None
    assert read_licence(b"no header", "x") is None
