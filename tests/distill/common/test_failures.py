"""What ends a training from outside is one sentence with the remedy and the checkpoint."""

import errno
import json
from pathlib import Path

import pytest
import torch

from curate.engines.identity import Source
from distill.common.checkpoints import find_checkpoint, seal
from distill.common.failures import explain_failures
from distill.common.plan import Plan
from filters.errors import UserError, WorkUndone


def plan(tmp_path: Path, *steps: int) -> Plan:
    made = Plan(tmp_path / "models" / "student", Source("base", None), "0123456789")
    for step in steps:
        (made.aside / f"checkpoints/checkpoint-{step}").mkdir(parents=True)
        folder = made.aside / f"checkpoints/checkpoint-{step}"
        (folder / "trainer_state.json").write_text(json.dumps({"global_step": step}))
        (folder / "scheduler.pt").write_bytes(b"state")
        seal(folder)
    return made


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried 2 GiB.\nmore"), "out of memory (CUDA out of memory. Tried 2 GiB.). Lower --micro-batch-size"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "Lower --micro-batch-size"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full; free some space."),
        (RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos"), "the disk is full"),
        (RuntimeError("DataLoader worker (pid 7) exited unexpectedly"), "a process that reads data was lost"),
        (ValueError("Free memory on device (3/80 GiB) on startup is less than desired GPU memory utilization (0.3, 24 GiB)."), "vLLM does not start beside the training"),
        (RuntimeError("Engine core initialization failed. See root cause above."), "rollout.gpu_memory"),
        (RuntimeError("[Rank 1] Watchdog caught collective operation timeout: WorkNCCL"), "the processes lost each other"),
        (RuntimeError("CUDA error: an illegal memory access"), "a GPU failed (CUDA error: an illegal memory access)"),
    ],
)  # fmt: skip
def test_what_ends_a_training_is_explained(tmp_path: Path, error: Exception, said: str):
    with pytest.raises(WorkUndone) as told, explain_failures(plan(tmp_path, 20, 100)):
        raise error
    sentence = str(told.value)
    assert said in sentence and "\n" not in sentence
    assert told.value.exit_code == 1
    assert sentence.endswith("checkpoints/checkpoint-100').") and "resumes from step 100" in sentence


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "trainer_state.json").write_text("{"),
        lambda folder: (folder / "scheduler.pt").unlink(),
        lambda folder: (folder / "files.json").write_text("{"),
        lambda folder: (folder / "files.json").unlink(),
    ],
)
def test_a_checkpoint_that_is_not_whole_is_not_named(tmp_path: Path, spoil):
    made = plan(tmp_path, 20, 100)
    spoil(made.aside / "checkpoints/checkpoint-100")
    (made.aside / "checkpoints/checkpoint-120").mkdir()
    with pytest.raises(WorkUndone, match="resumes from step 20 "), explain_failures(made):
        raise torch.OutOfMemoryError("x")
    assert find_checkpoint(made) == made.aside / "checkpoints/checkpoint-20"


def test_without_a_checkpoint_it_says_so(tmp_path: Path):
    with pytest.raises(WorkUndone, match="There is no checkpoint yet"), explain_failures(plan(tmp_path)):
        raise torch.OutOfMemoryError("x")


@pytest.mark.parametrize("error", [UserError("a refusal"), RuntimeError("shape mismatch"), KeyError("x")])
def test_refusals_and_faults_of_ours_pass_as_they_are(tmp_path: Path, error: Exception):
    with pytest.raises(type(error)) as told, explain_failures(plan(tmp_path)):
        raise error
    assert told.value is error
