"""The answer of a response that is JSON, or ends in it: the value of its last key `answer`."""

from __future__ import annotations

import json
import re

from filters.answers.extract.boxes import find_last_box
from filters.answers.extract.same_answer import is_same_answer
from filters.answers.place import Place

_KEY = re.compile(
    r'"(?:(?:final|correct)[_ ]?)?answer"[ \t\n]{0,9}:[ \t\n]{0,9}'
    r'(?P<value>"(?:[^"\\\n]|\\.){0,400}"|-?\d[\d.eE+-]{0,40}|true|false|\[[^\[\]\n]{1,200}\])[ \t\n]{0,9}(?=[,}]|\Z)',
    re.IGNORECASE,
)


def find_json_answer(text: str) -> Place | None:
    """The value of the last key "answer"; a string without its quotes, escaped as JSON or not.

    A box that holds another answer is its rival.
    """
    if '"' not in text:
        return None
    last = None
    for last in _KEY.finditer(text):  # noqa: B007  the last one is wanted
        pass
    if last is None:
        return None
    begin, end = last.span("value")
    value = last["value"]
    found = value if not value.startswith('"') else _unescape(value).strip()
    if not found.strip('"'):
        return None
    boxed = find_last_box(text)
    rival = boxed.text if boxed is not None and not is_same_answer(boxed.text, found) else ""
    return Place(found, begin, end - begin, rival=rival)


def _unescape(value: str) -> str:
    """A JSON string's text; as written where its backslashes are LaTeX's own."""
    if re.search(r"(?<!\\)\\[A-Za-z(){}\[\]]", value):
        return value[1:-1]
    try:
        return str(json.loads(value))
    except ValueError:
        return value[1:-1]
