"""Cells that are JSON of messages in a text, as sets are pushed whose columns must be flat.

A text that is JSON of anything else is somebody's text; one that was cut, or written by Python, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from curate.readers.shapes.cells import is_list, is_texts
from curate.readers.shapes.chain_names import is_like_chain
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.packed_json import (
    are_responses,
    begins_like_messages,
    is_like_messages,
    is_packed_parts,
    load_json,
    open_list,
    refuse_python,
)
from curate.readers.shapes.turns import looks_like_turns

_HOLDERS: Final = ("messages", "conversations", "conversation")


def unpack_messages(value: Any, name: str) -> Any:
    """What a text holds that is JSON of messages or of content parts; any other value as it is.

    Raises Misfit where it looks like messages, but is cut, has no known keys, or was written by Python.
    """
    if not isinstance(value, str):
        return value
    refuse_python(value, name)
    if value.lstrip().startswith(('"[', '"{')) and _is_packed_twice(value):
        raise Misfit(f"'{name}' is JSON in JSON in a text: write it as it is")
    if not value.lstrip().startswith(("[", "{")):
        return value
    found = load_json(value)
    if found is None:
        if begins_like_messages(value):
            raise Misfit(f"'{name}' begins like messages in JSON, but is not JSON to its end")
        return value
    if isinstance(found, Mapping):
        if "content" in found and "role" not in found and any(is_like_chain(key) for key in found):
            raise Misfit(f"'{name}' is a message in JSON without its role: put its content there")
        if _is_raw(found):
            raise Misfit(f"'{name}' is the whole answer of an API: put the text of its message there")
        held = next((found[key] for key in _HOLDERS if looks_like_turns(found.get(key))), None)
        found = found if held is None else held
    if looks_like_turns(found) or is_packed_parts(found):
        return found
    if is_like_messages(found):
        raise Misfit(f"'{name}' is JSON that begins like messages, but its objects are none")
    return value


def _is_packed_twice(text: str) -> bool:
    """Whether a text is JSON of a text that is JSON of a list or an object."""
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(inner, str):
        return False
    found = load_json(inner)
    return is_like_messages(found) or (is_list(found) and are_responses(found))


def _is_raw(found: Mapping[str, Any]) -> bool:
    """Whether an object is what an API gives back, with its choices."""
    choices = found.get("choices")
    first = choices[0] if is_list(choices) and choices else None
    return isinstance(first, Mapping) and any(key in first for key in ("message", "text", "delta"))


def unpack_response(value: Any, name: str) -> Any:
    """The same of a response that has no chain elsewhere. Raises Misfit where a text is a list of whole responses.

    These have chains or lines; a list of words is an answer.
    """
    given = open_list(value) if isinstance(value, str) else None
    if is_texts(given) and are_responses(given):
        raise Misfit(
            f"'{name}' is a list of texts in JSON: call the column generations if each is a response, else write it as a text"
        )
    return unpack_messages(value, name)


def unpack_list(value: Any, name: str) -> Any:
    """A list of responses that stands in a text as JSON; any other value as it is. Raises Misfit where a text is none."""
    if not isinstance(value, str) or not value.strip():
        return value
    found = open_list(value)
    if not is_list(found) or (found and not is_texts(found) and not looks_like_turns(found)):
        raise Misfit(
            f"'{name}' is a text, where a list of responses should be: write it as a list, or name another column with --map response=COLUMN"
        )
    return found
