"""Checks that compare all samples of a set: signed part by part, judged once, the same in whatever parts and after any kill."""

import random
import shutil
from pathlib import Path

import polars as pl
import pytest

import curate.checking.judge_parts
import curate.checking.judge_sets
from curate.checking.rank_checks import prepare_check_ranks, run_rank_checks
from curate.checking.run_checks import run_checks
from curate.checking.shard_judge import ShardJudge
from curate.options import fill
from curate.stages.filter import FilterOptions, filter_samples
from curate.store.copies import find_folder
from curate.store.job_array import JobArray
from curate.store.layout import Run, list_parts
from curate.store.object_store import ObjectStore
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from curate.store.verdicts import list_labels, require_current
from filters.digest import digest
from filters.errors import UserError
from filters.spec import make_spec
from filters.types import Prompt, Sample

CHECK = "near_duplicate:of=response"


def make_samples() -> list[Sample]:
    drawn = random.Random(5)
    asked = [Prompt.make(f"Question {n}", source=f"s{n % 3}", source_id=str(n)) for n in range(4)]
    texts = [" ".join(str(drawn.randrange(10**4)) for _ in range(60)) for _ in range(12)]
    found = []
    for number in range(42):
        words = drawn.choice(texts).split()
        words[drawn.randrange(60)] = f"w{drawn.randrange(3)}"
        found.append(Sample(digest(number), drawn.choice(asked), " ".join(words), number))
    return found


def write_run(path: Path, parts: int, samples: list[Sample]) -> Run:
    run = Run(path)
    asked = list({sample.prompt.id: sample.prompt for sample in samples}.values())
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table(asked))
    for number in range(parts):
        rows = [sample_row(sample) for sample in samples[number::parts]]
        write_part(run.samples("t") / f"part-{number:05d}.parquet", rows, SAMPLES)
    return run


def read_verdicts(run: Run) -> dict[str, tuple[bool, str]]:
    rows = pl.concat([pl.read_parquet(part) for part in list_parts(run.verdicts("t") / "near_duplicate")])
    return {key: (ok, reason) for key, ok, reason in rows.select("sample_id", "ok", "reason").iter_rows()}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bool, str]]:
    run = write_run(tmp_path_factory.mktemp("whole"), 1, make_samples())
    run_checks(run, "t", [make_spec(CHECK)], workers=1)
    found = read_verdicts(run)
    assert 5 < sum(not ok for ok, _ in found.values()) < 40
    return found


@pytest.mark.parametrize(("parts", "workers"), [(2, 2), (7, 1)])
def test_the_clusters_are_the_same_in_any_parts_and_order(tmp_path: Path, expected, parts, workers):
    samples = make_samples()
    random.Random(parts).shuffle(samples)
    run = write_run(tmp_path, parts, samples)
    run_checks(run, "t", [make_spec(CHECK)], workers)
    assert read_verdicts(run) == expected


def test_a_new_part_makes_all_verdicts_stale_and_no_signature(tmp_path: Path, expected):
    samples = make_samples()
    run = write_run(tmp_path, 2, samples)
    last = list_parts(run.samples("t"))[-1]
    aside = last.rename(tmp_path / "aside.parquet")
    run_checks(run, "t", [make_spec(CHECK)], workers=1)
    first = list_parts(run.signatures("t", "near_duplicate"))[0]
    made = first.stat().st_mtime_ns
    aside.rename(last)
    with pytest.raises(UserError, match="Samples were added to 't' since 'near_duplicate' compared them"):
        require_current(run, "t", list_labels(run, "t"))
    run_checks(run, "t", [make_spec(CHECK)], workers=1)
    assert read_verdicts(run) == expected and first.stat().st_mtime_ns == made
    judged = list_parts(run.verdicts("t") / "near_duplicate")[0].stat().st_mtime_ns
    run_checks(run, "t", [make_spec(CHECK)], workers=1)
    assert list_parts(run.verdicts("t") / "near_duplicate")[0].stat().st_mtime_ns == judged
    run_checks(run, "t", [make_spec(f"{CHECK},likeness=0.99")], workers=1)
    assert first.stat().st_mtime_ns == made
    run_checks(run, "t", [make_spec("near_duplicate")], workers=1)
    assert first.stat().st_mtime_ns != made


class _KilledError(BaseException):
    pass


@pytest.mark.parametrize("at", range(9))
def test_what_was_killed_goes_on_to_the_same_verdicts(tmp_path: Path, expected, at, monkeypatch):
    """Killed before any one of the files that it writes: three of signatures, then three of verdicts."""
    run = write_run(tmp_path, 3, make_samples())
    written = []

    def write(path, *rest, **named):
        if len(written) == at:
            raise _KilledError
        written.append(path)
        write_table(path, *rest, **named)

    with monkeypatch.context() as patched:
        for module in (curate.checking.judge_parts, curate.checking.judge_sets):
            patched.setattr(module, "write_table", write)
        if at < 6:
            with pytest.raises(_KilledError):
                run_checks(run, "t", [make_spec(CHECK)], workers=1)
        else:
            run_checks(run, "t", [make_spec(CHECK)], workers=1)
    run_checks(run, "t", [make_spec(CHECK)], workers=1)
    assert read_verdicts(run) == expected


def test_ranks_sign_and_the_command_after_them_judges(tmp_path: Path, expected):
    run = write_run(tmp_path, 3, make_samples())
    specs, folder = [make_spec(CHECK)], run.jobs("filter")
    array = prepare_check_ranks(run, ["t"], specs, "filter", folder, JobArray(2, "command"))
    assert [run_rank_checks(run, specs, 1, folder, array, rank) for rank in (0, 1)] == [28, 14]
    assert len(list_parts(run.signatures("t", "near_duplicate"))) == 3
    assert not list_parts(run.verdicts("t") / "near_duplicate")
    run_checks(run, "t", specs, workers=1)
    assert read_verdicts(run) == expected


def test_a_machine_of_a_cluster_signs_shards(tmp_path: Path, expected):
    run, spec = write_run(tmp_path, 2, make_samples()), make_spec(CHECK)

    class Place:
        def judge(self, path, name, shards, advance):
            judge = ShardJudge(str(path), name, 1)
            try:
                assert judge.judge(shards) == [21, 21]
            finally:
                judge.close()
            return []

    run_checks(run, "t", [spec], place=Place())
    assert len(list_parts(run.signatures("t", "near_duplicate"))) == 2 and read_verdicts(run) == expected


def test_a_run_is_compared_with_an_index_of_another(tmp_path: Path):
    samples = make_samples()
    old, new = (
        write_run(tmp_path / name, 2, some) for name, some in (("old", samples[:20]), ("new", samples[20:]))
    )
    run_checks(old, "t", [make_spec(CHECK)], workers=1)
    index = old.signatures("t", "near_duplicate")
    run_checks(new, "t", [make_spec(f"{CHECK},against={index}")], workers=1)
    reasons = [reason for ok, reason in read_verdicts(new).values() if not ok]
    assert any("of the index" in reason for reason in reasons)
    with pytest.raises(UserError, match="holds the signatures of 't' itself"):
        run_checks(old, "t", [make_spec(f"{CHECK},against={index}")], workers=1)
    copy = shutil.copytree(index, tmp_path / "copy")
    with pytest.raises(UserError, match="holds the signatures of 't' itself"):
        run_checks(old, "t", [make_spec(f"{CHECK},against={copy}")], workers=1)
    with pytest.raises(UserError, match="is no index of signatures"):
        run_checks(new, "t", [make_spec(f"{CHECK},against={tmp_path}")], workers=1)
    with pytest.raises(
        UserError, match="holds no signatures as 'near_duplicate' makes them with these options"
    ):
        run_checks(new, "t", [make_spec(f"near_duplicate:against={index}")], workers=1)


def test_verified_ones_stay_and_other_verdicts_make_that_stale(tmp_path: Path):
    rows = [("no", "x"), ("yes", "y")]
    asked = [
        Prompt.make(f"What is it{' ' * n}?", answer="yes", source=source)
        for n, (_, source) in enumerate(rows)
    ]
    samples = [Sample(f"id{n}", asked[n], said) for n, (said, _) in enumerate(rows)]
    run = write_run(tmp_path, 1, samples)
    spec = make_spec("near_duplicate:stays=verified")
    run_checks(run, "t", [spec], workers=1)
    assert read_verdicts(run)["id0"][0]
    run_checks(run, "t", [make_spec("text"), spec], workers=1)
    assert read_verdicts(run)["id1"][0] and not read_verdicts(run)["id0"][0]


def test_a_file_is_a_set(tmp_path: Path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    text = "tell me all that you know about the sea and its many fish and birds today"
    rows = [
        {"prompt": asked, "response": "r", "id": key}
        for key, asked in (("a", text), ("b", f"{text} "), ("c", "2?"))
    ]
    pl.DataFrame(rows).write_ndjson(source)
    filter_samples(
        fill(FilterOptions, {"source": str(source), "out": str(out), "check": ["near_duplicate"]}, "test")
    )
    kept = pl.read_ndjson(out)["kept"].to_list()
    assert sorted(kept[:2]) == [False, True] and kept[2]


def test_a_sample_that_cannot_be_signed_is_undecided_and_costs_no_other(tmp_path: Path):
    place = tmp_path / "mine.py"
    place.write_text(
        "from filters.checks.near_duplicate import NearDuplicate\n"
        "class Mine(NearDuplicate):\n"
        "    def sign(self, batch):\n"
        "        assert all('w1' not in sample.response for sample in batch), 'odd'\n"
        "        return super().sign(batch)\n"
    )
    run = write_run(tmp_path / "run", 2, make_samples())
    spec = make_spec({"check": f"{place}:Mine", "options": {"of": "response"}, "label": "near_duplicate"})
    run_checks(run, "t", [spec], workers=1)
    found = read_verdicts(run)
    odd = {sample.id for sample in make_samples() if "w1" in sample.response}
    assert {key for key, (ok, _) in found.items() if ok is None} == odd
    assert {found[key][1] for key in odd} == {"crashed: AssertionError: odd"}


def test_on_an_object_store_signatures_and_verdicts_are_committed_there(objects: str, expected):
    run = write_run(find_folder(objects), 2, make_samples())
    run_checks(run, "t", [make_spec(CHECK)], workers=1)
    there = ObjectStore(objects).list_files("")
    kinds = ("signatures/t/near_duplicate/part-", "verdicts/t/near_duplicate/part-")
    assert [sum(name.startswith(kind) for name in there) for kind in kinds] == [2, 2]
    assert read_verdicts(run) == expected and not list(run.verdicts("t").glob(".judging*"))
