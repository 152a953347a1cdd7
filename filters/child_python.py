"""How Python starts Python here: a child imports from where its parent does, never from the folder it happens to run in.

`python -m` puts the current folder first, where data lies: a `fasttext.py` beside it would be run as the library.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def make_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module in a process of its own; to be started with `make_environment`."""
    return [sys.executable, "-P", "-m", module, *arguments]


def make_environment(**more: str) -> dict[str, str]:
    """The environment for children of this process: they import from its places alone, and so do their own children.

    A check in a module that only a notebook's path leads to is thereby found in workers too.
    """
    places = os.pathsep.join(str(Path(place).absolute()) for place in sys.path)
    return {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": places, **more}
