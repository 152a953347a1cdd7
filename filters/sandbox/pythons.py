"""Which Python runs programs: the one that runs here, or another one that is found on this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

OLDEST: Final = (3, 10)
"""The oldest Python that can be a sandbox's warm process."""
_ASK: Final = (
    "import json, sys, sysconfig; get = sysconfig.get_path; print(json.dumps([sys.executable, list(sys.version_info[:3]), "
    "[get('stdlib'), get('platstdlib', vars={'platbase': sys.base_exec_prefix}), sys.base_prefix + '/lib']]))"
)
_INSTALLED: Final = (".pyenv/versions/{}*/bin/python3", ".local/share/uv/python/cpython-{}*/bin/python3")
"""Where those who manage several Pythons keep them, in the user's folder."""


class Interpreter(NamedTuple):
    """A Python: its program, its version, and where its standard library lies."""

    program: str
    version: tuple[int, ...]
    libraries: tuple[str, ...]


@lru_cache
def this_python() -> Interpreter:
    """The one that runs here."""
    own = sysconfig.get_path("platstdlib", vars={"platbase": sys.base_exec_prefix})
    places = (sysconfig.get_path("stdlib"), own, f"{sys.base_prefix}/lib")
    return Interpreter(sys.executable, sys.version_info[:3], places)


@lru_cache
def find_python(wanted: str) -> Interpreter | None:
    """A Python of a version, as 3.12, or by its path; None where there is none that can be used."""
    if wanted == ".".join(map(str, sys.version_info[:2])):
        return this_python()
    for program in _list_programs(wanted):
        found = _ask_python(program)
        if found is not None and found.version >= OLDEST and _is_wanted(found, wanted):
            return found
    return None


def _list_programs(wanted: str) -> Iterator[str]:
    if "/" in wanted:
        yield wanted
        return
    found = shutil.which(f"python{wanted}")
    if found is not None:
        yield found
    for pattern in _INSTALLED:
        yield from map(str, sorted(Path.home().glob(pattern.format(wanted)), reverse=True))


def _is_wanted(found: Interpreter, wanted: str) -> bool:
    said = ".".join(map(str, found.version))
    return "/" in wanted or said == wanted or said.startswith(f"{wanted}.")


def _ask_python(program: str) -> Interpreter | None:
    try:
        told = subprocess.run(  # noqa: S603  a Python of this machine's, with words of ours
            [program, "-I", "-c", _ASK], capture_output=True, text=True, timeout=30, check=True
        )
        path, version, libraries = json.loads(told.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Interpreter(path, tuple(version), tuple(libraries))
