"""Two gigabytes of chains through `r1curate filter`: time, memory, and what a rerun computes.

    python -m tests.benchmarks.bench_filter_scale [--chains 20000 200000] [--rows 100000 1000000] [--workers 2]

For each number, that many chains of 10 kB (one in twenty with a planted flaw) are generated as a run in a temporary
folder, which is deleted at the end; 200,000 are 2 GB, 0.4 GB on disk. The command runs as a user
runs it: all eight checks, then again with nothing changed, then with one option changed. Memory is the sum of the
peaks of the command and of its workers, each at its own time, so the true peak is no higher.

For each number of rows, that many chains of 2 kB are a JSON Lines file, which `filter` (its default checks) and `verify`
(`math_answer`) read and write to another; a million rows are 2.1 GB, and so much twice more while the command runs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from curate.store.layout import Run
from tests.benchmarks.planted import CHECKS, planted_samples, store_samples

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

    def describe(self) -> str:
        """In words."""
        peaks = sorted(self.peaks.values(), reverse=True)
        return (
            f"{self.seconds:.1f} s (load {os.getloadavg()[0]:.1f}); memory {sum(peaks) / 2**20:.0f} MiB in"
            f" {len(peaks)} processes, the largest {peaks[0] / 2**20:.0f}"
        )


def main() -> None:
    """Print a table for each number of chains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, nargs="*", default=[20_000, 200_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000])
    options = parser.parse_args()
    rates = [_measure(count, options.workers) for count in options.chains]
    if rates:
        _say(f"seconds a chain, the last against the first: {rates[-1] / rates[0]:.2f}")
    for count in options.rows:
        _measure_file(count, options.workers)


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


def _measure_file(count: int, workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows, out = Path(folder) / "rows.jsonl", Path(folder) / "out.jsonl"
        with rows.open("w") as file:
            for sample, _ in islice(planted_samples(2_000), count):
                prompt = sample.prompt
                row = {"id": sample.id, "prompt": prompt.text, "answer": prompt.answer, "response": sample.response, "tokens": 500}  # fmt: skip
                file.write(json.dumps(row) + "\n")
        _say(f"{count} rows, {rows.stat().st_size / 1e6:.0f} MB")
        for command in (["filter"], ["verify", "--check", "math_answer"]):
            watched = _watched([*command, str(rows), "--out", str(out)], workers)
            _say(f"  {command[0]} FILE --out OUT: {watched.describe()}")
            out.unlink()


def _filtered(run: Run, checks: Sequence[str], workers: int, what: str) -> float:
    before = _sidecars(run)
    watched = _watched(
        ["filter", str(run.path), *(word for check in checks for word in ("--check", check))], workers
    )
    after = _sidecars(run)
    made = sorted({path.parent.name for path, at in after.items() if before.get(path) != at})
    _say(f"  {what}: {watched.describe()}; sidecars written: {', '.join(made) or 'none'}")
    return watched.seconds


def _watched(arguments: Sequence[str], workers: int) -> Watched:
    command = [sys.executable, "-m", "curate.cli", *arguments, "--workers", str(workers)]
    watched, start = Watched(), time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        looking = threading.Thread(target=_watch, args=(process, watched))
        looking.start()
        errors = process.communicate()[1].decode()
        looking.join()
    watched.seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(errors)
    return watched


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
