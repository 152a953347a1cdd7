"""What recipes/clusters ships for real clusters parses, and the kinds of stages it has run on a cluster of this machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import recipes
from curate.cli.dry_run import preview_stages
from curate.cli.recipe_plan import find_recipe, plan_recipe, read_recipe
from curate.cli.run_recipe import RunOptions, run_recipe
from curate.memory.machine import Machine
from tests.curate.cluster.conftest import QUIET
from tests.distill.several import ROOT

FOLDER = Path(recipes.__file__).parent / "clusters"
MACHINES = FOLDER / "machines"
GPUS = {"clusters_teacher_7b": 16, "clusters_teacher_32b": 64, "clusters_teacher_671b": 64}
ON = ("generate", "filter", "evaluate", "distill", "grpo")
SHORT = {
    "evaluate.limit": 20, "evaluate.samples": 2, "generate.limit": 60, "generate.samples": 4,
    "grpo.steps": 2, "distill.epochs": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", GPUS)
def test_a_recipe_for_a_cluster_is_planned_and_fits(name, tmp_path, capsys):
    path = find_recipe(name)
    stages = plan_recipe(read_recipe(path), path, tmp_path / "run")
    elsewhere = [stage for stage in stages if stage.kind in ON and stage.options.on == "ray"]
    assert {"filter", "evaluate", "distill"} <= {stage.kind for stage in elsewhere}
    told, refusals = preview_stages(stages, Machine(GPUS[name], 80.0, planned=True))
    assert refusals == []
    assert all(estimate.fits for _, preview in told for estimate in preview.estimates)
    result = run_recipe(RunOptions(recipe=name, run=tmp_path / "run", dry_run=True))
    assert result.exit_code == 0, capsys.readouterr().err
    assert yaml.safe_load(result.plan)["name"] == name
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("script", sorted(MACHINES.glob("*.sh")), ids=lambda path: path.name)
def test_a_script_is_one_and_gives_commands_that_there_are(script):
    checks = [["bash", "-n"], *([["shellcheck"]] if shutil.which("shellcheck") else [])]
    for check in checks:
        done = subprocess.run([*check, str(script)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    text = script.read_text()
    assert "Not run: Slurm" in text
    for line in text.splitlines():
        if line.startswith("r1curate "):
            _, command, *words = line.split()
            shown = subprocess.run(
                [sys.executable, "-m", "curate.cli", command, "--help"], capture_output=True, text=True
            )
            assert all(word in shown.stdout for word in words if word.startswith("--"))


KUBERAY = {
    "": {"apiVersion", "kind", "metadata", "spec"},
    "spec": {"entrypoint", "backoffLimit", "shutdownAfterJobFinishes", "rayClusterSpec"},
    "spec.rayClusterSpec": {"rayVersion", "headGroupSpec", "workerGroupSpecs"},
    "spec.rayClusterSpec.headGroupSpec": {"rayStartParams", "template"},
    "spec.rayClusterSpec.workerGroupSpecs": {
        "groupName", "replicas", "minReplicas", "maxReplicas", "rayStartParams", "template",
    },
    "template": {"spec"},
    "template.spec": {"containers", "volumes"},
    "template.spec.containers": {"name", "image", "resources", "volumeMounts"},
    "template.spec.volumes": {"name", "persistentVolumeClaim", "emptyDir"},
}  # fmt: skip
"""Fields of ray.io/v1 (docs/reference/api.md of ray-project/kuberay) and of Kubernetes' pods, at the places where they are used."""


def list_keys(value: Any, place: str = "") -> list[tuple[str, str]]:
    if isinstance(value, list):
        return [one for inner in value for one in list_keys(inner, place)]
    if not isinstance(value, dict) or place not in KUBERAY:
        return []
    here = [(place, key) for key in value]
    return here + [
        one
        for key, inner in value.items()
        for one in list_keys(inner, key if key == "template" else f"{place}.{key}".strip("."))
    ]


def test_kuberays_fields_are_those_that_it_has():
    job = yaml.safe_load((MACHINES / "kuberay.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    keys = list_keys(job)
    assert all(key in KUBERAY[place] for place, key in keys)
    assert {place for place, _ in keys} == set(KUBERAY)
    _, command, recipe, *_ = job["spec"]["entrypoint"].split()
    assert command == "run" and find_recipe(recipe)
    for group in (
        job["spec"]["rayClusterSpec"]["headGroupSpec"],
        *job["spec"]["rayClusterSpec"]["workerGroupSpecs"],
    ):
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())
        pod = group["template"]["spec"]
        mounted = {mount["name"] for one in pod["containers"] for mount in one["volumeMounts"]}
        assert mounted <= {volume["name"] for volume in pod["volumes"]}


def test_rays_cluster_launcher_takes_the_list_of_hosts():
    util = pytest.importorskip("ray.autoscaler._private.util", reason="Ray is not installed")
    given = yaml.safe_load((MACHINES / "hosts.yaml").read_text())
    made = util.prepare_config(given)
    util.validate_config(made)
    (node,) = made["available_node_types"].values()
    assert node["max_workers"] == len(given["provider"]["worker_ips"])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.xdist_group("ray")
def test_a_whole_recipe_runs_on_a_ray_cluster(tmp_path, monkeypatch):
    """The recipe mini, shortened, every stage that can on three nodes of a core each."""
    pytest.importorskip("ray", reason="Ray is not installed (pip install 'r1curate[ray]')")
    for name, value in {**QUIET, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}.items():
        monkeypatch.setenv(name, value)
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        for _ in range(2):
            made.add_node(num_cpus=1)
        changed = {**SHORT, **{f"{stage}.on": f"ray:{made.address}" for stage in ON}}
        asked = [word for name, value in changed.items() for word in ("--override", f"{name}={value}")]
        command = [sys.executable, "-m", "curate.cli", "run", "mini", "--run", str(tmp_path / "run"), *asked]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=dict(os.environ))
    finally:
        made.shutdown()
    assert done.returncode == 0, done.stdout + done.stderr
    models = {path.name for path in (tmp_path / "run/models").iterdir()}
    assert models == {"teacher", "student-qwen", "student-llama"}
