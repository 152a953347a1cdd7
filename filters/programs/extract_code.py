"""The program in a response: its last fenced block of the language, or all of it where nothing is fenced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

LABELS: Final[Mapping[str, frozenset[str]]] = {
    "python": frozenset({"python", "py", "python3", "py3", "pypy", "pypy3", "python2", "ipython"}),
    "cpp": frozenset({"cpp", "c++", "cxx", "cc", "cpp17", "cpp20", "c++17", "c++20", "c"}),
    "javascript": frozenset({"javascript", "js", "node", "nodejs", "mjs"}),
}
"""What fences of each language are labelled with."""
_FENCE: Final = re.compile(r"[ \t]{0,9}(?P<marks>`{3,40}|~{3,40})(?P<label>[^`]{0,200})")
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")


class Block(NamedTuple):
    """A fenced block. label: the first word behind the fence, in lower case. closed: whether its end is there."""

    label: str
    code: str
    closed: bool


def find_code(answer: str, language: str) -> str | None:
    """The program of an answer in a language of LABELS; None where there is none.

    Of fenced blocks the last that is labelled with the language counts, else the last without a label; a text with
    blocks of other languages alone has no program. A block that nothing closes goes to the text's end.
    """
    blocks = list(list_blocks(answer))
    if not blocks:
        return answer if answer.strip() else None
    labelled = [one for one in blocks if one.label in LABELS[language]]
    bare = [one for one in blocks if not one.label]
    found = [one.code for one in labelled or bare]
    return found[-1] if found and found[-1].strip() else None


def is_whole(answer: str) -> bool:
    """Whether an answer that was cut off has its last block to the end: a block, which is closed."""
    blocks = list(list_blocks(answer))
    return bool(blocks) and blocks[-1].closed


def list_blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a text, in order, as CommonMark has them: a fence is closed by one as long of the same marks."""
    opened, label, lines = "", "", list[str]()
    for line in _LINE.findall(text):
        found = _FENCE.fullmatch(line.rstrip("\r\n"))
        marks = found["marks"] if found else ""
        if not opened:
            if found:
                opened, label, lines = marks, _read_label(found["label"]), []
        elif (
            marks and marks[0] == opened[0] and len(marks) >= len(opened) and not line.strip().strip(marks[0])
        ):
            yield Block(label, "".join(lines), closed=True)
            opened = ""
        else:
            lines.append(line)
    if opened:
        yield Block(label, "".join(lines), closed=False)


def _read_label(said: str) -> str:
    words = said.strip().strip("{}.").split()
    return words[0].lower().strip("{}.,:") if words else ""
