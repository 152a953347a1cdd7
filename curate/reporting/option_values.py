"""Options of checks as other people may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curate.benchmarks.addresses import name_apart


def hide_folders(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with files on this machine by their names alone: where they lie says nothing to other people."""
    shown: dict[str, Any] = {}
    for key, value in options.items():
        listed = value if isinstance(value, list | tuple) else [value]
        if all(isinstance(one, str) for one in listed) and any(one.startswith(("/", "~")) for one in listed):
            names = [name_apart(listed)[one] for one in listed]
            shown[key] = names[0] if isinstance(value, str) else names
        else:
            shown[key] = value
    return shown
