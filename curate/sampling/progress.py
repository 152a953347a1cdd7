"""What a running sampler tells: a line beside the bar, and a metrics file that other programs may follow."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any, Final

from curate.intervals import format_percent
from curate.progress import Meter
from curate.sampling.budget import Counts

SHOWN_EVERY_S: Final = 1.0
"""Seconds between two states of the line."""
EVERY_S: Final = 10.0
"""Seconds between two lines of the metrics file."""


class SamplingProgress:
    """Shows a sampler's counts every second, and writes them now and then."""

    def __init__(
        self, progress: Meter, path: Path, counts: Counts, prompts: int, replicas: int | None = None
    ) -> None:
        """Take what is counted, and of how many prompts. replicas: of the engine; None where `take` will say how many work."""
        self._progress, self._path, self._counts, self._total = progress, path, counts, prompts
        self._started = self._written = self._taken = time.monotonic()
        self._replicas, self._replica_seconds = replicas, 0.0
        self._prompts = 0
        self._samplers: int | None = None

    async def follow(self) -> None:
        """Until cancelled; also where no sample ends for long, so that one sees that it lives."""
        while True:
            await asyncio.sleep(SHOWN_EVERY_S)
            self.show()
            if time.monotonic() - self._written >= EVERY_S:
                self.write()

    def take(self, counts: Counts, samplers: int) -> None:
        """Show what several samplers have done, and write it now and then."""
        now = time.monotonic()
        self._replica_seconds += (self._samplers or 0) * (now - self._taken)
        self._counts, self._samplers, self._taken = counts, samplers, now
        self.show()
        if time.monotonic() - self._written >= EVERY_S:
            self.write()

    def show(self) -> None:
        """Update the line."""
        counts = self._counts
        said = describe_progress(counts, time.monotonic() - self._started)
        said += f", {self._samplers} replicas" if self._samplers is not None else ""
        self._progress.advance(counts.prompts - self._prompts, said)
        self._prompts = counts.prompts

    def write(self) -> None:
        """Append a line to the metrics file."""
        self._written = time.monotonic()
        seconds = self._written - self._started
        of_all = self._replica_seconds if self._replicas is None else seconds * self._replicas
        line = make_metrics_line(self._counts, seconds, self._total, of_all)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def describe_progress(counts: Counts, seconds: float) -> str:
    """Speed, what an accepted sample costs, and the commonest reason why one is not."""
    parts = [f"{counts.tokens / seconds:,.0f} tokens/s", f"{counts.accepted / seconds:.1f} accepted/s"]
    if counts.accepted:
        parts.append(f"{counts.tokens / counts.accepted:,.0f} tokens per accepted")
    if counts.reasons:
        ((reason, number),) = counts.reasons.most_common(1)
        share = format_percent(number / (counts.whole + sum(counts.partial.values())), 0)
        parts.append(f"not: {reason} {share}%")
    return ", ".join(parts)


def make_metrics_line(counts: Counts, seconds: float, prompts: int, replica_seconds: float) -> dict[str, Any]:
    """One line of the metrics file: totals of this run of the command, and the time; that of all replicas added up, too."""
    return {
        "time": round(time.time(), 1),
        "seconds": round(seconds, 1),
        "replica_seconds": round(replica_seconds, 1),
        "prompts": counts.prompts,
        "prompts_asked": prompts,
        "samples": counts.whole,
        "accepted": counts.accepted,
        **{str(status): number for status, number in counts.partial.items()},
        "tokens": counts.tokens,
        "tokens_per_second": round(counts.tokens / seconds, 1),
        "tokens_per_accepted": round(counts.tokens / counts.accepted, 1) if counts.accepted else None,
        "reasons": dict(counts.reasons.most_common(10)),
    }


def read_last_speed(path: Path) -> float | None:
    """Tokens a second of the newest run that a metrics file tells of; None where it tells of none."""
    if not path.exists() or not (lines := path.read_text("utf-8").splitlines()):
        return None
    speed: float = json.loads(lines[-1])["tokens_per_second"]
    return speed or None


def read_replica_speed(path: Path) -> float | None:
    """Tokens a second of one replica, over all commands that a metrics file tells of; None where it tells of none.

    A command's last line has its totals; the next command's begins anew.
    """
    if not path.exists():
        return None
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    ends = [
        line
        for line, after in zip(lines, [*lines[1:], None], strict=True)
        if after is None or after["seconds"] < line["seconds"]
    ]
    told = [line for line in ends if line.get("replica_seconds")]
    seconds = sum(line["replica_seconds"] for line in told)
    return sum(line["tokens"] for line in told) / seconds or None if told else None
