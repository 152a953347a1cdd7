"""What a metrics file tells of the calls that sampled: of the last one at its end, and of all; those of an array as one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from math import isfinite
from pathlib import Path
from typing import Any, Final

TOTALS: Final = (
    "replica_seconds", "samples", "accepted", "stopped", "cancelled", "failed", "tokens",
)  # fmt: skip
"""What of the jobs of an array adds up."""
NUMBERS: Final = frozenset({"seconds", "tokens"})
"""The numbers that every line has."""
LATER_NUMBERS: Final = ("replica_seconds", "tokens_per_second")
"""Those that are numbers where a line has them."""


def read_last_speed(path: Path) -> float | None:
    """Tokens a second; None where nothing is told, or none were sampled."""
    speed: float | None = _read_last_line(path).get("tokens_per_second")
    return speed or None


def read_last_nodes(path: Path) -> Sequence[Mapping[str, Any]]:
    """An entry a machine; none where there was one alone."""
    nodes: Sequence[Mapping[str, Any]] = _read_last_line(path).get("nodes", [])
    return nodes


def read_replica_speed(path: Path) -> float | None:
    """Tokens a second of one replica, over all commands that a metrics file tells of; None where it tells of none.

    A command's last line has its totals; the next command's begins anew.
    """
    told = [line for line in _list_ends(path) if line.get("replica_seconds")]
    seconds = sum(line["replica_seconds"] for line in told)
    return sum(line["tokens"] for line in told) / seconds or None if told else None


def add_array_metrics(path: Path, array: str, jobs: Sequence[Sequence[Path]]) -> None:
    """Append what the jobs of an array have told to the metrics of a run; nothing where that is there.

    array: its id. jobs: of each the files of its attempts. The seconds are those of the job that sampled longest.
    """
    ends = [[line for file in attempts if (line := _read_last_line(file))] for attempts in jobs]
    told = [line for lines in ends for line in lines]
    seconds = max((sum(line["seconds"] for line in lines) for lines in ends), default=0.0)
    totals = {name: round(sum(line.get(name, 0) for line in told), 1) for name in TOTALS}
    before = [line for line in _list_ends(path) if line.get("array") == array]
    if not told or any(all(line[name] == totals[name] for name in TOTALS) for line in before):
        return
    line = {
        "time": max(line["time"] for line in told),
        "seconds": round(seconds, 1),
        **totals,
        "tokens_per_second": _divide(totals["tokens"], seconds),
        "tokens_per_accepted": _divide(totals["tokens"], totals["accepted"]),
        "array": array,
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _divide(tokens: float, number: float) -> float | None:
    return round(tokens / number, 1) if number else None


def _list_ends(path: Path) -> Sequence[Mapping[str, Any]]:
    """The last line of each command, and of each array, whose jobs are one."""
    lines = _read_lines(path)
    ends = [
        line
        for line, after in zip_longest(lines, lines[1:])
        if after is None or after["seconds"] < line["seconds"] or after.get("array") != line.get("array")
    ]
    return list({line.get("array", place): line for place, line in enumerate(ends)}.values())


def _read_last_line(path: Path) -> Mapping[str, Any]:
    lines = _read_lines(path)
    return lines[-1] if lines else {}


def _read_lines(path: Path) -> Sequence[Mapping[str, Any]]:
    """The whole lines that tell of a call. What else a kill or a full disk has left there says nothing, and is passed over."""
    if not path.exists():
        return []
    lines = path.read_bytes().splitlines(keepends=True)
    found = (_read_line(line) for line in lines if line.endswith(b"\n"))
    return [line for line in found if line is not None]


def _read_line(line: bytes) -> Mapping[str, Any] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not (isinstance(told, dict) and told.keys() >= NUMBERS):
        return None
    numbers = (told[name] for name in (*NUMBERS, *LATER_NUMBERS) if name in told)
    return told if all(type(one) in (int, float) and isfinite(one) for one in numbers) else None
