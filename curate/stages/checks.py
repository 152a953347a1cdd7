"""`list_checks`: which checks there are, and the rules and options of one, read off the checks themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from rich.console import RenderableType
from rich.table import Table

from curate.options import StageOptions
from curate.results import StageResult
from filters.check import Check
from filters.registry import CHECKS, find_check_class


class ChecksOptions(StageOptions):
    """List the checks, or the rules and options of one."""

    arguments = ("name",)

    name: str | None = None
    """A check's name, or file.py:Class. Default: list them all."""


@dataclass(frozen=True, slots=True)
class ChecksResult(StageResult):
    """The classes of the checks that were asked for, by name; `one` where it was a single one."""

    checks: Sequence[tuple[str, type[Check]]]
    one: bool

    def render(self) -> Iterator[RenderableType]:
        """A table of all, or the rules and options of one."""
        if self.one:
            yield from _one_check(*self.checks[0])
            return
        table = Table("check", "role", "true when", "version")
        for name, cls in self.checks:
            table.add_row(name, cls.role, first_line(cls), str(cls.version))
        yield table
        yield (
            "The rules and options of one: r1curate checks NAME. "
            "Use them as --check NAME:option=value,option=value"
        )


def list_checks(options: ChecksOptions) -> ChecksResult:
    """List the checks that verify, filter and generate can run, or one check's rules and options.

    Reads the installed package, or a file of your own. Writes nothing.

    Example: r1curate checks language
    """
    if options.name is not None:
        return ChecksResult([(options.name, find_check_class(options.name))], one=True)
    return ChecksResult([(name, find_check_class(name)) for name in CHECKS], one=False)


def first_line(cls: type[BaseModel]) -> str:
    """What a check is true for, in one line."""
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def _one_check(name: str, cls: type[Check]) -> Iterator[Table]:
    about = f"{name} ({cls.role}): {first_line(cls)}"
    if cls.rules:
        rules = Table("rule", "meaning", title=about)
        for rule, meaning in cls.rules.items():
            rules.add_row(rule, meaning)
        yield rules
    table = Table("option", "default", "meaning", title=None if cls.rules else about)
    for path, default, meaning in _options(cls):
        table.add_row(path, default, meaning)
    yield table


def _options(cls: type[BaseModel], prefix: str = "") -> list[tuple[str, str, str]]:
    rows = []
    for name, info in cls.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            rows += _options(inner, f"{prefix}{name}.")
        else:
            default = (
                "required"
                if info.is_required()
                else str(info.get_default(call_default_factory=True, validated_data={}))
            )
            rows.append((prefix + name, default, info.description or ""))
    return rows
