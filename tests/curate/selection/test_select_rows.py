"""From samples in parts to the rows of a set: the funnel adds up, near-duplicates are counted, and nothing depends on how files lie."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.selection.choose_apart import RULES
from curate.selection.ingredients import Ingredient, take_ingredient
from curate.selection.rules import Apart, Rules
from curate.selection.select_rows import Selection, select_rows
from curate.selection.sources import Source
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row, verdict_table
from curate.store.verdicts import record_checks
from filters.digest import digest
from filters.spec import CheckSpec
from filters.types import Prompt, Sample, Verdict

PROMPTS = [Prompt.make(f"Question {n}", str(n)) for n in range(12)]


def write_source(run: Run, name: str, order: random.Random) -> None:
    """Up to four samples of each prompt, some equal to the other source's, a third of them rejected; in three parts in a drawn order."""
    draw = random.Random(7)
    made = []
    for number, prompt in enumerate(PROMPTS):
        for index in range(number % 4 + 1):
            text = f"text {index} of {name if draw.random() < 0.7 else 'both'}"
            sample = Sample(digest(name, prompt.id, index), prompt, text, index, draw.randint(5, 99))
            made.append((sample, Verdict(draw.choice([True, True, False]))))
    order.shuffle(made)
    prompts = [*PROMPTS]
    order.shuffle(prompts)
    write_table(run.prompts(name) / "part-00000.parquet", prompt_table(prompts))
    record_checks(run, name, [CheckSpec(check="math_answer", label="rule")], "verify")
    for number in range(3):
        some = made[number::3]
        part = run.samples(name) / f"part-{number:05d}.parquet"
        write_part(part, [sample_row(sample) for sample, _ in some], SAMPLES)
        judged = verdict_table([s.id for s, _ in some], [s.content for s, _ in some], [ok for _, ok in some])
        write_table(run.sidecar(name, "rule", part), judged, {"label": "rule"})


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


@contextmanager
def open_alike(
    ingredients: Sequence[Ingredient], units: pl.DataFrame
) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """Prompts whose numbers are one apart are duplicates, or responses of one first letter; of many pairs not all are told at once."""
    numbers = {prompt.id: n for n, prompt in enumerate(PROMPTS)}
    by_prompt = units["prompt_id"].n_unique() == units.height

    def are_alike(one: int, other: int) -> bool:
        if by_prompt:
            return abs(numbers[units["prompt_id"][one]] - numbers[units["prompt_id"][other]]) == 1
        return units["sample_id"][one][0] == units["sample_id"][other][0]

    def find(wanted: np.ndarray) -> np.ndarray:
        pairs = [(i, j) for i in wanted for j in wanted if i < j and are_alike(int(i), int(j))]
        return np.array(pairs[: max(9, len(pairs) // 2)], np.int64).reshape(-1, 2)

    yield find


class LastIsHeld:
    """Stands for a comparison with a benchmark that holds the last prompt."""

    def compare(self, ingredients: Sequence[Ingredient], rows: pl.DataFrame) -> pl.Series:
        return rows.select(
            pl.when(pl.col("prompt_id") == PROMPTS[-1].id).then(pl.lit("exact: b row 1"))
        ).to_series()


def select(run: Run, sources: Sequence[Source], rules: Rules) -> Selection:
    return select_rows([take_ingredient(run, one) for one in sources], rules)


sources = st.tuples(
    *(
        st.builds(
            Source,
            source=st.just(name),
            name=st.just(name),
            choose=st.sampled_from(["random", "first", "shortest", "median", "balanced", "diverse"]),
            per_prompt=st.integers(1, 3),
            rows=st.integers(1, 15),
        )
        for name in ("a", "b")
    )
)


@settings(deadline=None, max_examples=25)
@given(
    sources,
    st.sampled_from([None, "prompt", "response"]),
    st.sampled_from(RULES),
    st.booleans(),
    st.integers(0, 2),
)
def test_the_funnel_adds_up_and_files_may_lie_as_they_like(runs, sources, of, stays, contaminated, seed):
    apart = None if of is None else Apart(of, stays, open_alike)

    rules = Rules(seed, apart, LastIsHeld() if contaminated else None)
    one, other = (select(run, sources, rules) for run in runs)
    where = ["part", "bytes"]  # how a sample lies, and the mean of its part
    assert one.picked.drop(where).equals(other.picked.drop(where))
    assert one.funnels == other.funnels and one.effects == other.effects
    assert one.left_out.sort("sample_id").equals(other.left_out.sort("sample_id"))
    ids = set(one.picked["sample_id"])
    assert not set(one.left_out["sample_id"]) & ids
    gave_way = one.left_out.filter(pl.col("label") == "near_duplicate")
    assert set(gave_way["reason"].str.extract(r"like that of (\w+) of")) <= ids
    held = one.left_out.filter(pl.col("label") == "contamination")
    assert sum(funnel.rejected.get("contamination", 0) for funnel in one.funnels) == held.height
    late = [*["contamination"] * contaminated, *["near_duplicate"] * (of is not None)]
    for funnel, source in zip(one.funnels, sources, strict=True):
        funnel.check()
        assert list(funnel.rejected) == ["rule", *late]
        assert funnel.selected == one.picked.filter(pl.col("source") == source.name).height
    assert sum(funnel.rejected.get("near_duplicate", 0) for funnel in one.funnels) == gave_way.height
    if contaminated:
        assert PROMPTS[-1].id not in set(one.picked["prompt_id"])
    for effect, funnel in zip(one.effects, one.funnels, strict=False):
        assert effect.selected.rows == sum(effect.selected.classes) == funnel.selected
        left_out = funnel.unselected + funnel.repeated + sum(funnel.rejected[name] for name in late)
        assert effect.accepted.rows == sum(effect.accepted.classes) == funnel.selected + left_out
    assert one.effects[-1].selected.rows == one.picked.height
    assert one.effects[-1].selected.prompts == one.picked["prompt_id"].n_unique()
