"""Which split a path tells, by the rules of `datasets` (its data_files.py, 5.2), so that a folder has the same splits here and there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

SPLIT_OF_WORD: Final = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "dev": "validation", "val": "validation",
    "test": "test", "testing": "test", "eval": "test", "evaluation": "test",
}  # fmt: skip
"""What a word in a path means."""

_ORDER: Final = {"train": 0, "validation": 1, "test": 2}
_SHARDED: Final = re.compile(r"data/([^/]+)-\d{5}-of-\d{5}[^/]*\.[^/]*")
_WORD: Final = re.compile(
    rf"(?:^|[-._ 0-9])({'|'.join(sorted(SPLIT_OF_WORD, key=len, reverse=True))})(?=[-._ 0-9]|$)"
)


def group_by_split(paths: Iterable[str]) -> dict[str, list[str]]:
    """The paths of each split, in their order: as data/NAME-00000-of-00001 says, else a folder's name, else the files' own; else all are train."""
    paths = list(paths)
    for tell in (_tell_sharded, _tell_by_folder, _tell_by_name):
        groups: dict[str, list[str]] = {}
        for path in paths:
            if split := tell(path):
                groups.setdefault(split, []).append(path)
        if groups:
            return dict(sorted(groups.items(), key=lambda group: _ORDER.get(group[0], len(_ORDER))))
    return {"train": paths} if paths else {}


def _tell_sharded(path: str) -> str | None:
    found = _SHARDED.fullmatch(path)
    return found[1] if found else None


def _tell_by_folder(path: str) -> str | None:
    return next((split for part in path.split("/")[:-1] if (split := tell_split(part))), None)


def _tell_by_name(path: str) -> str | None:
    return tell_split(path.rpartition("/")[2])


def tell_split(name: str) -> str | None:
    """The split that a name tells, as gsm8k-test.jsonl does; None where it tells none."""
    found = _WORD.search(name)
    return SPLIT_OF_WORD[found[1]] if found else None


def drop_split(name: str) -> str:
    """A name without the word that tells its split: that of the set."""
    return _WORD.sub("", name, count=1)
