"""Blank out what is not prose: formulas, code, addresses, tags, commands and quotations.

The text keeps its length, so that positions found in what is left are positions in the response. One pass;
a delimiter without its partner is plain text, and is searched for once, not at every opening.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class _Pair(NamedTuple):
    """How an opening delimiter is closed: by what, within how many characters, in one line or not."""

    close: str
    limit: int
    one_line: bool = False


_DISPLAY, _INLINE, _QUOTE = 4000, 400, 160
_PAIRS: dict[str, _Pair] = {
    "$$": _Pair("$$", _DISPLAY),
    "$": _Pair("$", _INLINE, True),
    r"\[": _Pair(r"\]", _DISPLAY),
    r"\(": _Pair(r"\)", _INLINE),
    r"\begin{": _Pair(r"\end{", _DISPLAY),
    "[asy]": _Pair("[/asy]", 20000),
    "`": _Pair("`", 200, True),
    '"': _Pair('"', _QUOTE, True),
    "'": _Pair("'", 80, True),
    "“": _Pair("”", _QUOTE, True),
    "„": _Pair("“", _QUOTE, True),
    "‘": _Pair("’", 80, True),
    "«": _Pair("»", _QUOTE, True),
    "「": _Pair("」", _QUOTE, True),
    "『": _Pair("』", _QUOTE, True),
    "《": _Pair("》", _QUOTE, True),
    "〈": _Pair("〉", _QUOTE, True),
}
_OPENING = re.compile(
    r"`{3,}|~{3,}|\$\$|(?<!\\)\$(?!\s)|\\[\[(]|\\begin\{|\[asy\]|`|(?<![\w\"])\"(?!\s)|(?<![\w'])'(?![\s'])|[“„‘«「『《〈]"
    r"|(?:https?://|www\.)[^\s<>\"，。）]{1,400}|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}"
    r"|</?[A-Za-z][^<>\n]{0,100}>|&[a-z]{2,8};|\\[a-zA-Z]{1,30}\*?"
    r"|(?<![\w/])[~.]{0,2}/[\w.-]{1,60}/[\w./-]{1,200}|\b\w{1,80}\.(?:py|js|ts|cpp|java|txt|json|csv|md|html)\b"
)
_WORD_BEFORE_CLOSE = re.compile(r"\w")
_NOT_LINE = re.compile(r"[^\n]")


def blank_out(text: str, quotations: bool = True) -> str:
    """The text with everything but prose replaced by blanks; line breaks stay. `quotations` too by default."""
    kept: list[str] = []
    absent: dict[str, int] = {}
    at = 0
    for found in _OPENING.finditer(text):
        start = found.start()
        if start < at:
            continue
        end = _end(text, found, absent, quotations)
        if end > start:
            kept += (text[at:start], _blank(text, start, end))
            at = end
    kept.append(text[at:])
    return "".join(kept)


def _blank(text: str, start: int, end: int) -> str:
    if text.find("\n", start, end) < 0:
        return " " * (end - start)
    return _NOT_LINE.sub(" ", text[start:end])


def _end(text: str, found: re.Match[str], absent: dict[str, int], quotations: bool) -> int:
    """Where what begins here ends, or its start where it is plain text."""
    sign, start, begin = found.group(), found.start(), found.end()
    if sign[:3] in ("```", "~~~"):
        close = text.find(sign[:3], begin)
        return len(text) if close < 0 else close + 3
    pair = _PAIRS.get(sign)
    if pair is None:
        return begin
    if not quotations and pair.limit in (_QUOTE, 80):
        return start
    close = _find(text, pair, begin, absent)
    if close < 0 or (pair.one_line and text.find("\n", begin, close) >= 0):
        return start
    end = close + len(pair.close)
    if sign == r"\begin{":
        end = text.find("}", end, end + 40) + 1 or end
    return start if _is_false_close(text, sign, close) else end


def _find(text: str, pair: _Pair, begin: int, absent: dict[str, int]) -> int:
    """The closing delimiter within its limit; remembers up to where there is none."""
    limit = begin + pair.limit
    start = max(begin, absent.get(pair.close, 0))
    close = text.find(pair.close, start, limit) if start < limit else -1
    if close < 0:
        absent[pair.close] = max(start, limit - len(pair.close))
    return close


def _is_false_close(text: str, sign: str, close: int) -> bool:
    """Whether the partner found belongs to something else: `$5 and $6`, `5" by 7"`, `don't`."""
    after = text[close + 1 : close + 2]
    if sign == "$":
        return text[close - 1].isspace() or after.isdigit()
    if sign in "\"'":
        return after.isalnum() and after.isascii()
    return False
