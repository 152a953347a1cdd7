"""A sandbox that outlives its warm process: one that is lost is replaced, and what it ran is run once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from filters.sandbox.outcome import Outcome, Trial
from filters.sandbox.packages import Packages
from filters.sandbox.pythons import Interpreter
from filters.sandbox.sandbox import Call, CompiledProgram, Sandbox, SandboxLostError
from filters.sandbox.walls import Limits, Tier

Result = TypeVar("Result")


class LastingSandbox:
    """Runs programs as a `Sandbox` does; built when it is first needed. Raises SandboxLostError for what loses two in a row."""

    def __init__(
        self,
        tier: Tier,
        readable: Sequence[str] = (),
        python: Interpreter | None = None,
        packages: Packages | None = None,
    ) -> None:
        self.tier, self._made_with = tier, (readable, python, packages)
        self._sandbox: Sandbox | None = None

    def run(
        self,
        source: str,
        stdin: bytes = b"",
        limits: Limits | None = None,
        call: Call | None = None,
        named: Mapping[str, bytes] | None = None,
    ) -> Outcome:
        """Run a program to its end; see `Sandbox.run`."""
        return self._twice(lambda sandbox: sandbox.run(source, stdin, limits, call, named))

    def try_program(self, source: str, tests: Mapping[str, Any], limits: Limits | None = None) -> Trial:
        """Run a program, and the code that tries it; see `Sandbox.try_program`."""
        return self._twice(lambda sandbox: sandbox.try_program(source, tests, limits))

    def compile(
        self, source: str, command: Sequence[str], name: str, limits: Limits, last: Sequence[str] = ()
    ) -> CompiledProgram | Outcome:
        """Compile a program; see `Sandbox.compile`."""
        return self._twice(lambda sandbox: sandbox.compile(source, command, name, limits, last))

    def run_binary(
        self,
        program: CompiledProgram | str,
        arguments: Sequence[str],
        stdin: bytes = b"",
        limits: Limits | None = None,
        more: Sequence[bytes] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run a program of the machine's own code; see `Sandbox.run_binary`."""
        return self._twice(
            lambda sandbox: sandbox.run_binary(program, arguments, stdin, limits, more, environment)
        )

    def close(self) -> None:
        """End the warm process."""
        if self._sandbox is not None:
            self._sandbox.close()
        self._sandbox = None

    def _twice(self, work: Callable[[Sandbox], Result]) -> Result:
        try:
            return work(self._take())
        except SandboxLostError:
            self.close()
        try:
            return work(self._take())
        except SandboxLostError:
            self.close()
            raise

    def _take(self) -> Sandbox:
        if self._sandbox is None:
            self._sandbox = Sandbox(self.tier, *self._made_with)
        return self._sandbox
