"""What a running sampler tells: a line beside the bar, and a metrics file that other programs may follow."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

from curate.console import Meter
from curate.sampler import Counts

EVERY_S: Final = 10.0
"""Seconds between two lines of the metrics file."""


class Live:
    """Called with a sampler's counts after every sample; shows them, and writes them now and then."""

    def __init__(self, progress: Meter, path: Path) -> None:
        self._progress, self._path = progress, path
        self._started = self._written = time.monotonic()
        self._prompts = 0

    def __call__(self, counts: Counts) -> None:
        """Show and, when it is time, write."""
        now = time.monotonic()
        self._progress.advance(counts.prompts - self._prompts, remark(counts, now - self._started))
        self._prompts = counts.prompts
        if now - self._written >= EVERY_S:
            self.write(counts)

    def write(self, counts: Counts) -> None:
        """Append a line to the metrics file."""
        self._written = time.monotonic()
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(metrics(counts, self._written - self._started)) + "\n")


def remark(counts: Counts, seconds: float) -> str:
    """Speed, what an accepted sample costs, and the commonest reason why one is not."""
    parts = [f"{counts.tokens / seconds:,.0f} tokens/s", f"{counts.accepted / seconds:.1f} accepted/s"]
    if counts.accepted:
        parts.append(f"{counts.tokens / counts.accepted:,.0f} tokens each")
    if counts.reasons:
        ((reason, number),) = counts.reasons.most_common(1)
        parts.append(f"not: {reason} {number / (counts.whole + sum(counts.partial.values())):.0%}")
    return ", ".join(parts)


def metrics(counts: Counts, seconds: float) -> dict[str, Any]:
    """One line of the metrics file: totals of this run of the command, and the time."""
    return {
        "time": round(time.time(), 1),
        "seconds": round(seconds, 1),
        "prompts": counts.prompts,
        "samples": counts.whole,
        "accepted": counts.accepted,
        **{str(status): number for status, number in counts.partial.items()},
        "tokens": counts.tokens,
        "tokens_per_second": round(counts.tokens / seconds, 1),
        "tokens_per_accepted": round(counts.tokens / counts.accepted, 1) if counts.accepted else None,
        "reasons": dict(counts.reasons.most_common(10)),
    }
