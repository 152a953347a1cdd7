"""`run --dry-run` shows what a recipe comes to beside it, and exits with 2 where the recipe does not fit itself."""

from pathlib import Path

import pytest
import yaml

from curate.cli.app import main
from curate.cli.recipe_plan import find_recipe, plan_recipe, read_recipe
from curate.cli.recipes import bundled_recipes
from curate.console import STDERR
from curate.planning.recipe_faults import list_name_faults
from curate.stages.mix import MixOptions, mix_samples
from curate.store.layout import Run
from tests.curate.planning.fake_pilot import read_stages, run_stages, write_recipe, write_world


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))  # no tool that finds GPUs


def run_dry(capsys, monkeypatch, *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(STDERR, "_width", 200)
    monkeypatch.setattr("sys.argv", ["r1curate", "run", "small.yaml", "--run", "run", *words])
    try:
        main()
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def list_refusals(err: str) -> list[str]:
    return [line.removeprefix("r1curate: ") for line in err.splitlines() if line.startswith("r1curate: ")]


def test_standard_output_is_the_recipe_whatever_is_told_beside_it(tmp_path, capsys, monkeypatch):
    path = write_world(tmp_path, plan={"prompts": 4})
    run_stages(path, Run(Path("pilot")))
    write_world(tmp_path)
    code, bare, err = run_dry(capsys, monkeypatch, "--dry-run")
    assert code == 0 and "bounds from the recipe's options alone" in err
    assert "generate teacher: no pilot: there are no samples of it in 'run' that were generated." in err
    assert "--override generate.plan.prompts=64" in err
    code, out, err = run_dry(capsys, monkeypatch, "--dry-run", "--pilot", "pilot", "--cluster", "4x8x80")
    assert code == 0 and out == bare
    assert [next(iter(stage)) for stage in yaml.safe_load(out)["stages"]] == ["generate", "filter", "mix"]
    assert "What it comes to, for 4 machines with 8 GPUs of 80 GiB each" in err
    assert "from a pilot of 4 prompts in pilot/samples/teacher" in err
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in err.splitlines() if line[:1] == "│"]
    told = {row[1]: row[2:] for row in rows if len(row) == 5}
    assert told["samples"] == ["20", "20", "20"]
    assert set(told) == {
        "prompts", "samples", "tokens, million", "accepted", "rows", "days", "storage, GB",
        "written to the run folder, GB", "read from it, GB",
    }  # fmt: skip
    assert not (tmp_path / "run").exists(), "nothing is written"


GENERATE = {
    "generate": {
        "prompts": "prompts.jsonl",
        "samples": 2,
        "engine": {"kind": "scripted", "model": "script.jsonl"},
    }
}
LARGE = {"model": "Qwen/Qwen2.5-7B", "tensor_parallel": 8}


@pytest.mark.parametrize(
    ("stages", "words", "said"),
    [
        ([{"mix": {"source": ["teacher:rows=21"]}}], (),
         "stage 2 mix sft: it asks for 21 rows of 'teacher', and were every sample accepted there would be 20 (10 prompts, 2 each)"),
        ([{"mix": {"source": ["teacher:rows=11,per_prompt=1"]}}], (), "there would be 10 (10 prompts, 1 each)"),
        ([{"filter": {"name": "teecher"}}], (),
         "stage 2 filter teecher: there are no samples 'teecher': no stage before makes them, and 'run' has none; did you mean 'teacher'?"),
        ([{"mix": {"source": ["teecher"]}}], (), "there are no samples 'teecher'"),
        ([{"distill": {"model": "m/m", "dataset": "sftt"}}], (), "there is no set 'sftt': no stage before makes it"),
        ([{"publish": {"model": "student", "licence": "mit"}}], (), "there is no model 'student'"),
        ([{"generate": {**GENERATE["generate"], "name": "b", "engine": {"kind": "scripted", "model": "${run}/models/r1"}}}], (),
         "there is no model 'r1'"),
        ([{"evaluate": {"name": "after", "before": "base", **GENERATE["generate"]}}], (), "there is no evaluation 'base'"),
        ([{"generate": {**GENERATE["generate"], "name": "b", "on": "ray", "engine": LARGE}}], ("--cluster", "4x4x80"),
         "stage 2 generate b: one replica takes 8 GPUs of one machine, and each has 4"),
        ([{"generate": {**GENERATE["generate"], "name": "b", "engine": {"model": "Qwen/Qwen2.5-7B"}}}], ("--cluster", "1x1x8"),
         "its weights take 14.2 GiB on each GPU, and its share is 7.2 GiB"),
        ([{"generate": {**GENERATE["generate"], "name": "b", "engine": {"model": "Qwen/Qwen2.5-7B", "max_model_len": 200_000}}}], (),
         "max_model_len is 200,000, and the model's own context is 131,072 tokens"),
    ],
)  # fmt: skip
def test_what_does_not_fit_exits_2_with_the_stage(tmp_path, capsys, monkeypatch, stages, words, said):
    write_world(tmp_path)
    write_recipe(tmp_path, GENERATE, *stages)
    code, out, err = run_dry(capsys, monkeypatch, "--dry-run", *words)
    assert code == 2, err
    assert yaml.safe_load(out)["name"] == "small"
    assert any(said in line and line.startswith("stage 2 ") for line in list_refusals(err)), err


@pytest.mark.parametrize(
    ("source", "samples"), [("teacher:rows=20", 2), ("teacher:rows=10,per_prompt=1", 2), ("teacher", 1)]
)
def test_what_may_fit_is_not_refused(tmp_path, capsys, monkeypatch, source, samples):
    write_world(tmp_path)
    again = {"generate": {**GENERATE["generate"], "samples": samples}}
    write_recipe(
        tmp_path,
        again,
        {"filter": {}},
        {"mix": {"source": [source]}},
        {"publish": {"dataset": "sft", "licence": "mit"}},
    )
    code, _, err = run_dry(capsys, monkeypatch, "--dry-run")
    assert (code, list_refusals(err)) == (0, [])


def test_rows_that_a_pilot_makes_unlikely_are_told_and_not_refused(tmp_path, capsys, monkeypatch):
    path = write_world(tmp_path)
    run_stages(path, Run(Path("run")))
    write_recipe(tmp_path, *read_stages(path)[:2], {"mix": {"source": ["teacher:rows=20"]}})
    code, _, err = run_dry(capsys, monkeypatch, "--dry-run")
    assert code == 0
    most = mix_samples(MixOptions(run="run", name="all", source=["teacher"])).rows
    assert most < 20
    assert f"it asks for 20 rows of 'teacher', and by the pilot there will be at most {most}." in err

    # The earlier ten prompts count in the mix where the recipe has another by now.
    (tmp_path / "prompts.jsonl").write_text('{"prompt": "What is 77?", "answer": "77"}\n')
    write_recipe(tmp_path, *read_stages(path)[:2], {"mix": {"source": ["teacher:rows=12"]}})
    code, _, err = run_dry(capsys, monkeypatch, "--dry-run")
    assert (code, list_refusals(err)) == (0, [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cluster", "64x8"), "--cluster and --pilot are for --dry-run"),
        (("--dry-run", "--cluster", "64"), "'64' is not of the form MACHINESxGPUS or MACHINESxGPUSxGIB"),
        (("--dry-run", "--pilot", "nowhere"), "There is no run folder 'nowhere'."),
    ],
)
def test_options_that_plan_nothing_are_refused(tmp_path, capsys, monkeypatch, words, said):
    write_world(tmp_path)
    code, out, err = run_dry(capsys, monkeypatch, *words)
    assert (code, out) == (2, "") and said in err


@pytest.mark.parametrize("name", sorted(bundled_recipes()))
def test_every_shipped_recipe_names_what_it_makes(name, tmp_path):
    path = find_recipe(name)
    stages = plan_recipe(read_recipe(path), path, tmp_path / "run")
    assert list(list_name_faults([(one.kind, one.options) for one in stages], Run(tmp_path / "run"))) == []


def test_replicas_on_ray_need_no_room_on_one_machine(tmp_path, capsys, monkeypatch):
    write_world(tmp_path)
    engine = {"model": "Qwen/Qwen2.5-7B", "tensor_parallel": 4, "replicas": 6}
    asked = {"prompts": "prompts.jsonl", "engine": engine}
    write_recipe(tmp_path, {"generate": {**asked, "on": "ray"}})
    code, _, err = run_dry(capsys, monkeypatch, "--dry-run", "--cluster", "3x8x80")
    assert (code, list_refusals(err)) == (0, [])
    write_recipe(tmp_path, {"generate": asked})
    code, _, err = run_dry(capsys, monkeypatch, "--dry-run", "--cluster", "3x8x80")
    assert code == 2 and "it takes 24 GPUs, and there are 8" in err
