"""The newest line of a metrics file: what the last call that sampled told at its end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def read_last_speed(path: Path) -> float | None:
    """Tokens a second; None where nothing is told, or none were sampled."""
    speed: float = _read_last_line(path).get("tokens_per_second", 0.0)
    return speed or None


def read_last_nodes(path: Path) -> Sequence[Mapping[str, Any]]:
    """An entry a machine; none where there was one alone."""
    nodes: Sequence[Mapping[str, Any]] = _read_last_line(path).get("nodes", [])
    return nodes


def _read_last_line(path: Path) -> Mapping[str, Any]:
    """The last whole line: a kill may have cut off what follows."""
    if not path.exists():
        return {}
    whole = [line for line in path.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]
    found: Mapping[str, Any] = json.loads(whole[-1]) if whole else {}
    return found
