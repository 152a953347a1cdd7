"""A compiler run behind the walls, on a program that nobody has looked at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

_MADE: Final = "program"
_RESULT: Final = 3


def compile_program(source: bytes, name: str, command: Sequence[str], last: Sequence[str]) -> NoReturn:
    """Write a program into this folder, compile it, and put what was made of it into file 3; ends as the compiler ends.

    command: the compiler with its options; the names of both files are added, and the options that stand last.
    """
    Path(name).write_bytes(source)
    started = os.posix_spawn(command[0], [*command, "-o", _MADE, name, *last], {**os.environ, "TMPDIR": "."})
    code = os.waitstatus_to_exitcode(os.waitpid(started, 0)[1])
    if code == 0:
        with Path(_MADE).open("rb") as made, open(_RESULT, "wb", closefd=False) as result:
            shutil.copyfileobj(made, result)
    os._exit(code & 0xFF)
