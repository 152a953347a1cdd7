"""Judging on a Ray cluster beside judging in one machine's processes: processor time, memory, and how both grow.

    python -m tests.benchmarks.bench_shards [--chains 100000 1000000] [--rows-a-part 6000] [--cores 2]

For each number, that many chains of 2 kB are a run in a temporary folder, in parts of so many rows; 1,000,000 are 2 GB. Two
copies of it are judged by `r1curate verify --check math_answer` and `r1curate filter` (its default checks), one here with
`--workers CORES`, one on a cluster of this machine with as many cores, which was started before. Processor time is that of
the command and all its workers, with Ray's actors, its scheduler and its control store while the command runs. Told apart
are what an idle cluster takes by itself, and the start: what a command takes more on Ray that has ten chains to judge. Memory is the largest sum of resident bytes of the command and of the actors
with their workers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from curate.store.layout import Run, create_run
from curate.store.parquet import split_chunks, write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from tests.benchmarks.planted import planted_samples

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LOOK_S = 0.1
COMMANDS = (("verify", "--check", "math_answer"), ("filter",))


@dataclass
class Watched:
    """Processor seconds of processes, as last seen, and the most bytes that those of the work held together."""

    ticks: dict[int, int] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)
    peak: int = 0

    def look(self, command: int) -> None:
        """Read the times of the command, its descendants, and whatever belongs to Ray."""
        table = dict(_read_processes())
        children: dict[int, list[int]] = {}
        for pid, (parent, *_) in table.items():
            children.setdefault(parent, []).append(pid)
        work = {command, *(pid for pid, (_, name, *_) in table.items() if name.startswith("ray::"))}
        for pid in (todo := list(work)):
            todo += [child for child in children.get(pid, []) if child not in work]
            work.update(children.get(pid, []))
        servers = {
            pid for pid, (_, name, *_) in table.items() if name.endswith(("/raylet", "/gcs_server"))
        } | {pid for pid, (_, name, *_) in table.items() if "dashboard/agent" in name}
        for pid in work | servers:
            if pid in table:
                self.ticks[pid] = table[pid][2]
                self.before.setdefault(pid, table[pid][2] if pid in servers else 0)
        self.peak = max(self.peak, sum(table[pid][3] for pid in work if pid in table) * PAGE)

    @property
    def seconds(self) -> float:
        """Processor time since the first look."""
        return sum(ticks - self.before[pid] for pid, ticks in self.ticks.items()) / TICK


def main() -> None:
    """Print a line for each command, place and number of chains."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chains", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--rows-a-part", type=int, default=6_000)
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    import ray

    os.environ.update({"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"})
    started = time.perf_counter()
    ray.init(num_cpus=options.cores, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    address = ray.get_runtime_context().gcs_address
    _say(
        f"the cluster started in {time.perf_counter() - started:.1f} s; {_measure_idle():.3f} cores when idle"
    )
    starts = _compare(10, 1, options.cores, address, dict.fromkeys((name for name, *_ in COMMANDS), 0.0))
    for count in options.chains:
        _compare(count, options.rows_a_part, options.cores, address, starts)
    ray.shutdown()


def _compare(count: int, rows: int, cores: int, address: str, starts: dict[str, float]) -> dict[str, float]:
    """Judge so many chains here and there; what each command took more there."""
    more = {}
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder) / "here", Path(folder) / "there"
        parts = _store(create_run(here), count, rows)
        shutil.copytree(here, there)
        size = sum(path.stat().st_size for path in here.rglob("*.parquet")) / 1e6
        _say(f"{count:,} chains of 2 kB in {parts} parts, {size:.0f} MB on disk")
        for name, *checks in COMMANDS:
            took = []
            for place, on in ((here, "local"), (there, f"ray:{address}")):
                watched, seconds = _watch([name, str(place), *checks, "--workers", str(cores), "--on", on])
                took.append(watched.seconds)
                _say(
                    f"  {name} --on {on.partition(':')[0]}: {watched.seconds:.1f} processor s, {seconds:.1f} s, "
                    f"{1e6 * watched.seconds / count:.0f} us a chain, {watched.peak / 2**20:.0f} MiB"
                )
            more[name] = took[1] - took[0]
            apart = (took[1] - starts[name]) / took[0]
            _say(
                f"  {name}: {took[1] / took[0]:.3f} times the processor time, {apart:.3f} apart from {starts[name]:.1f} s of start"
            )
    return more


def _store(run: Run, count: int, rows: int) -> int:
    chunks = split_chunks(islice(planted_samples(2_000), count), rows)
    number = -1
    for number, made in enumerate(chunks):
        samples = [sample for sample, _ in made]
        prompts = {sample.prompt.id: sample.prompt for sample in samples}
        name = f"part-{number:05d}.parquet"
        write_table(run.prompts("chains") / name, prompt_table(list(prompts.values())))
        write_part(run.samples("chains") / name, [sample_row(sample) for sample in samples], SAMPLES)
    return number + 1


def _watch(arguments: Sequence[str]) -> tuple[Watched, float]:
    watched, started = Watched(), time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "curate.cli", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        looking = threading.Thread(target=_follow, args=(process, watched))
        looking.start()
        errors = process.communicate()[1].decode()
        looking.join()
    if process.returncode:
        raise SystemExit(errors)
    return watched, time.perf_counter() - started


def _follow(process: subprocess.Popen[bytes], watched: Watched) -> None:
    while process.poll() is None:
        watched.look(process.pid)
        time.sleep(LOOK_S)


def _measure_idle() -> float:
    """Cores that the cluster takes when nothing runs on it."""
    watched = Watched()
    watched.look(os.getpid())
    before, seconds = watched.seconds, 10.0
    time.sleep(seconds)
    watched.look(os.getpid())
    return (watched.seconds - before) / seconds


def _read_processes() -> Iterator[tuple[int, tuple[int, str, int, int]]]:
    """Of each process its parent, its command, its own processor ticks, and its pages."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            said = (place / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            words = (place / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            pages = int((place / "statm").read_text().split()[1])
        except OSError:
            continue  # it has just ended
        name = next((word for word in words if "dashboard/agent" in word), words[0])
        yield int(place.name), (int(said[1]), name, int(said[11]) + int(said[12]), pages)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
