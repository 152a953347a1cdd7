"""Of rows that are alike a set has one: decided last, over all sources, and whatever gives way names a row of the set."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.stages.mix import MixOptions, MixResult, mix_samples
from curate.store.layout import Run, create_run

PROBLEMS = [
    "Anna buys {n} red apples in the market and gives 2 of them to her brother. How many apples are left to her?",
    "A train leaves the city at noon and drives for {n} hours with 80 kilometres an hour. How far does it come?",
    "What is the area of a garden that is {n} metres long and 3 metres wide, with a path of 1 metre around it?",
]
CHAIN = "<think>\nfirst we look at what is given and then at what is asked for, one thing after the other {}\n</think>\n\nIt is {}."


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def row(problem: str, response: str, **more: Any) -> dict[str, Any]:
    return {"prompt": problem, "response": response, **more}


def mix(out: Path, *files: object, **more: Any) -> MixResult:
    return mix_samples(MixOptions(files=tuple(map(str, files)), out=out, **more))


def read(folder: Path) -> list[dict[str, Any]]:
    return pl.read_parquet(folder / "*.parquet").to_dicts()


def test_a_problem_told_by_two_sources_stays_in_the_first_with_all_its_samples(tmp_path: Path):
    told = PROBLEMS[0].format(n=7)
    a = write(tmp_path / "a.jsonl", [row(told, CHAIN.format("x", n)) for n in range(2)])
    b = write(tmp_path / "b.jsonl", [row(f"Please find: {told}", "5"), row(PROBLEMS[0].format(n=8), "6"), row(PROBLEMS[1].format(n=7), "560")])  # fmt: skip
    made = mix(tmp_path / "set", a, b, distinct="prompt")
    assert [(one.rejected, one.selected) for one in made.funnels] == [({"near_duplicate": 0}, 2), ({"near_duplicate": 1}, 2)]  # fmt: skip
    (line,) = map(json.loads, (tmp_path / "set.rejected.jsonl").read_text().splitlines())
    assert line["fate"] == "near_duplicate" and line["source"] == "b"
    assert any(one["id"] in line["reason"] for one in read(tmp_path / "set"))
    turned = mix(tmp_path / "turned", b, a, distinct="prompt")
    assert [one.selected for one in turned.funnels] == [3, 0]
    most = mix(tmp_path / "most", b, a, distinct="prompt", stays="most_samples")
    assert [one.selected for one in most.funnels] == [2, 2]


def test_one_chain_under_many_ids_is_one_row_however_many_copies(tmp_path: Path):
    words = " ".join(f"step{n} follows from step{n + 1}" for n in range(60))
    rows = [row(PROBLEMS[n % 3].format(n=n), CHAIN.format(words, 4)) for n in range(40)]
    source = write(tmp_path / "a.jsonl", rows)
    made = mix(tmp_path / "set", source, distinct="response")
    assert made.funnels[0].selected == 1 and made.funnels[0].rejected == {"near_duplicate": 39}
    limited = mix(tmp_path / "few", f"{source}:rows=3", distinct="response")
    assert limited.rows == 1, "no two that are alike, also where a limit leaves room"
    assert mix(tmp_path / "all", source).rows == 40


def test_a_row_that_the_limits_leave_out_takes_nobody_else_with_it(tmp_path: Path):
    told = [PROBLEMS[0].format(n=n) for n in range(12)]
    a = write(tmp_path / "a.jsonl", [row(text, "1") for text in told])
    b = write(tmp_path / "b.jsonl", [row(f"{text} ", "2") for text in told])
    made = mix(tmp_path / "set", f"{a}:rows=5", b, distinct="prompt")
    assert [(one.selected, one.unselected, one.rejected["near_duplicate"]) for one in made.funnels] == [(5, 7, 0), (7, 0, 5)]  # fmt: skip
    assert made.rows == 12


def test_what_other_checks_reject_takes_nobody_with_it(tmp_path: Path):
    told = PROBLEMS[2].format(n=5)
    a = write(
        tmp_path / "a.jsonl", [row(told, "1", kept=False), row(PROBLEMS[1].format(n=2), "2", kept=True)]
    )
    b = write(tmp_path / "b.jsonl", [row(told, "3")])
    made = mix(tmp_path / "set", a, b, distinct="prompt")
    assert [one.selected for one in made.funnels] == [1, 1]


@pytest.mark.parametrize("of", ["prompt", "response"])
def test_signatures_that_are_there_make_no_difference_and_nothing_is_written(tmp_path: Path, of: str):
    run = Run(create_run(tmp_path / "run").path)
    (run.path / "sets").mkdir()
    words = " ".join(f"step{n} follows from step{n + 1}" for n in range(60))
    rows = [row(PROBLEMS[n % 3].format(n=n % 4), CHAIN.format(words, n % 5)) for n in range(24)]
    source = write(tmp_path / "a.jsonl", rows)
    given = {"run": run.path, "source": (str(source),), "distinct": of}
    dry = mix_samples(MixOptions(**given, dry_run=True))
    made = mix_samples(MixOptions(**given))
    assert (dry.rows, dry.funnels) == (made.rows, made.funnels)
    assert not (run.path / "signatures").exists()
    first = sorted(one["id"] for one in read(run.set("sft")))
    from curate.stages.filter import FilterOptions, filter_samples

    filter_samples(
        FilterOptions(source=str(run.path), name="a", check=(f"near_duplicate:of={of}",), workers=1)
    )
    assert (run.path / "signatures").exists()
    again = mix_samples(MixOptions(**given, name="again", seed=0))
    assert sorted(one["id"] for one in read(run.set("again"))) == first and again.rows == made.rows


texts = st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from(["", " ", "Please: "]))
drawn = st.lists(st.tuples(texts, st.integers(0, 3)), min_size=1, max_size=12)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn, drawn, st.sampled_from(["prompt", "response"]), st.integers(1, 4) | st.none(), st.randoms())
def test_the_set_does_not_depend_on_how_files_lie(tmp_path: Path, one: Any, other: Any, of: str, limit: int | None, random: Any):  # fmt: skip
    def make(rows: Any) -> list[dict[str, Any]]:
        return [row(f"{more}{PROBLEMS[kind].format(n=n)}", f"It is {answer}.", id=f"{kind}{n}{more}{answer}") for (kind, n, more), answer in rows]  # fmt: skip

    found = []
    for name in ("straight", "shuffled"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        a, b = write(folder / "a.jsonl", make(one)), write(folder / "b.jsonl", make(other))
        made = mix(folder / "set", f"{a}:rows={limit}" if limit else a, b, distinct=of)
        kept = read(folder / "set")
        found.append((sorted((item["prompt"][0]["content"], item["completion"][0]["content"]) for item in kept), made.rows))  # fmt: skip
        for line in map(json.loads, (folder / "set.rejected.jsonl").read_text().splitlines()):
            if line["fate"] == "near_duplicate":
                assert any(item["id"] in line["reason"] for item in kept)
        random.shuffle(one)
        random.shuffle(other)
    assert found[0][1] == found[1][1]
    if of == "response" or limit is None:
        assert len(found[0][0]) == len(found[1][0])
