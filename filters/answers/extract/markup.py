"""HTML in an answer, as some models write it: `x &gt; 3`, `x<sup>2</sup>`."""

from __future__ import annotations

import html
import re

_ENTITY = re.compile(
    r"&(?:gt|lt|ge|le|ne|times|minus|divide|pi|nbsp|deg|radic|infin|plusmn|frac\d\d|#\d{1,6});"
)
_RAISED = re.compile(r"<su(p|b)>([^<>]{1,80})</su[pb]>", re.IGNORECASE)


def replace_html(text: str) -> str:
    """The answer with entities as the characters they stand for, and raised and lowered text as `^{}` and `_{}`."""
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if "<su" in text.lower():
        text = _RAISED.sub(lambda m: f"{'^' if m[1] in 'pP' else '_'}{{{m[2]}}}", text)
    return text
