"""What a job array of a batch system shares: its number of ranks, the command they run, and what is dealt out to them.

Written while nobody else works on the same samples, and read by every rank before it begins: so no two ranks, of
this array or of an earlier one that is still queued, ever do the same work.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from curate.store.storage import STORAGE
from curate.store.whole_files import read_json, remove_file, write_json
from filters.errors import UserError

FILE: Final = "array.json"


@dataclass(frozen=True, slots=True)
class JobArray:
    """command: its content key. parts: names of parts to judge, by name of samples. id: tells its jobs from those of others."""

    ranks: int
    command: str
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])


def write_array(folder: Path, array: JobArray) -> None:
    """Keep an array in its folder, in place of an earlier one, whose prompts go with it."""
    write_json(folder / FILE, asdict(array))
    for path in STORAGE.list_files(folder, "prompts", ".txt"):
        if path != _name_prompt_ids(folder, array):
            remove_file(path)


def write_prompt_ids(folder: Path, array: JobArray, ids: Iterable[str]) -> None:
    """Keep which prompts an array is to sample, in the order in which they are dealt out; before the array itself."""
    with STORAGE.commit(_name_prompt_ids(folder, array)) as aside:
        aside.write_text("".join(f"{id_}\n" for id_ in ids), encoding="ascii")


def read_prompt_ids(folder: Path, array: JobArray, rank: int) -> list[str]:
    """The ids of the prompts that a rank is to sample."""
    return _name_prompt_ids(folder, array).read_text("ascii").split()[rank :: array.ranks]


def _name_prompt_ids(folder: Path, array: JobArray) -> Path:
    return folder / f"prompts-{array.id}.txt"


def find_array(folder: Path) -> JobArray | None:
    """The array of a folder, if there is one."""
    about = read_json(folder / FILE)
    return None if about is None else JobArray(**about)


def read_array(folder: Path, id_: str) -> JobArray:
    """The array of a folder. Raises UserError where there is none, or another one has taken its place."""
    if (array := find_array(folder)) is None:
        raise UserError(f"There is no job array in '{folder}': give the command with --on slurm:N first.")
    if array.id != id_:
        raise UserError(
            f"The jobs in '{folder}' were written anew since this one was submitted: submit the new ones."
        )
    return array
