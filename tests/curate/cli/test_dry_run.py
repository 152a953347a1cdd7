"""`run --dry-run`: the resolved recipe on standard output, what its models need on standard error, and exit 2 where refused."""

import re

import pytest
import yaml

from curate.cli.app import main
from curate.cli.dry_run import preview_stages
from curate.cli.recipe_plan import find_recipe, plan_recipe, read_recipe
from curate.cli.recipes import bundled_recipes
from curate.memory.machine import Machine, read_ram
from tests.fake_gpus import set_gpus

RECIPE = """\
name: small
stages:
  - generate: {prompts: p.jsonl, engine: {model: Qwen/Qwen2.5-7B}, sampling: {max_tokens: 2000}}
  - verify: {check: [{judge: {engine: {model: Qwen/Qwen2.5-32B-Instruct, tensor_parallel: 2}}}]}
  - distill: {name: cold, dataset: rows.jsonl, model: Qwen/Qwen2.5-7B, max_length: 8192}
  - grpo: {name: r1, model: "${run}/models/cold", prompts: p.jsonl, sampling: {max_tokens: 4096}}
  - evaluate: {name: last, prompts: p.jsonl, engine: {model: "${run}/models/r1", max_model_len: 8192}}
  - generate: {name: served, prompts: p.jsonl, engine: {kind: server, model: Qwen/Qwen2.5-72B, endpoints: ["http://x"]}}
"""


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))  # no tool that finds GPUs


def run_dry(capsys, monkeypatch, *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["r1curate", "run", "recipe.yaml", "--dry-run", *words])
    try:
        main()
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def read_rows(told: str) -> dict[str, str]:
    """The verdict on each stage in the last table."""
    rows = [
        [cell.strip() for cell in line.strip("│").split("│")] for line in told.splitlines() if line[:1] == "│"
    ]
    return {row[0]: row[3] for row in rows if len(row) == 4}


def plan_for(gpus: int, gib: float = 80) -> list[str]:
    given = {"gpus": gpus, "gpu_memory": gib}
    return [word for name, value in given.items() for word in ("--override", f"grpo.{name}={value}")]


def test_standard_output_is_the_recipe_alone_and_nothing_is_written(tmp_path, capsys, monkeypatch):
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run_dry(capsys, monkeypatch, *plan_for(8))
    assert code == 0, err
    assert [next(iter(stage)) for stage in yaml.safe_load(out)["stages"]] == [
        "generate", "verify", "distill", "grpo", "evaluate", "generate",
    ]  # fmt: skip
    assert sorted(tmp_path.rglob("*")) == before
    assert read_rows(err) == {
        "1 generate teacher": "fits", "2 verify": "fits", "3 distill cold": "fits", "4 grpo r1": "fits",
        "5 evaluate last": "fits",
    }  # fmt: skip
    # The model of a stage that is still to come has its base's shape, with sharding chosen by it.
    assert re.search(r"grpo r1: \S*runs/small/models/cold, all weights, sharding fsdp2", err)
    assert "vLLM with runs/small/models/r1, tensor parallel 1" in err.replace(str(tmp_path) + "/", "")


def test_what_would_be_refused_exits_2_with_the_stage_and_a_remedy(capsys, monkeypatch):
    code, out, err = run_dry(capsys, monkeypatch, *plan_for(1, 24))
    assert code == 2
    assert yaml.safe_load(out)["name"] == "small"
    assert read_rows(err) == {
        "1 generate teacher": "does not fit", "2 verify": "does not fit", "3 distill cold": "does not fit",
        "4 grpo r1": "does not fit", "5 evaluate last": "fits",
    }  # fmt: skip
    lines = [line for line in err.splitlines() if line.startswith("r1curate: ")]
    assert [line.split(":")[1].split()[1] for line in lines] == ["1", "2", "3", "4"]
    assert lines[0].endswith("give it engine.max_model_len=65536 and engine.tensor_parallel=1.")
    assert "it takes 2 GPUs, and there are 1; take 4 GPUs of 24 GiB" in lines[1]
    assert "take 16 GPUs of 24 GiB or train adapters (--lora-rank 32)" in lines[2]


def test_without_a_gpu_nothing_is_refused_for_that_reason(capsys, monkeypatch):
    code, out, err = run_dry(capsys, monkeypatch)
    assert code == 0 and "stages" in out
    assert f"for a CPU with {read_ram():.0f} GiB of RAM" in err
    assert "No GPU here: to plan for some, give gpus and gpu_memory" in err.replace("\n", " ")


def test_this_machines_gpus_are_planned_for(tmp_path, capsys, monkeypatch):
    set_gpus(tmp_path, monkeypatch, *[81920] * 8)
    code, _, err = run_dry(capsys, monkeypatch)
    assert code == 0 and "for 8 GPUs of 80 GiB" in err


def test_a_response_longer_than_the_context_is_refused_of_a_training_and_told_of_an_engine(
    capsys, monkeypatch
):
    long = ("--override", "grpo.sampling.max_tokens=200000")
    code, _, err = run_dry(capsys, monkeypatch, *plan_for(8), *long)
    assert code == 2
    assert (
        "stage 4 grpo r1: max_tokens=200000 leaves no room for a prompt in the context of 131072 tokens"
        in err
    )
    long = ("--override", "evaluate.sampling.max_tokens=9000")
    code, _, err = run_dry(capsys, monkeypatch, *plan_for(8), *long)
    assert code == 0
    assert "max_tokens is 9,000, but prompt and response together have at most 8,192 tokens" in err


NAMED = re.compile(r"for (\d+) GPUs of (\d+) GB|on (\d+) GPUs of (\d+) GB")


def read_machine(about: str) -> Machine:
    """The machine that a recipe says it is for; a laptop, where it names none."""
    found = NAMED.search(about)
    if found is None:
        return Machine(0, 16.0)
    gpus, gib = (int(number) for number in found.groups() if number)
    return Machine(gpus, float(gib), planned=True)


@pytest.mark.parametrize("name", sorted(bundled_recipes()))
def test_every_shipped_recipe_fits_the_machine_it_names(name, tmp_path):
    path = find_recipe(name)
    recipe = read_recipe(path)
    machine = read_machine(recipe["about"])
    told, refusals = preview_stages(plan_recipe(recipe, path, tmp_path / "run"), machine)
    assert refusals == []
    estimates = [(title, estimate) for title, preview in told for estimate in preview.estimates]
    assert [estimate.explain() for _, estimate in estimates if not estimate.fits] == []
    assert [note for _, preview in told for note in preview.notes if "cannot be read" in note] == []
    if name in ("r1", "r1_zero", "distill", "math_gpu"):
        assert machine.gpus >= 8
        assert any(title.split()[1] in ("grpo", "distill") for title, _ in estimates)
