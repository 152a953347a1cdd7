"""Which files of a folder are read: those of one split and one configuration, in the order of their names. Splits are never merged."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

from curate.readers.cards import CARD, LONGEST_CARD, choose_config, list_patterns, match_files, read_configs
from curate.readers.formats.kinds import PACKINGS, SUFFIXES, suffix_of
from curate.readers.formats.places import Place, say_error, unreachable
from curate.readers.formats.split_words import group_by_split
from curate.readers.saved_sets import INFO, is_saved_set, list_saved_files, list_saved_splits
from filters.errors import UserError

_NO_ROWS: Final = frozenset(
    [
        "dataset_info.json",
        "dataset_infos.json",
        "dataset_dict.json",
        "state.json",
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "trainer_state.json",
        "adapter_config.json",
        "all_results.json",
        "train_results.json",
        "eval_results.json",
        "preprocessor_config.json",
        "chat_template.json",
        "croissant.json",
        "package.json",
    ]
)
"""JSON files that stand beside rows and hold none."""

_NO_FOLDER: Final = re.compile(
    r"checkpoint-\d+|global_step_?\d+|__.*|_delta_log|_spark_metadata|_temporary|wandb"
)
_SHARD: Final = re.compile(r"(.*?)-(\d{5})-of-(\d{5})(.*)")


def choose_files(folder: Place, split: str, config: str | None = None) -> list[Place]:
    """The files of a split of a folder: a Hub clone, one that `datasets` saved, or shards of any kinds.

    Raises UserError where the split or the configuration is not there, naming those there are, and where shards are missing.
    """
    files = folder.list_files()
    if is_saved_set(files):
        return list_saved_files(folder, files, split, config)
    paths = [path for path in files if holds_rows(path)]
    splits, patterns = _find_splits(folder, files, paths, config)
    if not splits:
        raise _refuse_empty(folder, files)
    if split not in splits:
        raise UserError(
            f"'{folder.name}' has no split '{split}'; there are: {', '.join(splits)}. Name one: --split {shlex.quote(next(iter(splits)))}"
        )
    if not splits[split]:
        raise UserError(
            f"'{folder.name}': its card names files for the split '{split}' that are not there. Get the whole set, or mend {CARD}."
        )
    _refuse_missing_shards(folder, splits[split], patterns.get(split))
    _refuse_twins(folder, splits[split])
    return [files[path] for path in splits[split]]


def list_declared_splits(folder: Place, config: str | None = None) -> list[str] | None:
    """The splits that a folder's card or `datasets` declares; None where at most the names of its files tell."""
    files = folder.list_files()
    if is_saved_set(files):
        return list_saved_splits(files)
    paths = [path for path in files if holds_rows(path)]
    declares = (card := files.get(CARD)) is not None and read_configs(_read(card), card.name)
    return list(_find_splits(folder, files, paths, config)[0]) if declares or config is not None else None


def _refuse_empty(folder: Place, files: Iterable[str]) -> UserError:
    if INFO in files:
        return UserError(
            f"'{folder.name}' is not a complete datasets folder: its rows are missing. Save or copy it again."
        )
    seen = ", ".join(sorted({PurePosixPath(path).suffix or path for path in files})[:8]) or "nothing"
    kinds, packings = ", ".join(SUFFIXES), ", ".join(PACKINGS)
    return UserError(
        f"'{folder.name}' holds no file of rows ({kinds}, also with {packings}); it holds: {seen}."
    )


def _find_splits(
    folder: Place, files: Mapping[str, Place], paths: list[str], config: str | None
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The paths of each split, and the patterns that the card names them by, where it does."""
    if (card := files.get(CARD)) and (configs := read_configs(_read(card), card.name)):
        chosen = choose_config(configs, config, folder.name)
        patterns = list_patterns(chosen)
        if patterns is None:
            return _group_below(paths, str(chosen["data_dir"]).strip("./")), {}
        return {split: match_files(globs, paths) for split, globs in patterns.items()}, patterns
    if config is None:
        return group_by_split(paths), {}
    below = _group_below(paths, config)
    if not below:
        there = ", ".join(sorted({path.split("/")[0] for path in paths if "/" in path})) or "none"
        raise UserError(
            f"'{folder.name}' has no configuration '{config}': its card names none, and of folders with rows there are: {there}."
        )
    return below, {}


def _group_below(paths: Iterable[str], inside: str) -> dict[str, list[str]]:
    start = f"{inside}/" if inside else ""
    grouped = group_by_split(path.removeprefix(start) for path in paths if path.startswith(start))
    return {split: [start + path for path in below] for split, below in grouped.items()}


def holds_rows(path: str) -> bool:
    """Whether a file of a folder, by its path there, is one of rows: of a known kind, and not one that stands beside them."""
    *folders, name = path.split("/")
    return (
        suffix_of(name) in SUFFIXES and name not in _NO_ROWS and not any(map(_NO_FOLDER.fullmatch, folders))
    )


def _read(card: Place) -> bytes:
    try:
        with card.open() as file:
            return file.read(LONGEST_CARD)
    except unreachable() as error:
        raise UserError(f"{card.name}: cannot be read ({say_error(error)}).") from None


def _refuse_missing_shards(folder: Place, paths: Iterable[str], patterns: list[str] | None) -> None:
    """Refuse NAME-00000-of-00003 without the other two: half a download must not pass for the whole.

    A card may name some shards of many on purpose; then only those that its patterns mean are missed.
    """
    numbers: dict[tuple[str, str, str], set[int]] = {}
    for path in paths:
        if found := _SHARD.fullmatch(path):
            numbers.setdefault((found[1], found[3], _strip_packings(found[4])), set()).add(int(found[2]))
    for (start, count, end), there in numbers.items():
        missing = [f"{start}-{at:05}-of-{count}{end}" for at in range(int(count)) if at not in there]
        if patterns is not None:
            missing = match_files(patterns, missing)
        if missing:
            raise UserError(
                f"'{folder.name}' lacks {len(missing)} of {int(count)} shards, as {missing[0]}. "
                "Download the set again, or give the files that are there one by one."
            )


def _refuse_twins(folder: Place, paths: Iterable[str]) -> None:
    """Refuse rows.jsonl beside rows.jsonl.gz or rows.parquet, which are one set twice."""
    seen: dict[str, str] = {}
    for path in paths:
        stem = _strip_suffixes(path)
        if stem in seen:
            raise UserError(
                f"'{folder.name}' holds both {seen[stem]} and {path}, which seem to be the same rows twice. Move one away, or rename it."
            )
        seen[stem] = path


def _strip_suffixes(path: str) -> str:
    return _strip_packings(path).rpartition(".")[0]


def _strip_packings(path: str) -> str:
    for packing in PACKINGS:
        path = path.removesuffix(packing)
    return path
