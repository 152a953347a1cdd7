"""The program in a response: its last fenced block of the language, or all of it where nothing is fenced."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

LABELS: Final[Mapping[str, frozenset[str]]] = {
    "python": frozenset({"python", "py", "python3", "py3", "pypy", "pypy3", "python2", "ipython"}),
    "cpp": frozenset(
        {
            "cpp",
            "c++",
            "cxx",
            "cc",
            "hpp",
            "h",
            "c",
            *(f"{word}{year}" for word in ("cpp", "c++", "gnu++") for year in (11, 14, 17, 20, 23)),
        }
    ),
    "javascript": frozenset({"javascript", "js", "node", "nodejs", "mjs"}),
}
"""What fences of each language are labelled with."""
_FENCE: Final = re.compile(r"(?P<before>[ \t>]{0,40})(?P<marks>`{3,40}|~{3,40})(?P<label>[^`]{0,200})")
_LATE: Final = re.compile(r"[^`\n]{1,400}[ ](?P<marks>`{3,40})(?P<label>[A-Za-z+0-9]{1,20})[ ]*")
"""A fence behind words of its line, which only opens a block where it has a label."""
_ENDED: Final = re.compile(r"(?P<marks>`{3,40})(?:[ ]+[A-Za-z(]|[A-Z])[^` ]{0,40} [^`]{0,400}")
"""A closing fence with words behind it."""
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_TAGS: Final = re.compile(
    r"\A\s*(?:<answer>|\[PYTHON\]|<code>|<pre>(?:<code>)?)\n?(?P<code>.*?)(?:</answer>|\[/PYTHON\]|</code>|(?:</code>)?</pre>)?\s*\Z",
    re.DOTALL,
)
_WRITES: Final = re.compile(r"print|write|stdout")
_LIKE_CODE: Final = re.compile(r"[=(){};]|\b(?:import|return|pass|yield)\b")
"""What any program has, and prose need not."""
_DEFINES: Final = re.compile(
    r"^[ \t]{0,40}(?:async )?(?:def|class|function|const|let|var) +(\w{1,100})|^(\w{1,100}) *=", re.MULTILINE
)
_READS: Final[Mapping[str, re.Pattern[str]]] = {
    "python": re.compile(r"\binput\s*\(|\bstdin\b|\bopen\s*\(\s*0|\bfileinput\b"),
    "cpp": re.compile(r"\bmain\s*\("),
    "javascript": re.compile(r"\bstdin\b|readFileSync|\breadline\b"),
}
"""What a whole program of each language has that reads its input."""


class Block(NamedTuple):
    """A fenced block. label: the first word behind the fence, in lower case. closed: whether its end is there."""

    label: str
    code: str
    closed: bool


def find_code(answer: str, language: str, names: Collection[str] = (), reads: bool = False) -> str | None:
    """The program of an answer in a language of LABELS; None where there is none.

    Of fenced blocks those count that are labelled with the language, else those without a label; a text with blocks of other
    languages alone has no program. Of these the last one: of several, the last that defines one of the names that tests use,
    or that reads the input (reads), as answers often end on an example. A block that nothing closes goes to the text's end.
    """
    answer = answer.removeprefix("\ufeff")
    blocks = [block for block in list_blocks(answer) if block.code.strip()]
    if not blocks and not any(True for _ in list_blocks(answer)):
        tagged = _TAGS.match(answer)
        code = tagged["code"] if tagged else answer
        return code if _LIKE_CODE.search(code) else None
    labelled = [one.code for one in blocks if one.label in LABELS[language]]
    if not labelled and any(one.label in ("markdown", "md") for one in blocks):
        inner = next(one.code for one in reversed(blocks) if one.label in ("markdown", "md"))
        return find_code(inner, language, names, reads)
    found = labelled or [one.code for one in blocks if not one.label]
    chosen = [code for code in found if _is_wanted(code, language, names, reads)]
    listed = chosen or found
    return listed[-1] if listed else None


def _is_wanted(code: str, language: str, names: Collection[str], reads: bool) -> bool:
    """Whether a block has what the program must have."""
    if names:
        return any((one[1] or one[2]) in names or one[1] == "Solution" for one in _DEFINES.finditer(code))
    says = (
        language != "python" or _WRITES.search(code) is not None
    )  # else it may be one line that is spoken of
    return not reads or (says and _READS[language].search(code) is not None)


def is_whole(answer: str) -> bool:
    """Whether an answer that was cut off has its last block to the end: a block, which is closed."""
    blocks = list(list_blocks(answer))
    return bool(blocks) and blocks[-1].closed


def list_blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a text, in order, as CommonMark has them: a fence is closed by one as long of the same marks.

    What stands before the fence on its line, blanks or the marks of a quotation, is taken off every line of the block.
    """
    opened, before, label, lines = "", "", "", list[str]()
    for line in _LINE.findall(text):
        bare = line.rstrip("\r\n")
        found = _FENCE.fullmatch(bare) or (None if opened else _LATE.fullmatch(bare))
        marks = found["marks"] if found else ""
        if not opened:
            if found:
                opened, label, lines = marks, _read_label(found["label"]), []
                before = found["before"] if "before" in found.re.groupindex else ""
            continue
        ended = found if found and not found["label"].strip() else _ENDED.match(bare.lstrip())
        if ended and ended["marks"][0] == opened[0] and len(ended["marks"]) >= len(opened):
            yield Block(label, "".join(lines), closed=True)
            opened = ""
        else:
            lines.append(_take_off(line, before))
    if opened:
        yield Block(label, "".join(lines), closed=False)


def _take_off(line: str, before: str) -> str:
    """A line without as much of what stands before the fence as it has."""
    if ">" in before:
        return line.lstrip()[1:].removeprefix(" ") if line.lstrip().startswith(">") else line
    count = 0
    while count < min(len(before), len(line)) and line[count] in " \t":
        count += 1
    return line[count:]


def _read_label(said: str) -> str:
    words = re.split(r"[\s:,]+", said.strip().strip("{}."))
    return words[0].lower().strip("{}.,") if words else ""
