"""The GPUs of a machine are found by the driver's tool, and may be given for a machine elsewhere."""

import pytest

from curate.memory.machine import Machine, find_machine, find_own_machine, read_ram
from tests.fake_gpus import set_gpus


def test_gpus_are_found_and_the_smallest_counts(tmp_path, monkeypatch):
    set_gpus(tmp_path, monkeypatch, 81920, 40960)
    assert find_machine() == Machine(2, 40.0)
    assert find_machine(8) == Machine(8, 40.0, planned=True)
    assert find_machine(gpu_memory=24) == Machine(2, 24.0, planned=True)
    assert str(find_machine()) == "2 GPUs of 40 GiB"


@pytest.mark.parametrize(
    ("visible", "sizes"),
    [("1", [40.0]), ("", []), ("GPU-1a", [40.0]), ("1,0", [40.0, 80.0]), ("0,7,1", [80.0])],
)
def test_only_visible_gpus_count(tmp_path, monkeypatch, visible, sizes):
    set_gpus(tmp_path, monkeypatch, 81920, 40960)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    found = find_machine()
    assert (found.gpus, found.gpus and found.gib) == (len(sizes), min(sizes, default=0))


def test_a_machine_without_gpus_is_a_cpu_with_its_ram(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_machine() == Machine(0, read_ram())
    assert find_machine(0, 80) == Machine(0, read_ram())
    assert find_machine(8) == Machine(8, 80.0, planned=True)
    assert find_machine(gpu_memory=24) == Machine(1, 24.0, planned=True)
    assert 0.1 < read_ram() < 100_000


def test_a_training_counts_its_processes_whatever_was_planned(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_own_machine(64) == Machine(0, read_ram())
    set_gpus(tmp_path, monkeypatch, 81920)
    assert find_own_machine(64) == Machine(1, 80.0)
    set_gpus(tmp_path, monkeypatch, 81920, 81920)
    assert (find_own_machine(), find_own_machine(64)) == (Machine(2, 80.0), Machine(64, 80.0))
    monkeypatch.setenv("WORLD_SIZE", "16")
    # As platforms set it, too, that mean machines.
    assert find_own_machine(64) == Machine(64, 80.0)
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert find_own_machine(64) == Machine(16, 80.0)
