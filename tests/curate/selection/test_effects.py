"""What is told of a selection is so in the set, and a dry run tells the same and leaves nothing behind."""

import json
import tempfile
from pathlib import Path
from statistics import fmean

import numpy as np
import polars as pl
import pytest

from curate.selection.effects import Effect
from curate.stages.mix import MixOptions, MixResult, mix_samples
from curate.store.whole_files import read_json
from filters.errors import UserError
from tests.curate.fake_run import make_run
from tests.shown import shown


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run with a teacher's samples and a general set, and beside it a file that says pass rates."""
    make_run(tmp_path / "run", prompts=12, samples=6)
    rows = [
        {"prompt": f"Say {n}", "response": "word " * (n + 3), "domain": "chat", "pass_rate": n % 5 / 4} for n in range(20)
    ]  # fmt: skip
    (tmp_path / "more.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def list_all(folder: Path) -> dict[str, tuple[int, int]]:
    found = [folder, *folder.rglob("*")]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in found}


SOURCES = [
    ("teacher:per_prompt=2,choose=median", "{}/more.jsonl:rows=7,choose=balanced"),
    ("teacher:per_prompt=2,choose=diverse", "general"),
    ("{}/more.jsonl:per_prompt=1,choose=shortest",),
]


@pytest.mark.parametrize("sources", SOURCES)
def test_a_dry_run_tells_what_mix_does_and_writes_nothing(
    place: Path, sources: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
):
    (place / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place / "tmp"))
    given = {"run": place / "run", "name": "new", "source": [one.format(place) for one in sources]}
    before = list_all(place / "run")
    tried = mix_samples(MixOptions(**given, dry_run=True))
    assert list_all(place / "run") == before
    assert list((place / "tmp").iterdir()) == []
    assert not (place / "run" / ".locks" / "set-new.lock").exists()
    made = mix_samples(MixOptions(**given))
    assert (tried.rows, tried.funnels, tried.effects) == (made.rows, made.funnels, made.effects)
    again = mix_samples(MixOptions(**given, dry_run=True))
    assert again.effects == made.effects, "what mix has imported is found"
    assert "nothing was written" in shown(tried) and "nothing was written" not in shown(made)


def test_a_dry_run_of_files_alone_makes_no_folder_and_refuses_what_mix_would(place: Path):
    given = {"files": [f"{place}/more.jsonl:rows=5"], "out": place / "set"}
    before = list_all(place)
    tried = mix_samples(MixOptions(**given, dry_run=True))
    assert list_all(place) == before
    made = mix_samples(MixOptions(**given))
    assert (tried.rows, tried.funnels, tried.effects) == (made.rows, made.funnels, made.effects)
    with pytest.raises(UserError, match="is no set that mix made"):
        mix_samples(MixOptions(**given | {"out": place / "run"}, dry_run=True))
    source = f"{place}/more.jsonl:name=teacher"
    with pytest.raises(UserError, match="were generated; give"):
        mix_samples(MixOptions(run=place / "run", source=[source], dry_run=True))


def mix(place: Path, *sources: str) -> tuple[MixResult, pl.DataFrame]:
    made = mix_samples(
        MixOptions(run=place / "run", name="new", source=[one.format(place) for one in sources])
    )
    return made, pl.read_parquet(made.folder / "*.parquet")


def test_the_numbers_are_those_of_the_set(place: Path):
    made, rows = mix(place, *SOURCES[0])
    teacher, more, both = made.effects
    assert [Effect(**one) for one in read_json(place / "run/sets/new.json")["effects"]] == made.effects
    own = rows.filter(pl.col("source") == "teacher")
    tokens = own["tokens"].to_list()
    assert (teacher.unit, teacher.selected.total) == ("tokens", sum(tokens))
    assert teacher.selected.mean == pytest.approx(fmean(tokens))
    assert teacher.selected.p95 == pytest.approx(np.percentile(tokens, 95))
    assert teacher.selected.prompts == own["prompt_id"].n_unique()
    texts = rows.filter(pl.col("source") == "more")["completion"].list.first().struct.field("content")
    assert (more.unit, more.selected.total) == ("characters", texts.str.len_chars().sum())
    said = [json.loads(text)["pass_rate"] for text in rows.filter(pl.col("source") == "more")["metadata"]]
    assert more.selected.pass_rate == pytest.approx(fmean(said))
    assert [n for n in more.selected.classes if n] == [2, 2, 1, 1, 1] or sorted(
        n for n in more.selected.classes if n
    ) == [1, 1, 1, 2, 2]
    assert (both.source, both.unit, both.selected.rows) == ("all", None, rows.height)


def test_what_moves_the_length_is_said_with_its_numbers(place: Path):
    made, _ = mix(place, "teacher:per_prompt=1,choose=shortest")
    (effect,) = made.effects
    equal, said = effect.notes
    assert equal.startswith(
        f"Of 'teacher' what was left out as equal responses moved the mean length from {effect.accepted.mean:,.0f} to "
    )
    assert said.startswith("The selection of 'teacher' (choose=shortest) moved the mean length from")
    assert f" to {effect.selected.mean:,.0f} tokens (-" in said
    assert equal.split(" to ")[1].split()[0] == said.split(" from ")[1].split()[0]
    run = place / "run"
    (run / "rates").mkdir()
    ids = pl.read_parquet(run / "prompts/teacher/*.parquet")["prompt_id"]
    stops = {"prompt_id": ids, "enough": True, "pass_rate": 0.5, "stopped_at": 3}
    pl.DataFrame(stops).write_parquet(run / "rates" / "teacher.parquet")
    for choose in ("random", "first"):
        made, _ = mix(place, f"teacher:per_prompt=1,choose={choose}")
        said = made.effects[0].notes[0]
        assert "stopped early" in said and ("for its length" in said) == (choose == "first")
    rows = pl.concat(map(pl.read_parquet, sorted((run / "samples/teacher").glob("part-*.parquet"))))
    accepted = rows.filter(pl.col("sample_id").is_in(accept_all(run).implode()))
    early = accepted.filter(pl.col("index") <= 3)["tokens"].mean()
    assert (
        f"up to it have {early:,.0f} tokens on average, all accepted ones {accepted['tokens'].mean():,.0f}"
        in said
    )


def accept_all(run: Path) -> pl.Series:
    """The ids of the teacher's samples that all checks accept, by the verdicts as they lie."""
    good = None
    for folder in sorted((run / "verdicts/teacher").glob("*/")):
        said = pl.concat([pl.read_parquet(file) for file in sorted(folder.glob("*.parquet"))])
        true = said.filter("ok")["sample_id"]
        good = true if good is None else good.filter(good.is_in(true.implode()))
    return good
