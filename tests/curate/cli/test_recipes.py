"""A recipe is planned and refused as a whole, and run stage by stage."""

from pathlib import Path

import pytest
import yaml

from curate.cli.recipe_plan import find_recipe, plan_recipe, read_recipe, resolve_plan
from curate.cli.recipes import RecipesOptions, list_recipes
from curate.cli.run_recipe import RunResult
from curate.stage_results import StageResult
from curate.store.layout import Run
from filters.errors import UserError
from tests.shown import shown

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
    stages = plan_recipe(read_recipe(path), path, Path("R"), {"generate": {"samples": 2}})
    generate, filters, mix = (stage.options for stage in stages)
    assert (generate.run, generate.samples) == (Path("R"), 2)
    assert generate.prompts == f"{tmp_path}/p.jsonl"
    assert generate.engine.model == "R/models/x"
    assert (generate.sampling.temperature, generate.sampling.seed) == (0.7, 3)
    assert (filters.source, [spec.label for spec in filters.check]) == ("R", ["overlong", "format"])
    assert mix.source[0].per_prompt == 2


def test_the_resolved_plan_reads_back_as_the_same_plan(tmp_path: Path):
    path = write(tmp_path, RECIPE)
    stages = plan_recipe(read_recipe(path), path, Path("R"))
    resolved = yaml.safe_load(resolve_plan(read_recipe(path), stages))
    assert resolved.pop("digest")
    again = write(tmp_path, resolved)
    assert [stage.options for stage in plan_recipe(read_recipe(again), again, Path("R"))] == [
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
        plan_recipe(read_recipe(path), path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_words_that_older_yaml_takes_for_truth_are_words(tmp_path: Path):
    path = tmp_path / "recipe.yaml"
    path.write_text(
        "name: x\nstages:\n- generate: {prompts: no, map: {prompt: off}, on: ray, engine: {model: yes}}\n"
        "- distill: {model: m, on: slurm, dry_run: yes, stop: [true]}\n"
    )
    generate, distill = [next(iter(entry.values())) for entry in read_recipe(path)["stages"]]
    assert generate == {"prompts": "no", "map": {"prompt": "off"}, "on": "ray", "engine": {"model": "yes"}}
    assert (distill["on"], distill["stop"]) == ("slurm", [True])
    del distill["stop"]
    recipe = {"name": "x", "stages": [{"distill": distill}]}
    (stage,) = plan_recipe(recipe, path, tmp_path / "run")
    assert stage.options.dry_run is True
    assert yaml.safe_load(resolve_plan(recipe, [stage]))["stages"][0]["distill"]["on"] == "slurm"


def test_shipped_recipes_are_found_by_name_planned_and_copied(tmp_path: Path, capsys: pytest.CaptureFixture):
    path = find_recipe("mini")
    assert plan_recipe(read_recipe(path), path, tmp_path / "run")
    assert "mini" in shown(list_recipes(RecipesOptions()))
    list_recipes(RecipesOptions(name="mini", out=tmp_path / "mine"))
    copied = tmp_path / "mine" / "recipe.yaml"
    assert plan_recipe(read_recipe(copied), copied, tmp_path / "run")[0].options.prompts.startswith(
        str(tmp_path / "mine")
    )
    with pytest.raises(UserError, match="already exists"):
        list_recipes(RecipesOptions(name="mini", out=tmp_path / "mine"))
    list_recipes(RecipesOptions(name="mini_r1", out=tmp_path / "r1"))
    assert "r1/r1.yaml" in capsys.readouterr().err
    list_recipes(RecipesOptions(name="r1", out=tmp_path / "full"))
    assert find_recipe(str(tmp_path / "full" / "r1.yaml"))


CLUSTERS = ["clusters_teacher_671b", "clusters_teacher_32b", "clusters_teacher_7b"]
ALL = [*CLUSTERS, "distill", "math_gpu", "mini", "mini_programs", "mini_r1", "mini_r1_zero", "r1", "r1_zero"]


def planned(tmp_path: Path, name: str):
    path = find_recipe(name)
    return plan_recipe(read_recipe(path), path, tmp_path / "run")


def test_these_recipes_are_bundled():
    listed = shown(list_recipes(RecipesOptions()))
    assert all(f" {name} " in listed for name in ALL)


@pytest.mark.parametrize("name", ALL)
def test_every_shipped_recipe_resolves_to_a_plan(tmp_path: Path, name: str):
    path = find_recipe(name)
    recipe = read_recipe(path)
    stages = plan_recipe(recipe, path, tmp_path / "run")
    assert [stage.kind for stage in stages] == [kind for entry in recipe["stages"] for kind in entry]
    assert yaml.safe_load(resolve_plan(recipe, stages))["name"] == name
    assert recipe["about"]


@pytest.mark.parametrize(("mini", "full"), [("mini_r1", "r1"), ("mini_r1_zero", "r1_zero")])
def test_the_small_recipes_have_the_stages_of_the_full_ones(tmp_path: Path, mini: str, full: str):
    def outline(name: str):
        return [(stage.kind, getattr(stage.options, "name", None)) for stage in planned(tmp_path, name)]

    # Models this small write no programs: mini_programs has those of a script verified.
    large = [(kind, name) for kind, name in outline(full) if "code" not in (name or "")]
    assert outline(mini) == large


def test_the_full_recipes_are_the_papers(tmp_path: Path):
    (zero,) = [stage.options for stage in planned(tmp_path, "r1_zero") if stage.kind == "grpo"]
    assert (zero.learning_rate, zero.kl_coefficient, zero.clip_range) == (3e-6, 0.001, 10)
    assert (zero.group_size, zero.prompts_per_step) == (16, 32)
    assert (zero.steps, zero.rollout_steps, zero.template) == (10_400, 16, "r1-zero")
    assert [spec.label for spec in zero.reward] == ["math_answer", "code_tests", "format"]
    assert zero.coding.prompts == "open-r1/verifiable-coding-problems-python"
    stages = planned(tmp_path, "r1")
    reasoner, last = [stage.options for stage in stages if stage.kind == "grpo"]
    assert [spec.label for spec in reasoner.reward] == [
        "math_answer",
        "code_tests",
        "format",
        "language_share",
    ]
    coding = [stage.options for stage in stages if stage.kind == "generate" and "code" in stage.options.name]
    assert [options.name for options in coding] == ["cold-code", "rejection-code"]
    assert all([spec.label for spec in options.check] == ["code_tests"] for options in coding)
    assert all(options.map == {"prompt": "prompt"} for options in coding)
    (general,) = [stage.options for stage in stages if getattr(stage.options, "kind", "") == "general"]
    assert [spec.label for spec in general.specs] == ["rubric", "language", "repetition", "format"]
    assert sum(general.general.share.values()) == pytest.approx(1)
    assert general.general.apart_from == ("rejection", "rejection-code")
    assert (last.steps, last.general.last_steps, last.sampling.temperature) == (1700, 400, 0.7)
    preferences = {spec.label: spec for spec in last.reward if spec.prompts == "general"}
    assert preferences["reward_model"].options.get("part", "response") == "response"
    assert preferences["harmlessness"].build().rubric == "harmlessness"
    (mixed,) = [stage.options for stage in stages if stage.kind == "mix" and stage.options.name == "sft"]
    assert [source.rows for source in mixed.source] == [390_000, 210_000, 200_000]
    sft = next(stage.options for stage in stages if stage.kind == "distill" and stage.options.name == "sft")
    assert (sft.epochs, sft.learning_rate, sft.batch_size, sft.max_length) == (2, 5e-5, 128, 32_768)


def test_every_student_of_the_paper_is_distilled_at_its_learning_rate(tmp_path: Path):
    from distill.sft.learning_rates import choose_learning_rate

    students = [stage.options for stage in planned(tmp_path, "distill") if stage.kind == "distill"]
    assert {student.model.split("/")[1]: choose_learning_rate(student.model, 1) for student in students} == {
        "Qwen2.5-Math-1.5B": 1e-4,
        "Qwen2.5-Math-7B": 8e-5,
        "Qwen2.5-14B": 7e-5,
        "Qwen2.5-32B": 6e-5,
        "Llama-3.1-8B": 5e-5,
        "Llama-3.3-70B-Instruct": 2e-5,
    }
    assert all(student.learning_rate is None for student in students)


def test_a_run_ends_as_its_worst_stage_did(tmp_path: Path):
    class Unfinished(StageResult):
        exit_code = 1

    assert RunResult("", Run(tmp_path), [StageResult(), Unfinished(), StageResult()]).exit_code == 1
    assert RunResult("", Run(tmp_path), [StageResult()]).exit_code == 0
    assert RunResult("", Run(tmp_path), []).exit_code == 0


def test_an_unknown_recipe_is_refused_with_the_nearest():
    with pytest.raises(UserError, match="There is no recipe 'minni'; did you mean 'mini'"):
        find_recipe("minni")
