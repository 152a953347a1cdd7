"""Several writers of one set of samples: each has a segment, with a journal and parts of its own, and one that is lost is fenced.

Whoever takes over a lost writer's samples cannot know whether it is dead: its machine may be cut off, and come back. So
the names that its next parts would have are taken first, each by an empty file. A name is created once; so either the
part was committed before, and counts, or the writer finds the name taken, and has lost its segment. What its
journal holds and no part does then becomes parts of another segment.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Final

from curate.store.journal_lines import read_journal
from curate.store.layout import PART, PARTIAL, Run
from curate.store.part_names import next_part
from curate.store.storage import STORAGE
from filters.errors import WorkUndone

LETTER: Final = "s"
"""How the names of segments begin, so that they are no number."""


class FencedError(WorkUndone):
    """Another process has taken over what this one wrote."""


def name_segment() -> str:
    """A name for a new writer."""
    return f"{LETTER}{uuid.uuid4().hex[:12]}"


def name_rank_segment(array: str, rank: int) -> str:
    """A name for a new writer that is a rank of a job array; array: its id, 8 hex digits."""
    return f"{begin_rank_segments(array, rank)}{uuid.uuid4().hex[:8]}"


def begin_rank_segments(array: str, rank: int | None = None) -> str:
    """How the names of the segments of a rank begin, or of all ranks of a job array."""
    return f"{LETTER}{array}r" if rank is None else f"{LETTER}{array}r{rank}a"


def fence(folder: Path, segment: str) -> None:
    """Keep the writer of a segment from committing anything further."""
    for kind in (PARTIAL, PART):
        while not take_name(next_part(folder, kind, segment)):
            pass


def has_part(folder: Path, kind: str, segment: str) -> bool:
    """Whether a segment has a part, or the name of one is taken."""
    return bool(STORAGE.list_files(folder, f"{kind}-{segment}", ".parquet"))


def take_name(path: Path) -> bool:
    """Take the name that a part would have; whether it was free."""
    try:
        with STORAGE.create(path) as aside:
            aside.touch()
    except FileExistsError:
        return False
    return True


def read_left(run: Run, name: str, segment: str) -> tuple[str, list[dict[str, Any]]]:
    """The token of a fenced segment's journal, and its rows, sealed or not."""
    lines = read_journal(run.journal(name, segment))
    first = next(lines, None)
    return ("", []) if first is None else (str(first["journal"]), list(lines))
