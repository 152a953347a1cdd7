"""A set mixed from files alone, into a folder of its own: beside it stand its description and the rows that were left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from curate.readers.import_samples import REJECTED_FILE
from curate.selection.mixing import SetInfo, make_set, preview_set
from curate.selection.rules import Rules
from curate.selection.sources import Source
from curate.store.finished_sets import read_left_out
from curate.store.layout import Run
from curate.store.parquet import scan_files, scan_parts
from curate.store.prompts_by_id import PROMPT_KEY
from curate.store.whole_files import make_fleeting_folder, read_json, replace_folder, write_aside, write_json
from filters.digest import SHORT_KEY
from filters.errors import UserError

NAME = "set"
"""What the set is called in the temporary run in which it is made."""


def name_beside(folder: Path) -> tuple[Path, Path]:
    """Where the description of a set in a folder of its own stands, and the rows that were left out of it."""
    return folder.with_name(f"{folder.name}.json"), folder.with_name(f"{folder.name}.rejected.jsonl")


def make_loose_set(
    folder: Path, sources: Sequence[Source], rules: Rules, options: Mapping[str, Any]
) -> SetInfo:
    """Mix files into `folder`, in place of a set that was made there before.

    Writes FOLDER/train-*.parquet, FOLDER.json and FOLDER.rejected.jsonl: one line a row that is not in the set, with its source, place and reason.
    Raises UserError where something else is in the folder's place, or no row is accepted.
    """
    folder = _require_place(folder)
    info_file, rejected_file = name_beside(folder)
    with make_fleeting_folder(folder) as made_in:
        run = Run(made_in, temporary=True)
        made = make_set(run, NAME, sources, rules, options)
        info = read_json(run.set_info(NAME))
        with write_aside(rejected_file) as aside:
            aside.write_text(
                "".join(json.dumps(about) + "\n" for about in (*list_rejected(run), *_list_left_out(run))),
                "utf-8",
            )
        info_file.unlink(missing_ok=True)
        replace_folder(run.set(NAME), folder)
        files = {name: read_json(run.import_info(name))["source"] for name in run.sample_names()}
        write_json(info_file, {**info, "name": folder.name, "sources": files})
    return made._replace(folder=folder)


def preview_loose_set(folder: Path, sources: Sequence[Source], rules: Rules) -> SetInfo:
    """What `make_loose_set` would make, written nowhere. Raises UserError as it does."""
    return preview_set(None, _require_place(folder), sources, rules)


def _require_place(folder: Path) -> Path:
    """The folder's whole path. Raises UserError where no set can be put there."""
    folder = folder.absolute()
    if folder.exists() and not _is_set(folder, name_beside(folder)[0]):
        raise UserError(f"'{folder}' is there already, and is no set that mix made: name another folder.")
    if not folder.parent.is_dir():
        raise UserError(f"--out {folder}: there is no folder '{folder.parent}'.")
    return folder


def _is_set(folder: Path, info_file: Path) -> bool:
    info = read_json(info_file)
    files = {file["name"] for file in info.get("files", [])} if isinstance(info, dict) else None
    return files is not None and {file.name for file in folder.iterdir()} <= files


def list_rejected(run: Run, key: str | None = None) -> Iterator[dict[str, Any]]:
    """The rows of imported files that gave no sample, each with its source, place and reason; those of one id where it is given."""
    for name in run.sample_names():
        path = run.samples(name) / REJECTED_FILE
        if path.exists():
            for line in path.read_text("utf-8").splitlines():
                about = json.loads(line)
                if key is None or about.get("id") == key:
                    yield {"source": name, **about}


def _list_left_out(run: Run) -> Iterator[dict[str, Any]]:
    """The rows that were accepted and left out for what they have in common with others, in the same form."""
    left_out = read_left_out(run, NAME)
    for name in run.sample_names():
        asked = scan_parts(run.prompts(name), later=("variant",)).select(*PROMPT_KEY, "source_id")
        samples = scan_parts(run.samples(name), later=("variant",)).select("sample_id", *PROMPT_KEY)
        rows = left_out.filter(pl.col("source") == name).join(samples, on="sample_id", maintain_order="left")
        known = rows.join(
            asked.unique(["prompt_id", "variant"]), on=["prompt_id", "variant"], maintain_order="left"
        )
        for sample, label, reason, own in (
            known.select("sample_id", "label", "reason", "source_id").collect().iter_rows()
        ):
            yield {"source": name, "row": f"sample {sample}", "fate": label, "reason": reason, "id": own}


def find_rows(folder: Path, key: str) -> pl.DataFrame:
    """The rows of a set in a folder of its own that an id stands for: the row's, its prompt's, or its owner's, else the beginning of one of the first two.

    Raises UserError where the folder is no set.
    """
    files = sorted(folder.glob("[!.]*.parquet"))
    if not files:
        raise UserError(f"'{folder}' is no set: it holds no Parquet file.")
    rows = scan_files(files)
    owner = pl.col("row_id") == key if "row_id" in rows.collect_schema().names() else pl.lit(False)
    whole = rows.filter((pl.col("id") == key) | (pl.col("prompt_id") == key) | owner).collect()
    if whole.height or len(key) < SHORT_KEY or find_rejected(folder, key):
        return whole
    return rows.filter(pl.col("id").str.starts_with(key) | pl.col("prompt_id").str.starts_with(key)).collect()


def count_undrawn(folder: Path) -> int:
    """How many rows were accepted and are not in the set, for the limits on its sources or for their like in another one."""
    info = read_json(name_beside(folder)[0]) or {}
    return sum(one.get("unselected", 0) + one.get("repeated", 0) for one in info.get("funnels", ()))


def find_rejected(folder: Path, key: str) -> list[dict[str, Any]]:
    """What is known of the rows of this id that were left out."""
    path = name_beside(folder)[1]
    lines = map(json.loads, path.read_text("utf-8").splitlines()) if path.exists() else ()
    return [line for line in lines if line.get("id") == key]
