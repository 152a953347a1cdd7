"""Programs in C++ and JavaScript, run as those in Python are: by the same call, behind the same walls."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from filters.sandbox.javascript import make_call
from filters.sandbox.lasting import LastingSandbox
from filters.sandbox.outcome import Outcome
from filters.sandbox.sandbox import Call, CompiledProgram
from filters.sandbox.walls import Limits, Tier

COMPILER_LIMITS: Final = Limits(
    cpu_s=60, wall_s=250, memory=4 << 30, output=64 << 20, folder=256 << 20, reserved=False
)
"""What a compiler may take of a program that somebody wrote to have it take all."""
_FOLDERS: Final = ("/usr/bin", "/usr/include", "/usr/local/include", "/usr/libexec")
_OPTIONS: Final = ("-O2", "-pipe", "-w", "-DONLINE_JUDGE", "-fno-lto", "-fno-use-linker-plugin")
_STANDARDS: Final = (("-std=gnu++20",), ("-x", "c", "-std=gnu17"))
"""C++ first; what is none may be C, unless it has what C has not."""
_ONLY_CPP: Final = re.compile(r"#\s*include\s*<\w+>|\bstd::|using namespace|\btemplate\s*<")
_HEAP: Final = 256 << 20
"""What node takes beside the heap of a program."""
_RUN: Final = (
    "const fs=require('fs'),M=require('module'),m=new M('/program.js');m.filename='/program.js';m.paths=[];process.mainModule=m;"
    "m._compile(fs.readFileSync(4,'utf8'),'/program.js')"
)
_READ, _WRITE = "require('fs').readFileSync(5,'utf8')", "s=>require('fs').writeSync(6,s)"
_NAMES: Final = {"OPENSSL_CONF": "/dev/null"}  # which node reads at its start, and may not


class CppRunner:
    """Compiles a program once, and runs what was made of it. tool: the path of g++."""

    def __init__(self, tier: Tier, tool: str) -> None:
        self.tier, self._tool = tier, tool
        places = [*_FOLDERS, str(Path(tool).parent)]
        self._compiler = LastingSandbox(tier, [one for one in places if Path(one).is_dir()])
        self._sandbox = LastingSandbox(tier)
        self._made: tuple[str, CompiledProgram | Outcome] | None = None

    def run(
        self,
        source: str,
        stdin: bytes = b"",
        limits: Limits | None = None,
        call: Call | None = None,
        named: Mapping[str, bytes] | None = None,
    ) -> Outcome:
        """Run a program to its end; one that does not compile ends with `compile_error`. Raises SandboxLostError."""
        assert call is None and named is None, "functions of C++ are not called"
        if self._made is None or self._made[0] != source:
            self._made = (source, self._compile(source))
        made = self._made[1]
        return made if isinstance(made, Outcome) else self._sandbox.run_binary(made, ["program"], stdin, limits)  # fmt: skip

    def close(self) -> None:
        """End the warm processes."""
        self._compiler.close()
        self._sandbox.close()

    def _compile(self, source: str) -> CompiledProgram | Outcome:
        first, *others = _STANDARDS if _ONLY_CPP.search(source) is None else _STANDARDS[:1]
        made = self._compile_as(first, source)
        for standard in others if isinstance(made, Outcome) else ():
            again = self._compile_as(standard, source)
            made = made if isinstance(again, Outcome) else again
        return made

    def _compile_as(self, standard: Sequence[str], source: str) -> CompiledProgram | Outcome:
        command = [self._tool, *_OPTIONS, *standard]
        return self._compiler.compile(source, command, "program.cpp", COMPILER_LIMITS, ["-lm"])


class NodeRunner:
    """Runs programs in JavaScript. tool: the path of node."""

    def __init__(self, tier: Tier, tool: str) -> None:
        self.tier, self._tool = tier, tool
        self._sandbox = LastingSandbox(tier, [tool])

    def run(
        self,
        source: str,
        stdin: bytes = b"",
        limits: Limits | None = None,
        call: Call | None = None,
        named: Mapping[str, bytes] | None = None,
    ) -> Outcome:
        """Run a program to its end, and call a function of it where one is named. Raises SandboxLostError."""
        assert named is None, "no checker is written in JavaScript"
        limits = limits or Limits()
        heap = f"--max-old-space-size={limits.memory >> 20}"
        more = [source.encode("utf-8", "replace")]
        if call is not None:
            more = [more[0] + make_call(call.function, _READ, _WRITE).encode("utf-8", "replace"), json.dumps(list(call.arguments)).encode(), b""]  # fmt: skip
        wider = limits._replace(memory=limits.memory + _HEAP, reserved=False)
        outcome = self._sandbox.run_binary(self._tool, ["node", heap, "--stack-size=50000", "-e", _RUN], stdin, wider, more, _NAMES)  # fmt: skip
        return outcome if call is not None else outcome.without_value()

    def close(self) -> None:
        """End the warm process."""
        self._sandbox.close()
