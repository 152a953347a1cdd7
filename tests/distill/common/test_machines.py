"""What Slurm tells a task becomes the arguments by which accelerate's launcher finds the other machines, or a refusal."""

import pytest
from accelerate.commands.launch import launch_command_parser
from hypothesis import given
from hypothesis import strategies as st

from distill.common.machines import PORTS, Machines, find_step, name_first
from filters.errors import UserError

HOSTS = st.from_regex(r"[a-z][a-z0-9.-]{0,8}", fullmatch=True)
STEP = {
    "SLURM_JOB_ID": "812",
    "SLURM_STEP_ID": "3",
    "SLURM_STEP_NUM_NODES": "2",
    "SLURM_STEP_NUM_TASKS": "2",
    "SLURM_STEP_NODELIST": "gpu[07-08]",
    "SLURM_NODEID": "1",
}


@given(
    HOSTS, st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), min_size=1, max_size=4), HOSTS, HOSTS
)
def test_the_first_host_of_a_list_is_its_first(prefix, ranges, suffix, other):
    inside = ",".join(f"{first:03}-{first + more:03}" if more else f"{first:03}" for first, more in ranges)
    whole = f"{prefix}{ranges[0][0]:03}{suffix}"
    assert name_first(f"{prefix}[{inside}]{suffix},{other}") == whole
    assert name_first(f"{whole},{prefix}[{inside}]") == whole
    assert name_first("rack[2,4]n[01-10],login") == "rack2n01"


@given(st.integers(2, 500), st.integers(1, 16), st.integers(1, 10**9), st.integers(0, 50), HOSTS, st.data())
def test_all_machines_of_a_step_meet_at_the_first(machines, processes, job, step, host, data):
    index = data.draw(st.integers(0, machines - 1))
    told = {
        "SLURM_JOB_ID": str(job), "SLURM_STEP_ID": str(step), "SLURM_STEP_NUM_NODES": str(machines),
        "SLURM_STEP_NUM_TASKS": str(machines), "SLURM_STEP_NODELIST": f"{host},other", "SLURM_NODEID": str(index),
    }  # fmt: skip
    found, first = find_step(told), find_step({**told, "SLURM_NODEID": "0"})
    assert (found.address, found.port, found.launch) == (first.address, first.port, first.launch)
    assert found.port in PORTS
    parser = launch_command_parser()
    read = parser.parse_args([*found.list_arguments(processes), "-m", "distill.sft", "o.json"])
    assert (read.num_machines, read.machine_rank) == (machines, index)
    assert read.num_processes == machines * processes
    assert (read.main_process_ip, read.main_process_port) == (host, first.port)
    assert read.multi_gpu and read.same_network and read.rdzv_backend == "static"


def test_one_process_on_one_machine_is_no_distributed_training():
    assert "--multi_gpu" not in Machines(1, 0, "h", 20000, "l").list_arguments(1)
    assert "--multi_gpu" in Machines(1, 0, "h", 20000, "l").list_arguments(2)


def test_no_step_or_one_of_one_machine_is_none():
    assert find_step({}) is None
    assert find_step({"SLURM_JOB_ID": "1", "SLURM_JOB_NUM_NODES": "2"}) is None
    assert find_step({**STEP, "SLURM_STEP_NUM_NODES": "1"}) is None
    assert find_step(STEP).address == "gpu07"


def test_another_try_of_a_job_is_another_launch():
    assert find_step(STEP).launch != find_step({**STEP, "SLURM_RESTART_COUNT": "1"}).launch


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"SLURM_STEP_NUM_TASKS": "16"}, "16 tasks on 2 machines.*--ntasks-per-node=1"),
        ({"SLURM_NODEID": None}, "srun has not set SLURM_NODEID"),
        ({"SLURM_STEP_NODELIST": ""}, "'' is no list of hosts"),
    ],
)
def test_a_step_that_cannot_train_is_refused(told, said):
    environment = {name: value for name, value in {**STEP, **told}.items() if value is not None}
    with pytest.raises(UserError, match=said):
        find_step(environment)
