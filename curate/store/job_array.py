"""What a job array of a batch system shares: its number of ranks, the command they run, and the parts they judge.

Written while nobody else works on the same samples, and read by every rank before it begins: so no two ranks, of
this array or of an earlier one that is still queued, ever do the same work.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from curate.store.whole_files import read_json, write_json
from filters.errors import UserError

FILE: Final = "array.json"


@dataclass(frozen=True, slots=True)
class JobArray:
    """command: its content key. parts: names of parts to judge, by name of samples. id: tells its ranks' segments from others'."""

    ranks: int
    command: str
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])


def write_array(folder: Path, array: JobArray) -> None:
    """Keep an array in its folder, in place of an earlier one."""
    write_json(folder / FILE, asdict(array))


def read_array(folder: Path) -> JobArray:
    """The array of a folder. Raises UserError where there is none."""
    about = read_json(folder / FILE)
    if about is None:
        raise UserError(f"There is no job array in '{folder}': give the command with --on slurm:N first.")
    return JobArray(**about)
