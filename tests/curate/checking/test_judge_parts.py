"""One part that cannot be judged stops no other, also where checks are asked again."""

from pathlib import Path

import pytest

from curate.checking.run_checks import run_checks
from curate.store.layout import list_parts
from curate.store.parquet import read_part_info
from curate.store.stale_verdicts import find_stale
from filters.errors import UserError, WorkUndone
from filters.spec import make_spec
from tests.curate.fake_run import make_run

SPECS = [make_spec("overlong:max_tokens=7")]


def damage(part: Path) -> bytes:
    """Spoil the pages of a part, and neither of its ends."""
    whole = part.read_bytes()
    part.write_bytes(whole[:4] + bytes(len(whole) - 1_000 - 4) + whole[-1_000:])
    return whole


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("how", ["pages", "all"])
def test_the_others_are_judged_and_the_bad_one_once_it_is_mended(tmp_path: Path, number: int, how: str):
    run = make_run(tmp_path / "run", prompts=6, samples=2)
    part, *others = list_parts(run.samples("teacher"))
    for copy in range(len(others) + 1, 3):
        part.with_name(f"part-{copy:05d}.parquet").write_bytes(part.read_bytes())
    parts = list_parts(run.samples("teacher"))
    bad = parts[number]
    whole = damage(bad) if how == "pages" else bad.read_bytes()
    if how == "all":
        bad.write_bytes(b"garbage")
    with pytest.raises(
        WorkUndone, match=r"1 of 3 parts could not be judged, the first, .* The others are done"
    ):
        run_checks(run, "teacher", SPECS, workers=1, command="filter")
    for other in parts:
        if other != bad:
            assert find_stale(run, "teacher", other, SPECS) == []
            assert read_part_info(run.sidecar("teacher", "overlong", other))["label"] == "overlong"
    bad.write_bytes(whole)
    run_checks(run, "teacher", SPECS, workers=1, command="filter")
    assert [find_stale(run, "teacher", part, SPECS) for part in parts] == [[], [], []]


def test_a_mistake_that_is_one_on_every_part_is_the_users(tmp_path: Path):
    run = make_run(tmp_path / "run", prompts=2, samples=1)
    for file in run.prompts("teacher").glob("*.parquet"):
        file.unlink()
    with pytest.raises(UserError, match="There is no file part-") as told:
        run_checks(run, "teacher", SPECS, workers=1, command="filter")
    assert told.value.exit_code == 2
