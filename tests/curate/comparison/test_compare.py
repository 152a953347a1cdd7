"""A comparison adds up, is empty where nothing differs, turns round with its sides, and says why."""

import json
import shutil
from collections import Counter
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.checking.run_checks import run_checks
from curate.comparison.compare import compare_places
from curate.comparison.differences import Comparison
from curate.readers.import_samples import import_rows
from curate.readers.row import Row
from curate.selection.mixing import make_set
from curate.selection.select_rows import Rules
from curate.selection.sources import Source
from curate.stages.diff import DiffOptions, compare_results
from curate.stages.generate import GenerateOptions, generate_samples
from curate.store.layout import Run
from curate.store.parquet import scan_parts
from filters.errors import UserError
from filters.spec import make_spec
from tests.shown import shown

ROW = st.fixed_dictionaries(
    {
        "id": st.sampled_from("abcde"),
        "answer": st.sampled_from([None, "1", "2"]),
        "tokens": st.sampled_from([None, 0, 7]),
    }
)
TURNED = {"went": "came", "came": "went", "changed": "changed"}


def write_rows(path: Path, rows: list[dict], **kinds: pl.DataType) -> str:
    schema = {"id": pl.String, "answer": pl.String, "tokens": pl.Int32, **kinds}
    pl.DataFrame(rows, schema={name: schema[name] for name in schema}).write_parquet(path)
    return str(path)


def compare(
    one: object, two: object, dataset: str | None = None, name: str | None = None
) -> list[Comparison]:
    return compare_places(str(one), str(two), dataset, name)


def turn(found: Comparison) -> tuple:
    """What a comparison of the sides the other way round would say."""
    rows = found.rows.select(
        pl.col("change").replace_strict(TURNED), "id", "copy", "why", before="after", after="before"
    )
    return (
        found.after,
        found.before,
        sorted((one.what, one.after, one.before) for one in found.settings),
        sorted(rows.rows(), key=str),
    )


def plain(found: Comparison) -> tuple:
    return (
        found.before,
        found.after,
        sorted((one.what, one.before, one.after) for one in found.settings),
        sorted(found.rows.select("change", "id", "copy", "why", "before", "after").rows(), key=str),
    )


def is_empty(found: Comparison) -> bool:
    return not (found.rows.height or found.settings) and found.before == found.after


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=st.lists(ROW, max_size=6), two=st.lists(ROW, max_size=6))
def test_rows_of_sets_add_up_and_turn_round(tmp_path: Path, one: list[dict], two: list[dict]):
    first = write_rows(tmp_path / "one.parquet", one)
    second = write_rows(tmp_path / "two.parquet", two, tokens=pl.Int64)  # another width is no difference
    (found,) = compare(first, second)
    assert found.after == found.before - found.count("went") + found.count("came") == len(two)
    counts = [Counter(row["id"] for row in rows) for rows in (one, two)]
    assert found.count("went") == (counts[0] - counts[1]).total()
    assert found.count("came") == (counts[1] - counts[0]).total()
    pairs = [
        (a, b)
        for key in set(counts[0]) & set(counts[1])
        for a, b in zip(
            [row for row in one if row["id"] == key], [row for row in two if row["id"] == key], strict=False
        )
    ]
    assert found.count("changed") == sum(a != b for a, b in pairs)
    (back,) = compare(second, first)
    assert plain(back) == turn(found)
    (same,) = compare(first, first)
    assert is_empty(same)


def test_a_column_that_one_side_lacks_holds_nothing_there(tmp_path: Path):
    one = write_rows(tmp_path / "one.parquet", [{"id": "a", "answer": "1"}, {"id": "b"}])
    pl.DataFrame({"id": ["a", "b"], "answer": ["1", None], "reference_before": ["2", None]}).write_parquet(
        tmp_path / "two.parquet"
    )
    (found,) = compare(one, tmp_path / "two.parquet")
    assert found.rows.select("change", "id", "why", "before", "after").rows() == [
        ("changed", "a", "reference_before", None, "2")
    ]


ROWS = [
    {"prompt": f"What is {n} + {n}?", "answer": str(2 * n), "response": f"<think>\n{'so ' * words}\n</think>\n\\boxed{{{2 * n + wrong}}}"}
    for n, words, wrong in ((1, 5, 0), (2, 40, 0), (3, 40, 0), (4, 5, 1), (5, 5, 0))
]  # fmt: skip


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = Run(tmp_path_factory.mktemp("runs") / "first")
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(ROWS)], ())
    judge(run, "overlong:max_tokens=1000")
    mix(run)
    return run


@pytest.fixture
def second(first: Run, tmp_path: Path) -> Run:
    shutil.copytree(first.path, tmp_path / "second")
    return Run(tmp_path / "second")


def judge(run: Run, *checks: str) -> None:
    run_checks(run, "t", [make_spec("math_answer"), *map(make_spec, checks)], workers=1)


def mix(run: Run, **more: object) -> None:
    seed = more.pop("seed", 0)
    source = Source(source="t", checks=("math_answer", "overlong"), **more)
    options = {"source": [source.model_dump(mode="json")], "seed": seed}
    make_set(run, "sft", [source], Rules(seed), options)


def test_two_copies_of_a_run_do_not_differ(first: Run, second: Run):
    assert [one.title for one in compare(first.path, second.path)] == ["samples t", "set sft"]
    assert all(map(is_empty, compare(first.path, second.path)))
    told = shown(compare_results(DiffOptions(before=str(first.path), after=str(second.path))))
    assert "There is no difference." in told


def test_an_option_that_changed_is_named_with_the_rows_it_costs(first: Run, second: Run, tmp_path: Path):
    judge(second, "overlong:max_tokens=20")
    mix(second)
    samples, rows = compare(first.path, second.path)
    changed = ("t: overlong.options.max_tokens", "1000", "20")
    assert changed in samples.settings and changed in rows.settings
    assert (samples.count("went"), samples.count("came"), samples.count("changed")) == (0, 0, 2)
    flips = samples.rows.select("why", "before", "after").rows()
    assert {(why, before) for why, before, _ in flips} == {("overlong", "true")}
    assert all(after.startswith("false: too_long: ") for _, _, after in flips)
    assert (rows.before, rows.count("went"), rows.count("came"), rows.after) == (4, 2, 0, 2)
    went = rows.rows.select("why", "after").rows()
    assert {why for why, _ in went} == {"rejected by overlong"} and went[0][1].startswith("too_long: ")
    back = compare(second.path, first.path)
    assert [plain(one) for one in back] == [turn(samples), turn(rows)]
    out = tmp_path / "all.jsonl"
    told = shown(compare_results(DiffOptions(before=str(first.path), after=str(second.path), out=out)), 200)
    assert "1000" in told and "rejected by overlong" in told and "too_long" in told
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert Counter(line["change"] for line in lines) == {"setting": 2, "changed": 2, "went": 2}
    table = tmp_path / "all.parquet"
    compare_results(DiffOptions(before=str(first.path), after=str(second.path), out=table))
    assert pl.read_parquet(table).to_dicts() == lines


def test_limits_seeds_and_sources_are_told(first: Run, second: Run):
    mix(second, rows=2, seed=3)
    (rows,) = compare(first.path, second.path, dataset="sft")
    assert {one.what: (one.before, one.after) for one in rows.settings} == {
        "seed": ("0", "3"),
        "source.t.rows": (None, "2"),
    }
    assert rows.rows["why"].to_list() == ["accepted, not selected"] * 2


def test_repeated_rows_are_compared_copy_by_copy(first: Run, second: Run, tmp_path: Path):
    mix(second, repeat=3)
    more = compare(first.path, second.path, dataset="sft")[-1]
    assert (more.before, more.count("came"), more.count("changed"), more.after) == (4, 8, 0, 12)
    assert set(more.rows["why"]) == {"there, fewer times"}
    third = Run(shutil.copytree(second.path, tmp_path / "third"))
    mix(third, repeat=3, seed=1)
    assert compare(second.path, third.path, dataset="sft")[-1].rows.is_empty()


def test_samples_of_one_run_alone_are_told_apart(first: Run, tmp_path: Path):
    other = Run(tmp_path / "other")
    import_rows(other, "t", [Row(f"row {n}", row) for n, row in enumerate(ROWS[:3])], ())
    more = {**ROWS[0], "response": "<think>\nanother\n</think>\n\\boxed{2}"}
    import_rows(other, "u", [Row("row 0", more)], ())
    (samples,) = compare(first.path, other.path, name="t")
    assert samples.count("went") == 2 and samples.count("came") == 0
    assert set(samples.rows["why"]) == {"its prompt is not there"}
    assert {one.what for one in samples.settings} >= {"t: math_answer.check", "t: overlong.check"}
    (samples,) = compare(first.path, other.path, name="u")
    assert (samples.before, samples.count("came")) == (0, 1)


def test_a_set_is_compared_wherever_it_lies(first: Run, second: Run, tmp_path: Path):
    mix(second, rows=2)
    inside = first.set("sft")
    (found,) = compare(inside, second.set("sft"))
    (named,) = compare(first.path, second.path, dataset="sft")
    assert plain(found) == plain(named)
    loose = tmp_path / "loose"
    shutil.copytree(inside, loose)
    (found,) = compare(loose, second.path, dataset="sft")
    assert found.rows["why"].to_list() == ["accepted, not selected"] * 2
    assert found.notes == ["'loose' does not say what it was made with."]
    shutil.copytree(second.set("sft"), tmp_path / "smaller")
    (found,) = compare(first.path, tmp_path / "smaller", dataset="sft")
    assert found.rows["why"].to_list() == ["nothing is known of it there"] * 2


def test_rows_that_stand_beside_a_set_are_told(tmp_path: Path):
    write_rows(tmp_path / "all.parquet", [{"id": "a"}, {"id": "b"}, {"id": "c"}])
    (tmp_path / "two").mkdir()
    for split, key in (("train", "a"), ("validation", "b")):
        write_rows(tmp_path / f"two/{split}-00000-of-00001.parquet", [{"id": key}])
    (found,) = compare(tmp_path / "all.parquet", tmp_path / "two")
    assert found.rows.select("id", "why").rows() == [("b", "held out"), ("c", "nothing is known of it there")]


def test_repeated_rows_are_the_same_in_any_order(tmp_path: Path):
    rows = [{"id": key, "repeat": repeat, "answer": "1"} for key in "ab" for repeat in (0, 1, 2)]
    one, two = (tmp_path / "one.parquet", tmp_path / "two.parquet")
    pl.DataFrame(rows).write_parquet(one)
    pl.DataFrame([*reversed(rows[1:]), {**rows[0], "answer": "2"}]).write_parquet(two)
    (found,) = compare(one, two)
    assert found.rows.select("change", "id", "copy", "why", "before", "after").rows() == [
        ("changed", "a", 0, "answer", "1", "2")
    ]
    pl.DataFrame(rows[:1]).write_parquet(two)
    (found,) = compare(one, two)
    assert Counter(found.rows["why"]) == {"there, fewer times": 2, "nothing is known of it there": 3}


def test_a_response_that_the_set_has_already_is_told(tmp_path: Path):
    run = Run(tmp_path / "run")
    said = [{"text": "\\boxed{2}"}]
    for path, row in (("p.jsonl", {"answer": "2"}), ("s.jsonl", {"responses": said})):
        (tmp_path / path).write_text(json.dumps({"prompt": "What is 1 + 1?", **row}) + "\n")
    engine = {"kind": "scripted", "model": str(tmp_path / "s.jsonl")}
    prompts = str(tmp_path / "p.jsonl")
    generate_samples(GenerateOptions(run=run.path, name="t", prompts=prompts, samples=4, engine=engine))
    judge(run, "overlong:max_tokens=1000")
    mix(run)
    ids = scan_parts(run.samples("t")).select("sample_id").collect()["sample_id"]
    write_rows(tmp_path / "all.parquet", [{"id": key} for key in ids])
    (found,) = compare(tmp_path / "all.parquet", run.set("sft"))
    went = found.rows.filter(pl.col("change") == "went")
    assert went["why"].to_list() == ["accepted, equal to another"] * 3


@pytest.mark.parametrize("hides", [0, 1])
def test_a_text_that_is_withheld_is_in_no_difference(first: Run, second: Run, hides: int):
    """Whichever of the two runs hides it: the reasons of both quote the same text."""
    other = Run(second.path.with_name("other"))
    shutil.copytree(first.path, other.path)
    judge(second, "overlong:max_tokens=20")
    run = (other, second)[hides]
    run_checks(run, "t", [make_spec("personal_data")], workers=1)
    sidecar = next((run.verdicts("t") / "personal_data").glob("*.parquet"))
    about = pq.read_schema(sidecar)
    frame = pl.read_parquet(sidecar).with_columns(ok=pl.lit(value=False), reason=pl.lit("email"))
    pq.write_table(frame.to_arrow().cast(about), sidecar)
    samples, _ = compare(other.path, second.path)
    flips = samples.rows.filter(pl.col("why") == "overlong")
    assert set(flips["after"]) == {"false: too_long"}


def test_what_cannot_be_compared_is_refused_in_words(first: Run, tmp_path: Path):
    bare = tmp_path / "bare.parquet"
    pl.DataFrame({"text": ["x"]}).write_parquet(bare)
    (tmp_path / "empty").mkdir()
    cases = [
        ((bare, bare), {}, "its rows have no ids"),
        ((first.path, bare), {}, "say which set of the run, as --dataset NAME; there are: sft"),
        ((first.path, first.path), {"dataset": "no"}, "has no set 'no'; there are: sft"),
        ((first.path, first.path), {"name": "no"}, "Neither of the runs has samples 'no'; there are: t"),
        ((bare, first.path), {"name": "t"}, "is none"),
        ((tmp_path / "gone", bare), {}, "There is no run, set or file"),
        ((tmp_path / "empty", bare), {}, "holds neither a run nor a set"),
    ]
    for places, more, said in cases:
        with pytest.raises(UserError, match=said):
            compare(*places, **more)
    with pytest.raises(UserError, match="either --dataset NAME or --name NAME"):
        compare_results(DiffOptions(before="a", after="b", dataset="c", name="d"))
    with pytest.raises(UserError, match="must end in"):
        compare_results(DiffOptions(before="a", after="b", out=Path("x.csv")))
