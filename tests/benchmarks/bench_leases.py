"""The lease book under a thousand replicas, in virtual time: what share of it is busy.

`python -m tests.benchmarks.bench_leases [REPLICAS]` plays ten minutes of a run of ten million chains of 5,000 tokens: each replica
samples 256 at once, as fast as a 7B on a GPU, and reports as `LeasedPrompts` does. The book's own time is measured; what
Ray adds to a call is measured apart, by calls to an actor that holds a book, where Ray is installed.
"""

from __future__ import annotations

import heapq
import random
import sys
import time

from curate.sampling.budget import Budget, Counts
from curate.sampling.leased_prompts import EVERY_S, SOON_S
from curate.sampling.leases import Lease, LeaseBook, Report

SECONDS, CONCURRENCY, SAMPLES, CHAIN_S = 600.0, 256, 16, 125.0
PROMPTS = 625_000


class Replica:
    """A sampler as the book sees it: prompts that last as long as their slowest sample."""

    def __init__(self, name: str, rng: random.Random) -> None:
        self.name, self._rng = name, rng
        self._ends: list[tuple[float, str]] = []
        self._active = 0

    def report(self, now: float) -> Report:
        finished = []
        while self._ends and self._ends[0][0] <= now:
            finished.append(heapq.heappop(self._ends)[1])
        self._active -= len(finished)
        wanted = max(0, CONCURRENCY // SAMPLES + 1 - self._active)
        flying = min(CONCURRENCY, self._active * SAMPLES)
        return Report(Counts(), tuple(finished), wanted, flying, flying, flying * 5000, CONCURRENCY - flying)

    def take(self, leases: tuple[Lease, ...], now: float) -> float:
        for lease in leases:
            heapq.heappush(self._ends, (now + self._rng.uniform(0.2, 2) * CHAIN_S, lease.prompt_id))
        self._active += len(leases)
        # It is hungry once a prompt has ended.
        return max(now + SOON_S, min(now + EVERY_S, self._ends[0][0] if self._ends else now + EVERY_S))


def play(replicas: int) -> tuple[int, float]:
    """Calls, and seconds of the book's own time, in ten minutes."""
    rng = random.Random(1)
    book = LeaseBook((Lease(f"{n:032x}", {}) for n in range(PROMPTS)), Budget(samples=10**9), 32_768)
    events = [(rng.uniform(0, EVERY_S), n) for n in range(replicas)]
    heapq.heapify(events)
    several = [Replica(f"s{n}", rng) for n in range(replicas)]
    calls, spent = 0, 0.0
    while events[0][0] < SECONDS:
        now, number = heapq.heappop(events)
        one = several[number]
        report = one.report(now)
        begun = time.perf_counter()
        reply = book.exchange(one.name, report)
        spent += time.perf_counter() - begun
        calls += 1
        heapq.heappush(events, (one.take(reply.leases, now), number))
    return calls, spent


def time_ray_call() -> float | None:
    """Seconds of an actor's processor time per exchange; None without Ray."""
    try:
        import ray
    except ImportError:
        return None
    from curate.cluster.ray_sampling import LeaseActor
    from curate.cluster.ray_session import connect

    class Timed(LeaseActor):
        def cpu(self) -> float:
            return time.process_time()

    with connect(""):
        book = ray.remote(Timed).options(num_cpus=0).remote(lambda: LeaseBook([], Budget(), 10))
        report, number = Report(Counts(), ("x" * 32,), 2, 200, 200, 10**6, 50), 5000
        before = ray.get(book.cpu.remote())
        for _ in range(number // 100):
            ray.get([book.exchange.remote(f"s{n}", report) for n in range(100)])
        return (ray.get(book.cpu.remote()) - before) / number


def main() -> None:
    """Print both, and the share of a second that the actor is busy."""
    replicas = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    calls, spent = play(replicas)
    rate = calls / SECONDS
    lines = [
        f"{replicas:,} replicas: {rate:,.0f} calls a second, {1e6 * spent / calls:.0f} us of the book each, busy {spent / SECONDS:.1%}"
    ]
    each = time_ray_call()
    if each is not None:
        lines.append(f"with Ray's share {1e6 * each:.0f} us a call: busy {rate * (each + spent / calls):.1%}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
