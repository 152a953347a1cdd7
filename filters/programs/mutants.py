"""Near misses of a program that is right: what its tests should reject, made without asking the tests or running anything.

Each differs from the program in one place of one line: another comparison or operation, a number by one, a word by its
opposite, a range that ends earlier, a statement or a returned value that is gone. Some of them are right all the same
(`x < 5` where x is never 5), so that one which passes accuses no test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from filters.digest import digest
from filters.programs.code_tokens import Token, list_tokens

LONGEST: Final = 100_000
"""Characters of a program that near misses are made of."""
_FARTHEST: Final = 60
"""Pieces of a statement, a returned value or a call that is changed as a whole."""
_CLIPPED: Final = 40
_SIGNS: Final = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "+", "/": "*",
    "+=": "-=", "-=": "+=", "*=": "+=", "/=": "*=",
}  # fmt: skip
_LOGIC: Final = {"&&": "||", "||": "&&", "%": "/", "%=": "/="}
_BITS: Final = {"**": "*", "**=": "*=", "<<": ">>", ">>": "<<", "&": "|", "|": "&"}
_SIGNS_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "python": {**_SIGNS, **_BITS, "//": "%", "%": "//", "//=": "%=", "%=": "//="},
    # << and & are streams and references there.
    "cpp": {**_SIGNS, **_LOGIC},
    "javascript": {**_SIGNS, **_LOGIC, **_BITS, "===": "!==", "!==": "==="},
}
_WORDS_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "python": {"True": "False", "False": "True", "and": "or", "or": "and", "continue": "break"},
    "cpp": {"true": "false", "false": "true", "and": "or", "or": "and", "continue": "break"},
    "javascript": {"true": "false", "false": "true", "continue": "break"},
}
_CALLS: Final = {
    "min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor", "upper": "lower", "lower": "upper",
}  # fmt: skip
_NOTHING: Final = {"python": "None", "cpp": "{}", "javascript": "undefined"}
_NO_STATEMENT: Final = {"python": "pass", "cpp": ";", "javascript": ";"}
_NO_VALUES: Final = frozenset({
    "and", "as", "assert", "async", "await", "break", "case", "catch", "class", "const", "continue", "def", "del",
    "delete", "do", "elif", "else", "except", "finally", "for", "from", "function", "global", "goto", "if", "import",
    "in", "instanceof", "is", "lambda", "let", "namespace", "new", "nonlocal", "not", "operator", "or", "pass", "raise",
    "return", "sizeof", "static", "struct", "switch", "template", "throw", "try", "typedef", "typename", "typeof",
    "using", "var", "void", "while", "with", "yield",
})  # fmt: skip
"""Words that are no value: a sign behind one has nothing before it, and a statement that begins with one is not dropped."""
_TYPES: Final = frozenset({
    "auto", "bool", "char", "double", "float", "int", "long", "short", "signed", "unsigned",
})  # fmt: skip
"""Those of C++; in Python some are functions."""
_HEADERS: Final = frozenset({"def", "async", "class", "import", "from", "@"})
"""What begins a line of Python up to whose colon there are only names, annotations and defaults."""
_WHOLE: Final = re.compile(r"(0|[1-9][0-9]{0,14})([uUlLn]{0,3})")
_BLANKS: Final = re.compile(r"[ \t]*+")
_ASSIGNS: Final = re.compile(r"(?:[-+*/%&|^@]|\*\*|//|<<|>>|>>>|&&|\|\||\?\?)?=")
_GOES_ON: Final = frozenset({".", "->", "[", "(", "::", "++", "--", "<<", ">>"})
_STREAMS: Final = frozenset({"<<", ">>"})


class Mutant(NamedTuple):
    """A near miss of a program. change: what was changed, in one line."""

    code: str
    change: str


class _Edit(NamedTuple):
    """Text that takes the place of a part of the program's. said: what that is, without its line."""

    start: int
    end: int
    text: str
    line: int
    said: str


def make_mutants(code: str, most: int = 20, language: str = "python") -> list[Mutant]:
    """Near misses of a program in a language of extract_code.LABELS, from its start to its end; the same ones every time.

    None where it has more than LONGEST characters, or nothing that could be changed.
    """
    if len(code) > LONGEST:
        return []
    tokens = list_tokens(code, language)
    edits = sorted(_list_edits(code, tokens, language))
    found: dict[str, Mutant] = {}
    for edit in _choose(edits, most, digest(code, language)):
        changed = code[: edit.start] + edit.text + code[edit.end :]
        if changed != code:
            found.setdefault(changed, Mutant(changed, f"line {edit.line}: {edit.said}"))
    return list(found.values())


def _choose(edits: Sequence[_Edit], most: int, key: str) -> Iterator[_Edit]:
    """One of each of as many equal stretches of the program."""
    count = min(most, len(edits))
    for number in range(count):
        stretch = edits[number * len(edits) // count : (number + 1) * len(edits) // count]
        yield stretch[int(digest(key, number), 16) % len(stretch)]


def _list_edits(code: str, tokens: Sequence[Token], language: str) -> Iterator[_Edit]:
    fixed = _find_fixed(tokens) if language == "python" else set[int]()
    angled = _find_angled_lines(tokens) if language == "cpp" else set[int]()
    for index, token in enumerate(tokens):
        if token.is_first and token.kind == "name":
            yield from _drop_statement(code, tokens, index, language)
        if index in fixed:
            continue
        if token.kind == "sign":
            yield from _change_sign(code, tokens, index, language, token.line in angled)
        elif token.kind == "number":
            yield from _change_number(code, token, language)
        elif token.kind == "name":
            yield from _change_word(code, tokens, index, language)


def _find_fixed(tokens: Sequence[Token]) -> set[int]:
    """Which tokens of a Python program say what something is and not what it does: heads of functions, imports, annotations."""
    fixed: set[int] = set()
    until: frozenset[str] | None = None
    for index, token in enumerate(tokens):
        if token.is_first:
            until = None
            following = tokens[index + 1].text if index + 1 < len(tokens) else ""
            if token.text in _HEADERS:
                until = frozenset({":"} if token.text != "@" else ())
            elif token.kind == "name" and token.text not in _NO_VALUES and following == ":":
                until = frozenset({"="})
        if until is not None:
            fixed.add(index)
            if token.text in until and not token.depth:
                until = None
    return fixed


def _find_angled_lines(tokens: Sequence[Token]) -> set[int]:
    """Lines of C++ with both angles, which may be those of a type."""
    opened = {token.line for token in tokens if token.text == "<"}
    return {token.line for token in tokens if token.text in (">", ">>") and token.line in opened}


def _change_sign(
    code: str, tokens: Sequence[Token], index: int, language: str, is_angled: bool
) -> Iterator[_Edit]:
    token = tokens[index]
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.text == "!" and language != "python":
        if (
            (before is None or before.text != "!")
            and after
            and (after.text == "(" or _is_value(after, language))
        ):
            yield _replace(token, "", "! is gone")
        return
    other = _SIGNS_OF[language].get(token.text)
    if other is None or before is None or after is None:
        return
    ends = (")", "]", "}") if language == "python" else (")", "]")
    if token.is_first or not (_is_value(before, language) or before.text in ends):
        return
    if not (_is_value(after, language) or after.text in ("(", "[", "{", "-", "~", "!")):
        return
    if language == "cpp" and not _is_operation(code, token, before, is_angled):
        return
    yield _replace(token, other)


def _is_value(token: Token, language: str) -> bool:
    if token.kind == "name":
        return token.text not in _NO_VALUES and not (language == "cpp" and token.text in _TYPES)
    return token.kind in ("number", "string")


def _is_operation(code: str, token: Token, before: Token, is_angled: bool) -> bool:
    """Whether a sign of C++ is none of a type."""
    left, right = code[token.start - 1].isspace(), code[token.end].isspace()
    if token.text in ("<", ">"):
        return (left and right) or not is_angled
    return token.text != "*" or (left == right and not before.is_first)


def _change_number(code: str, token: Token, language: str) -> Iterator[_Edit]:
    found = _WHOLE.fullmatch(token.text)
    if found is None or (found[2] and language == "python"):
        return
    yield _replace(token, f"{int(found[1]) + 1}{found[2]}")
    # `a-0` would become `a--1`.
    if found[1] != "0" or (token.start and code[token.start - 1] != "-"):
        yield _replace(token, f"{int(found[1]) - 1}{found[2]}")


def _change_word(code: str, tokens: Sequence[Token], index: int, language: str) -> Iterator[_Edit]:
    token = tokens[index]
    before = tokens[index - 1].text if index else ""
    after = tokens[index + 1].text if index + 1 < len(tokens) else ""
    if token.text in _WORDS_OF[language]:
        yield _replace(token, _WORDS_OF[language][token.text])
    elif token.text in _CALLS and after == "(" and before != "function":
        yield _replace(token, _CALLS[token.text])
    elif token.text == "not" and language != "javascript" and before != "not":
        blanks = _BLANKS.match(code, token.end)
        yield _replace(token._replace(end=blanks.end() if blanks else token.end), "", "not is gone")
    elif token.text == "return":
        yield from _empty_return(code, tokens, index, language)
    elif token.text == "range" and after == "(" and language == "python":
        yield from _shorten_range(tokens, index)


def _empty_return(code: str, tokens: Sequence[Token], index: int, language: str) -> Iterator[_Edit]:
    token = tokens[index]
    value = _take_statement(tokens, index, language)[1:]
    if not value:
        return
    text = code[value[0].start : value[-1].end]
    nothing = _NOTHING[language]
    # In C++ {} of a number is 0.
    if text not in (nothing, "0" if language == "cpp" else nothing) and "/*" not in text:
        yield _Edit(
            value[0].start,
            value[-1].end,
            nothing,
            token.line,
            f"return {_clip(text)} becomes return {nothing}",
        )


def _shorten_range(tokens: Sequence[Token], index: int) -> Iterator[_Edit]:
    opened = tokens[index + 1]
    commas = 0
    for number, token in enumerate(tokens[index + 2 : index + 2 + _FARTHEST]):
        if token.text == ")" and token.depth == opened.depth:
            if number and commas < 2:
                yield _Edit(token.start, token.start, " - 1", token.line, "the range ends one earlier")
            return
        commas += token.text == "," and token.depth == opened.depth + 1
        if token.text == "*" and not number:
            return


def _drop_statement(code: str, tokens: Sequence[Token], index: int, language: str) -> Iterator[_Edit]:
    """An assignment or a call that has a line for itself."""
    first = tokens[index]
    statement = _take_statement(tokens, index, language)
    if first.text in _NO_VALUES or len(statement) < 2:
        return
    if language != "python":
        # Without what declares a variable nothing else would run.
        if not (statement[1].text in _GOES_ON or _ASSIGNS.fullmatch(statement[1].text)):
            return
        following = tokens[index + len(statement) + 1 :][:1]
        if following and following[0].line == first.line:
            return
    changes = any(
        not one.depth and (_ASSIGNS.fullmatch(one.text) or (language == "cpp" and one.text in _STREAMS))
        for one in statement
    )
    text = code[first.start : statement[-1].end]
    if (changes or statement[-1].text in (")", "++", "--")) and "/*" not in text:
        end = statement[-1].end if language == "python" else tokens[index + len(statement)].end
        yield _Edit(first.start, end, _NO_STATEMENT[language], first.line, f"{_clip(text)} is gone")


def _take_statement(tokens: Sequence[Token], index: int, language: str) -> Sequence[Token]:
    """The tokens of a statement from one on, to its line's end or a semicolon; none where it is no simple one."""
    first = tokens[index]
    for end in range(index + 1, min(len(tokens), index + _FARTHEST)):
        token = tokens[end]
        if language == "python":
            if token.is_first:
                return tokens[index:end] if tokens[end - 1].last_line == first.line else ()
            if token.text == ";":
                return ()
        elif token.text == ";" and token.depth == first.depth:
            return tokens[index:end] if token.line == first.line else ()
        elif token.text in ("{", "}") or token.line != first.line:
            return ()
    last = tokens[-1]
    is_whole = last.depth == first.depth and last.text not in ("(", "[", "{") and last.last_line == first.line
    return tokens[index:] if language == "python" and len(tokens) < index + _FARTHEST and is_whole else ()


def _replace(token: Token, text: str, said: str = "") -> _Edit:
    return _Edit(token.start, token.end, text, token.line, said or f"{token.text} becomes {text}")


def _clip(text: str) -> str:
    """The start of a text, on one line."""
    words = " ".join(text.split())
    return words if len(words) <= _CLIPPED else words[: _CLIPPED - 1] + "…"
