"""What is trained on, by name or path."""

from __future__ import annotations

from pathlib import Path

from curate.store.finished_sets import list_set_files
from curate.store.layout import Run
from filters.errors import UserError


def find_set(run: Run, name: str) -> Path:
    """The folder of a run's set by name, else a file or folder by path.

    Raises UserError where there is neither, or the set's files are not those that `mix` wrote.
    """
    if name in run.set_names():
        return list_set_files(run, name)[0].parent
    if Path(name).exists():
        return Path(name)
    made = run.set_names()
    there = f"; the run has: {', '.join(made)}" if made else ""
    raise UserError(f"There is no set '{name}' in '{run.path}' and no file of that name{there}.")
