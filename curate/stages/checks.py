"""`checks`: which checks there are, and the rules and options of one, read off the checks themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from rich.console import RenderableType
from rich.table import Table

from curate.options import StageOptions
from curate.stage_results import StageResult
from filters.check import Check
from filters.errors import UserError
from filters.registry import find_check_class, list_built_in, list_plugins


class ChecksOptions(StageOptions):
    """List the checks, or the rules and options of one."""

    arguments = ("name",)

    name: str | None = None
    """A check's name, or file.py:Class. Default: list them all."""


@dataclass(frozen=True, slots=True)
class ChecksResult(StageResult):
    """The classes of the checks that were asked for, by name; `one` where it was a single one.

    plugins: the checks of installed packages. unusable: why others of them cannot be used.
    """

    checks: Sequence[tuple[str, type[Check]]]
    one: bool
    plugins: Sequence[tuple[str, type[Check]]] = ()
    unusable: Sequence[str] = ()

    def render(self) -> Iterator[RenderableType]:
        """A table of all, or the rules and options of one."""
        if self.one:
            yield from _one_check(*self.checks[0])
            return
        table = Table("check", "role", "true when", "version")
        for listed in (self.checks, self.plugins):
            for name, cls in listed:
                table.add_row(name, cls.role, read_first_line(cls), str(cls.version))
            table.add_section()
        yield table
        if self.plugins:
            yield f"From installed packages: {', '.join(name for name, _ in self.plugins)}."
        yield from self.unusable
        yield (
            "The rules and options of one: r1curate checks NAME. "
            "Use them as --check NAME:option=value,option=value"
        )


def list_checks(options: ChecksOptions) -> ChecksResult:
    """List the checks that verify, filter and generate can run, or one check's rules and options.

    Reads the installed packages, or a file of your own. Writes nothing.

    Example: r1curate checks language
    """
    if options.name is not None:
        return ChecksResult([(options.name, find_check_class(options.name))], one=True)
    plugins, unusable = [], []
    for name in list_plugins():
        try:
            plugins.append((name, find_check_class(name)))
        except UserError as error:
            unusable.append(str(error))
    ours = [(name, find_check_class(name)) for name in list_built_in()]
    return ChecksResult(ours, one=False, plugins=plugins, unusable=unusable)


def read_first_line(cls: type[BaseModel]) -> str:
    """What a sample that passes a check is like, in one line."""
    return inspect.cleandoc(cls.__doc__ or "(its class has no docstring)").partition("\n")[0]


def _one_check(name: str, cls: type[Check]) -> Iterator[Table]:
    about = f"{name} ({cls.role}): {read_first_line(cls)}"
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
