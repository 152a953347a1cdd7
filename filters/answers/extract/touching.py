r"""Signs and digits that touch a box which stands in prose or closes its formula, and that its reader would pass over.

`3:\boxed{5}` is a ratio, `\boxed{5}.7` and `\boxed{5},000` are longer numbers, `|\boxed{5}|` and
`\sin(\boxed{5})` are values of functions. None of them is the number in the box.
"""

from __future__ import annotations

import re

MAX_NEAR = 40
"""Characters on each side of a box that are looked at."""

_OPENED = r"(?:\$\$?|\\[(\[])?"
_CLOSED = r"(?:[}$]|\\[)\]])*"
_RATIO_BEFORE = re.compile(
    rf"(?P<label>[^\W\d_]{{1,12}} ?#?)?(?<![\d.,])(?P<number>\d[\d.,/]*)(?:{_CLOSED}:{_OPENED}| : {_OPENED} ?)\Z|\}}\s?:\s?\Z"
)
_LABELS = re.compile(
    r"\b(?:steps?|q|question|problem|part|case|method|exercise|answer|no|number|example|task|item|line|day|version)\s?#?\Z|[题步第]\Z",
    re.IGNORECASE,
)
_RATIO_AFTER = re.compile(rf"{_CLOSED}(?::{_OPENED}| : {_OPENED}\s?)[-\d]")
_DIGITS_BEFORE = re.compile(rf"(?:\d,|[^\s\d]\s?\d{{1,9}}\.|\d\s?\d\.){_OPENED}\Z")
_DIGITS_AFTER = re.compile(rf"{_CLOSED}\s?[.,]\d")
_SPACED_LIST = re.compile(rf"{_CLOSED}\s[.,]\d(?!\d\d(?!\d))")
_FUNCTION = re.compile(
    rf"(?:\\(?!left|right|[bB]igg?[lr]?\b|boxed|text)[A-Za-z]{{2,}}|\b(?:sin|cos|tan|log|ln|exp|sqrt|max|min|gcd|lcm|abs|floor|ceil)|(?<![A-Za-z\\])[A-Za-z])\s?[(\[]{_OPENED}\Z"
)


def find_touching(text: str, begin: int, end: int, *, inside: bool) -> str:
    """A doubt that quotes what touches the box at `begin` to `end`. inside: whether a formula holds the box."""
    before, after = text[max(0, begin - MAX_NEAR) : begin], text[end : end + MAX_NEAR]
    if _DIGITS_AFTER.match(after) and not _SPACED_LIST.match(after):
        return f'after it: "{after[:8].strip()}"'
    found = None if inside else _find_before(before)
    if found is not None:
        return f'before it: "{found[0].strip()}"'
    if not inside and before[-1:] == "|" == after[:1] and not _is_table(text, begin):
        return 'round it: "|"'
    ratio = None if inside else _RATIO_AFTER.match(after)
    return f'after it: "{ratio[0].strip()}"' if ratio is not None else ""


def _find_before(before: str) -> re.Match[str] | None:
    ratio = _RATIO_BEFORE.search(before)
    if ratio is not None and not (ratio["label"] and _LABELS.search(ratio["label"])):
        return ratio
    return _DIGITS_BEFORE.search(before) or _FUNCTION.search(before)


def _is_table(text: str, at: int) -> bool:
    """Whether the line at `at` is a row of a table: more than the two bars round the box, the first one at its start."""
    line = text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]
    return line.lstrip().startswith("|") and line.count("|") > 2
