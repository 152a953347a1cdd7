"""What a metrics file tells of the calls that sampled: of the last one at its end, and of all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from math import isfinite
from pathlib import Path
from typing import Any, Final

NUMBERS: Final = frozenset({"seconds", "tokens"})
"""The numbers that every line has."""
LATER_NUMBERS: Final = ("replica_seconds", "tokens_per_second")
"""Those that are numbers where a line has them."""


def read_last_speed(path: Path) -> float | None:
    """Tokens a second; None where nothing is told, or none were sampled."""
    speed: float = _read_last_line(path).get("tokens_per_second", 0.0)
    return speed or None


def read_last_nodes(path: Path) -> Sequence[Mapping[str, Any]]:
    """An entry a machine; none where there was one alone."""
    nodes: Sequence[Mapping[str, Any]] = _read_last_line(path).get("nodes", [])
    return nodes


def read_replica_speed(path: Path) -> float | None:
    """Tokens a second of one replica, over all commands that a metrics file tells of; None where it tells of none.

    A command's last line has its totals; the next command's begins anew.
    """
    lines = _read_lines(path)
    ends = [
        line
        for line, after in zip_longest(lines, lines[1:])
        if after is None or after["seconds"] < line["seconds"]
    ]
    told = [line for line in ends if line.get("replica_seconds")]
    seconds = sum(line["replica_seconds"] for line in told)
    return sum(line["tokens"] for line in told) / seconds or None if told else None


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
