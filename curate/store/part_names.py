"""The names of a folder's parts: of one writer alone, or of one of several, each with a segment of its own."""

from __future__ import annotations

from pathlib import Path

from curate.store.layout import PART, list_parts
from curate.store.storage import STORAGE


def list_own_parts(folder: Path, kind: str, segment: str = "") -> list[Path]:
    """The parts of one writer in their order: of a segment, or of whoever wrote alone."""
    prefix = f"{kind}-{segment}-" if segment else f"{kind}-"
    return [part for part in list_parts(folder, kind) if part.stem.removeprefix(prefix).isdigit()]


def read_segment(part: Path) -> str:
    """The segment that a part is of; empty where its writer was alone."""
    return part.stem.partition("-")[2].rpartition("-")[0]


def next_part(folder: Path, kind: str = PART, segment: str = "") -> Path:
    """The path of the part that comes after those that exist. segment: of one of several writers, whose parts bear its name."""
    prefix = f"{kind}-{segment}" if segment else kind
    names = (path.stem for path in STORAGE.list_files(folder, prefix, ".parquet"))
    numbers = [int(number) for name in names if (number := name.removeprefix(f"{prefix}-")).isdigit()]
    return name_part(folder, kind, segment, max(numbers, default=-1) + 1)


def name_part(folder: Path, kind: str, segment: str, number: int) -> Path:
    """The path of a part."""
    prefix = f"{kind}-{segment}" if segment else kind
    return folder / f"{prefix}-{number:05d}.parquet"
