"""Which benchmarks an address names: a file, a folder of files or of sets, or a Hub set, each with the key of its content."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from curate.readers.datasets_hub import HUB_SET, PinnedSet, pin_hub_set
from curate.readers.folders import choose_files, holds_rows, list_declared_splits
from curate.readers.formats.places import Place, find_place, say_error, unreachable
from curate.readers.formats.split_words import drop_split, group_by_split, tell_split
from curate.readers.read_rows import read_rows
from filters.digest import CHUNK, digest, digest_file
from filters.errors import UserError

SPLIT: Final = "test"
"""The split that is compared with where there is one of this name and no other is named."""


_SHARD: Final = re.compile(r"\d{5}-of-\d{5}")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark. source: of a file, its address, else the Hub set with its commit. name: what it is called beside others.

    split: the one that is read. key: of its content, however it is called.
    """

    source: str
    name: str
    split: str
    key: str


def find_benchmarks(
    addresses: Sequence[str], split: str | None = None, config: str | None = None
) -> list[Benchmark]:
    """The benchmarks of addresses, each file and Hub set once, in an order of their own.

    Raises UserError where there is nothing at an address, or several splits and none that is plainly meant.
    """
    found = {one.source: one for address in addresses for one in _find_at(address, split, config)}
    names = name_apart(list(found))
    named = [Benchmark(one.source, names[one.source], one.split, one.key) for one in found.values()]
    return sorted(named, key=lambda one: (one.name, one.key, one.split))


def _find_at(address: str, split: str | None, config: str | None) -> Iterator[Benchmark]:
    place = find_place(address)
    if place.is_file():
        yield _take_file(place, split)
    elif place.is_folder():
        yield from (_take_file(file, split) for file in _list_files(place, split, config))
    elif place.system is None and HUB_SET.fullmatch(address):
        pinned = _pin(address, config)
        chosen = _choose_split(address, pinned.splits, split)
        yield Benchmark(pinned.address, pinned.address, chosen, digest(pinned.address, chosen))
    else:
        next(read_rows(address), None)  # which says what is wrong with it
        raise UserError(f"There is no file or folder '{place.name}'.")


def _list_files(folder: Place, split: str | None, config: str | None) -> list[Place]:
    """The files of a folder: of one set, those of its split; else of each set and file in it, looked at alone."""
    declared = list_declared_splits(folder, config)
    if declared is not None:
        return choose_files(folder, _choose_split(folder.name, declared, split), config)
    paths = [path for path in folder.list_files() if holds_rows(path)]
    here = _choose_here(folder.name, [path for path in paths if "/" not in path], split)
    found = [_enter(folder, path) for path in here]
    below = sorted({path.partition("/")[0] for path in paths if "/" in path})
    if any(map(tell_split, below)):  # folders that are splits of sets, beside others that are not
        below = _choose_here(folder.name, below, split)
    for name in below:
        found += _list_files(_enter(folder, name), split, None)
    if not found:
        choose_files(folder, split or "train", config)  # which says what it lacks
        raise UserError(f"'{folder.name}' holds no benchmark.")
    return found


def _choose_here(where: str, names: Sequence[str], split: str | None) -> list[str]:
    """Of a folder's files, or folders: of each set, in which they are called alike but for the split, those of one; and all that tell none."""
    sets: dict[str, list[str]] = {}
    for name in names:
        if tell_split(name):
            sets.setdefault(_SHARD.sub("", drop_split(name)), []).append(name)
    if not sets:
        return group_by_split(names)[_choose_split(where, ["train"], split)] if names else []
    groups = [group_by_split(some) for some in sets.values()]
    if split is not None:  # of sets that have it
        splits = sorted({one for group in groups for one in group})
        groups = [group for group in groups if split in group] or [{one: [] for one in splits}]
    chosen = {name for group in groups for name in group[_choose_split(where, list(group), split)]}
    return [name for name in names if name in chosen or not tell_split(name)]


def _enter(folder: Place, path: str) -> Place:
    return Place(f"{folder.name.rstrip('/')}/{path}", f"{folder.path.rstrip('/')}/{path}", folder.system)


def _choose_split(where: str, splits: Sequence[str], split: str | None) -> str:
    if split is None and (SPLIT in splits or len(splits) == 1):
        return SPLIT if SPLIT in splits else splits[0]
    if split in splits:
        return str(split)
    there = ", ".join(splits) or "none"
    lacks = f"no split '{split}'" if split else "several splits and none is 'test'"
    raise UserError(
        f"'{where}' has {lacks}; there are: {there}. Name one with the option split={shlex.quote(splits[0]) if splits else 'NAME'}."
    )


def _take_file(place: Place, split: str | None) -> Benchmark:
    chosen = split or SPLIT
    if place.system is None:
        path = Path(place.path).absolute()
        about = path.stat()
        key = _digest_local(str(path), about.st_size, about.st_mtime_ns)
        return Benchmark(str(path), str(path), chosen, key)
    address = place.system.unstrip_protocol(place.path)
    return Benchmark(address, address, chosen, _digest_remote(address))


@lru_cache(1024)
def _digest_local(path: str, size: int, changed: int) -> str:
    """The key of a file as long as its size and time of change are these."""
    return digest_file(Path(path))


@lru_cache(1024)
def _pin(address: str, config: str | None) -> PinnedSet:
    """A Hub set as it is when this process first asks: it asks often, and one process works with one state."""
    named = HUB_SET.fullmatch(address)
    assert named is not None
    return pin_hub_set(named, config)


@lru_cache(1024)
def _digest_remote(address: str) -> str:
    """The key of a file at a network's address, as it is when this process first asks."""
    place = find_place(address)
    found = hashlib.blake2b(digest_size=16)
    try:
        with place.open() as file:
            while piece := file.read(CHUNK):
                found.update(piece)
    except unreachable() as error:
        raise UserError(f"{place.name}: cannot be reached ({say_error(error)}).") from None
    return found.hexdigest()


def name_apart(sources: Sequence[str]) -> dict[str, str]:
    """The end of each address by which it is told from the others, its folder too where the file is named for its split."""
    named: dict[str, str] = {}
    parts = {source: _split_path(source) for source in sources}
    for source, path in parts.items():
        stem = path[-1].partition(".")[0]
        length = 2 if stem == tell_split(path[-1]) and len(path) > 1 else 1
        others = [other for key, other in parts.items() if key != source]
        while length < len(path) and any(other[-length:] == path[-length:] for other in others):
            length += 1
        named[source] = "/".join(path[-length:])
    return named


def _split_path(source: str) -> list[str]:
    """A file's path in its parts; a Hub set's name is one."""
    return [source] if HUB_SET.fullmatch(source) else [part for part in source.split("/") if part]
