"""Where `--on` may send a training, and what it refuses before anything is started."""

import os
from pathlib import Path

import pytest

from distill.common.several import find_several
from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan
from distill.sft.stage import distill_student
from filters.errors import UserError
from tests.distill.common.test_launch import options
from tests.distill.common.test_machines import STEP


@pytest.fixture(autouse=True)
def _no_slurm(monkeypatch):
    for name in [name for name in os.environ if name.startswith(("SLURM_", "RAY_ADDRESS"))]:
        monkeypatch.delenv(name)


def asked(on: str) -> DistillOptions:
    return DistillOptions(run="r", model="m", on=on)


@pytest.mark.parametrize("on", ["ry", "local:x", "ray:", "slurm:4", ""])
def test_a_place_that_is_none_is_refused(on):
    with pytest.raises(UserError, match="a training runs on local, slurm, ray, or ray:ADDRESS"):
        find_several(asked(on))


def test_slurm_is_a_step_an_allocation_or_a_refusal(monkeypatch):
    with pytest.raises(UserError, match="not in a Slurm allocation"):
        find_several(asked("slurm"))
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    assert find_several(asked("slurm")) is None, "an allocation of one machine"
    monkeypatch.setenv("SLURM_JOB_NUM_NODES", "4")
    assert find_several(asked("slurm")).leads, "the driver of a step"
    for index in (0, 1):
        for name, value in {**STEP, "SLURM_NODEID": str(index)}.items():
            monkeypatch.setenv(name, value)
        assert find_several(asked("slurm")).leads == (index == 0)
    assert find_several(asked("local")) is None


def test_ray_is_the_cluster_that_is_named(monkeypatch):
    assert find_several(asked("ray")).ray == ""
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    assert find_several(asked("ray")).ray == "head:6379"
    assert find_several(asked("ray:auto")).ray == "auto"


def test_an_allocation_without_srun_is_said(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    monkeypatch.setenv("SLURM_JOB_NUM_NODES", "2")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="there is no srun"):
        distill_student(options(tmp_path, on="slurm"))


def test_where_a_training_runs_makes_no_other_model(tmp_path: Path):
    here = options(tmp_path)
    assert make_plan(here).key == make_plan(here.model_copy(update={"on": "slurm"})).key


def test_an_object_store_is_no_place_for_several_machines():
    for on in ("ray", "slurm"):
        with pytest.raises(UserError, match="'s3://bucket/r' is an object store"):
            find_several(DistillOptions(run=Path("s3://bucket/r"), model="m", on=on))
    assert find_several(DistillOptions(run=Path("s3://bucket/r"), model="m")) is None
