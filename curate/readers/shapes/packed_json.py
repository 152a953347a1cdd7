"""Texts that are JSON, or lists and objects as Python prints them: told by how they begin, and read where they are JSON."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from curate.readers.shapes.cells import TEXT_PARTS, is_list, is_parts
from curate.readers.shapes.misfit import Misfit

_KINDS: Final = frozenset((*TEXT_PARTS, "image", "image_url", "audio", "input_audio", "video", "file"))
_NEAR: Final = r"[^{}]{0,300}?"
"""What may stand between the beginning of an object and a key of it."""
_PYTHON: Final = re.compile(
    rf"\s*(?:(?:array\()?\[\s*\{{{_NEAR}'(?:role|from|content|value|speaker|type)'\s*:"
    rf"|\{{{_NEAR}'(?:role|from|content|messages|conversations|choices)'\s*:"
    r"|array\(\[|\[\s*'\s*<think|\[?\w*Message\((?:role|content)=)"
)


def load_json(text: str) -> Any:
    """The list or object that a text is in JSON; None where it is none."""
    bare = text.strip()
    if not (bare.startswith("[") and bare.endswith("]")) and not (
        bare.startswith("{") and bare.endswith("}")
    ):
        return None
    try:
        return json.loads(bare)
    except (ValueError, RecursionError):
        return None


def open_list(value: Any) -> Any:
    """The list that a text is in JSON; any other value as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    found = load_json(value)
    return found if is_list(found) else value


def is_packed_parts(found: Any) -> bool:
    """Whether what stood in a text is content parts, and not any list of objects with a type."""
    return is_parts(found) and all("text" in part or part.get("type") in _KINDS for part in found)


def unpack_parts(value: Any, name: str) -> Any:
    """The content parts that a text is in JSON; any other value as it is. Raises Misfit where Python wrote messages."""
    if not isinstance(value, str):
        return value
    refuse_python(value, name)
    found = open_list(value)
    return found if is_packed_parts(found) else value


def _is_printed_list(text: str) -> bool:
    """Whether a text is a list of texts as Python prints it, with the lines or the marks that whole responses have."""
    bare = text.strip()
    if not (bare.startswith(("['", '["')) and bare.endswith(("']", '"]'))):
        return False
    return ("think>" in bare or "\\n" in bare) and load_json(bare) is None


def refuse_python(text: str, name: str) -> None:
    """Raise Misfit where a text is messages or a list of responses as Python prints them."""
    if _PYTHON.match(text) or _is_printed_list(text):
        raise Misfit(f"'{name}' is messages as Python prints them, not as JSON: write them with json.dumps")
