"""Two gigabytes of chains through `r1curate filter`: time, memory, and what a rerun computes.

    python -m tests.benchmarks.bench_filter_scale [--chains 20000 200000] [--workers 2]

For each number, that many chains of 10 kB (one in twenty with a planted flaw) are generated as a run in a temporary
folder, which is deleted at the end; 200,000 are 2 GB, 0.4 GB on disk. The command runs as a user
runs it: all eight checks, then again with nothing changed, then with one option changed. Memory is the sum of the
peaks of the command and of its workers, each at its own time, so the true peak is no higher.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curate.store.layout import Run
from tests.benchmarks.planted import CHECKS, store_samples

CHANGED = "overlong:max_tokens=16384"


@dataclass
class Watched:
    """What a command took: wall seconds, and the peak resident bytes of each of its processes."""

    seconds: float = 0.0
    peaks: dict[int, int] = field(default_factory=dict)

    def look(self, pid: int) -> None:
        """Read the peaks that the kernel keeps, of a process and its children."""
        children = Path(f"/proc/{pid}/task").glob("*/children")
        try:
            known = [pid, *(int(child) for listed in children for child in listed.read_text().split())]
            for each in known:
                status = Path(f"/proc/{each}/status").read_text()
                high = status.partition("VmHWM:")[2].split()
                if high:
                    self.peaks[each] = int(high[0]) * 1024
        except OSError:
            return  # one has just ended


def main() -> None:
    """Print a table for each number of chains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    rates = [_measure(count, options.workers) for count in options.chains]
    _say(f"seconds a chain, the last against the first: {rates[-1] / rates[0]:.2f}")


def _measure(count: int, workers: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder) / "run")
        start = time.perf_counter()
        store_samples(run, count)
        size = sum(path.stat().st_size for path in run.path.rglob("*.parquet")) / 1e6
        _say(f"{count} chains, {size:.0f} MB on disk, generated in {time.perf_counter() - start:.0f} s")
        first = _filtered(run, CHECKS, workers, "all eight checks")
        _filtered(run, CHECKS, workers, "nothing changed")
        others = [name for name in CHECKS if name != CHANGED.partition(":")[0]]
        _filtered(run, [*others, CHANGED], workers, "one option changed")
    return first / count


def _filtered(run: Run, checks: Sequence[str], workers: int, what: str) -> float:
    before = _sidecars(run)
    command = [sys.executable, "-m", "curate.cli", "filter", str(run.path), "--workers", str(workers)]
    for check in checks:
        command += ["--check", check]
    watched, start = Watched(), time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        looking = threading.Thread(target=_watch, args=(process, watched))
        looking.start()
        errors = process.communicate()[1].decode()
        looking.join()
    watched.seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(errors)
    after = _sidecars(run)
    made = sorted({path.parent.name for path, at in after.items() if before.get(path) != at})
    peaks = sorted(watched.peaks.values(), reverse=True)
    _say(
        f"  {what}: {watched.seconds:.1f} s (load {os.getloadavg()[0]:.1f}); memory {sum(peaks) / 2**20:.0f} MiB in"
        f" {len(peaks)} processes, the largest {peaks[0] / 2**20:.0f}; sidecars written: {', '.join(made) or 'none'}"
    )
    return watched.seconds


def _watch(process: subprocess.Popen[bytes], watched: Watched) -> None:
    while process.poll() is None:
        watched.look(process.pid)
        time.sleep(0.1)


def _sidecars(run: Run) -> dict[Path, int]:
    """When each sidecar was last written."""
    return {path: path.stat().st_mtime_ns for path in run.verdicts("chains").glob("*/*.parquet")}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
