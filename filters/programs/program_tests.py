"""A row's tests as one form, and what reading them from its columns needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

Kind = Literal["stdin", "calls", "asserts"]
"""How a program is tried: by what it prints for an input, by what a function of it returns, or by code that asserts."""


MOST_READ: Final = 100_000
_CALLED: Final = re.compile(r"\b([A-Za-z_]\w{0,99})\(")


class ProgramCase(NamedTuple):
    """One test. given: the input's text, or the arguments of a call. accepted: the outputs, or values, that are right."""

    given: Any
    accepted: tuple[Any, ...]


class ProgramTests(NamedTuple):
    """A row's tests. function: the one that is called, or that the code of `asserts` tries. code: of `asserts`, what asserts, or
    what comes before the cases, which are lines of code there.

    starter: what the program goes on from. time_limit_s, memory_limit (bytes): the row's own. checker: a program that judges
    outputs. is_exact: whether numbers must be printed as they are expected. has_many: whether there are right outputs beside these.
    is_partial: whether the row says that it has other tests elsewhere. own: names that the row's own solution defines.
    """

    kind: Kind
    cases: tuple[ProgramCase, ...] = ()
    function: str = ""
    code: str = ""
    starter: str = ""
    language: str = ""
    time_limit_s: float | None = None
    memory_limit: int | None = None
    checker: str = ""
    is_exact: bool = False
    has_many: bool = False
    is_partial: bool = False
    own: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """The names by which the program can be told from an example: what it must define, as far as the tests say."""
        if self.kind == "stdin":
            return frozenset()
        if self.function or self.own:
            return frozenset({self.function.partition("(")[0]} if self.function else self.own)
        text = "\n".join([self.code, *(str(case.given) for case in self.cases)])
        return frozenset(_CALLED.findall(text[:MOST_READ]))


def find_text(row: Mapping[str, Any], *names: str) -> str:
    """The first text of a row under one of these names; empty where there is none."""
    return next(
        (row[name].strip() for name in names if isinstance(row.get(name), str) and row[name].strip()), ""
    )


def is_filled(value: Any) -> bool:
    """Whether a cell holds anything."""
    return value is not None and not (isinstance(value, (str, Iterable)) and not value)


def name_kind(value: Any) -> str:
    """What a value is, in words."""
    return "null" if value is None else f"a {type(value).__name__}"
