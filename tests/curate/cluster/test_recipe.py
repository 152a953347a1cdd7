"""A recipe through a cluster gives the set that one machine gives, key by key.

The suite runs a recipe with the scripted engine. The mini recipe with real vLLM and real trainings, on a cluster, and with
its run on an object store: `pytest -m slow -n 0 tests/curate/cluster/test_recipe.py`, some minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from curate.store import copies
from curate.store.copies import find_folder
from curate.store.layout import Run
from tests.curate.cluster.test_ray import read_all, write_prompts, write_script
from tests.recipes.test_mini_recipe import SHORT

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("ray")]

RECIPE = """
name: small
defaults:
  generate: {{prompts: {prompts}, workers: 1}}
  evaluate: {{prompts: {prompts}, samples: 2, workers: 1}}
stages:
  - generate: {{name: teacher, samples: 4, engine: {{kind: scripted, model: {script}, concurrency: 4}}}}
  - filter: {{name: teacher, check: [format, language], workers: 1}}
  - mix: {{name: sft, source: [{{source: teacher, per_prompt: 2}}]}}
  - evaluate: {{name: teacher, engine: {{kind: scripted, model: {script}, concurrency: 4}}}}
"""
STAGES = ("generate", "filter", "evaluate")


def run_recipe(recipe: str, place: str, overrides: list[str], address: str | None, limit_s: float) -> Run:
    """Run a recipe, on a cluster if one is named."""
    on = [f"{stage}.on=ray" for stage in STAGES] if address else []
    given = [part for override in (*overrides, *on) for part in ("--override", override)]
    done = subprocess.run(
        [sys.executable, "-m", "curate.cli", "run", recipe, "--run", place, *given],
        env={**os.environ, **({"RAY_ADDRESS": address} if address else {})},
        capture_output=True,
        text=True,
        timeout=limit_s,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    copies._HELD.clear()
    return Run(find_folder(place))


def read_set(run: Run) -> pl.DataFrame:
    files = sorted(run.set("sft").glob("*.parquet"))
    return pl.concat([pl.read_parquet(file) for file in files]).sort("id")


def test_a_recipe_through_a_cluster_makes_the_same_set(cluster, tmp_path):
    recipe = tmp_path / "recipe.yaml"
    given = {"prompts": write_prompts(tmp_path, 30), "script": write_script(tmp_path, 0.05)}
    recipe.write_text(RECIPE.format(**given))
    here, there = (
        run_recipe(str(recipe), str(tmp_path / name), [], address, 200)
        for name, address in (("here", None), ("there", cluster.address))
    )
    labels = ["math_answer", "format", "language"]
    assert read_all(here, labels) == read_all(there, labels)
    assert read_set(here).equals(read_set(there))
    assert here.evaluation_grades("teacher").read_text() == there.evaluation_grades("teacher").read_text()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_mini_recipe_with_real_vllm_makes_the_same_set_on_a_cluster_and_on_an_object_store(
    cluster, tmp_path, objects
):
    places = {"here": (str(tmp_path / "here"), None), "ray": (str(tmp_path / "ray"), cluster.address)}
    places["objects"] = (f"{objects}/run", None)
    runs = {
        name: run_recipe("mini", place, SHORT, address, 1200) for name, (place, address) in places.items()
    }
    for run in (runs["ray"], runs["objects"]):
        assert read_set(run).equals(read_set(runs["here"])), Path(run.path).name
        labels = ["math_answer", "format", "language"]
        assert read_all(run, labels) == read_all(runs["here"], labels)
        assert run.report.exists() and run.model_names() == runs["here"].model_names()
