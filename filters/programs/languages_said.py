"""What rows call the languages that programs are to be in."""

from __future__ import annotations

import re
from typing import Final

from filters.programs.extract_code import LABELS

_PYTHON: Final = re.compile(r"(?:c?python|pypy) ?3?(?:[.-]\d+)*(?: ?\(.*\))?|python ?3?(?:\.\d+)?")
_CPP: Final = re.compile(r"(?:gnu )?(?:g\+\+|c\+\+) ?\d{0,2}[a-z]?(?:[ (].*)?")
_JAVASCRIPT: Final = re.compile(r"(?:javascript|node(?:\.?js)?)(?:[ (.\d].*)?")
_OTHERS: Final = frozenset(
    [
        "python2",
        "py2",
        "java",
        "rust",
        "go",
        "golang",
        "c#",
        "csharp",
        "ruby",
        "php",
        "kotlin",
        "swift",
        "scala",
        "haskell",
        "perl",
        "r",
        "julia",
        "bash",
        "shell",
        "sh",
        "sql",
        "typescript",
        "ts",
        "dart",
        "lua",
        "elixir",
        "erlang",
        "clojure",
        "racket",
        "scheme",
        "lisp",
        "cobol",
        "fortran",
        "pascal",
        "ada",
        "d",
        "nim",
        "zig",
        "objective-c",
        "matlab",
        "prolog",
        "ocaml",
        "f#",
        "vb",
    ]
)


def name_language(said: str) -> str:
    """The language of LABELS that a row's word means, the word itself for one that is not run, and nothing for what is no such word.

    A column `language` may hold a people's language, too: English says nothing of programs.
    """
    word = " ".join(said.lower().split())
    for language, labels in LABELS.items():
        if word in labels and word not in _OTHERS:
            return language
    if word in _OTHERS or re.fullmatch(r"python ?2(?:\.\d+)*", word):
        return word
    for language, pattern in (("python", _PYTHON), ("cpp", _CPP), ("javascript", _JAVASCRIPT)):
        if pattern.fullmatch(word):
            return language
    return ""
