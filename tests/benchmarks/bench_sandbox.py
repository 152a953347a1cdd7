"""What a program in the sandbox costs beside a bare start of Python, and whether that grows over ten thousand of them.

    python -m tests.benchmarks.bench_sandbox [--turns 300] [--row 10000]

In turns: `python3 -I -c 'print(1)'` as a process of its own, and the same program in each tier of the sandbox that the
machine has, by the clock and by processor time (the sandbox's own processes included). Then `--row` programs in one
sandbox: the median of the first and the last thousand, and the memory of the warm process before and after.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from filters.sandbox.sandbox import Sandbox, SandboxError
from filters.sandbox.self_test import STRONGEST_FIRST

PROGRAM = "print(1)"


def main() -> None:
    """Print a line for each tier."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--row", type=int, default=10_000)
    options = parser.parse_args()
    for tier in STRONGEST_FIRST:
        try:
            sandbox = Sandbox(tier)
        except SandboxError as error:
            tell(f"{tier}: not here ({error})")
            continue
        with sandbox:
            beside_bare(sandbox, options.turns)
            in_a_row(sandbox, options.row)


def beside_bare(sandbox: Sandbox, turns: int) -> None:
    """Medians of both sides, in turns."""
    ours: list[float] = []
    bare: list[float] = []
    used = 0.0
    for _ in range(turns):
        bare.append(clock(start_bare))
        ours.append(clock(lambda: sandbox.run(PROGRAM)))
        used += sandbox.run(PROGRAM).cpu_s
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(turns):
        start_bare()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    bare_cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / turns
    here, there = statistics.median(ours), statistics.median(bare)
    tell(
        f"{sandbox.tier}: {here * 1e3:.1f} ms a program, bare {there * 1e3:.1f} ms: {here / there:.2f}; "
        f"of processor time {used / turns * 1e3:.1f} and {bare_cpu * 1e3:.1f} ms: {used / turns / bare_cpu:.2f}"
    )


def in_a_row(sandbox: Sandbox, row: int) -> None:
    """Whether a sandbox gets slower or larger."""
    before = memory(sandbox)
    times = [clock(lambda: sandbox.run(PROGRAM)) for _ in range(row)]
    first, last = statistics.median(times[: row // 10]), statistics.median(times[-row // 10 :])
    tell(
        f"{sandbox.tier}, {row:,} in a row: first tenth {first * 1e3:.2f} ms, last {last * 1e3:.2f} ms; "
        f"memory {before >> 10} and {memory(sandbox) >> 10} MiB"
    )


def memory(sandbox: Sandbox) -> int:
    """KiB of the warm process."""
    pid = sandbox._process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = Path(f"/proc/{children[0] if children else pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def start_bare() -> None:
    """A bare Python that runs the same program."""
    subprocess.run([sys.executable, "-I", "-c", PROGRAM], stdout=subprocess.DEVNULL, check=True)


def clock(action: Callable[[], object]) -> float:
    """Seconds that something takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def tell(line: str) -> None:
    """A line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
