"""Whether a full disk is behind an error, which several libraries say in words only."""

from __future__ import annotations

import errno
from typing import Final

DISK_FULL: Final = ("No space left on device", "Disk quota exceeded", "inline_container.cc")
"""What polars, safetensors and, by the name of its source file, torch.save say of a full disk."""


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or one that it followed from, says so."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(words in str(error) for words in DISK_FULL):
            return True
        error = error.__cause__ or error.__context__
    return False
