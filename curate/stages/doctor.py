"""`doctor`: what this machine can run, what is missing, and the line that installs it."""

from __future__ import annotations

import logging
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import RenderableType
from rich.table import Table

from curate.audit.run_examination import RunFault, examine_run
from curate.environment.abilities import Ability, find_gpus, list_abilities
from curate.environment.packages import Fault, InstalledPackages, find_faults, find_modules, has_numa
from curate.options import StageOptions
from curate.stage_results import StageResult
from curate.store.layout import open_run

logger = logging.getLogger(__name__)

GIB: Final = 2**30


class DoctorOptions(StageOptions):
    """Say what this machine can run, or examine a run."""

    arguments = ("run",)

    run: Path | None = None
    """A run folder to examine: whether all of it is sound. Without one, the machine is examined."""


@dataclass(frozen=True, slots=True)
class RunDoctorResult(StageResult):
    """What is wrong with a run, or unfinished in it."""

    run: Path
    findings: Sequence[RunFault]

    @property
    def exit_code(self) -> int:
        """1 where something is wrong."""
        return int(any(finding.fault for finding in self.findings))

    def render(self) -> Iterator[RenderableType]:
        """A line for each finding, with what to do."""
        for finding in self.findings:
            yield f"{'Fault' if finding.fault else 'Note'}: {finding.what} {finding.todo}"
        if not self.exit_code:
            yield f"'{self.run}' is sound."


@dataclass(frozen=True, slots=True)
class DoctorResult(StageResult):
    """The machine's GPUs, what can be run on it, and which packages break each other."""

    gpus: Sequence[str]
    abilities: Sequence[Ability]
    faults: Sequence[Fault]

    @property
    def unmet_needs(self) -> list[str]:
        """What is needed and cannot be done."""
        return [ability.what for ability in self.abilities if ability.needed and not ability.works]

    @property
    def exit_code(self) -> int:
        """1 where the environment is not ready."""
        return 1 if self.faults or self.unmet_needs else 0

    def render(self) -> Iterator[RenderableType]:
        """The machine, its abilities, and how to get what is missing."""
        yield _machine_table(self.gpus)
        yield _ability_table(self.abilities)
        for ability in self.abilities:
            if not ability.works:
                yield f"To {ability.what}: {ability.install}"
        for fault in self.faults:
            yield f"Fault: {fault.what} Fix it: {fault.fix}"


def examine(options: DoctorOptions) -> DoctorResult | RunDoctorResult:
    """Say what this machine can run, what is missing, and the line that installs it; or whether a run is sound.

    Reads the installed packages' metadata, the driver and the disk, and tries the sandbox; it imports none of the heavy
    libraries and asks nothing of the network. Reads everything of a RUN that is named: parts are readable, ids are unique, verdicts
    belong to their samples, the funnel adds up, every row of a set is a sample that its checks accept.
    Writes nothing. Exits with 1 where a fault is found or where nothing could be sampled or distilled, so that a
    script can ask it first.

    Example: r1curate doctor runs/r1
    """
    return check_environment() if options.run is None else examine_run_folder(options.run)


def examine_run_folder(path: Path) -> RunDoctorResult:
    """Read all of a run and say what is wrong with it. Raises UserError where there is none."""
    return RunDoctorResult(path, list(examine_run(open_run(path))))


def check_environment() -> DoctorResult:
    """What this machine can run, and what is missing."""
    installed, gpus = InstalledPackages.detect(), find_gpus()
    faults = list(find_faults(installed, find_modules(), has_numa()))
    result = DoctorResult(gpus, list(list_abilities(installed, gpus)), faults)
    if result.exit_code:
        said = [f"cannot {', '.join(result.unmet_needs)}"] * bool(result.unmet_needs)
        said += [f"{len(faults)} to fix"] * bool(faults)
        logger.warning(f"This environment is not ready ({'; '.join(said)}).")
    return result


def _machine_table(gpus: Sequence[str]) -> Table:
    table = Table("this machine", "", show_header=True)
    table.add_row("Python", f"{platform.python_version()} ({sys.executable})")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    table.add_row("CPU", f"{cores} cores, {platform.machine()}, {platform.system()}")
    table.add_row("memory", f"{_memory_bytes() / GIB:.1f} GiB")
    table.add_row("disk", f"{shutil.disk_usage('.').free / GIB:.1f} GiB free in {Path.cwd()}")
    table.add_row("GPU", "\n".join(gpus) or "none found")
    return table


def _memory_bytes() -> int:
    """Bytes of memory, or the container's limit where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        return total


def _ability_table(can: Sequence[Ability]) -> Table:
    table = Table("to", "works", "with")
    for ability in can:
        table.add_row(ability.what, "yes" if ability.works else "no", ability.how)
    return table
