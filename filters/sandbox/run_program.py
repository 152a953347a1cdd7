"""What a program behind the walls sees: a fresh `__main__`, its input and outputs, and an end like any program's."""

from __future__ import annotations

import _sitebuiltins
import atexit
import builtins
import io
import json
import marshal
import os
import sys
import threading
import traceback
import types
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from filters.sandbox.drive_program import find_function, make_plain
from filters.sandbox.serve_program import serve_program
from filters.sandbox.walls import leave


def run_program(
    source: bytes,
    name: str,
    function: str = "",
    socket: int = 0,
    named: Sequence[str] = (),
    compiled: bool = False,
    kept: int = 0,
) -> NoReturn:
    """Run a program as Python runs a script, and end this process as it ends.

    function: one of the program's that is called when it has run; see `_call`. socket: where others ask for what the program
    defines, see `serve_program`. With either, the program is a module that is imported, not one that is run. named: the names
    of its files, from 3 on, which are its arguments. compiled: whether the source is what an earlier run wrote into the file
    `kept`, where that is one: what the program compiles to.
    """
    streams = open_streams()
    sys.orig_argv = ["python", name]
    for module in [one for one in sys.modules if one.partition(".")[0] == "filters"]:
        del sys.modules[module]
    sys.argv, sys.path = (
        [name, *named],
        [path for path in sys.path if path.endswith((".zip", "lib-dynload")) or "/python3" in path],
    )
    called = "program" if function or socket else "__main__"
    main = types.ModuleType(called)
    main.__dict__.update({"__builtins__": __builtins__, "__file__": name})
    builtins.exit, builtins.quit = (_sitebuiltins.Quitter(word, "Ctrl-D") for word in ("exit", "quit"))
    sys.modules[called] = main

    if named:
        _give_names(named)

    def work() -> None:
        code = marshal.loads(source) if compiled else compile(source, name, "exec", dont_inherit=True)  # noqa: S302
        if kept:
            os.write(kept, marshal.dumps(code))
            os.close(kept)
        exec(code, main.__dict__)  # noqa: S102  this is what the walls are for
        if function:
            _call(main.__dict__, function)
        if socket:
            serve_program(main.__dict__, socket)

    leave_after(work, streams, waits=not (function or socket))


def _give_names(named: Sequence[str]) -> None:
    """Let `open` find files that have no place in the file system."""
    files = {file: number for number, file in enumerate(named, 3)}
    found = io.open

    def open_by_name(file: Any, *arguments: Any, **options: Any) -> Any:
        number = files.get(str(file))
        return found(file if number is None else os.dup(number), *arguments, **options)

    io.open = builtins.open = open_by_name


def leave_after(work: Callable[[], object], streams: Sequence[Any] = (), waits: bool = True) -> NoReturn:
    """Do something, and end this process as Python's end does.

    streams: what is given out at the end, if nobody closed it. waits: for threads, and what is to be done at the end; where a
    value was asked for, it is there.
    """
    code = 0
    try:
        work()
    except SystemExit as end:
        code = _exit_code(end.code)
    except BaseException:  # noqa: BLE001  the program's, told as Python tells it
        code = 1
        _tell()
    try:
        if waits:
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
    except BaseException:  # noqa: BLE001  the same
        code = code or 1
        _tell()
    leave(code, streams)


def _call(names: dict[str, Any], function: str) -> None:
    """Call a function, or a method of `Solution`, with the JSON list in file 3, and write what it returns to file 4 as JSON.

    Whether that is right is not known here, and nothing here is to be trusted: it is compared outside, as the plain value it is.
    """
    with open(3, "rb", closefd=False) as given:
        arguments = json.loads(given.read())
    said = json.dumps(make_plain(find_function(names, function)(*arguments)), allow_nan=True).encode()
    with open(4, "wb", closefd=False) as file:
        file.write(said)


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
        return int.__and__(said, 0xFF)
    sys.stderr.write(f"{said}\n")
    return 1


def open_streams() -> tuple[Any, ...]:
    """Input, output and errors on the files 0 to 2 anew, and of them those that are to be given out at the end."""
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "r", closefd=False)), "utf-8", "replace")
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(1, "w", closefd=False)), "utf-8", "backslashreplace"
    )
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w", closefd=False)), "utf-8", "backslashreplace", line_buffering=True
    )
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    return sys.stdout, sys.stderr
