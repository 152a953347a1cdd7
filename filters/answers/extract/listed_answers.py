"""An answer in several lines after a cue: a list, one value a line, `x = 1` above `y = 2`.

A block of values is one answer with commas between them. A block of other lines is no answer that can be told
from its first line: it gives a doubt, and so do values that are too many to be read.
"""

from __future__ import annotations

import re

from filters.answers.extract.clauses import is_mathematics
from filters.answers.place import Place

MAX_LINES = 24
"""Lines of a list that are read."""
MAX_LINE = 120
"""Characters of a list's line: a longer one is a sentence."""
MAX_WORDS = 3
"""Words of a line that is a name or a value: more make a sentence."""

_MARK = re.compile(r"[ \t]*(?:[-*•+–]|\(?\d{1,2}[.)]|\(?[a-h][.)])[ \t]+(?=\S)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NAMED = re.compile(r"\s*[*$]{0,3}[A-Za-z]\w{0,3}\s*=")
_OPTION = re.compile(r"[\s*(]{0,4}[A-J][.):*]")
_EDGES = " \t*_`$"


def read_lines(text: str, begin: int, end: int) -> tuple[Place | None, str]:
    """The list that begins with the line at `begin`; or a doubt where the lines after that line are no remark.

    end: where the first line's answer ends.
    """
    first = _MARK.match(text, text.rfind("\n", 0, begin) + 1)
    marked = first is not None and first.end() >= begin and begin > 0
    lines, whole = _list_lines(text, first.start() if first is not None and marked else begin)
    if len(lines) < 2:
        return None, ""
    items = [_strip_mark(text[start:stop]) for start, stop in lines]
    marks = sum(_MARK.match(text, start) is not None for start, _ in lines)
    values = all(is_mathematics(item) for item in items)
    if values and (marks == len(lines) or not marks):
        if not whole:
            return None, "a list too long to be read"
        start, stop = lines[0][0], lines[-1][1]
        return Place(", ".join(items), start, stop - start), ""
    if marks == len(lines):
        return None, f'a list: "{" ".join(text[lines[0][0] : lines[-1][1]].split())[:40]}"'
    return None, _weigh_next(text, lines, end)


def _weigh_next(text: str, lines: list[tuple[int, int]], end: int) -> str:
    """A doubt where the line directly under the answer is as short as the answer, and no sentence."""
    begin, stop = lines[1]
    following, answer = text[begin:stop].strip(), text[lines[0][0] : end]
    spoken = len(_WORD.findall(following)) > MAX_WORDS or following.endswith((".", ":", "。", "："))
    if spoken or _OPTION.match(answer) or end < lines[0][1] - 2:
        return ""
    words = not any(sign.isdigit() for sign in answer) and following[:1].isupper() and len(following) <= 40
    named = _NAMED.match(answer) is not None and _NAMED.match(following) is not None
    return f'the line after it: "{following[:40]}"' if words or named else ""


def _list_lines(text: str, begin: int) -> tuple[list[tuple[int, int]], bool]:
    """Where the lines of the block at `begin` start and stop, up to a blank line, and whether these are all of it.

    They are not where a line follows that is longer than `MAX_LINE` or comes after `MAX_LINES` others.
    """
    found: list[tuple[int, int]] = []
    while begin < len(text):
        stop = text.find("\n", begin, begin + MAX_LINE + 1)
        stop = stop if stop >= 0 else min(len(text), begin + MAX_LINE + 1)
        if not text[begin:stop].strip() or text.startswith("```", begin):
            break
        if len(found) == MAX_LINES or stop - begin > MAX_LINE:
            return found, False
        found.append((begin, stop))
        begin = stop + 1
    return found, True


def _strip_mark(line: str) -> str:
    mark = _MARK.match(line)
    return (line[mark.end() :] if mark else line).strip(_EDGES).rstrip(".,;").strip(_EDGES)
