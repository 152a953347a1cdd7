"""`distill` names what scripts use, and imports what the work needs only when it is used."""

import subprocess
import sys

import pytest

import distill
from curate.cli.commands import COMMANDS

HEAVY = ("torch", "transformers", "trl", "peft", "pydantic", "polars")


def loaded_after(code: str, packages: tuple[str, ...]) -> str:
    """Which of the packages a fresh interpreter has loaded after running the code."""
    script = f"{code}\nimport sys\nprint(*sorted(set({packages!r}) & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_all_public_names_are_there_and_listed():
    assert {name: getattr(distill, name).__name__ for name in distill.__all__} == {
        name: name for name in distill.__all__
    }
    assert set(distill.__all__) <= set(dir(distill))
    assert distill.__all__ == sorted(distill.__all__)
    with pytest.raises(AttributeError, match="module 'distill' has no attribute 'nothing'"):
        _ = distill.nothing


def test_importing_the_package_imports_nothing_heavy():
    assert loaded_after("import distill", HEAVY) == ""


@pytest.mark.parametrize("command", ["distill", "grpo", "evaluate"])
def test_a_stage_imports_torch_only_when_it_runs(command):
    entry = COMMANDS[command]
    code = f"from {entry.module} import {entry.function}, {entry.options}"
    assert loaded_after(code, ("torch", "trl", "peft", "vllm")) == ""
    assert getattr(distill, entry.function).__module__ == entry.module
