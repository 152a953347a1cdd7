"""Folders that `datasets` saved (save_to_disk): read as the Arrow files they are, without loading the library or its features."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from curate.readers.formats.places import Place, unreachable
from filters.errors import UserError

_DICT, _STATE, INFO = "dataset_dict.json", "state.json", "dataset_info.json"


def is_saved_set(files: Mapping[str, Place]) -> bool:
    """Whether a folder with these files was written by save_to_disk."""
    return _DICT in files or (_STATE in files and INFO in files)


def list_saved_splits(files: Mapping[str, Place]) -> list[str]:
    """The splits of such a folder; one that was saved without any counts as train."""
    if _DICT in files:
        splits = _read_json(files[_DICT]).get("splits")
        return list(map(str, splits)) if isinstance(splits, list) else []
    return [str(_read_json(files[_STATE]).get("_split") or "train")]


def list_saved_files(
    folder: Place, files: Mapping[str, Place], split: str, config: str | None
) -> list[Place]:
    """The Arrow files of a split, in order. Raises UserError where the split is not there, or a file is missing."""
    if config is not None:
        raise UserError(
            f"'{folder.name}' was saved by `datasets` and has no configurations; leave out --config."
        )
    if _DICT in files:
        splits = _read_json(files[_DICT]).get("splits")
        if not isinstance(splits, list) or split not in splits:
            there = ", ".join(map(str, splits)) if isinstance(splits, list) else "none"
            raise UserError(f"'{folder.name}' has no split '{split}'; there are: {there}.")
        return _list_shards(folder, files, f"{split}/")
    saved = _read_json(files[_STATE]).get("_split")
    if saved is not None and saved != split:
        raise UserError(
            f"'{folder.name}' has no split '{split}'; there are: {saved}. Name it: --split {saved}"
        )
    if saved is None and split not in ("train", folder.name.rstrip("/").rpartition("/")[2]):
        raise UserError(
            f"'{folder.name}' has no split '{split}': it was saved as one set without splits, which counts as train."
        )
    return _list_shards(folder, files, "")


def _list_shards(folder: Place, files: Mapping[str, Place], inside: str) -> list[Place]:
    if inside + _STATE not in files:
        raise UserError(
            f"'{folder.name}' is not a complete datasets folder: {inside + _STATE} is missing. Save or copy it again."
        )
    state = _read_json(files[inside + _STATE])
    if state.get("_indices_data_files") or state.get("_indices_files"):
        raise UserError(
            f"'{folder.name}' was saved with an index beside its rows, as old versions did. Load and save it with a new version of `datasets`."
        )
    names = [inside + str(shard.get("filename")) for shard in state.get("_data_files") or []]
    if missing := [name for name in names if name not in files]:
        raise UserError(
            f"'{folder.name}' is not a complete datasets folder: {missing[0]} is missing. Save or copy it again."
        )
    return [files[name] for name in names]


def _read_json(place: Place) -> dict[str, Any]:
    try:
        with place.open() as file:
            value = json.load(file)
    except unreachable(ValueError, RecursionError) as error:
        raise UserError(
            f"{place.name}: not valid JSON, so this is not a complete datasets folder ({error})."
        ) from None
    if not isinstance(value, dict):
        raise UserError(f"{place.name}: not a JSON object, so this is not a complete datasets folder.")
    return value
