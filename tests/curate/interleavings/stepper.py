"""Runs steps in children forked from one clean process, since importing everything anew would take a second a step.

Started as a module; reads a folder and steps as JSON lines, answers with JSON lines. The process itself never uses
polars or arrow, whose threads a fork would not copy.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from curate.checking import batching
from curate.checking.executors.local import LocalExecutor
from curate.checking.worker_messages import Verdicts
from filters.errors import UserError
from filters.take_verdicts import take_verdicts
from filters.types import Sample
from tests.curate.interleavings import invariants, world

KILLED = 137
BROKEN = 99


def judge_here(self: LocalExecutor, labels: Sequence[str], batch: Sequence[Sample]) -> Verdicts:
    """Judge in this process: starting a worker for each step would take most of the time."""
    checks = {spec.label: spec.build() for spec in self._specs}
    return {label: take_verdicts(checks[label].check(batch), len(batch)) for label in labels}


def die_at(operation: int) -> None:
    """End this process, as SIGKILL would, before its n-th operation on the disk."""
    left = [operation]

    def counted(work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                os._exit(KILLED)
            return work(*given, **named)

        return call

    for name in ("fsync", "truncate", "unlink", "rename", "mkdir"):
        setattr(os, name, counted(getattr(os, name)))
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    Path.unlink = counted(Path.unlink)  # type: ignore[method-assign]
    Path.rename = counted(Path.rename)  # type: ignore[method-assign]


def start(folder: Path, step: dict[str, Any], told: Path) -> int:
    """Fork a child that runs a step; its process number."""
    child = os.fork()
    if child:
        return child
    code = BROKEN
    os.chdir(folder)
    try:
        LocalExecutor._run_in_workers = judge_here  # type: ignore[method-assign]
        batching.LATE_S = 0.005  # type: ignore[misc]
        if step.get("die_at") is not None:
            die_at(step["die_at"])
        if step["do"] == "observe":
            told.write_text(json.dumps(invariants.observe(folder, step["after"], step["code"])))
            code = 0
        else:
            code = world.run_step(folder, step)
    except UserError as error:
        told.write_text(json.dumps(str(error)))
        code = error.exit_code
    except BaseException:  # noqa: BLE001  whatever it is, the test must see it
        told.write_text(json.dumps(traceback.format_exc()))
    finally:
        os._exit(code)


def wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Serve steps until the input ends."""
    for line in sys.stdin:
        place, steps = json.loads(line)
        folder = Path(place)
        told = [folder / f"told-{number}.json" for number in range(len(steps))]
        for path in told:
            path.unlink(missing_ok=True)
        children = [start(folder, step, path) for step, path in zip(steps, told, strict=True)]
        codes = [wait(child) for child in children]
        said = [json.loads(path.read_text()) if path.exists() else None for path in told]
        sys.stdout.write(json.dumps([codes, said]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
