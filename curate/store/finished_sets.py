"""The sets of a run: one is there when its information is, and exactly the files that this lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa

from curate.store.layout import Run
from curate.store.parquet import count_rows, scan_files
from curate.store.whole_files import read_json
from filters.digest import digest, digest_file
from filters.errors import UserError

HELD_OUT: Final = "validation"
"""The split of a set's folder that has the rows of held-out prompts, by the name that `datasets` gives it."""
LEFT_OUT: Final = ("sample_id", "source", "label", "reason")
"""What is kept of each sample that a set leaves out though its checks accept it, all of them texts."""


def read_left_out(run: Run, name: str) -> pl.LazyFrame:
    """The columns LEFT_OUT of a set; no rows where it leaves out none."""
    path = run.set_left_out(name)
    return scan_files([path]) if path.exists() else pl.LazyFrame(schema=dict.fromkeys(LEFT_OUT, pl.String))


def describe_files(folder: Path) -> list[dict[str, Any]]:
    """What a set's information says of its files: name, rows and bytes of each, in order."""
    return [
        {"name": file.name, "rows": count_rows(file), "bytes": file.stat().st_size}
        for file in sorted(folder.glob("[!.]*.parquet"))
    ]


def read_set_info(run: Run, name: str) -> dict[str, Any] | None:
    """What `mix` says of a set; None where there is none, or its folder was deleted."""
    info = read_json(run.set_info(name)) if run.set(name).is_dir() else None
    if info is None or (isinstance(info, dict) and "rows" in info):
        return info
    raise UserError(f"'{run.set_info(name)}' was changed by hand: delete it, and run mix again.")


def list_set_files(run: Run, name: str) -> list[Path]:
    """The files of a set, in order, those of its held-out prompts left out. Raises UserError where they are not those that `mix` wrote."""
    info = read_set_info(run, name)
    if info is None:
        there = ", ".join(run.set_names()) or "none"
        raise UserError(f"'{run.path}' has no set '{name}'; there are: {there}.")
    fault = find_fault(run, name, info)
    if fault:
        raise UserError(f"Set '{name}' of '{run.path}' is not as mix made it: {fault}; run mix again.")
    return [file for file in sorted(run.set(name).glob("[!.]*.parquet")) if not _is_held_out(file)]


def list_held_out_files(run: Run, name: str) -> list[Path]:
    """The files of a set's held-out prompts, in order; none where it holds out none."""
    return [file for file in sorted(run.set(name).glob("[!.]*.parquet")) if _is_held_out(file)]


def _is_held_out(file: Path) -> bool:
    return file.name.startswith(f"{HELD_OUT}-")


def find_fault(run: Run, name: str, info: dict[str, Any]) -> str | None:
    """What is wrong with a set's files, for a sentence; None where they are those that its information lists."""
    return find_folder_fault(run.set(name), info)


def find_folder_fault(folder: Path, info: dict[str, Any]) -> str | None:
    """As `find_fault`, of a set in any folder."""
    strange = [file.name for file in folder.rglob("[!.]*") if file.is_dir() or file.suffix != ".parquet"]
    if strange:
        return f"there is '{strange[0]}'"
    try:
        found = describe_files(folder)
    except (pa.ArrowException, OSError) as error:
        return f"a file cannot be read ({str(error).splitlines()[0]})"
    if "files" not in info:  # sets of earlier versions know only how many rows they have
        rows = sum(file["rows"] for file in found)
        return None if rows == info["rows"] else f"it has {rows:,} rows, not {info['rows']:,}"
    changed = [file["name"] for file in info["files"] if file not in found]
    changed += [file["name"] for file in found if file not in info["files"]]
    return f"'{changed[0]}' is missing, or was changed" if changed else None


def compute_set_digest(path: Path) -> str:
    """The content key of a set's files, by name and bytes: what a model that was trained on it remembers it by."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return digest([(p.name, digest_file(p)) for p in files if p.name[0] != "."])
