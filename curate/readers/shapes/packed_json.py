"""Texts that are JSON, or lists and objects as Python prints them: told by how they begin, and read where they are JSON."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final

from curate.readers.shapes.cells import TEXT_PARTS, is_empty, is_list, is_parts
from curate.readers.shapes.misfit import Misfit
from filters.think import CLOSE, OPEN

_KINDS: Final = frozenset((*TEXT_PARTS, "image", "image_url", "audio", "input_audio", "video", "file"))
_SPEAKERS: Final = (
    "user", "human", "assistant", "gpt", "system", "developer", "model", "bot", "tool", "function", "prompter", "chatgpt", "ai",
)  # fmt: skip
_ROLES: Final = ("role", "from", "speaker")
_SAID: Final = ("content", "value", "text", "parts", "tool_calls")
_HOLDERS: Final = ("messages", "conversations", "conversation", "choices")
_BARE: Final = frozenset((*_ROLES, "content", "value", "text", "type"))
"""The keys of a message that has lost its role: nothing else is in it."""
_NEAR: Final = r"\s*(?:array\()?\[?\s*\{(?:[^{}]{0,300}?"
"""What may stand between the beginning of an object and a key of it."""
_BEGUN: Final = re.compile(
    rf"{_NEAR}(?P<q>['\"])(?:{'|'.join(_ROLES)})(?P=q)\s*:\s*['\"](?:{'|'.join(_SPEAKERS)})['\"]"
    rf"|\s*['\"]role['\"]\s*:\s*\[|\s*(?P<r>['\"])content(?P=r)\s*:\s*['\"]|\s*['\"](?:{'|'.join(_HOLDERS[:3])})['\"]\s*:\s*\[\s*\{{"
    r"|[^{}]{0,300}?(?P<t>['\"])type(?P=t)\s*:\s*['\"](?:text|image_url|input_text|output_text)['\"])",
    re.IGNORECASE,
)
"""How messages begin, in JSON or as Python prints them, and hardly anything else."""
_PRINTED: Final = re.compile(r"\s*(?:(?:array\()?\[\s*['\"]\s*<think|\[?\w*Message\((?:role|content)=)")
_DECODER: Final = json.JSONDecoder()
_LONGEST: Final = 1 << 17
"""Characters of a text that is read as Python would; a longer one is known by its beginning."""


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


def is_like_messages(found: Any) -> bool:
    """Whether what stood in a text is messages, though perhaps broken ones, or content parts, and not somebody's data."""
    one = next((each for each in found if not is_empty(each)), None) if is_list(found) else found
    if not isinstance(one, Mapping):
        return False
    for held in (one.get(key) for key in _HOLDERS):
        first = held[0] if is_list(held) and held else None
        if is_like_messages(first) or (isinstance(first, Mapping) and any(key in first for key in _ROLES)):
            return True
    if isinstance(one.get("message"), Mapping):  # a choice of an API
        return is_like_messages(one["message"])
    said = any(key in one for key in _SAID)
    spoken = any(isinstance(who := one.get(key), str) and who.strip().lower() in _SPEAKERS for key in _ROLES)
    bare = _BARE.issuperset(one) and any(isinstance(one.get(key), str) for key in ("content", "value"))
    return (said and spoken) or bare or is_packed_parts(found)


def are_responses(texts: Iterable[Any]) -> bool:
    """Whether a list of texts is whole responses, which have chains or lines; a list of words is an answer."""
    given = [one for one in texts if isinstance(one, str)]
    return any(OPEN in one or CLOSE in one or "\n" in one.strip() for one in given)


def begins_like_messages(text: str) -> bool:
    """Whether a text that is not JSON as a whole begins like messages: with some, or with what some begin with."""
    if _BEGUN.match(text) is None:
        return False
    try:
        first, _ = _DECODER.raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return True
    return is_like_messages(first)


def refuse_python(text: str, name: str) -> None:
    """Raise Misfit where a text is messages or a list of responses as Python prints them."""
    if text.lstrip()[:1] not in ("[", "{", "a", "M", "H", "A", "S", "C"):
        return
    if _PRINTED.match(text) or _is_printed(text):
        raise Misfit(f"'{name}' is messages as Python prints them, not as JSON: write them with json.dumps")


def _is_printed(text: str) -> bool:
    bare = text.strip()
    bare = bare.removeprefix("array(").partition("], dtype")[0] if bare.startswith("array(") else bare
    if bare[:1] not in ("[", "{") or load_json(bare) is not None:
        return False
    found = _load_python(bare)
    if found is None:  # cut, too long, or something of which it is only the beginning
        return "'" in bare[:300] and (begins_like_messages(text) or (bare[:2] == "['" and f"{CLOSE}" in bare))
    return is_like_messages(found) or (is_list(found) and are_responses(found))


def _load_python(text: str) -> Any:
    """The list or object that a text is as Python prints it, read and never run; None where it is none."""
    if len(text) > _LONGEST or text[-1:] not in ("]", "}"):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of backslashes
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
