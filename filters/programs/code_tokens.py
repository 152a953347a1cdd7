"""A program's text as words, numbers, strings and signs, without reading it as its language does.

The text is hostile and may be no program at all, so that no parser of the language ever sees it. One pattern tells what is
a comment or a string, in which nothing else counts; each of its alternatives goes on to the text's end where what it began is
never ended, so that no part of a text is read twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Kind = Literal["name", "number", "string", "sign"]

_SIGN: Final = (
    r"(?P<sign>>>>=|>>>|===|!==|<=>|\*\*=|//=|<<=|>>=|&&=|\|\|=|\?\?=|\.\.\.|\*\*|//|<<|>>|<=|>=|==|!=|->|=>|:=|::|\+\+|--|&&"
    r"|\|\||\?\?|\?\.|[-+*/%&|^@]=|[-+*/%@&|^~<>=()\[\]{}:;,.!?])"
)
_NAME: Final = r"(?P<name>[^\W\d]\w*+)"
_NUMBER: Final = r"(?P<number>(?:[0-9]|\.[0-9])(?:[eEpP][+-]|[\w.])*+)"
_QUOTED: Final = r""""(?:[^"\\\n]++|\\.)*+"?|'(?:[^'\\\n]++|\\.)*+'?"""
_BRACED_COMMENT: Final = r"(?P<comment>//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "python": re.compile(
        r"(?P<comment>\#[^\n]*+)|(?P<join>\\\r?\n)"
        r'|(?P<string>[rRbBuUfFtT]{0,2}(?:"""(?:[^"\\]++|\\.|"(?!""))*+(?:""")?'
        rf"|'''(?:[^'\\]++|\\.|'(?!''))*+(?:''')?|{_QUOTED}))|{_NUMBER}|{_NAME}|{_SIGN}",
        re.DOTALL,
    ),
    "cpp": re.compile(
        # Lines for the preprocessor say nothing that could be changed and still be a near miss.
        rf"{_BRACED_COMMENT}|^[ \t]*+\#(?:[^\\\n]++|\\\r\n|\\.)*+)"
        r'|(?P<string>(?:u8|[uUL])?R"(?P<mark>[^()\\\s"]{0,16})\((?:[^)]++|\)(?!(?P=mark)"))*+(?:\)(?P=mark)")?'
        rf"|{_QUOTED})|(?P<number>(?:[0-9]|\.[0-9])(?:[eEpP][+-]|[\w.]|'(?=[0-9a-fA-F]))*+)|{_NAME}|{_SIGN}",
        re.DOTALL | re.MULTILINE,
    ),
    "javascript": re.compile(
        rf"{_BRACED_COMMENT})|(?P<string>`(?:[^`\\]++|\\.)*+`?|{_QUOTED}"
        # A slash begins a regular expression where nothing stands before it that could be divided.
        r"|(?:(?<=[(,=:\[!&|?;{}\n])|(?<=[(,=:\[!&|?;{}>][ ])|(?<=return[ ]))"
        r"/(?:[^/\\\[\n]++|\\.|\[(?:[^\]\\\n]++|\\.)*+\]?)*+/?)"
        rf"|{_NUMBER}|{_NAME}|{_SIGN}",
        re.DOTALL,
    ),
}
_AFTER: Final = frozenset({"", ";", "{", "}", ")", ":", "else", "do"})
"""What stands before a statement in a language of braces; "" is the text's start."""


class Token(NamedTuple):
    """A piece of a program. line, last_line: where it begins and ends, from 1.

    depth: how many brackets are open around it, in a language of braces since the last open brace; a bracket has the depth of
    what it stands in. is_first: whether it begins a line and a statement.
    """

    kind: Kind
    text: str
    start: int
    end: int
    line: int
    last_line: int
    depth: int
    is_first: bool


def list_tokens(code: str, language: str) -> list[Token]:
    """The pieces of a program in a language of extract_code.LABELS, in order; comments and blanks are none."""
    tokens: list[Token] = []
    open_brackets, seen, line, joined = _Brackets(language), 0, 1, False
    for found in _PATTERNS[language].finditer(code):
        line += code.count("\n", seen, found.start())
        seen = found.start()
        if found["comment"] is not None:
            continue
        if found.lastgroup == "join":
            joined = True
            continue
        text = found[0]
        depth = open_brackets.read(text) if found["sign"] is not None else open_brackets.depth
        begins_line = not tokens or tokens[-1].last_line < line
        previous = tokens[-1].text if tokens else ""
        is_first = begins_line and not depth and (not joined if language == "python" else previous in _AFTER)
        kind = _name_kind(found)
        tokens.append(Token(kind, text, seen, found.end(), line, line + text.count("\n"), depth, is_first))
        joined = False
    return tokens


def _name_kind(found: re.Match[str]) -> Kind:
    kinds: tuple[Kind, ...] = ("name", "number", "string", "sign")
    return next(kind for kind in kinds if found[kind] is not None)


class _Brackets:
    """How many brackets are open."""

    def __init__(self, language: str) -> None:
        self.depth = 0
        self._around: list[int] = []
        self._braces_are_blocks = language != "python"

    def read(self, sign: str) -> int:
        """Go past a sign, and give the depth that it stands in."""
        if sign in ("{", "}") and self._braces_are_blocks:
            return self._read_brace(sign)
        if sign in ("(", "[", "{"):
            self.depth += 1
            return self.depth - 1
        if sign in (")", "]", "}"):
            self.depth = max(0, self.depth - 1)
        return self.depth

    def _read_brace(self, sign: str) -> int:
        if sign == "{":
            self._around.append(self.depth)
            self.depth = 0
            return self._around[-1]
        self.depth = self._around.pop() if self._around else 0
        return self.depth
