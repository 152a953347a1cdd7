"""A set as `publish` takes it: one of a run, with the samples it was chosen from, or one mixed from files into a folder of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from curate.reporting.run_facts import DataSet, Samples, read_samples, read_sets
from curate.selection.funnel import Funnel
from curate.selection.loose_sets import name_beside
from curate.store.finished_sets import find_folder_fault, list_set_files
from curate.store.layout import Run
from curate.store.whole_files import read_json
from filters.errors import UserError

_SHARD: Final = re.compile(r"(?P<split>\w+(?:\.\w+)*)-\d{5}-of-\d{5}\.parquet")


@dataclass(frozen=True, slots=True)
class SetSource:
    """A set, the files of all its splits in order, and the samples that it was chosen from: none where only files are known.

    run: the run that it is of; None of a set in a folder of its own. records: the files of the project that tell of it.
    """

    made: DataSet
    files: list[Path]
    samples: list[Samples]
    run: Run | None
    records: list[Path]

    @property
    def splits(self) -> dict[str, list[Path]]:
        """The files of each split, `train` first. Raises UserError where a file's name says none."""
        found: dict[str, list[Path]] = {"train": []}
        for file in self.files:
            name = _SHARD.fullmatch(file.name)
            if name is None:
                raise UserError(
                    f"'{file}' is no file of a split, as train-00000-of-00001.parquet; run mix again."
                )
            found.setdefault(name["split"], []).append(file)
        return {split: files for split, files in found.items() if files}

    @property
    def published_folder(self) -> Path:
        """The folder that `publish` makes of it unless told otherwise: in its run, or beside its own folder."""
        if self.run is not None:
            return self.run.published_folder(self.made.name)
        folder = self.files[0].parent
        return folder.with_name(f"{folder.name}.published")

    @property
    def schema(self) -> pa.Schema:
        """The columns of its files. Raises UserError where they differ, as of files of several versions."""
        first, *others = (pq.read_schema(file).remove_metadata() for file in self.files)
        for file, schema in zip(self.files[1:], others, strict=True):
            if not schema.equals(first):
                raise UserError(f"'{file}' has other columns than '{self.files[0].name}'; run mix again.")
        return first


def read_run_set(run: Run, name: str, records: list[Path]) -> SetSource:
    """A set of a run. Raises UserError where there is none of that name, or it was changed."""
    made = find_named(read_sets(run), name, "set", run)
    named = {funnel.source for funnel in made.funnels}
    samples = [one for one in read_samples(run) if one.name in named]
    list_set_files(run, name)  # refuses a set that was changed
    return SetSource(made, _list_files(run.set(name)), samples, run, records)


def read_loose_set(folder: Path) -> SetSource:
    """A set that `mix FILES --out FOLDER` made. Raises UserError where the folder holds none, or one that was changed."""
    folder = folder.absolute()
    described = name_beside(folder)[0]
    about = read_json(described) if folder.is_dir() else None
    if not isinstance(about, dict) or "funnels" not in about:
        raise UserError(
            f"'{folder}' is no set that `mix FILES --out FOLDER` made: there is no such folder with '{described.name}' beside it. "
            "A set of a run is named by --run RUN --dataset NAME."
        )
    if fault := find_folder_fault(folder, about):
        raise UserError(f"The set '{folder}' is not as mix made it: {fault}; run mix again.")
    funnels = [Funnel(**funnel) for funnel in about["funnels"]]
    made = DataSet(folder.name, about["rows"], about["checks"], funnels, about)
    return SetSource(made, _list_files(folder), [], None, [described])


def _list_files(folder: Path) -> list[Path]:
    """The files of all splits of a set."""
    return sorted(folder.glob("[!.]*.parquet"))


def find_named(known: list[Any], name: str, kind: str, run: Run) -> Any:
    """The one of that name. Raises UserError with those there are."""
    for one in known:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in known) or "none"
    raise UserError(f"'{run.path}' has no {kind} '{name}'; there are: {names}.")


def list_given_files(made: DataSet) -> Iterator[tuple[Funnel, str]]:
    """The funnels of a set that was mixed from files, each with its file's place."""
    files: Mapping[str, str] = made.about.get("sources") or {}
    for funnel in made.funnels:
        yield funnel, str(files.get(funnel.source, ""))
