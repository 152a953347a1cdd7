"""Content keys: what identifies a prompt, a sample or a check's options by content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

CHUNK: Final = 1 << 20
SHORT_KEY: Final = 6
"""Characters by which a key may be named: fewer would as well be somebody's own id."""
_TO_JSON: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode


def digest(*parts: object) -> str:
    """A stable 128-bit content key, in 32 hex digits, of anything JSON can hold."""
    return _digest_written(_TO_JSON(parts))


def digest_keys(*keys: str) -> str:
    """`digest(*keys)` of keys, which are letters and digits alone."""
    return _digest_written('["' + '","'.join(keys) + '"]')


def digest_turns(turns: Iterable[Mapping[str, object]], answer: str | None) -> str:
    """`digest(turns, answer)` of chat messages with a role and a content each, written in a third of its time."""
    said = [f'{{"content":{_TO_JSON(turn["content"])},"role":{_TO_JSON(turn["role"])}}}' for turn in turns]
    return _digest_written(f"[[{','.join(said)}],{'null' if answer is None else _TO_JSON(answer)}]")


def _digest_written(written: str) -> str:
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()


def digest_file(path: Path) -> str:
    """The 128-bit content key of a file's bytes, read in pieces."""
    found = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            found.update(piece)
    return found.hexdigest()
