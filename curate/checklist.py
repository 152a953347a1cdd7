"""`checks`: which checks there are and what options each has, read off the checks themselves."""

from __future__ import annotations

import inspect

from pydantic import BaseModel
from rich.table import Table

from curate.console import emit
from curate.options import StageOptions
from filters.registry import CHECKS, check_class


class ChecksOptions(StageOptions):
    """List the checks, or the options of one."""

    arguments = ("name",)

    name: str | None = None
    """A check's name, or file.py:Class; none lists them all."""


def checks(options: ChecksOptions) -> None:
    """List the checks that verify, filter and generate can run, or one check's options.

    Reads the installed package, or a file of your own. Writes nothing.

    Example: r1curate checks language
    """
    if options.name is None:
        table = Table("check", "true when", "version")
        for name in sorted(CHECKS):
            cls = check_class(name)
            table.add_row(name, _first_line(cls), str(cls.version))
        emit(
            table,
            "The options of one: r1curate checks NAME. Use them as --check NAME:option=value,option=value",
        )
        return
    cls = check_class(options.name)
    table = Table("option", "default", "meaning", title=f"{options.name}: {_first_line(cls)}")
    for path, default, meaning in _options(cls):
        table.add_row(path, default, meaning)
    emit(table)


def _first_line(cls: type[BaseModel]) -> str:
    return (inspect.getdoc(cls) or "").partition("\n")[0]


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
