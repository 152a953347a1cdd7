"""Folders of data files, `datasets` folders, and data sets on the Hub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curate.readers.formats.files import read_file
from curate.readers.row import Row, number_rows
from filters.errors import UserError

HUB_SET = re.compile(
    r"(?P<name>[\w.-]+/[\w.-]+(?<!\.jsonl)(?<!\.json)(?<!\.csv)(?<!\.parquet)(?<!\.gz))"
    r"(:(?P<config>[\w.-]+))?(@(?P<revision>[\w./-]+))?"
)
"""A Hub set's name, with a configuration and a revision where they matter: openai/gsm8k:main@e53f048."""


def read_folder(path: Path, split: str) -> Iterator[Row]:
    """The rows of a folder: one that `datasets` saved, or all its Parquet and JSON Lines files."""
    if (path / "dataset_info.json").exists() or (path / "dataset_dict.json").exists():
        from datasets import DatasetDict, load_from_disk

        try:
            found = load_from_disk(str(path))
        except (OSError, ValueError) as error:
            raise UserError(f"{path}: not a complete datasets folder ({error}).") from None
        if isinstance(found, DatasetDict):
            found = _split_of(found, split, str(path))
        return number_rows(found, str(path))
    kinds = (".parquet", ".jsonl")
    files = sorted(p for p in path.rglob("[!.]*") if p.suffix in kinds and p.is_file())
    if not files:
        raise UserError(f"'{path}' holds no Parquet or JSON Lines file.")
    return (row for file in files for row in read_file(file))


def read_hub_set(source: re.Match[str], split: str) -> Iterator[Row]:
    """The rows of a data set on the Hub, streamed."""
    from datasets import load_dataset

    name, config, revision = source["name"], source["config"], source["revision"]
    try:
        found = load_dataset(name, config, split=split, revision=revision, streaming=True)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise UserError(
            f"There is no file '{source[0]}', and the Hub gives no such data set: {why}"
        ) from None
    return number_rows(found, source[0])


def _split_of(found: Any, split: str, source: str) -> Any:
    if split not in found:
        raise UserError(f"'{source}' has no split '{split}'; there are: {', '.join(found)}.")
    return found[split]
