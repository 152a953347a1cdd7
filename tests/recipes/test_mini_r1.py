"""DeepSeek-R1's chain of stages in the small, shortened: cold start, RL, rejection sampling, SFT, RL for all scenarios."""

import json
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from curate.cli.recipe_plan import find_recipe, plan_recipe, read_recipe
from curate.general.chain_table import count_chains
from curate.selection.funnel import Funnel
from curate.store.finished_sets import list_set_files
from curate.store.layout import Run
from curate.store.parquet import scan_files
from curate.store.verdicts import list_labels
from recipes.mini import r1_zero

SHORT = [
    "generate.limit=24",
    "generate.samples=2",
    "evaluate.limit=8",
    "evaluate.samples=2",
    "distill.epochs=1",
    "grpo.steps=2",
    "grpo.prompts_per_step=4",
    "grpo.group_size=4",
]


def command(folder: Path) -> list[str]:
    overrides = [part for override in SHORT for part in ("--override", override)]
    return [sys.executable, "-m", "curate.cli", "run", "mini_r1", "--run", str(folder), *overrides]


def metrics(run: Run) -> dict[str, dict]:
    found = {file.parent.name: json.loads(file.read_text()) for file in run.path.glob("evals/*/metrics.json")}
    return {name: {key: value for key, value in one.items() if key != "model"} for name, one in found.items()}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str]:
    folder = tmp_path_factory.mktemp("r1") / "run"
    finished = subprocess.run(command(folder), capture_output=True, text=True, timeout=900)
    assert finished.returncode == 0, finished.stderr
    return Run(folder), finished.stdout


@pytest.mark.timeout(900)
def test_all_stages_run_in_one_command(done: tuple[Run, str]):
    run, screen = done
    for name, kind in (("cold", "sft"), ("reasoner", "grpo"), ("sft", "sft"), ("r1", "grpo")):
        about = json.loads((run.model(name) / "r1curate.json").read_text())
        assert about["kind"] == kind
    assert set(metrics(run)) == {"base", "reasoner", "r1"}
    assert "report.html" in screen
    assert (run.path / "published/sft/README.md").exists()
    assert (run.path / "published/r1/README.md").exists()


def test_the_cold_start_keeps_correct_readable_chains_with_a_summary(done: tuple[Run, str]):
    run, _ = done
    about = json.loads((run.path / "sets/cold.json").read_text())
    for funnel in (Funnel(**funnel) for funnel in about["funnels"]):
        funnel.check()
        assert funnel.sampled == 48
        assert {"math_answer", "format", "language", "boilerplate", "summary"} <= set(funnel.rejected)
    made = json.loads((run.samples("cold-reflective") / "generation.json").read_text())
    assert made["ask"]["instruction"] == "reflective"


def test_general_answers_are_the_teachers_and_hold_no_think_block(done: tuple[Run, str]):
    """However many the reward model keeps: where it is found not to be reliable, none."""
    run, _ = done
    about = json.loads((run.path / "sets/sft.json").read_text())
    (funnel,) = (Funnel(**one) for one in about["funnels"] if one["source"] == "general")
    funnel.check()
    assert funnel.sampled == 48
    assert {"reward_model", "language", "repetition", "format"} <= set(funnel.rejected)
    rows = scan_files(list_set_files(run, "sft")).filter(pl.col("source") == "general").collect()
    assert rows.height == funnel.selected
    assert not [row for row in rows["completion"].to_list() if "think>" in row[0]["content"]]
    chains = count_chains(run, "general")
    assert sum(chains.values()) == 24
    assert all(chain.startswith("none: ") for _, chain in chains)


def test_the_last_rl_rewards_general_prompts_by_the_reward_model(done: tuple[Run, str]):
    run, _ = done
    about = json.loads((run.model("r1") / "r1curate.json").read_text())
    assert about["general_prompts"] > 0
    assert all(0 <= point["reward reward_model"] <= 1 for point in about["curve"])
    assert about["options"]["sampling"]["temperature"] == 0.7
    # A judge was asked after the rule, and only where that could not decide.
    assert "judge" in list_labels(run, "rejection")


def test_the_report_shows_every_stages_metrics(done: tuple[Run, str]):
    run, _ = done
    page = (run.path / "report.html").read_text()
    for word in (
        "cold-few-shot",
        "cold-reflective",
        "rejection",
        "reasoner",
        "reward_model",
        "language_share",
    ):
        assert word in page
    path = find_recipe("mini_r1")
    for stage in plan_recipe(read_recipe(path), path, run.path):
        assert stage.kind in page


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_killed_in_every_stage_it_goes_on_and_ends_as_an_unkilled_run(done: tuple[Run, str], tmp_path: Path):
    folder, rng, killed = tmp_path / "run", random.Random(1), set()
    path = find_recipe("mini_r1")
    stages = len(plan_recipe(read_recipe(path), path, folder))
    while len(killed) < stages:
        process = subprocess.Popen(
            command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        for line in process.stderr:
            found = re.match(r"\[(\d+)/", line)
            if found and int(found[1]) not in killed:
                killed.add(int(found[1]))
                time.sleep(rng.uniform(0, 6))
                process.kill()
                break
        process.stderr.close()
        process.wait()  # short stages may have ended before the kill: the next call tells them again
    finished = subprocess.run(command(folder), capture_output=True, text=True, timeout=900)
    assert finished.returncode == 0, finished.stderr
    assert killed == set(range(1, stages + 1))
    assert metrics(Run(folder)) == metrics(done[0])
    for name in ("cold", "reasoner", "sft", "r1"):
        weights = [run.model(name) / "model.safetensors" for run in (Run(folder), done[0])]
        assert weights[0].read_bytes() == weights[1].read_bytes(), name


@pytest.mark.timeout(600)
def test_the_scripted_recipe_trains_round_after_round(tmp_path: Path):
    rates = r1_zero.main(
        tmp_path / "run",
        rounds=1,
        evaluation={"limit": 8, "samples": 2},
        training={"steps": 1, "prompts_per_step": 2, "group_size": 4},
    )
    assert len(rates) == 2
    assert all(0 <= rate <= 1 for rate in rates)
    assert (tmp_path / "run/models/round-1/model.safetensors").exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_learning_rate_that_collapses_the_policy_is_said_and_stopped(tmp_path: Path):
    from curate.options import fill
    from distill import GrpoOptions, train_grpo
    from filters.errors import UserError

    given = {
        "run": tmp_path / "run",
        "model": r1_zero.BASE,
        "prompts": str(r1_zero.HERE / "data/train.jsonl"),
        "steps": 40,
        "prompts_per_step": 12,
        "group_size": 8,
        "sampling": {"max_tokens": 160},
        "kl_coefficient": 0,
        "learning_rate": 2e-3,
        "stop_on_trouble": True,
    }
    with pytest.raises(UserError, match=r"collapse: the share that math_answer finds correct fell from"):
        train_grpo(fill(GrpoOptions, given, "test"))
