"""What can run programs: the interface of the sandbox on this machine, and of every other place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from filters.sandbox.outcome import Outcome, Trial
from filters.sandbox.sandbox import Call
from filters.sandbox.walls import Limits


class Runner(Protocol):
    """What runs programs: a sandbox on this machine, or one elsewhere that speaks for it."""

    def run(
        self,
        source: str,
        stdin: bytes = b"",
        limits: Limits | None = None,
        call: Call | None = None,
        named: Mapping[str, bytes] | None = None,
    ) -> Outcome:
        """Run a program to its end, and call a function of it where one is named. named: files that it can open by name.

        Raises SandboxLostError where the place fails, and not the program, and UnsupportedError for what it does not do.
        """
        ...

    def close(self) -> None:
        """Let go of the place."""
        ...


@runtime_checkable
class PythonRunner(Runner, Protocol):
    """The same for Python, which has code that tries programs, too."""

    def try_program(self, source: str, tests: Mapping[str, Any], limits: Limits | None = None) -> Trial:
        """Run a program, and in a process apart the code that tries it."""
        ...
