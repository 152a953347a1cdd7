"""What is trained on, by name or path, and the content key by which it is known again."""

from __future__ import annotations

from pathlib import Path

from curate.store.finished_sets import list_set_files
from curate.store.layout import Run
from filters.digest import digest, digest_file
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


def compute_set_digest(path: Path) -> str:
    """The content key of a set's files, by name and bytes."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return digest([(p.name, digest_file(p)) for p in files if p.name[0] != "."])
