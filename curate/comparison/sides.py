"""What is compared: a set of a run, a published folder, or plain Parquet, with what is known of its making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.store.copies import find_folder
from curate.store.finished_sets import HELD_OUT, list_held_out_files, list_set_files
from curate.store.layout import MODEL_INFO, SETS, Run, open_run, require_parquet
from curate.store.whole_files import read_json
from filters.errors import UserError


@dataclass(frozen=True, slots=True)
class SetSide:
    """One of two sets. about: what its information says of its making; empty where nobody does. run: of whose samples it was made.

    held_out: the files of its held-out prompts, whose rows are none of its own.
    """

    title: str
    files: Sequence[Path]
    about: Mapping[str, Any]
    run: Run | None = None
    held_out: Sequence[Path] = ()


def find_run(place: str) -> Run | None:
    """The run in a folder; None where something else lies there."""
    folder = find_folder(place)
    if any((folder / part).is_dir() for part in ("samples", SETS)):
        return open_run(place)
    return None


def open_set_of(run: Run, name: str) -> SetSide:
    """A set of a run. Raises UserError where there is none, or its files are not those that `mix` wrote."""
    files, held_out = list_set_files(run, name), list_held_out_files(run, name)
    return SetSide(name, files, read_json(run.set_info(name)), run, held_out)


def open_set(place: str) -> SetSide:
    """A set that lies anywhere. Raises UserError where there is none."""
    path = Path(place).absolute()
    if path.is_file():
        require_parquet(path)
        return SetSide(path.name, [path], {})
    if path.parent.name == SETS and (run := find_run(str(path.parent.parent))) is not None:
        return open_set_of(run, path.name)
    published = read_json(path / MODEL_INFO)
    # A folder as the Hub has it holds its rows in `data`.
    files = _list_files(path / "data") if published else _list_files(path) or _list_files(path / "data")
    if not files:
        raise UserError(f"'{place}' holds neither a run nor a set: there is no Parquet file in it.")
    about = published or read_json(path.with_name(f"{path.name}.json"))
    held_out = sorted(files[0].parent.glob(f"{HELD_OUT}-*.parquet"))
    return SetSide(path.name, files, about if isinstance(about, dict) else {}, held_out=held_out)


def _list_files(folder: Path) -> list[Path]:
    """The Parquet files of a folder; of those that `mix` named, these alone."""
    found = sorted(folder.glob("train-*.parquet")) or sorted(folder.glob("[!.]*.parquet"))
    for file in found:
        require_parquet(file)
    return found
