"""Import a check of one's own from its file: once per process, under a name by which it can be found again."""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
from pathlib import Path
from threading import RLock
from types import ModuleType

from filters.digest import digest
from filters.errors import UserError

_ONE_AT_A_TIME = RLock()
"""Held while a file is imported, so that no other thread sees half of it; a file may import another one."""


def import_file(place: str) -> ModuleType:
    """The module of a Python file; its code runs only when it is first asked for in this process.

    It is registered in `sys.modules`, since pydantic resolves the annotations of its classes there, and pickle
    the classes themselves.
    """
    path = Path(place).resolve()
    if not path.is_file():
        raise UserError(f"There is no file '{place}'.")
    name = name_module(path)
    with _ONE_AT_A_TIME:
        if name not in sys.modules:
            _execute(name, path, place)
        return sys.modules[name]


def name_module(path: Path) -> str:
    """The module name of a file: the same for the same resolved path, in every process."""
    return f"check_file_{re.sub(r'[^A-Za-z0-9]', '_', path.stem)}_{digest(str(path))[:16]}"


def _execute(name: str, path: Path, place: str) -> None:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, "a file whose name ends in .py has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        del sys.modules[name]
        raise UserError(
            f"{_shown_file(error, path, place)}, line {error.lineno}: not valid Python ({error.msg})."
        ) from None
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise UserError(_explain_failure(error, path, place)) from error
    except BaseException:
        del sys.modules[name]
        raise


def _shown_file(error: SyntaxError, path: Path, place: str) -> str:
    """The file with the fault, which may be one that the check's file imports."""
    return place if error.filename in (None, str(path)) else str(error.filename)


def _explain_failure(error: BaseException, path: Path, place: str) -> str:
    """One sentence with the file, the line in it that failed, and the exception."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    where = f"{place}, line {lines[-1]}" if lines else place
    said = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".: ")
    return f"{where}: cannot be imported ({said[:300]})."
