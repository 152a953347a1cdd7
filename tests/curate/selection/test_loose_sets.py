"""A set mixed from files alone: every row that does not come through is counted and named, and what is written is read back the same."""

import json
from pathlib import Path
from typing import Any

import datasets
import fsspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.audit.run_examination import examine_run
from curate.readers.import_samples import import_source
from curate.readers.read_rows import read_rows
from curate.readers.read_samples import Traces
from curate.selection.funnel import funnel_table
from curate.stages.explain import ExplainOptions, explain_sample
from curate.stages.mix import MixOptions, MixResult, mix_samples
from curate.store.layout import Run, create_run
from distill.sft.tokens import read_completion
from filters.errors import UserError

CHAIN = "<think>\nso {0}\n</think>\n\nIt is {0}."


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"prompt": f"{number}?", "response": CHAIN.format(number), "id": f"r{number}", **more}


def mix(out: Path, *sources: object, **more: Any) -> MixResult:
    return mix_samples(MixOptions(files=tuple(map(str, sources)), out=out, **more))


def read_set(folder: Path) -> list[dict[str, Any]]:
    return pl.read_parquet(folder / "*.parquet").to_dicts()


def test_what_does_not_come_through_is_counted_and_named(tmp_path: Path):
    source = write(
        tmp_path / "in.jsonl",
        row(1), row(1, id="again"), row(2, kept=False), row(3, correct=False), row(4, finish_reason="length"),
        row(5, response=None), row(6, prompt=""), {"note": 1}, row(7, kept=True),
    )  # fmt: skip
    made = mix(tmp_path / "set", f"{source}:bad_rows=skip")
    assert dict(made.funnels[0].rows()) == {
        "read": 9, "exact duplicates": 1, "unreadable": 3, "not kept": 3, "sampled": 2, "accepted, not selected": 0, "selected": 2,
    }  # fmt: skip
    assert sorted(one["row_id"] for one in read_set(tmp_path / "set")) == ["r1", "r7"]
    left_out = [json.loads(line) for line in (tmp_path / "set.rejected.jsonl").read_text().splitlines()]
    assert [(one["fate"], one["reason"]) for one in left_out] == [
        ("duplicates", "the same as row 1"),
        ("not_kept", "kept is false"),
        ("not_kept", "correct is false"),
        ("not_kept", "finish_reason is length"),
        ("unreadable", "the response is empty"),
        ("unreadable", "the prompt is empty"),
        ("unreadable", "there is no response: no column that is known to hold one; there are: note. Name yours with --map response=COLUMN"),
    ]  # fmt: skip
    assert [file.suffix for file in (tmp_path / "set").iterdir()] == [".parquet"]
    assert (
        datasets.load_dataset(str(tmp_path / "set"), split="train", cache_dir=str(tmp_path / "c")).num_rows
        == 2
    )


def test_files_of_one_name_are_told_apart(tmp_path: Path):
    files = [write(tmp_path / name / "train.jsonl", row(n)) for n, name in enumerate("ab")]
    files.append(write(tmp_path / "data (1).jsonl", row(8)))
    mix(tmp_path / "set", *files)
    assert {one["source"] for one in read_set(tmp_path / "set")} == {"a-train", "b-train", "data-1"}
    with pytest.raises(UserError, match="Two sources are called"):
        mix(tmp_path / "set", files[0], files[0])


def test_equal_questions_keep_what_each_row_says(tmp_path: Path):
    rows = [
        row(1, response=CHAIN.format(n), id=f"x{n}", source=f"s{n}", language=lang, note=n)
        for n, lang in enumerate(("en", "zh"))
    ]
    mix(tmp_path / "set", write(tmp_path / "in.jsonl", *rows))
    found = sorted(read_set(tmp_path / "set"), key=lambda one: one["row_id"])
    assert [
        (one["row_id"], one["row_source"], one["language"], json.loads(one["metadata"])["note"])
        for one in found
    ] == [
        ("x0", "s0", "en", 0),
        ("x1", "s1", "zh", 1),
    ]


def test_a_row_is_explained_by_its_owners_id_also_when_it_was_left_out(tmp_path: Path):
    mix(tmp_path / "set", write(tmp_path / "in.jsonl", row(1), row(2, kept=False)))
    shown = explain_sample(ExplainOptions(id="r1", set=tmp_path / "set"))
    assert "It is 1." in "\n".join(map(str, shown.render()))
    told = "\n".join(map(str, explain_sample(ExplainOptions(id="r2", set=tmp_path / "set")).render()))
    assert f"{tmp_path / 'in.jsonl'}, line 2 of 'in' is not in the set: not_kept, kept is false." in told
    with pytest.raises(UserError, match="holds no row"):
        explain_sample(ExplainOptions(id="r3", set=tmp_path / "set"))


def test_a_folder_with_something_else_is_not_taken_and_a_set_is_made_anew(tmp_path: Path):
    source = write(tmp_path / "in.jsonl", row(1), row(2))
    write(tmp_path / "mine" / "notes.jsonl", {})
    with pytest.raises(UserError, match="is there already, and is no set that mix made"):
        mix(tmp_path / "mine", source)
    mix(tmp_path / "set", source)
    assert mix(tmp_path / "set", f"{source}:rows=1").rows == 1
    assert len(read_set(tmp_path / "set")) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "mix needs something to mix"),
        ({"files": ("x.jsonl",)}, "give either --run RUN or --out FOLDER"),
        ({"files": ("x.jsonl",), "out": "a", "run": "b"}, "give either --run RUN or --out FOLDER"),
        ({"files": ("x.jsonl",), "out": "no/such/set"}, "there is no folder"),
        ({"files": ("missing.jsonl",), "out": "set"}, "missing.jsonl"),
    ],
)
def test_a_mistake_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], said: str
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=said):
        mix_samples(MixOptions(**options))
    assert list(tmp_path.iterdir()) == []


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda t: t.strip() and "<" not in t and t[0] not in "[{a"
)
TURNS = st.lists(TEXT, min_size=1, max_size=3)


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(TURNS, TEXT, TEXT, st.booleans()), min_size=1, max_size=6))
def test_what_is_written_is_read_back_row_by_row_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: Any
):
    folder = tmp_path_factory.mktemp("round")
    written = []
    for turns, chain, answer, has_chain in rows:
        prompt = [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(turns)]
        prompt += [{"role": "user", "content": "And?"}] if len(turns) % 2 == 0 else []
        written.append(
            {
                "prompt": prompt,
                "completion": f"<think>\n{chain}\n</think>\n\n{answer}" if has_chain else answer,
            }
        )
    mix(folder / "set", write(folder / "in.jsonl", *written))
    first = read_set(folder / "set")
    texts = {(json.dumps(one["prompt"]), one["completion"][0]["content"]) for one in first}
    assert texts <= {(json.dumps(one["prompt"]), one["completion"]) for one in written}
    traces = Traces(str(folder / "set"))
    again = [one for found in traces.make_reader().read(traces.read_rows()) for one in found.samples]
    assert [list(one.reading.messages) for one in again] == [one["prompt"] for one in first]
    assert [one.reading.response for one in again] == [one["completion"][0]["content"] for one in first]
    mix(folder / "twice", folder / "set")
    keys = ("prompt", "completion", "row_source", "domain", "language", "answer", "tokens")
    assert sorted(json.dumps({k: one[k] for k in keys}) for one in read_set(folder / "twice")) == sorted(
        json.dumps({k: one[k] for k in keys}) for one in first
    )
    assert [read_completion(one) for one in read_rows(str(folder / "set"))] == [
        one["completion"][0]["content"] for one in first
    ]


def test_in_a_run_the_verdicts_that_rows_bring_along_are_recorded_and_can_be_named(tmp_path: Path):
    run = create_run(tmp_path / "run")
    import_source(run, "others", Traces(str(write(tmp_path / "others.jsonl", row(9)))))
    source = write(tmp_path / "in.jsonl", row(1, correct=True, grade=None), row(2, correct=True, grade="yes"))
    mixed = mix_samples(MixOptions(run=run.path, source=(str(source),)))
    assert mixed.rows == 2
    assert mix_samples(MixOptions(run=run.path, source=("in:checks=correct+grade",))).rows == 1
    assert [finding.what for finding in examine_run(run) if finding.fault] == []
    write(source, row(1), row(3))
    assert mix_samples(MixOptions(run=run.path, source=(str(source),))).rows == 2
    assert [finding.what for finding in examine_run(run)] == []
    assert not (run.verdicts("in") / "grade").exists()


def test_what_lies_at_an_address_is_read_again(tmp_path: Path):
    run, place = Run(tmp_path / "run"), "memory://rows.jsonl"
    for number in (1, 2):
        with fsspec.open(place, "w") as file:
            file.write(json.dumps(row(number)) + "\n")
        import_source(run, "t", Traces(place))
        assert pl.read_parquet(run.samples("t") / "*.parquet")["response"].to_list() == [CHAIN.format(number)]


def test_names_in_other_letters_are_told_apart(tmp_path: Path):
    files = [
        write(tmp_path / name, row(n))
        for n, name in enumerate(("数据.jsonl", "训练.jsonl", "ünï çödé.jsonl"))
    ]
    mix(tmp_path / "set", *files)
    found = {one["source"] for one in read_set(tmp_path / "set")}
    assert "uni-code" in found
    assert len(found) == 3


def test_rows_that_two_files_share_are_counted_as_equal(tmp_path: Path):
    files = [write(tmp_path / name / "x.jsonl", row(1), row(n + 2)) for n, name in enumerate("ab")]
    made = mix(tmp_path / "set", *files)
    assert dict(made.funnels[1].rows())["accepted, equal to another"] == 1
    assert made.rows == 3


@pytest.mark.parametrize("kept", [False, 0, "false", "False"])
@pytest.mark.parametrize("verdicts", [None, {"math_answer": {"ok": False, "score": None, "reason": "x"}}])
def test_a_row_that_is_not_kept_is_not_taken_however_it_says_so(
    tmp_path: Path, kept: object, verdicts: object
):
    said = {} if verdicts is None else {"verdicts": verdicts}
    assert mix(tmp_path / "set", write(tmp_path / "in.jsonl", row(1, kept=kept, **said), row(2))).rows == 1


def test_verdicts_without_kept_count(tmp_path: Path):
    wrong, unsure = ({"v": {"ok": ok, "score": None, "reason": "x"}} for ok in (False, None))
    rows = [
        row(1, verdicts=wrong),
        row(2, verdicts=unsure),
        row(3, verdicts={"v": {"ok": True, "score": None, "reason": ""}}),
    ]
    assert mix(tmp_path / "set", write(tmp_path / "in.jsonl", *rows)).rows == 1


def test_a_row_left_out_in_a_run_is_explained(tmp_path: Path):
    run = create_run(tmp_path / "run")
    import_source(run, "t", Traces(str(write(tmp_path / "in.jsonl", row(1), row(2, kept=False)))))
    told = "\n".join(map(str, explain_sample(ExplainOptions(id="r2", run=run.path)).render()))
    assert "line 2 gave no sample of 't': not_kept, kept is false." in told


def test_a_set_given_back_keeps_its_owners_ids_and_what_they_say(tmp_path: Path):
    mix(tmp_path / "set", write(tmp_path / "in.jsonl", row(9, source="s", note="n"), row(1)))
    mix(tmp_path / "twice", tmp_path / "set")
    keys = ("id", "row_id", "row_source", "metadata", "domain", "language", "answer", "prompt", "completion")
    first, again = (
        [{k: one[k] for k in keys} for one in sorted(read_set(tmp_path / n), key=lambda o: o["row_id"])]
        for n in ("set", "twice")
    )
    assert first == again
    assert "It is 9." in "\n".join(
        map(str, explain_sample(ExplainOptions(id="r9", set=tmp_path / "twice")).render())
    )


def test_an_owners_id_is_never_taken_for_the_beginning_of_another(tmp_path: Path):
    """Rows called 0 to 49, whose keys begin with every digit: 10 are in the set, one was left out, the rest not drawn."""
    rows = [row(number, id=str(number), kept=number != 49) for number in range(50)]
    source = write(tmp_path / "in.jsonl", *rows)
    mix(tmp_path / "set", f"{source}:rows=10")
    run = create_run(tmp_path / "run")
    import_source(run, "t", Traces(str(source)))
    drawn = {one["row_id"]: one for one in read_set(tmp_path / "set")}
    for number in range(49):
        found = explain_sample(ExplainOptions(id=str(number), run=run.path))
        assert [one["source_id"] for _, one in found.samples] == [str(number)]
        if str(number) in drawn:
            shown = explain_sample(ExplainOptions(id=str(number), set=tmp_path / "set"))
            assert [one["row_id"] for one in shown.rows] == [str(number)]
        else:
            with pytest.raises(UserError, match="one of the 39 that were accepted and not drawn"):
                explain_sample(ExplainOptions(id=str(number), set=tmp_path / "set"))
    for place in ({"set": tmp_path / "set"}, {"run": run.path}):
        left_out = explain_sample(ExplainOptions(id="49", **place))
        assert [about["id"] for about in left_out.rejected] == ["49"]
    begun = next(iter(drawn.values()))
    shown = explain_sample(ExplainOptions(id=begun["id"][:6], set=tmp_path / "set"))
    assert [one["id"] for one in shown.rows] == [begun["id"]]


def test_shares_of_a_file_are_of_all_its_rows(tmp_path: Path):
    made = mix(tmp_path / "set", write(tmp_path / "in.jsonl", row(1), row(1), row(2, kept=False), row(3)))
    (funnel,) = made.funnels
    cells = [list(column.cells) for column in funnel_table("set", [funnel]).columns]
    told = dict(zip(cells[1], cells[3], strict=True))
    assert told["read"] == "100.0%" and told["selected"] == "50.0%" and told["not kept"] == "25.0%"
