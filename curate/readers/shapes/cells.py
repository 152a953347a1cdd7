"""Cells that should hold a text: what is one is read, everything else is a misfit, never written as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeGuard

from curate.readers.shapes.misfit import Misfit

TEXT_PARTS: Final = ("text", "input_text", "output_text")
"""The types of content parts that are text, of Chat Completions and Responses."""
_MEDIA: Final = ("image", "image_url", "audio", "input_audio", "video", "file")
BLANKS: Final = " \t\r\n\v\f\u00a0\ufeff\u200b\u200c\u200d\u2060"
"""What may stand round a text and says nothing."""
_NO_LISTS: Final = (str, bytes, bytearray, memoryview, type(None), int, float, dict)
"""Texts, and what is told apart from a list faster so."""


def is_empty(value: Any) -> bool:
    """Whether a cell holds nothing: null, or the NaN that spreadsheets and frames have for it."""
    return value is None or (isinstance(value, float) and value != value)


def is_filled(value: Any) -> bool:
    """Whether a cell holds something: a text that is not blank, a list or object with something in it."""
    if isinstance(value, str):
        return bool(value.strip(BLANKS))
    if isinstance(value, (int, float)):
        return value == value
    return value is not None and not (isinstance(value, (Sequence, Mapping)) and not value)


def is_hollow(value: Any) -> bool:
    """Whether a cell holds nothing, or a list of nothing but null."""
    return not is_filled(value) or (is_list(value) and all(is_empty(one) for one in value))


def list_filled(values: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """The columns that hold something, in order."""
    return [name for name in names if is_filled(values[name])]


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a cell is a number; true and false are none."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def read_text(value: Any, name: str) -> str:
    """A cell that is a text, a number, a list of text parts or empty. Raises Misfit where it is anything else."""
    if isinstance(value, str):
        return value
    if is_empty(value):
        return ""
    if is_number(value):
        return str(value)
    if is_list(value) and all(_is_part(part) for part in value):
        return "".join(_read_part(part, name) for part in value)
    raise Misfit(f"'{name}' is {describe(value)}, not a text")


def is_parts(value: Any) -> bool:
    """Whether a cell is a list of content parts."""
    return is_list(value) and bool(value) and all(_is_part(part) for part in value)


def _is_part(part: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(part, Mapping) and (isinstance(part.get("type"), str) or set(part) == {"text"})


def _read_part(part: Mapping[str, Any], name: str) -> str:
    kind = part.get("type", "text")
    if kind not in TEXT_PARTS or any(is_filled(part.get(key)) for key in _MEDIA):
        kind = next((key for key in _MEDIA if is_filled(part.get(key))), kind)
        raise Misfit(f"'{name}' has a part of type '{kind}', and only text can be read")
    text = part.get("text")
    if not isinstance(text, str):
        raise Misfit(f"'{name}' has a part whose 'text' is {describe(text)}")
    return text


def is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a cell is a list; a text is none."""
    return not isinstance(value, _NO_LISTS) and isinstance(value, Sequence)


def is_texts(value: Any) -> TypeGuard[Sequence[str | None]]:
    """Whether a cell is a list of texts, some perhaps null."""
    return (
        is_list(value)
        and any(isinstance(one, str) for one in value)
        and all(isinstance(one, str) or is_empty(one) for one in value)
    )


def describe(value: Any) -> str:
    """What a cell is, in words: its kind, and the keys or kinds inside."""
    if isinstance(value, Mapping):
        return f"an object with {', '.join(map(str, list(value)[:6])) or 'no keys'}"
    if is_list(value):
        inner = value[0] if value else None
        if isinstance(inner, Mapping):
            return f"a list of objects with {', '.join(map(str, list(inner)[:6])) or 'no keys'}"
        several = {str: "texts", int: "numbers", float: "numbers", type(None): "nulls"}
        of = "lists" if is_list(inner) else several.get(type(inner), describe(inner))
        return f"a list of {of}" if value else "an empty list"
    names = {bool: "true or false", str: "a text", int: "a number", float: "a number", type(None): "null"}
    return names.get(type(value), f"a {type(value).__name__}")
