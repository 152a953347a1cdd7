"""What a program behind the walls sees: a fresh `__main__`, its input and outputs, and an end like any program's."""

from __future__ import annotations

import atexit
import io
import sys
import threading
import traceback
import types
from typing import NoReturn

from filters.sandbox.walls import leave


def run_program(source: bytes, name: str) -> NoReturn:
    """Run a program as Python runs a script, and end this process as it ends."""
    _open_streams()
    for module in [one for one in sys.modules if one.partition(".")[0] == "filters"]:
        del sys.modules[module]
    sys.argv, sys.path = (
        [name],
        [path for path in sys.path if path.endswith((".zip", "lib-dynload")) or "/python3" in path],
    )
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    code = 0
    try:
        exec(compile(source, name, "exec"), main.__dict__)  # noqa: S102  this is what the walls are for
    except SystemExit as end:
        code = _exit_code(end.code)
    except BaseException:  # noqa: BLE001  the program's, told as Python tells it
        code = 1
        _tell()
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except BaseException:  # noqa: BLE001  the same
        code = code or 1
        _tell()
    leave(code)


def _tell() -> None:
    """The traceback, without the frames that are ours."""
    kind, error, frames = sys.exc_info()
    try:
        traceback.print_exception(kind, error, frames.tb_next if frames else None, limit=50)
    except BaseException:  # noqa: BLE001  an error whose text cannot be had
        sys.stderr.write(f"{getattr(kind, '__name__', 'error')}\n")


def _exit_code(said: object) -> int:
    if said is None:
        return 0
    if isinstance(said, int):
        return said & 0xFF
    sys.stderr.write(f"{said}\n")
    return 1


def _open_streams() -> None:
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "r", closefd=False)), "utf-8", "replace")
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(1, "w", closefd=False)), "utf-8", "backslashreplace"
    )
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w", closefd=False)), "utf-8", "backslashreplace", line_buffering=True
    )
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
