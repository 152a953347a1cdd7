"""What an engine's libraries print while it is opened, kept in a file: pages of tracebacks, in which one line is the reason.

The engine's own processes write there for as long as they live.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

_CAUSE: Final = re.compile(r"(?:^|\s)((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)): (\S.*)$")
_CONSEQUENCE: Final = ("initialization failed", "See root cause above", "See stack trace")
LONGEST: Final = 400


class OpeningLog:
    """The standard output and error of this process, led into a file from `begin` to `end`."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._before: list[int] = []

    def begin(self) -> None:
        """Write into a new file from here on."""
        descriptor, name = tempfile.mkstemp(prefix="r1curate-engine-", suffix=".log")
        self._path = Path(name)
        self._before = [os.dup(1), os.dup(2)]
        _lead(descriptor, descriptor)
        os.close(descriptor)

    def end(self) -> None:
        """Write to where it was before; what the engine has started goes on writing into the file."""
        if self._before:
            _lead(*self._before)
            for descriptor in self._before:
                os.close(descriptor)
        self._before = []

    def drop(self) -> None:
        """The same, and nobody needs the file."""
        self.end()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def explain(self, death: str) -> str:
        """How the engine ended, with its reason as far as the file has one, and where the rest is."""
        self.end()
        if self._path is None:
            return death
        cause = find_cause(self._path.read_text(encoding="utf-8", errors="replace"))
        if cause is None and not self._path.stat().st_size:
            self.drop()
            return death
        said = death if cause is None or cause in death else f"{cause} ({death.partition(':')[0]})"
        return f"{said}; what it printed is in '{self._path}'"


def find_cause(text: str) -> str | None:
    """The first exception of a log that is not the consequence of another's."""
    for line in text.splitlines():
        found = _CAUSE.search(line)
        if found and not any(words in found[2] for words in _CONSEQUENCE):
            return f"{found[1].rpartition('.')[2]}: {found[2]}"[:LONGEST]
    return None


def _lead(output: int, errors: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(output, 1)
    os.dup2(errors, 2)
