"""What all tests share: their order and number of workers, and messages as the command line shows them."""

import os
import re
from pathlib import Path

import pytest

from curate.console import show_logs
from curate.stage_process import claim_process

# Before torch is first imported: threads that spin while they wait starve the tests beside these.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
show_logs()
# Trainings run in the tests' own process, where they can be looked into.
claim_process()

LONGEST = (
    "recipes/test_mini_r1.py",
    "recipes/test_mini_recipe.py",
    "distill/grpo/test_launch.py",
    "distill/grpo/test_stage.py",
    "curate/engines/test_replicas.py",
    "curate/engines/test_vllm_life.py",
    "filters/checks/test_language.py",
    "filters/checks/test_hostile.py",
    "distill/sft/test_stage.py",
    "curate/sampling/test_kill.py",
    "recipes/test_real_problems.py",
)
"""The modules that take longest, the longest first."""


@pytest.fixture
def trusted_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judges decide without having been calibrated: for tests of what becomes of their verdicts."""
    for module in ("engine_checks", "resident_gate"):  # imported by those tests alone that ask for it
        monkeypatch.setattr(f"curate.checking.{module}.needs_calibration", lambda check: False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest modules: begun last, one worker would be busy with them when the others have ended."""
    root = Path(__file__).parent
    ranks = {root / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """A worker a core; none of them where one module was asked for, one where tests would share a GPU."""
    if len(config.args) == 1 and Path(config.args[0].partition("::")[0]).is_file():
        return 0
    if re.search(r"(?<!not )\bgpu\b", config.option.markexpr):
        return 1
    return len(os.sched_getaffinity(0))
