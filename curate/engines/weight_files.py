"""Weight files that are not whole are refused before anything is loaded: libraries say it in a hundred lines, or not at all.

A safetensors file says in its header how long it is (https://github.com/huggingface/safetensors, "Format").
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from filters.errors import UserError

LENGTH: Final = 8
LONGEST_HEADER: Final = 100_000_000
"""What the library takes, too."""
POINTER: Final = b"version https://git-lfs"


def assert_weights_whole(folder: Path) -> None:
    """UserError with the first safetensors file of a folder that is cut off, damaged, missing or a pointer to one."""
    for path in sorted(folder.glob("*.safetensors")):
        fault = _find_fault(path)
        if fault:
            raise UserError(f"'{path}' {fault}: copy or download the model again.")
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        missing = sorted(name for name in _read_index(index) if not (folder / name).is_file())
        if missing:
            raise UserError(f"'{folder / missing[0]}', which '{index.name}' lists, is missing.")


def _find_fault(path: Path) -> str | None:
    with path.open("rb") as file:
        start = file.read(LENGTH)
        if POINTER.startswith(start) and start:
            return "is no file of weights but Git LFS's pointer to one (git lfs pull)"
        length = int.from_bytes(start, "little")
        if len(start) < LENGTH or length > LONGEST_HEADER:
            return "is not a safetensors file"
        header = file.read(length)
    try:
        tensors = json.loads(header)
        ends = [tensor["data_offsets"][1] for name, tensor in tensors.items() if name != "__metadata__"]
        whole = LENGTH + length + max(ends, default=0)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return "is damaged, or cut off in its header"
    size = path.stat().st_size
    return None if size == whole else f"is not whole ({size:,} of {whole:,} bytes)"


def _read_index(index: Path) -> set[str]:
    try:
        return set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, AttributeError, TypeError):
        raise UserError(f"'{index}' is damaged: copy or download the model again.") from None
