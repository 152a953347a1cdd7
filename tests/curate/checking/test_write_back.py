"""What comes out of a file is what went in, with what was judged and the verdicts beside it."""

import datetime
import decimal
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.checking import run_checks, run_or_file
from curate.readers.read_samples import Traces
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.verify import VerifyOptions, verify_samples
from filters.errors import UserError
from tests.curate.checking.here import Here

GOOD = "<think>\nTwo and two make four, as everybody knows.\n</think>\n\n\\boxed{4}"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_checks, "LocalExecutor", Here)


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def check(source: Path, out: Path, *checks: str, **more: Any) -> list[dict[str, Any]]:
    filter_samples(FilterOptions(source=str(source), out=out, check=checks or ("format",), **more))
    return read(out)


def read(out: Path) -> list[dict[str, Any]]:
    if out.suffix == ".parquet":
        return list(pq.read_table(out).to_pylist())
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def row(**more: Any) -> dict[str, Any]:
    return {"prompt": "2+2?", "answer": "4", "response": GOOD, **more}


def test_a_row_that_holds_several_gives_each_with_its_own_verdicts(tmp_path: Path):
    several = {
        "problem": "2+2?",
        "answer": "4",
        "generations": [GOOD, "<think>\nso", None],
        "correct": [True, None, False],
    }
    rows = check(write(tmp_path / "in.jsonl", several, row()), tmp_path / "out.jsonl")
    assert [one.get("generation") for one in rows] == [0, 1, 2, None]
    assert [one["kept"] for one in rows] == [True, False, False, True]
    assert [sorted(one["verdicts"]) for one in rows] == [
        ["correct", "format"],
        ["format"],
        ["correct", "format"],
        ["format"],
    ]
    assert all(one["generations"] == several["generations"] for one in rows[:3])


def test_its_own_output_gets_the_verdicts_of_both_and_the_same_check_again_replaces_its_own(tmp_path: Path):
    source = write(
        tmp_path / "in.jsonl", {"problem": "2+2?", "answer": "5", "generations": [GOOD, "<think>"]}
    )
    check(source, tmp_path / "1.jsonl")
    verify_samples(VerifyOptions(source=str(tmp_path / "1.jsonl"), out=tmp_path / "2.jsonl"))
    rows = read(tmp_path / "2.jsonl")
    assert [{label: v["ok"] for label, v in one["verdicts"].items()} for one in rows] == [
        {"format": True, "math_answer": False},
        {"format": False, "math_answer": False},
    ]
    assert not any(one["kept"] for one in rows)
    again = check(tmp_path / "2.jsonl", tmp_path / "3.jsonl")
    assert again == rows


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_column_of_ours_that_means_something_else_is_kept_and_told(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
):
    source = write(tmp_path / "in.jsonl", row(kept="in the cellar", verdicts="two to one", generation=7))
    (one,) = check(source, tmp_path / f"out{suffix}")
    assert (one["input_kept"], one["input_verdicts"], one["generation"]) == ("in the cellar", "two to one", 7)
    assert one["kept"] is True
    assert one["verdicts"]["format"]["ok"] is True
    assert "kept as 'input_kept'" in caplog.text


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_response_that_held_turns_is_kept_and_asked_again_the_same(tmp_path: Path, suffix: str):
    turns = [
        {"role": "assistant", "content": "Which?"},
        {"role": "user", "content": "2+2."},
        {"role": "assistant", "content": GOOD},
    ]
    source = write(tmp_path / "in.jsonl", {"prompt": "Add it.", "response": turns, "answer": "4"})
    (one,) = check(source, tmp_path / f"out{suffix}")
    assert (one["response"], one["input_response"]) == (GOOD, turns)
    assert read_asked(source) == read_asked(tmp_path / f"out{suffix}") == ["Add it.", "Which?", "2+2."]


def read_asked(path: Path) -> list[str]:
    traces = Traces(str(path))
    (found,) = traces.make_reader().read(traces.read_rows())
    return [turn["content"] for turn in found.samples[0].reading.messages]


def test_a_word_for_a_length_makes_a_sample_that_is_not_kept(tmp_path: Path):
    rows = check(
        write(tmp_path / "in.jsonl", row(finish_reason="length"), row(finish_reason=None)),
        tmp_path / "o.jsonl",
    )
    assert [one["kept"] for one in rows] == [False, True]
    assert rows[0]["verdicts"]["finish_reason"]["reason"] == "length: the response is not whole"


def test_bad_rows_are_set_aside_with_their_place_and_reason(tmp_path: Path):
    source = write(tmp_path / "in.jsonl", row(), {"note": "nothing"}, row(prompt="1+3?"))
    with pytest.raises(UserError, match=r"in\.jsonl, line 2: there is no response"):
        check(source, tmp_path / "out.jsonl")
    assert len(check(source, tmp_path / "out.jsonl", bad_rows="skip")) == 2
    (bad,) = read(tmp_path / "out.bad.jsonl")
    assert bad["row"] == f"{source}, line 2"
    assert "there are: note" in bad["reason"]


def test_late_columns_are_in_parquet_too_and_non_ascii_stays_readable(tmp_path: Path):
    source = write(tmp_path / "in.jsonl", row(meta={"a": 1}), row(meta={"a": 2, "b": "ö"}, late=[1.5]))
    rows = check(source, tmp_path / "out.parquet")
    assert [one["meta"] for one in rows] == [{"a": 1, "b": None}, {"a": 2, "b": "ö"}]
    assert [one["late"] for one in rows] == [None, [1.5]]
    check(source, tmp_path / "out.jsonl")
    assert "ö" in (tmp_path / "out.jsonl").read_text("utf-8")


def test_late_columns_in_another_stretch_of_rows_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("curate.checking.write_back.ROWS", 2)
    source = write(tmp_path / "in.jsonl", *[row(n=None) for _ in range(4)], row(n=3, late="x"))
    rows = check(source, tmp_path / "out.parquet")
    assert [one["n"] for one in rows] == [None, None, None, None, 3]
    assert rows[-1]["late"] == "x"
    assert rows[0]["late"] is None


def test_values_of_two_types_are_refused_for_parquet_with_what_to_do(tmp_path: Path):
    source = write(tmp_path / "in.jsonl", row(n=1), row(n="one"))
    with pytest.raises(
        UserError, match=r"out\.parquet: the rows do not fit one Parquet schema .*; use \.jsonl\."
    ):
        check(source, tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
    assert [one["n"] for one in check(source, tmp_path / "out.jsonl")] == [1, "one"]


def test_parquet_keeps_every_type(tmp_path: Path):
    table = pa.table(
        {
            "prompt": ["2+2?"],
            "response": [GOOD],
            "small": pa.array([3], pa.int8()),
            "when": pa.array([datetime.datetime(2026, 1, 2, 3)], pa.timestamp("us", "UTC")),
            "price": pa.array([decimal.Decimal("1.50")], pa.decimal128(9, 2)),
            "raw": pa.array([b"\xff\x00"], pa.binary()),
            "pairs": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())),
            "none": pa.nulls(1),
            "words": pa.array(["x"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    check(tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = pq.read_table(tmp_path / "out.parquet")
    for field in pq.read_schema(tmp_path / "in.parquet"):
        if field.name != "response":
            assert found.schema.field(field.name).type == field.type
            assert found[field.name].to_pylist() == table[field.name].to_pylist()
    assert check(tmp_path / "in.parquet", tmp_path / "out.jsonl")[0]["price"] == "1.50"


@pytest.mark.parametrize("suffix", [".jsonl.gz", ".jsonl.zst"])
def test_the_outputs_name_says_how_it_is_packed_and_it_is_read_again(tmp_path: Path, suffix: str):
    out = tmp_path / f"out{suffix}"
    filter_samples(
        FilterOptions(source=str(write(tmp_path / "in.jsonl", row(), row()))).model_copy(update={"out": out})
    )
    assert len(check(out, tmp_path / "again.jsonl")) == 2


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
)
CELLS = st.recursive(
    LEAVES,
    lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(max_size=4), c, max_size=3),
    max_leaves=6,
)
OTHERS = st.dictionaries(st.text(min_size=1, max_size=6).map(lambda name: f"x_{name}"), CELLS, max_size=3)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(st.text(max_size=20), st.none() | st.text(max_size=30), OTHERS), min_size=1, max_size=5
    )
)
def test_every_other_column_comes_out_as_it_went_in(tmp_path_factory: pytest.TempPathFactory, rows: Any):
    folder = tmp_path_factory.mktemp("back")
    given_rows = [{"prompt": prompt, "response": response, **others} for prompt, response, others in rows]
    source = write(folder / "in.jsonl", *given_rows)
    try:
        found = check(source, folder / "out.jsonl")
    except UserError as error:
        assert str(error).startswith(str(source))  # noqa: PT017
        return
    assert [
        {name: one[name] for name in given if name != "response"}
        for one, given in zip(found, given_rows, strict=True)
    ] == [{name: cell for name, cell in given.items() if name != "response"} for given in given_rows]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_null_responses_keep_their_verdicts_when_they_come_back(tmp_path: Path, suffix: str):
    rows = [
        {"prompt": "1+2?", "answer": "3", "generations": ["<think>x</think>\\boxed{3}", None]},
        row(response=None),
    ]
    verify_samples(
        VerifyOptions(source=str(write(tmp_path / "in.jsonl", *rows)), out=tmp_path / f"1{suffix}")
    )
    first = read(tmp_path / f"1{suffix}")
    again = check(tmp_path / f"1{suffix}", tmp_path / "2.jsonl")
    assert [one["verdicts"]["math_answer"]["ok"] for one in again] == [
        one["verdicts"]["math_answer"]["ok"] for one in first
    ]
    assert [one.get("generation") for one in again] == [0, 1, None]


def test_what_was_mapped_the_first_time_is_not_read_anew_from_own_output(tmp_path: Path):
    source = write(
        tmp_path / "in.jsonl",
        {"prompt": "1+1?", "rollouts": ["<think>x</think>\\boxed{3}", GOOD], "answer": "4"},
    )
    verify_samples(VerifyOptions(source=str(source), out=tmp_path / "1.jsonl", map={"response": "rollouts"}))
    rows = check(tmp_path / "1.jsonl", tmp_path / "2.jsonl", map={"response": "rollouts"})
    assert [one["kept"] for one in rows] == [False, True]
    assert all({"math_answer", "format"} == set(one["verdicts"]) for one in rows)


def test_a_solution_that_is_the_response_is_no_reference_later_either(tmp_path: Path):
    source = write(tmp_path / "in.jsonl", {"question": "1+1?", "solution": "<think>x</think>So \\boxed{3}"})
    check(source, tmp_path / "1.jsonl")
    verify_samples(VerifyOptions(source=str(tmp_path / "1.jsonl"), out=tmp_path / "2.jsonl"))
    assert read(tmp_path / "2.jsonl")[0]["verdicts"]["math_answer"]["ok"] is None


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_no_column_takes_anothers_name(tmp_path: Path, suffix: str):
    source = write(tmp_path / "in.jsonl", row(kept="x", input_kept="u"))
    (one,) = check(source, tmp_path / f"out{suffix}")
    assert (one["input_kept"], one["input_kept_2"], one["kept"]) == ("u", "x", True)


def test_an_output_inside_the_input_and_a_number_too_large_are_refused(tmp_path: Path):
    (tmp_path / "in").mkdir()
    source = write(tmp_path / "in" / "rows.jsonl", row(n=2**64))
    with pytest.raises(UserError, match="lies in the input's folder"):
        check(tmp_path / "in", tmp_path / "in" / "out.jsonl")
    with pytest.raises(UserError, match=r"do not fit one Parquet schema .*; use \.jsonl"):
        check(source, tmp_path / "out.parquet")


@pytest.mark.parametrize("rows", [1, 3])
def test_an_input_that_was_changed_meanwhile_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
):
    source = write(tmp_path / "in.jsonl", row(), row())

    def change(*_: object) -> None:
        write(source, *[row()] * rows)

    monkeypatch.setattr("curate.checking.run_or_file.warn_unreadable", lambda *_: None)
    real = run_or_file.run_checks
    monkeypatch.setattr(run_or_file, "run_checks", lambda *given, **named: (real(*given, **named), change()))
    with pytest.raises(UserError, match="The input was changed while it was checked"):
        check(source, tmp_path / "out.jsonl")


def test_columns_whose_names_are_alike_as_labels_are_two_verdicts(tmp_path: Path):
    (one,) = check(
        write(tmp_path / "in.jsonl", row(é_correct=False, ä_correct=True)),
        tmp_path / "out.jsonl",
    )
    assert sorted(said["ok"] for label, said in one["verdicts"].items() if label != "format") == [False, True]
    assert one["kept"] is False


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
@pytest.mark.parametrize(("words", "odd"), [(["yes", "no", None], False), (["yes", "perhaps", None], True)])
def test_a_column_kept_in_words_is_ours_where_all_of_them_say_yes_or_no(
    tmp_path: Path, suffix: str, words: list[str | None], odd: bool
):
    rows = [row(kept=word) for word in words]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    out = check(tmp_path / "in.parquet", tmp_path / f"out{suffix}", "format")
    renamed = (
        words if suffix == ".parquet" else [None, "perhaps", None]
    )  # a table's column is renamed as a whole
    assert [one.get("input_kept") for one in out] == (renamed if odd else [None] * 3)
