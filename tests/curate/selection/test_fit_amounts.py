"""Shares of sources, languages and domains hold in sets by rows and by tokens, whatever order the files lie in."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from curate.selection.holdout import Holdout
from curate.selection.ingredients import Ingredient
from curate.selection.quotas import Amounts, Quota
from curate.selection.rules import Apart, Rules
from curate.stages.mix import MixOptions, mix_samples
from curate.store.layout import Run
from filters.errors import UserError
from tests.curate.selection.sources_for_tests import PROMPTS, make_source, select, write_source

LANGUAGE = {one.id: one.language for prompts in PROMPTS.values() for one in prompts}
DOMAIN = {one.id: one.domain for prompts in PROMPTS.values() for one in prompts}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """One run twice: its samples and prompts lie otherwise in the second."""
    made = []
    for seed in (1, 2):
        run = Run(tmp_path_factory.mktemp("run"))
        for name in ("a", "b"):
            write_source(run, name, random.Random(seed))
        made.append(run)
    return made


def read_tokens(run: Run) -> pl.DataFrame:
    parts = [pl.read_parquet(run.samples(name) / "*.parquet") for name in ("a", "b")]
    return pl.concat(parts).select("sample_id", pl.col("tokens").cast(pl.Int64))


source_amounts = st.fixed_dictionaries(
    {},
    optional={"rows": st.integers(1, 80), "tokens": st.integers(60, 1500), "repeat": st.integers(1, 3), "per_prompt": st.integers(1, 3)},
)  # fmt: skip
quotas = st.lists(
    st.builds(Quota, column=st.just("language"), value=st.just("zh"), share=st.floats(0.05, 0.6))
    | st.builds(
        Quota, column=st.just("domain"), value=st.sampled_from(["math", "code"]), share=st.floats(0.05, 0.4)
    ),
    max_size=2,
    unique_by=lambda one: (one.column, one.value),
)


@settings(deadline=None, max_examples=20)
@given(
    st.tuples(source_amounts, source_amounts),
    st.sampled_from([None, 0.22, 0.5]),
    quotas,
    st.sampled_from(["rows", "tokens"]),
    st.none() | st.integers(20, 2000),
    st.sampled_from([None, "prompt"]),
    st.sampled_from([0.0, 0.2]),
    st.integers(0, 1),
)
def test_the_set_is_as_it_was_asked_whatever_the_order_of_files(
    runs, own, share, asked, by, total, of, held, seed
):
    sources = [make_source("a", **own[0]), make_source("b", share=share, **own[1])]
    apart = None if of is None else Apart("prompt", "first_source", open_alike)
    rules = Rules(
        seed, apart, amounts=Amounts(by, total, tuple(asked)), holdout=Holdout(seed, held) if held else None
    )
    try:
        one, other = (select(run, sources, rules) for run in runs)
    except UserError:
        assume(False)  # no set has these shares
    assert one.picked.drop("part", "bytes").equals(other.picked.drop("part", "bytes"))
    assert (one.funnels, one.composition) == (other.funnels, other.composition)
    rows = one.picked.join(read_tokens(runs[0]), on="sample_id", maintain_order="left")
    weight = rows["tokens"] if by == "tokens" else pl.Series([1] * rows.height)
    largest = 60 if by == "tokens" else 1
    for funnel, source, part in zip(one.funnels, sources, one.composition.parts, strict=True):
        funnel.check()
        mine = rows.filter(pl.col("source") == source.name)
        assert (
            funnel.selected == mine["sample_id"].n_unique()
            and funnel.repeats == mine.height - funnel.selected
        )
        assert (part.rows, part.repeats, part.tokens) == (mine.height, funnel.repeats, mine["tokens"].sum())
        assert source.rows is None or part.rows <= source.rows
        assert source.tokens is None or part.tokens <= source.tokens
        times = mine.group_by("sample_id").agg(
            pl.len(), pl.col("repeat").n_unique(), pl.col("repeat").max().alias("last")
        )
        assert times.select((pl.col("len") == pl.col("repeat")).all()).item() or not mine.height
        assert times.select((pl.col("last") + 1 == pl.col("len")).all()).item() or not mine.height
        assert (times["len"].max() or 0) <= source.repeat
    whole = int(weight.sum())
    assert total is None or whole <= total
    cells = 2 * (1 + 1) * (2 + 1)
    if share is not None and rows.height:
        off = abs(int(weight.filter(rows["source"] == "b").sum()) - share * whole)
        assert off <= largest * (1 if not asked else cells) + 1e-6
    for quota in asked if rows.height else []:
        names = rows["prompt_id"].replace_strict(
            LANGUAGE if quota.column == "language" else DOMAIN, return_dtype=pl.String
        )
        off = abs(
            int(weight.filter(names.eq_missing(pl.Series([quota.value] * rows.height))).sum())
            - quota.share * whole
        )
        assert off <= largest * cells
    assert not set(one.picked["prompt_id"]) & set(one.held_out["prompt_id"])
    if held:
        assert one.held_out["prompt_id"].n_unique() == one.composition.held_out["prompts"]


@contextmanager
def open_alike(
    ingredients: Sequence[Ingredient], units: pl.DataFrame
) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """The prompts of one number are alike in both sources."""
    numbers = {one.id: one.answer for prompts in PROMPTS.values() for one in prompts}
    number = [numbers[prompt] for prompt in units["prompt_id"]]
    pairs = np.array(
        [(i, j) for i, one in enumerate(number) for j in range(i + 1, len(number)) if one == number[j]]
    )
    pairs = pairs.astype(np.int64).reshape(-1, 2)
    yield lambda wanted: pairs[np.isin(pairs, wanted).all(axis=1)]


def test_shuffled_files_give_the_same_set(tmp_path):
    """Only the number of a row without an id of its own tells where it stood."""
    draw, made = random.Random(5), []
    rows = [
        {
            "prompt": f"Question {n}",
            "response": f"It is {n} " * (n % 7 + 1),
            "language": "zh" if n % 3 else "en",
        }
        for n in range(90)
    ]
    for turn in ("one", "other"):
        draw.shuffle(rows)
        (tmp_path / turn).mkdir()
        for part in range(2):
            text = "".join(json.dumps(row) + "\n" for row in rows[part::2])
            (tmp_path / turn / f"rows-{part}.jsonl").write_text(text)
        options = MixOptions(
            files=[f"{tmp_path / turn}:name=rows,repeat=2"],
            out=tmp_path / f"set-{turn}",
            total=60,
            quota=["language=zh:0.5"],
            holdout="0.1",
        )
        folder = mix_samples(options).folder
        made.append(
            [
                pl.read_parquet(folder / f"{split}-*.parquet").drop("row_id")
                for split in ("train", "validation")
            ]
        )
    assert [frame.height > 0 for frame in made[0]] == [True, True]
    assert all(one.equals(other) for one, other in zip(*made, strict=True))
    assert made[0][0]["language"].value_counts()["count"].to_list() == [30, 30]


def test_the_papers_general_share_is_shown_by_rows_and_by_tokens(runs):
    rules = Rules(0, amounts=Amounts("rows", None, ()))
    made = select(runs[0], [make_source("a"), make_source("b", share=0.22)], rules).composition
    (_, a, _), (_, b, tokens) = made.list_shares()
    assert (round(a, 2), round(b, 2)) == (0.78, 0.22)
    assert tokens is not None
    assert made.shortfalls == [
        f"The set has {made.rows} rows: the accepted rows of 'a' are all used, and bound the shares of the others."
    ]


def test_rows_beyond_what_there_is_are_told(runs):
    made = select(runs[0], [make_source("a", rows=1000)], Rules(0)).composition
    assert made.shortfalls == [
        f"'a' was to give 1,000 rows, and has {made.rows}: all its accepted rows are taken."
    ]


def test_no_row_stands_there_again_before_all_do(runs):
    made = select(runs[0], [make_source("a", repeat=3)], Rules(0))
    once = made.picked.filter(pl.col("repeat") == 0).height
    assert made.picked["repeat"].value_counts(sort=True)["count"].to_list() == [once] * 3
    some = select(runs[0], [make_source("a", repeat=3, rows=once + 5)], Rules(0)).picked
    assert some.group_by("repeat").len().sort("repeat")["len"].to_list() == [once, 5]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"holdout": "all.jsonl"}, r"of held-out prompts \(2\): hold out fewer"),
        ({"total": 1, "by": "tokens"}, "2 rows of all were accepted, and not one has room"),
        ({"preset": "r1"}, "rows of kind general, and there are none to take.*NAME:kind=general"),
    ],
)
def test_what_leaves_no_row_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], said: str
):
    monkeypatch.chdir(tmp_path)
    rows = [{"prompt": f"Question {n}", "response": f"Answer {n}", "tokens": 2} for n in range(2)]
    Path("all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(UserError, match=said):
        mix_samples(MixOptions(files=["all.jsonl"], out="set", **options))
