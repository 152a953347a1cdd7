"""Fine-tunings on several machines, which here are launchers on loopback: by a Slurm step, by srun, on a Ray cluster.

`pytest -n 0 -m slow tests/distill/sft/test_on_machines.py`
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan
from tests.curate.cluster.conftest import QUIET
from tests.distill.several import ROOT, make_environment
from tests.distill.sft.test_processes import SHARED, assert_same, options, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("ray")]

SRUN = """#!{python}
import os, subprocess, sys
command = [word for word in sys.argv[1:] if not word.startswith("--")]
assert "--nodes=2" in sys.argv and "--kill-on-bad-exit=1" in sys.argv
tasks = [subprocess.Popen(command, env=os.environ | {{"SLURM_NODEID": str(n), **{step!r}}}) for n in range(2)]
sys.exit(max(task.wait() for task in tasks))
"""


def make_step() -> dict[str, str]:
    return {
        "SLURM_JOB_ID": str(random.randrange(10**6)),
        "SLURM_STEP_ID": "0",
        "SLURM_STEP_NUM_NODES": "2",
        "SLURM_STEP_NUM_TASKS": "2",
        "SLURM_STEP_NODELIST": "127.0.0.1,127.0.0.2",
    }


def command(asked: DistillOptions, on: str) -> list[str]:
    given = asked.model_dump(mode="json", exclude_defaults=True)
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    return [sys.executable, "-m", "curate.cli", "distill", "--on", on, *flags]


def start(asked: DistillOptions, on: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(asked, on), env=make_environment({**SHARED, **environment}), cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=280)
    return process.returncode, out, err


def start_step(asked: DistillOptions) -> list[subprocess.Popen[str]]:
    step = make_step()
    return [start(asked, "slurm", **step, SLURM_NODEID=str(index)) for index in range(2)]


def wait_for_step(asked: DistillOptions, step: int, *processes: subprocess.Popen[str]) -> None:
    """Until a checkpoint of that step or a later one is there."""
    folder, give_up = make_plan(asked).aside / "checkpoints", time.monotonic() + 200
    while max((int(p.name.partition("-")[2]) for p in folder.glob("checkpoint-*")), default=0) < step:
        assert time.monotonic() < give_up
        assert all(one.poll() is None for one in processes), processes[0].communicate()
        time.sleep(0.01)


def test_a_step_of_two_machines_trains_as_two_processes_do(tmp_path):
    two, step = options(tmp_path, "two", shard="fsdp2"), options(tmp_path, "step", shard="fsdp2")
    run(two, 2, **SHARED)
    first, second = (end(one) for one in start_step(step))
    assert first[0] == second[0] == 0, first[2] + second[2]
    assert_same(two, step, 0)
    assert "step" in first[1] and not second[1].strip(), "the first machine alone tells"
    assert not list((step.run / "models").glob(".*"))


def test_what_a_machine_refuses_is_told_by_all_with_one_exit_code(tmp_path):
    asked = options(tmp_path, "refused", lora={"rank": 4, "targets": "nothing"})
    asked.run.mkdir(exist_ok=True)
    ended = [end(one) for one in start_step_of(asked, ["--set", "lora.targets=nothing"])]
    assert [code for code, _, _ in ended] == [2, 2], ended
    assert all("nothing" in said for _, _, said in ended)


def start_step_of(asked: DistillOptions, more: list[str]) -> list[subprocess.Popen[str]]:
    plain = asked.model_copy(update={"lora": None})
    step = make_step()
    return [
        subprocess.Popen(
            [*command(plain, "slurm"), *more], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=make_environment({**SHARED, **step, "SLURM_NODEID": str(index)}),
        )
        for index in range(2)
    ]  # fmt: skip


def test_an_allocation_starts_its_step_by_srun(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "srun").write_text(SRUN.format(python=sys.executable, step=make_step()))
    (tools / "srun").chmod(0o755)
    two, asked = options(tmp_path, "two"), options(tmp_path, "srun")
    run(two, 2)
    allocation = {"SLURM_JOB_ID": "7", "SLURM_JOB_NUM_NODES": "2", "SHARD": ""}
    code, out, said = end(
        start(asked, "slurm", PATH=f"{tools}{os.pathsep}{os.environ['PATH']}", **allocation)
    )
    assert code == 0, said
    assert out.count("srun") == 1
    assert_same(two, asked, 0)


def test_a_step_whose_machine_dies_ends_and_goes_on(tmp_path):
    whole, asked = options(tmp_path, "whole", epochs=20), options(tmp_path, "cut", epochs=20, shard="fsdp2")
    run(whole, 1)
    first, second = start_step(asked)
    wait_for_step(asked, 5, first, second)
    second.send_signal(signal.SIGKILL)
    code, _, said = end(first)
    second.communicate()
    assert code == 1 and "Run the same command again to resume from the last checkpoint" in said
    ended = [end(one) for one in start_step(asked)]
    assert [code for code, _, _ in ended] == [0, 0], ended
    assert_same(whole, asked, 1e-4)


@pytest.fixture(scope="module")
def ray_cluster() -> Iterator[Any]:
    """Three nodes of one core each, which the driver reaches by its address."""
    pytest.importorskip("ray", reason="Ray is not installed (pip install 'r1curate[ray]')")
    before = dict(os.environ)
    os.environ.update({**QUIET, **make_environment(SHARED)})
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(2):
        made.add_node(num_cpus=1)
    try:
        yield made
    finally:
        made.shutdown()
        os.environ.clear()
        os.environ.update(before)


def test_a_ray_cluster_trains_as_three_processes_do(ray_cluster, tmp_path):
    three, asked = options(tmp_path, "three", shard="fsdp2"), options(tmp_path, "ray", shard="fsdp2")
    run(three, 3, **SHARED)
    code, out, said = end(start(asked, f"ray:{ray_cluster.address}", **QUIET))
    assert code == 0, said
    assert out.count("ray") == 1
    assert "Only 9 optimizer steps" in said, "what rank 0 says reaches the driver"
    assert_same(three, asked, 0)
    assert end(start(asked, f"ray:{ray_cluster.address}", **QUIET))[0] == 0


def test_what_is_refused_on_a_cluster_is_the_drivers_refusal(ray_cluster, tmp_path):
    asked = options(tmp_path, "refused", gpus=8)
    code, _, said = end(start(asked, f"ray:{ray_cluster.address}", **QUIET))
    assert (code, "8 GPUs are asked for, and the Ray cluster has none" in said) == (2, True), said


def test_a_lost_node_ends_the_training_and_the_rest_goes_on(ray_cluster, tmp_path):
    whole, asked = options(tmp_path, "whole", epochs=20), options(tmp_path, "cut", epochs=20, shard="fsdp2")
    run(whole, 1)
    driver = start(asked, f"ray:{ray_cluster.address}", **QUIET)
    wait_for_step(asked, 5, driver)
    victim = next(node for node in ray_cluster.worker_nodes if node is not ray_cluster.head_node)
    ray_cluster.remove_node(victim, allow_graceful=False)
    code, _, said = end(driver)
    assert code == 1, said
    assert "was lost" in said and "Run the same command again to resume from the last checkpoint" in said
    driver = start(asked, f"ray:{ray_cluster.address}", **QUIET)
    code, _, said = end(driver)
    assert code == 0, said
    assert "was interrupted on 3 processes and goes on" in said, "two machines are left"
    ray_cluster.add_node(num_cpus=1)
    assert_same(whole, asked, 1e-4)
