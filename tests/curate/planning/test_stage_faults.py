"""What a stage refuses before any work, the dry run refuses too, and in its words."""

import shutil
from pathlib import Path

import pytest

from curate.store.layout import Run
from filters.errors import UserError
from tests.curate.planning.fake_pilot import plan, read_stages, run_stages, write_recipe, write_world

TWICE = [{"check": "overlong", "options": {"max_tokens": 5}}, "overlong"]


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """A recipe that was run: its stage `teacher` alone."""
    folder = tmp_path_factory.mktemp("world")
    path = write_world(folder)
    write_recipe(folder, read_stages(path)[0])
    run_stages(path, Run(folder / "run"))
    (folder / "other.jsonl").write_text((folder / "script.jsonl").read_text().replace("so it is", "it is"))
    (folder / "empty.jsonl").write_text("")
    (folder / "broken.jsonl").write_text("{not JSON\n")
    return path


def name_engine(name: str) -> dict[str, str]:
    return {"kind": "scripted", "model": f"${{recipe}}/{name}.jsonl"}


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ([{"generate": {"sampling": {"temperature": 0.5}}}], "with other settings (temperature 1.0 -> 0.5)"),
        ([{"generate": {"engine": name_engine("other")}}], "with other settings (the model "),
        ([{"evaluate": {"name": "a", "samples": 1}}, {"evaluate": {"name": "a", "samples": 1, "sampling": {"top_p": 1.0}}}],
         "makes the samples 'eval-a' with other settings (top_p 0.95 -> 1.0)"),
        ([{"evaluate": {"name": "a", "samples": 1}}, {"generate": {"name": "eval-a", "samples": 1}}],
         "makes the samples 'eval-a' with other settings (temperature 0.6 -> 1.0"),
        ([{"mix": {"source": ["teacher:checks=math_answer+overlog"]}}], "the check 'overlog', and no stage before runs it on 'teacher'"),
        ([{"mix": {"source": ["teacher", "teacher:per_prompt=1"]}}], "Two sources are called 'teacher'"),
        ([{"mix": {"source": ["teacher:name=a", "teacher:name=b"]}}], "Two sources are called 'teacher'"),
        ([{"generate": {"name": "a b"}}], "'a b' cannot be a name"),
        ([{"mix": {"source": ["teacher"], "name": "a b"}}], "'a b' cannot be a name"),
        ([{"generate": {"name": "b", "check": TWICE}}], "Two checks are both labelled 'overlong'"),
        ([{"filter": {"name": "teacher", "check": TWICE}}], "Two checks are both labelled 'overlong'"),
        ([{"generate": {"name": "b", "check": [], "accept": 1}}], "accept counts samples that a rule accepts"),
        ([{"generate": {"name": "b", "budget": {"tokens": 9}}}], "A budget of 9 tokens is less than the longest sample"),
        ([{"generate": {"name": "b", "metrics": "nonsense"}}], "--metrics nonsense: it is a file whose name ends in .prom"),
        ([{"filter": {"name": "teacher", "metrics": "nonsense"}}], "--metrics nonsense: it is a file"),
        ([{"generate": {"name": "b", "engine": name_engine("none")}}], "There is no script file"),
        ([{"generate": {"name": "b", "engine": {"kind": "server", "model": "m"}}}], "The server engine needs engine.endpoints"),
        ([{"generate": {"name": "b", "prompts": "${recipe}/empty.jsonl"}}], "empty.jsonl"),
        ([{"generate": {"name": "b", "prompts": "${recipe}/broken.jsonl"}}], "broken.jsonl"),
    ],
)  # fmt: skip
def test_the_dry_run_refuses_what_the_run_refuses(tmp_path: Path, world: Path, stages, said: str):
    given = read_stages(world)[0]["generate"]
    base = {name: given[name] for name in ("prompts", "engine", "workers")}
    full = [
        {kind: {**base, **options} if kind in ("generate", "evaluate") else options}
        for one in stages
        for kind, options in one.items()
    ]
    path = write_recipe(tmp_path, {"generate": given}, *full)
    path.write_text(path.read_text().replace("${recipe}", str(world.parent)))
    refusals = plan(path, Run(tmp_path / "new")).refusals
    assert [one.split()[1] for one in refusals] == [str(len(full) + 1)], refusals
    assert said in refusals[0]
    with pytest.raises(UserError):
        run_stages(path, Run(Path(shutil.copytree(world.parent / "run", tmp_path / "run"))))


def test_samples_of_another_models_content_under_its_name_are_refused(tmp_path: Path, world: Path):
    folder = Path(shutil.copytree(world.parent, tmp_path / "world"))
    path, run = folder / world.name, Run(folder / "run")
    path.write_text(path.read_text().replace(str(world.parent), str(folder)))
    assert plan(path, run).refusals == [], "the same bytes in another place"
    shutil.copy(folder / "other.jsonl", folder / "script.jsonl")
    (refusal,) = plan(path, run).refusals
    assert "were generated with different settings (the model " in refusal
    with pytest.raises(UserError, match="different settings"):
        run_stages(path, run)


def test_stages_that_go_on_with_one_another_are_not_refused(tmp_path: Path, world: Path):
    shutil.copy(world.parent / "script.jsonl", tmp_path / "same.jsonl")
    asked = read_stages(world)[0]["generate"]
    again = {**asked, "samples": 1, "engine": {"kind": "scripted", "model": str(tmp_path / "same.jsonl")}}
    mixed = {"mix": {"source": ["teacher:checks=math_answer", str(world.parent / "prompts.jsonl")]}}
    path = write_recipe(tmp_path, {"generate": asked}, {"generate": again}, mixed)
    assert plan(path, Run(tmp_path / "new")).refusals == []
