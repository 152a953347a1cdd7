"""Where things lie in a run, and how a file becomes whole: written aside, synced, renamed.

RUN/prompts/NAME, RUN/samples/NAME, RUN/verdicts/NAME/LABEL, RUN/sets/NAME, RUN/models/NAME, RUN/evals/NAME.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from filters.vocabulary import UserError

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder."""

    path: Path

    def prompts(self, name: str) -> Path:
        """The prompts that `samples(name)` answer."""
        return self.path / "prompts" / checked_name(name)

    def samples(self, name: str) -> Path:
        """Parts of whole samples, parts of partial ones, and the journal while they are being written."""
        return self.path / "samples" / checked_name(name)

    def verdicts(self, name: str) -> Path:
        """One folder a check's label, with one part a part of samples."""
        return self.path / "verdicts" / checked_name(name)

    def set(self, name: str) -> Path:
        """What mix made."""
        return self.path / "sets" / checked_name(name)

    def model(self, name: str) -> Path:
        """What distill made."""
        return self.path / "models" / checked_name(name)

    def evaluation(self, name: str) -> Path:
        """The statistics of an evaluation."""
        return self.path / "evals" / checked_name(name)

    def sample_sets(self) -> list[str]:
        """The names under samples/, sorted."""
        return sorted(p.name for p in (self.path / "samples").glob("*") if p.is_dir())

    def is_unfinished(self, name: str) -> bool:
        """Whether a killed `generate` left a journal that nothing but `generate` can take in."""
        journal = self.samples(name) / "journal.jsonl"
        return journal.exists() and journal.stat().st_size > 0


def open_run(path: str | Path) -> Run:
    """An existing run folder."""
    folder = Path(path)
    if not folder.is_dir():
        raise UserError(f"There is no run folder '{folder}'.")
    if not any((folder / part).exists() for part in ("recipe.yaml", "samples", "sets", "models", "evals")):
        raise UserError(f"'{folder}' is no run folder: it holds no samples, sets, models or evaluations.")
    return Run(folder)


def checked_name(name: str) -> str:
    """A name that is safe as a folder's."""
    if not NAME.fullmatch(name):
        raise UserError(f"'{name}' cannot be a name: use letters, digits, '.', '_' and '-'.")
    return name


def parts(folder: Path, kind: str = "part") -> list[Path]:
    """The committed Parquet parts of a folder, in order."""
    return sorted(folder.glob(f"{kind}-*.parquet"))


@contextmanager
def writing_aside(path: Path) -> Iterator[Path]:
    """A file beside `path` to write; it takes the path's place, synced, when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.writing")
    try:
        yield aside
        sync(aside)
        aside.replace(path)
        sync(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Force a file or a folder's entries to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people and programs, whole or not at all."""
    with writing_aside(path) as aside:
        aside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read JSON, or None where there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder against other writers; the lock dies with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"Another process is writing to '{folder}'; wait for it or stop it.") from None
        yield
