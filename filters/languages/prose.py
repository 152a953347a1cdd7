"""The prose of a text, with formulas, code, addresses, tags, commands and quotations blanked out.

The text keeps its length, so that positions found in what is left are positions in the response. Delimiters
that may enclose themselves are paired by a search that remembers where there is no partner; the others by
expressions that stop at the next such sign: either way in linear time, and a sign without a partner is
plain text.
"""

from __future__ import annotations

import re

# What closes each opening, and within how many characters; code that is never closed reaches the end.
_BLOCKS: dict[str, tuple[str, int]] = {
    r"\[": (r"\]", 4000),
    r"\(": (r"\)", 400),
    r"\begin{": (r"\end{", 4000),
    "[asy]": ("[/asy]", 20_000),
    "```": ("```", 100_000),
    "~~~": ("~~~", 100_000),
}
_BLOCK = re.compile(r"\\[\[(]|\\begin\{|```|~~~|\[asy\]")
_FORMULAS = re.compile(
    r"\$\$[^$]{1,4000}\$\$|\$(?![\s$])[^$\n]{1,400}(?<!\s)\$(?!\d)|`[^`\n]{1,200}`|\\text\{[^{}\n]{1,80}\}|\\[a-zA-Z]{1,30}"
    r"|</?[A-Za-z][^<>\n]{0,100}>|&[a-z]{2,8};"
)
_QUOTATIONS = re.compile(
    r'"(?=\S)(?<![^\W_]")[^"\n]{1,160}"(?![A-Za-z0-9])|“[^“”\n]{1,160}”|„[^„“\n]{1,160}“|«[^«»\n]{1,160}»'
    r"|'(?=\S)(?<![^\W_]')[^'\n]{1,80}'(?![A-Za-z0-9])|‘[^‘’\n]{1,80}’"
    r"|「[^「」\n]{1,160}」|『[^『』\n]{1,160}』|《[^《》\n]{1,160}》|〈[^〈〉\n]{1,160}〉"
)
_MARKS = "\"“„«'‘「『《〈"
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"，。）]{1,400}|@[\w.-]{1,80}|(?<=[\s(])[~.]?/[\w.-]{1,60}/[\w./-]{1,200}"
)
_NOT_LINE = re.compile(r"[^\n]")


def blank_non_prose(text: str, quotations: bool = True) -> str:
    """The text with everything but prose replaced by blanks; line breaks stay. `quotations` too by default."""
    if any(sign in text for sign in ("```", "~~~", "\\[", "\\(", "\\begin{", "[asy]")):
        text = _blank_blocks(text)
    if "://" in text or "www." in text or "@" in text or " /" in text:
        text = _ADDRESS.sub(_blank_match, text)
    text = _FORMULAS.sub(_blank_match, text)
    if quotations and any(mark in text for mark in _MARKS):
        text = _QUOTATIONS.sub(_blank_match, text)
    return text


def _blank_match(found: re.Match[str]) -> str:
    text = found.group()
    return _NOT_LINE.sub(" ", text) if "\n" in text else " " * len(text)


def _blank_blocks(text: str) -> str:
    kept: list[str] = []
    absent: dict[str, int] = {}
    at = done = 0
    while found := _BLOCK.search(text, at):
        start, at = found.span()
        end = _find_block_end(text, found.group(), at, absent)
        if end:
            kept += (text[done:start], _NOT_LINE.sub(" ", text[start:end]))
            at = done = end
    kept.append(text[done:])
    return "".join(kept)


def _find_block_end(text: str, opening: str, begin: int, absent: dict[str, int]) -> int:
    """Where a block ends, 0 where it does not; `absent` says up to where no such closing was found."""
    closing, reach = _BLOCKS[opening]
    limit, start = begin + reach, max(begin, absent.get(closing, 0))
    close = text.find(closing, start, limit) if start < limit else -1
    if close < 0:
        absent[closing] = max(start, limit - len(closing))
        return len(text) if opening in ("```", "~~~") else 0
    end = close + len(closing)
    return (text.find("}", end, end + 40) + 1 or end) if opening == r"\begin{" else end
