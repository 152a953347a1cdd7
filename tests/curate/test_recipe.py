"""A recipe is planned and refused as a whole, and run stage by stage."""

from pathlib import Path

import pytest
import yaml

from curate.recipe import RecipesOptions, find_recipe, plan, read_recipe, recipes, resolve
from filters.vocabulary import UserError

RECIPE = {
    "name": "small",
    "defaults": {"generate": {"samples": 4, "sampling": {"temperature": 0.7}}},
    "stages": [
        {
            "generate": {
                "prompts": "${recipe}/p.jsonl",
                "engine": {"model": "${run}/models/x"},
                "sampling": {"seed": 3},
            }
        },
        {"filter": {"name": "teacher", "check": [{"overlong": {"max_tokens": 9}}, "format"]}},
        {"mix": {"source": [{"source": "teacher", "per_prompt": 2}]}},
    ],
}


def write(folder: Path, recipe: object) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return path


def test_defaults_stages_and_overrides_are_merged(tmp_path: Path):
    path = write(tmp_path, RECIPE)
    stages = plan(read_recipe(path), path, Path("R"), {"generate": {"samples": 2}})
    generate, filters, mix = (stage.options for stage in stages)
    assert (generate.run, generate.samples) == (Path("R"), 2)
    assert generate.prompts == f"{tmp_path}/p.jsonl"
    assert generate.engine.model == "R/models/x"
    assert (generate.sampling.temperature, generate.sampling.seed) == (0.7, 3)
    assert (filters.source, [spec.label for spec in filters.check]) == ("R", ["overlong", "format"])
    assert mix.source[0].per_prompt == 2


def test_the_resolved_plan_reads_back_as_the_same_plan(tmp_path: Path):
    path = write(tmp_path, RECIPE)
    stages = plan(read_recipe(path), path, Path("R"))
    resolved = yaml.safe_load(resolve(read_recipe(path), stages))
    assert resolved.pop("digest")
    again = write(tmp_path, resolved)
    assert [stage.options for stage in plan(read_recipe(again), again, Path("R"))] == [
        s.options for s in stages
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stages": [{"genrate": {}}]}, "stage 1: there is no stage 'genrate'; did you mean 'generate'"),
        (
            {"stages": [{"mix": {"sources": []}}]},
            r"stage 1 \(mix\): there is no option 'sources'; did you mean 'source'",
        ),
        ({"stages": [{"generate": {}}]}, r"stage 1 \(generate\): option 'prompts' is required"),
        ({"stages": ["mix"]}, "stage 1: a stage is one command's name with its options"),
        ({"stages": 3}, "a name and a list of stages"),
        ({"steps": []}, "there is no key 'steps'"),
        ({"defaults": {"mixx": {}}}, "there is no stage 'mixx'; did you mean 'mix'"),
        (
            {"stages": [{"filter": {"check": ["langage"]}}]},
            "There is no check 'langage'; did you mean 'language'",
        ),
    ],
)
def test_mistakes_are_named_before_any_work(tmp_path: Path, change: dict, message: str):
    path = write(tmp_path, {**RECIPE, **change})
    with pytest.raises(UserError, match=message):
        plan(read_recipe(path), path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_shipped_recipes_are_found_by_name_planned_and_copied(tmp_path: Path, capsys: pytest.CaptureFixture):
    path = find_recipe("mini")
    assert plan(read_recipe(path), path, tmp_path / "run")
    recipes(RecipesOptions())
    assert "mini" in capsys.readouterr().out
    recipes(RecipesOptions(name="mini", out=tmp_path / "mine"))
    copied = tmp_path / "mine" / "recipe.yaml"
    assert plan(read_recipe(copied), copied, tmp_path / "run")[0].options.prompts.startswith(
        str(tmp_path / "mine")
    )
    with pytest.raises(UserError, match="is there already"):
        recipes(RecipesOptions(name="mini", out=tmp_path / "mine"))


@pytest.mark.parametrize("name", ["mini", "math_gpu"])
def test_every_shipped_recipe_resolves_to_a_plan(tmp_path: Path, name: str):
    path = find_recipe(name)
    recipe = read_recipe(path)
    stages = plan(recipe, path, tmp_path / "run")
    assert [stage.kind for stage in stages] == [kind for entry in recipe["stages"] for kind in entry]
    assert yaml.safe_load(resolve(recipe, stages))["name"] == name
    assert recipe["about"]


def test_an_unknown_recipe_is_refused_with_the_nearest():
    with pytest.raises(UserError, match="There is no recipe 'minni'; did you mean 'mini'"):
        find_recipe("minni")
