"""Which languages' programs this machine has the tools for, and in which versions."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from typing import Final

_TOOLS: Final[Mapping[str, tuple[str, str]]] = {"cpp": ("g++", ""), "javascript": ("node", "node ")}
"""What compiles or runs a language, and what its answer lacks to be understood when it is asked for its version."""
_ANSWER_S: Final = 10.0


def find_tool(language: str) -> str | None:
    """The path of what compiles or runs a language here that is not Python; None where it is not there."""
    found = shutil.which(_TOOLS[language][0])
    return None if found is None else os.path.realpath(found)


def list_languages() -> dict[str, str]:
    """The tool and its version by language, as extract_code.LABELS has these, of those that are here; Python always is."""
    found = {"python": f"Python {platform.python_version()}"}
    for language, (tool, before) in _TOOLS.items():
        said = _ask_version(tool)
        if said:
            found[language] = before + said
    return found


def _ask_version(tool: str) -> str:
    """The first line of what a tool says of its version; empty where it is not there, or does not work."""
    path = shutil.which(tool)
    if path is None:
        return ""
    asked = [path, "--version"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=_ANSWER_S, check=True)  # noqa: S603  fixed words
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip().partition("\n")[0][:100]
