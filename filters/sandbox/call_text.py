"""Programs as they are sent to another place: with what calls a function of them, and writes what it returns.

A place gives back what a program printed and nothing beside it, so the value is printed too: as the last thing, behind a mark that
is another each time. A program that finds the mark can print a value itself, as it can return one: either has to be the right one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from filters.sandbox import drive_program
from filters.sandbox.javascript import make_call
from filters.sandbox.sandbox import Call
from filters.sandbox.walls import Limits


@lru_cache(1)
def read_driver() -> str:
    """The text of what runs programs in Python in another place."""
    return Path(drive_program.__file__).read_text("utf-8")


def make_driven(
    source: str, limits: Limits, call: Call | None, names: Sequence[str], mark: str
) -> dict[str, Any]:
    """What `drive_program.drive` takes, as JSON can hold it."""
    asked = None if call is None else [call.function, list(call.arguments)]
    return {"source": clean_text(source), "cpu_s": limits.cpu_s, "memory": limits.memory, "call": asked, "names": list(names), "mark": mark}  # fmt: skip


def make_python_text(source: str, limits: Limits, call: Call | None, names: Sequence[str], mark: str) -> str:
    """A Python program whose run is that of `source` within its limits, and that calls a function where one is named."""
    given = json.dumps(make_driven(source, limits, call, names, mark))
    return f"{read_driver()}\n\ndrive(**json.loads({given!r}))\n"


def make_javascript_text(source: str, call: Call | None, mark: str) -> str:
    """The same in JavaScript, without limits."""
    if call is None:
        return clean_text(source)
    arguments = json.dumps(json.dumps(list(call.arguments)))
    return clean_text(source) + make_call(
        call.function, arguments, f"s=>process.stdout.write('\\n{mark}'+s+'\\n')"
    )


def clean_text(text: str) -> str:
    """A text that can be sent: what is no character is a question mark."""
    return text.encode("utf-8", "replace").decode()


def split_value(stdout: bytes, mark: str) -> tuple[bytes, bytes]:
    """What a program printed, and the value that stands behind the last mark, empty where there is none."""
    before, sign, after = stdout.rpartition(b"\n" + mark.encode())
    return (before, after.partition(b"\n")[0]) if sign else (stdout, b"")
