"""All checks of a chain's text in one pass: how fast on one core, and what a second core adds.

    python -m tests.benchmarks.bench_filter_pass [--chains 20000] [--stored 20000] [--rounds 3]

CHAINS of 10 kB, one in twenty with a planted flaw, are judged in batches as a worker judges them, in processor
time; then STORED of them as a run's samples through `curate.checking.run_checks`, reading and writing included: on one core
with one worker and on two cores with two, in turns, in wall time. Read that ratio on an idle machine only.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # one core, and polars asks when it is imported

import argparse
import collections
import resource
import shutil
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from curate.checking.judge_parts import BATCH_BYTES
from curate.checking.run_checks import run_checks
from curate.store.layout import Run
from curate.store.parquet import split_chunks
from filters.registry import make_check
from filters.spec import make_spec
from tests.benchmarks.planted import CHECKS, planted_samples, store_samples


def main() -> None:
    """Print both measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=20_000)
    parser.add_argument("--stored", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    _one_core(options.chains)
    if options.stored:
        _cores(options.stored, options.rounds)


def _one_core(count: int) -> None:
    checks = {name: make_check(name) for name in CHECKS}
    warm = [sample for sample, _ in islice(planted_samples(), 20)]
    for check in checks.values():
        check.check(warm)
    seconds = dict.fromkeys(CHECKS, 0.0)
    found: collections.Counter[str] = collections.Counter()
    planted: collections.Counter[str] = collections.Counter()
    alarms = 0
    size = 0.0
    for batch in split_chunks(islice(planted_samples(), count), BATCH_BYTES // 10_000):
        samples = [sample for sample, _ in batch]
        size += sum(len(sample.response.encode()) for sample in samples)
        planted.update(flaw for _, flaw in batch)
        for name, check in checks.items():
            start = time.process_time()
            verdicts = check.check(samples)
            seconds[name] += time.process_time() - start
            for (_, flaw), verdict in zip(batch, verdicts, strict=True):
                found[name] += flaw == name and verdict.ok is False
                alarms += not flaw and verdict.ok is not True
    _say(f"{count} chains, {size / 1e6:.0f} MB, one core")
    for name in CHECKS:
        speed = size / 1e6 / seconds[name]
        _say(f"  {name:<12} {speed:8.0f} MB/s   planted flaws found {found[name]} of {planted[name]}")
    others = sum(seconds[name] for name in CHECKS if name not in ("language", "repetition"))
    _say(f"  all but language and repetition {size / 1e6 / others:.0f} MB/s")
    _say(
        f"  all in one pass {size / 1e6 / sum(seconds.values()):.1f} MB/s; {alarms} alarms on chains without a flaw"
    )


def _cores(count: int, rounds: int) -> None:
    specs = [make_spec(name) for name in CHECKS]
    allowed = sorted(os.sched_getaffinity(0))
    walls: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder) / "run")
        store_samples(run, count)
        _say(f"{count} stored chains")
        for cores in (1, 2) * rounds:
            os.sched_setaffinity(0, allowed[:cores])  # the workers inherit it
            shutil.rmtree(run.verdicts("chains"), ignore_errors=True)
            before, start = _processor_seconds(), time.perf_counter()
            run_checks(run, "chains", specs, cores)
            walls[cores].append(time.perf_counter() - start)
            ours, theirs = (now - then for now, then in zip(_processor_seconds(), before, strict=True))
            _say(
                f"  {cores} cores: {walls[cores][-1]:.1f} s; processor time {ours:.1f} s here, {theirs:.1f} s"
                f" in the workers; load {os.getloadavg()[0]:.1f}"
            )
    ratios = [one / two for one, two in zip(walls[1], walls[2], strict=True)]
    shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    _say(
        f"  two cores against one, round by round: {shown}; best of each {min(walls[1]) / min(walls[2]):.2f}"
    )


def _processor_seconds() -> tuple[float, float]:
    """Of this process and of the workers that ended: what a busy machine takes is in neither."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time(), children.ru_utime + children.ru_stime


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
