"""How memory and time of `generate_samples` grow with the number of prompts, on a scripted engine.

    python -m tests.benchmarks.bench_scale [10000 100000 1000000] [--accept 1] [--check number] [--resume]

Each size runs in a process of its own, one sample a prompt: prompts from a JSON Lines file, a short scripted answer
that is right seven times of ten, verified, stored. Reported are the peak memory of the calling process and of the
largest check worker, the wall time, the processor time, and both by prompt. `--resume` then gives the command again,
with one sample more a prompt: what is known of a million prompts is read, and looked up.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--accept", type=int)
    parser.add_argument("--check", default="number")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one is not None:
        one(given, given.one)
        return
    flags = [argument for argument in sys.argv[1:] if not argument.isdigit()]
    if given.accept:
        flags.insert(flags.index("--accept") + 1, str(given.accept))
    for size in given.sizes:
        command = [sys.executable, "-m", "tests.benchmarks.bench_scale", *flags, "--one", str(size)]
        subprocess.run(command, check=True, cwd=ROOT, stderr=subprocess.DEVNULL)


def one(given: argparse.Namespace, size: int) -> None:
    """Generate for so many prompts, and say what it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "prompts.jsonl").open("w") as file:
            file.writelines(prompts(size))
        (folder / "script.jsonl").write_text(json.dumps({"prompt": "*", "responses": responses()}) + "\n")
        timed("generate", given, folder, size, 1)
        if given.resume:
            timed("one sample more", given, folder, size, 2)


def timed(what: str, given: argparse.Namespace, folder: Path, size: int, samples: int) -> None:
    """One `generate_samples`, and its line of the report."""
    from curate.stages.generate import GenerateOptions, generate_samples
    from filters.spec import make_spec

    workers = Workers()
    began, computed = time.perf_counter(), time.process_time()
    generate_samples(
        GenerateOptions(
            run=folder / "run", prompts=str(folder / "prompts.jsonl"), samples=samples, accept=given.accept,
            check=(make_spec(given.check),), workers=given.workers,
            engine={"kind": "scripted", "model": str(folder / "script.jsonl")},
        )
    )  # fmt: skip
    wall, cpu = time.perf_counter() - began, time.process_time() - computed
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    sys.stdout.write(
        f"{what}, {size:,} prompts: peak {peak:,} MiB (a worker {workers.peak():,}), {wall:,.1f} s, "
        f"{1e6 * wall / size:,.0f} us a prompt, computed here {1e6 * cpu / size:,.0f} us\n"
    )
    sys.stdout.flush()


class Workers(threading.Thread):
    """Reads now and then how much memory this process's children have held at most: they take it with them."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._most, self._ended = 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self._ended.wait(0.5):
            for children in Path("/proc/self/task").glob("*/children"):
                for child in children.read_text().split():
                    self._most = max(self._most, held(child))

    def peak(self) -> int:
        """MiB of the largest."""
        self._ended.set()
        self.join()
        return self._most >> 10


def held(process: str) -> int:
    """KiB a process has held at most; 0 where it has ended."""
    path = Path(f"/proc/{process}/status")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def prompts(size: int) -> Iterator[str]:
    """Questions of about 300 characters, as problems have."""
    for number in range(size):
        text = f"Problem {number}: " + f"a train leaves station {number % 97} at noon. " * 7
        yield json.dumps({"prompt": text, "answer": 7, "id": f"p{number}"}) + "\n"


def responses() -> list[dict[str, object]]:
    """Answers that a request's seed chooses from."""
    texts = [
        f"<think>\nIt is {7 if n < 7 else n}.\n</think>\n\\boxed{{{7 if n < 7 else n}}}" for n in range(10)
    ]
    return [{"text": text, "tokens": 40} for text in texts]


if __name__ == "__main__":
    main()
