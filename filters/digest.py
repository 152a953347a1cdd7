"""Content keys: what identifies a prompt, a sample or a check's options by content."""

from __future__ import annotations

import hashlib
import json


def digest(*parts: object) -> str:
    """A stable 128-bit content key, in 32 hex digits, of anything JSON can hold."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
