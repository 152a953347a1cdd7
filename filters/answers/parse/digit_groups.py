"""Digits in groups: 1,234,567 and 12,34,567, 1.234,56 and 0.(3) as plain numbers, where the grouping is sure."""

from __future__ import annotations

import re

_THIN_SPACE = re.compile(r"(\\\\)|\\! ?|(?:\\[,;:> ]|~| )+")
"""Spacing that is only typing: one space, or none; two backslashes are a row's end."""
_SWISS_GROUPS = re.compile(r"(?<![\d.,^_{'])\d{1,3}(?:'\d{3})+(?![\d'])")
_THIN_GROUPS = re.compile(r"(?<![\d.,^_])\d{1,3}(?:(?:\\[,;: ]|\\!|\{,\}\\?!?|[ ~])\d{3})+(?!\d)")
_THIN = re.compile(r"[^\d]")
_BRACED_COMMA = re.compile(r"(?<=\d)\{,\}(?=\d)")
_INDIAN_GROUPS = re.compile(r"(?<![\d.,^_{])\d{1,2}(?:(?:,|\{,\})\d{2})+(?:,|\{,\})\d{3}(?![\d,])")
_MYRIAD_GROUPS = re.compile(r"(?<![\d.,^_{])\d{1,4}(?:,\d{4})+(?![\d,])")
_RUPEES = ("₹", "Rs", "Rs.", "INR", "rupees", "रुपये", "रुपए")
_COMMA_GROUPS = re.compile(r"(?<![\d.,^_{])\d{1,3}(?:,(?:\\! ?)?\d{3})+(?![\d,])")
_REPEATING = re.compile(r"(\d{1,20})\.(\d{0,20})(?:\\overline|\\dot|\\bar) ?\{(\d{1,20})\}")
_DOTTED = re.compile(r"(\d\.\d{0,20})\\dot ?\{?(\d)\}?(\d{0,18})\\dot ?\{?(\d)\}?")
_DOT_GROUPS = re.compile(r"(?<![\w.,])\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})(?![\d.,]*\d)")
_SPACED_DECIMAL = re.compile(r"(?<![\w.,])(\d{1,3}(?: \d{3})+),(\d+)(?![\d.,]*\d)")
_OPENED = re.compile(r"\\.|[(\[{}\])]")
_DECIMAL_COMMA = re.compile(
    r"(-?\d+),(?=(?:\d{1,2}|\d{4,}) ?(?:[^\W\d_]|%|\\%|\\text)(?!.*\b(?:and|or)\b)[^,]*$)"
)
UNCLEAR_COMMA = "\u201a"
"""Stands for the comma of `2,5 m`, which is two and a half metres or a list: no parser reads it."""


def join_swiss_groups(text: str) -> str:
    """The text with 1'234 as one number."""
    return _SWISS_GROUPS.sub(_join_groups, text)


def remove_separators(text: str, grouped: bool) -> str:
    """Numbers without separators between thousands, and with a point as their decimal sign."""
    text = _SPACED_DECIMAL.sub(lambda m: f"{_THIN.sub('', m[1])}.{m[2]}", text)
    text = _INDIAN_GROUPS.sub(
        lambda m: _join_groups(m) if "{" in m[0] or (grouped and _is_one_number(m)) else m[0], text
    )
    text = _THIN_GROUPS.sub(_join_groups, text)
    if "\\" in text or "~" in text:
        text = _THIN_SPACE.sub(_write_space, text).strip()
    text = _BRACED_COMMA.sub(".", text)
    if "\\dot" in text:
        text = _DOTTED.sub(r"\1\\overline{\2\3\4}", text)
    text = _REPEATING.sub(_write_repeating_decimal, text)
    text = _DOT_GROUPS.sub(lambda m: m[0].replace(".", "").replace(",", "."), text)
    if (unclear := _DECIMAL_COMMA.match(text)) is not None:
        return f"{unclear[1]}{UNCLEAR_COMMA}{text[unclear.end() :]}"
    if grouped and "," in text:
        for pattern in (_COMMA_GROUPS, _MYRIAD_GROUPS):
            text = pattern.sub(
                lambda m: (
                    m[0] if _is_in_bracket(m.string, m.start()) or not _is_one_number(m) else _join_groups(m)
                ),
                text,
            )
    return text


def _is_one_number(match: re.Match[str]) -> bool:
    """Whether digits between commas are one number: in threes; else where an item of a list would begin with zero, or rupees stand by."""
    groups = match[0].split(",")[1:]
    if all(len(_THIN.sub("", group)) == 3 for group in groups) or any(group[:1] == "0" for group in groups):
        return True
    text = match.string
    return text[: match.start()].rstrip().endswith(_RUPEES) or text[match.end() :].lstrip().startswith(
        _RUPEES
    )


def _join_groups(match: re.Match[str]) -> str:
    return _THIN.sub("", match[0])


def _write_repeating_decimal(match: re.Match[str]) -> str:
    """A repeating decimal as a fraction: 0.1 with 6 repeating is 15/90."""
    start, period = match[1] + match[2], match[3]
    top = int(start + period) - int(start)
    return f"\\frac{{{top}}}{{{'9' * len(period)}{'0' * len(match[2])}}}"


def _is_in_bracket(text: str, end: int) -> bool:
    """Whether a bracket is open at `end`: there, commas separate items."""
    depth = 0
    for bracket in _OPENED.finditer(text, 0, end):
        sign = bracket[0]
        depth += (sign in ("(", "[", "\\{")) - (sign in (")", "]", "\\}"))
    return depth > 0


def _write_space(match: re.Match[str]) -> str:
    return match[0] if match[1] else "" if match[0][1:2] == "!" else " "
