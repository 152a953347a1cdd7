"""The program that a response stands for: its code, with what the prompt gave it to go on from."""

from __future__ import annotations

import re
from typing import Final

from filters.programs.extract_code import list_blocks
from filters.programs.program_tests import ProgramTests

_FIRST: Final = re.compile(
    r"\s*(?:from |import |def |class |async def |@|#|(?:\w{1,40} = )?(?:\"\"\"|''')|\w{1,40} = (?:\"[^\"\n]*\"|'[^'\n]*')[ ]*\n)"
)
"""How code begins, where a prompt is nothing but code."""
_FUTURE: Final = re.compile(r"^from __future__ import [^\n]*\n", re.MULTILINE)
_GIVES_BACK: Final = re.compile(r"^(?:\s{0,40})(?:return|yield|pass|raise)\b", re.MULTILINE)
_GIVEN: Final = (
    "import sys, os, re, math, cmath, random, string, itertools, functools, collections, heapq, bisect, operator, copy, json, datetime, time, statistics, fractions, decimal; "
    "from typing import *; from string import *; from operator import *; from math import *; from collections import *; from itertools import *; "
    "from functools import *; from heapq import *; from bisect import *; from copy import copy, deepcopy; from sys import maxsize; from builtins import *\n"
)
"""What sites with a class `Solution` have imported for it already."""


def assemble_program(code: str, prompt: str, tests: ProgramTests, language: str = "python") -> str:
    """The program in full. prompt: the text of the user's messages.

    Where the prompt has the head of the function that is asked for, what stands before it (imports, helpers) comes first; code
    that goes on from that head, without repeating it, gets all of it.
    """
    code = code.removeprefix("\ufeff")
    if tests.kind == "stdin" or language != "python":
        return code
    if _FUTURE.search(code):
        return _put_names(code) if "class Solution" in code or tests.starter else code
    given = find_given_code(prompt, tests)
    head = _find_head(given, tests.function) if given else None
    if head is not None:
        if _find_head(code, tests.function) is not None or not _goes_on(code):
            before = given[:head] or (_GIVEN if tests.starter else "")
            return f"{before}\n{code}"
        return f"{given.rstrip()}\n{_indent(code)}"
    return _put_names(code) if tests.starter or "class Solution" in code else code


def find_given_code(prompt: str, tests: ProgramTests) -> str:
    """The code that a prompt gives to go on from: a column of its own, a fenced block with the function's head, or all of it."""
    if not tests.function:
        return ""
    blocks = (block.code for block in list_blocks(prompt))
    found = [one for one in (tests.starter, *blocks) if _find_head(one, tests.function) is not None]
    if found:
        return found[0]
    whole = _FIRST.match(prompt) and _find_head(prompt, tests.function) is not None
    return prompt if whole else ""


def _put_names(code: str) -> str:
    """Code behind what sites have imported for it, and behind what must stand before all."""
    found = list(_FUTURE.finditer(code))
    end = found[-1].end() if found else 0
    return f"{code[:end]}{_GIVEN}{code[end:]}"


def find_preamble(prompt: str, tests: ProgramTests) -> str:
    """What stands before the head of the function that is asked for, in the code that a prompt gives."""
    given = find_given_code(prompt, tests)
    return given[: _find_head(given, tests.function) or 0]


def _find_head(code: str, function: str) -> int | None:
    """Where the definition of a function begins that stands at a line's beginning."""
    found = (
        re.search(rf"^(?:async )?def {re.escape(function)}\s*\(", code, re.MULTILINE) if function else None
    )
    return found.start() if found else None


def _goes_on(code: str) -> bool:
    """Whether code can be a function's body: it is indented from its beginning, or gives something back outside any function."""
    lines = [line for line in code.split("\n") if line.strip()]
    return bool(lines) and (lines[0][0] in " \t" or bool(_GIVES_BACK.search(code)))


def _indent(code: str) -> str:
    """Code that goes on from a head, indented as a body where it is not."""
    lines = code.strip("\n").split("\n")
    if lines[0][:1] in (" ", "\t"):
        return "\n".join(lines)
    # A model that strips its answer strips the first line's blanks alone.
    least = 8 if lines[0].rstrip().endswith(":") else 4
    inner = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    if all(blanks >= 4 for blanks in inner) and (not inner or inner[0] >= least):
        return "\n".join([f"    {lines[0]}", *lines[1:]])
    return "\n".join(f"    {line}" if line.strip() else line for line in lines)
