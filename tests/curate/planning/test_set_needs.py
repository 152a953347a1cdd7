"""The rows of a set are counted as its mix will count them: by the recipe's checks, over the prompts of all its stages."""

import json
from pathlib import Path

import pytest

from curate.store.layout import Run
from curate.store.whole_files import read_json
from tests.curate.planning.fake_pilot import (
    PROMPTS,
    SAMPLES,
    amounts_of,
    is_right,
    plan,
    read_stages,
    run_stages,
    write_recipe,
    write_world,
)

RIGHT = sum(map(is_right, range(PROMPTS)))


@pytest.fixture(scope="module")
def piloted(tmp_path_factory) -> tuple[Path, Run]:
    """A recipe, and the run of all its prompts with a filter that keeps nothing."""
    folder = tmp_path_factory.mktemp("piloted")
    path, run = write_world(folder), Run(folder / "run")
    generate, _, mix = read_stages(path)
    write_recipe(folder, generate, {"filter": {"name": "teacher", "check": ["overlong:max_tokens=5"]}})
    run_stages(path, run)
    return write_recipe(folder, generate, mix), run


def write_with(path: Path, check: object) -> Path:
    generate, mix = read_stages(path)[0], read_stages(path)[-1]
    stages = [{"filter": {"name": "teacher", "check": check}}] if check else []
    return write_recipe(path.parent, generate, *stages, mix)


def test_verdicts_of_other_options_are_no_estimate(piloted, tmp_path: Path):
    path, pilot = piloted
    found = plan(write_with(path, ["overlong:max_tokens=20000"]), Run(tmp_path / "run"), pilot)
    assert amounts_of(found, "3 mix sft")["rows"] == (0, None, RIGHT), "were none of them too long"
    (note,) = [note for note in dict(found.stages)["3 mix sft"].notes if "judged" in note]
    assert note.startswith("the pilot of 'teacher' was not judged by overlong as the recipe has it")
    found = plan(write_with(path, ["overlong:max_tokens=5"]), Run(tmp_path / "run"), pilot)
    assert amounts_of(found, "3 mix sft")["rows"] == (0, 0, 0)


def test_a_check_that_the_recipe_does_not_run_decides_in_the_run_that_has_it_alone(piloted, tmp_path: Path):
    path, pilot = piloted
    path = write_with(path, None)
    assert amounts_of(plan(path, Run(tmp_path / "run"), pilot), "2 mix sft")["rows"] == (RIGHT,) * 3
    assert amounts_of(plan(path, pilot), "2 mix sft")["rows"] == (0, 0, 0), "as a mix in it would say"


def test_what_is_accepted_is_by_the_recipes_own_options(piloted, tmp_path: Path):
    path, pilot = piloted
    generate, *rest = read_stages(path)
    asked = {**generate["generate"], "check": ["math_answer", "overlong:max_tokens=7"]}
    needs = plan(write_recipe(path.parent, {"generate": asked}, *rest), Run(tmp_path / "run"), pilot)
    found = amounts_of(needs, "1 generate teacher")
    assert found["samples"] == (PROMPTS * SAMPLES,) * 3
    assert found["accepted"] == (0, None, RIGHT * SAMPLES)
    assert "not judged by overlong as the recipe has it" in dict(needs.stages)["1 generate teacher"].notes[0]


def test_a_pilot_whose_number_of_samples_hangs_on_another_check_is_none(tmp_path: Path):
    path = write_world(tmp_path, accept=1)
    run_stages(path, Run(tmp_path / "pilot"))
    write_world(tmp_path, accept=1, check=["math_answer", "overlong:max_tokens=5"])
    needs = plan(path, Run(tmp_path / "run"), Run(tmp_path / "pilot"))
    assert needs.missing == 1
    assert (
        "were not judged by overlong as the recipe has it"
        in dict(needs.stages)["1 generate teacher"].notes[0]
    )


@pytest.mark.parametrize(("end", "start", "first", "second"), [(9, 8, 2, 2), (3, 5, 2, 2), (8, 2, 2, 1)])
def test_stages_of_one_name_make_the_union_of_their_prompts(tmp_path: Path, end, start, first, second):
    folder = tmp_path
    path, run = write_world(folder), Run(folder / "run")
    generate, filtered, mix = read_stages(path)
    rows = [{"prompt": f"What is {n}?", "answer": str(n)} for n in range(start, PROMPTS)]
    (folder / "more.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = generate["generate"]
    write_recipe(
        folder,
        {"generate": {**asked, "limit": end, "samples": first}},
        {"generate": {**asked, "prompts": str(folder / "more.jsonl"), "samples": second}},
        filtered,
        mix,
    )
    run_stages(path, run)
    made = read_json(run.set_info("sft"))["rows"]
    assert made == sum(is_right(n) for n in {*range(end), *range(start, PROMPTS)})
    for planned in (run, Run(folder / "other")):
        if first != second:  # then one of them has no pilot
            assert amounts_of(plan(path, planned, run), "4 mix sft")["rows"].value is None
            continue
        assert amounts_of(plan(path, planned, run), "4 mix sft")["rows"] == pytest.approx((made,) * 3)


def test_samples_that_the_run_has_of_other_prompts_count(tmp_path: Path):
    path, run = write_world(tmp_path), Run(tmp_path / "run")
    run_stages(path, run)
    (tmp_path / "prompts.jsonl").write_text('{"prompt": "What is 4?", "answer": "4"}\n')
    assert amounts_of(plan(path, run), "3 mix sft")["rows"] == pytest.approx((RIGHT,) * 3)
    assert amounts_of(plan(path, Run(tmp_path / "other"), run), "3 mix sft")["rows"] == pytest.approx(
        (1, 1, 1)
    )
