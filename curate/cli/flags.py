"""The adapter from option models to command-line flags.

An option is declared once, as a pydantic field whose docstring is its help. Top-level scalars and lists are
flags; fields of nested models that people use often get a flag through `flags`; all others are reached with
`--set a.b=c`. Recipes fill the same models.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from curate.console import emit, show_logs
from curate.options import Options, StageOptions, fill
from curate.stage_process import claim_process
from curate.stage_results import StageResult
from filters.errors import UserError
from filters.option_values import parse_options
from filters.spec import CheckSpec


def make_command(name: str, model: type[Options], function: Callable[[Options], StageResult]) -> Any:
    """The typer command that fills `model` from flags and shows what `function` gives for it."""

    def call(**given: Any) -> None:
        show_logs()
        claim_process()
        result = function(fill(model, _nest_values(model, given), name))
        emit(*result.render())
        if result.exit_code:
            raise SystemExit(result.exit_code)

    nested = _nested_fields(model)
    parameters = [_parameter(model, field) for field in model.model_fields if field not in nested]
    parameters += [
        _flag(flag, _field(model, path), _is_optional(model, path)) for flag, path in model.flags.items()
    ]
    parameters += [_former_flag(name) for name in model.renamed]
    rest = [path for path in _list_leaves(model) if path not in model.flags.values()]
    if rest:
        parameters.append(_set_parameter())
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in parameters}
    call.__doc__ = inspect.getdoc(function)
    app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    app.command(name, epilog=_epilog(model, rest))(call)
    return typer.main.get_command(app)


def _nest_values(model: type[StageOptions], given: Mapping[str, Any]) -> dict[str, Any]:
    """Flags as the nested values that the model takes; flags not given are left to the defaults."""
    values: dict[str, Any] = parse_options(given.get("set_") or [], "--set")
    for flag, value in given.items():
        if value is None or value == [] or flag == "set_":
            continue
        *path, last = model.flags.get(flag, flag).split(".")
        inner = values
        for step in path:
            inner = inner.setdefault(step, {})
            if not isinstance(inner, dict):
                raise UserError(f"--set {step}=…: '{step}' has options of its own; set them as {step}.NAME=…")
        inner[last] = value
    return values


def _parameter(model: type[StageOptions], name: str) -> inspect.Parameter:
    info = model.model_fields[name]
    if name not in model.arguments:
        return _flag(name, info)
    argument = typer.Argument(help=info.description, metavar=name.upper(), show_default=False)
    if _is_list(info):
        kind = Annotated[list[str] | None, argument]
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
    default = inspect.Parameter.empty if info.is_required() else None
    annotation = Annotated[str, argument] if info.is_required() else Annotated[str | None, argument]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _flag(name: str, info: FieldInfo, optional: bool = False) -> inspect.Parameter:
    """A flag; `optional` where its default holds only once the group of options it belongs to is given."""
    dashed = name.replace("_", "-")
    boolean = info.annotation is bool
    option = typer.Option(
        f"--{dashed}/--no-{dashed}" if boolean else f"--{dashed}",
        help=f"{info.description or ''}{'' if optional else _default_text(info)}",
        metavar=None if boolean else _metavar(info),
        show_default=False,
    )
    inner: Any = bool if boolean else (list[str] if _is_list(info) else str)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[inner | None, option]
    )


def _former_flag(name: str) -> inspect.Parameter:
    """A hidden flag, so that the former name of an option is refused with its name today."""
    option = typer.Option(f"--{name.replace('_', '-')}", hidden=True)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, option]
    )


def _set_parameter() -> inspect.Parameter:
    option = typer.Option("--set", metavar="KEY=VALUE", help="Set any of the options below. Repeatable.")
    return inspect.Parameter(
        "set_", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[list[str] | None, option]
    )


def _default_text(info: FieldInfo) -> str:
    if info.is_required():
        return " [required]"
    value = info.get_default(call_default_factory=True, validated_data={})
    values = value if isinstance(value, tuple) else (value,)
    plain = (str, int, float, PurePath, CheckSpec)
    told = all(isinstance(v, plain) and not isinstance(v, bool) for v in values)
    said = ", ".join(map(str, values)) if told else ""
    return f" [default: {said}]" if said else ""


def _metavar(info: FieldInfo) -> str:
    if info.annotation in (int, float):
        return "NUMBER"
    parts = typing.get_args(info.annotation)
    if typing.get_origin(info.annotation) is typing.Literal:
        return "|".join(map(str, parts))
    if typing.get_origin(info.annotation) is dict:
        return "NAME=VALUE"
    return "NUMBER" if int in parts or float in parts else "TEXT"


def _is_list(info: FieldInfo) -> bool:
    return typing.get_origin(info.annotation) in (tuple, list, dict)


def _model_of(info: FieldInfo) -> type[BaseModel] | None:
    """The nested option model a field holds, also where it may be none."""
    kinds = typing.get_args(info.annotation) if _is_union(info.annotation) else (info.annotation,)
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (types.UnionType, typing.Union)


def _nested_fields(model: type[BaseModel]) -> list[str]:
    return [name for name, info in model.model_fields.items() if _model_of(info) is not None]


def _list_leaves(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Dotted paths of the fields of nested models."""
    paths = []
    for name in _nested_fields(model):
        inner = _model_of(model.model_fields[name])
        assert inner is not None
        paths += [
            f"{prefix}{name}.{leaf}" for leaf in inner.model_fields if leaf not in _nested_fields(inner)
        ]
        paths += _list_leaves(inner, f"{prefix}{name}.")
    return paths


def _field(model: type[BaseModel], path: str) -> FieldInfo:
    *steps, last = path.split(".")
    for step in steps:
        inner = _model_of(model.model_fields[step])
        assert inner is not None, f"{path} leads nowhere"
        model = inner
    return model.model_fields[last]


def _is_optional(model: type[BaseModel], path: str) -> bool:
    """Whether an option stands in a group that is None unless given."""
    group, dot, _ = path.partition(".")
    return bool(dot) and model.model_fields[group].default is None


def _epilog(model: type[StageOptions], rest: list[str]) -> str | None:
    if not rest:
        return None
    fields = [(path, _field(model, path)) for path in rest]
    lines = [f"- `{path}` {info.description or ''}{_default_text(info)}" for path, info in fields]
    return "Options for --set:\n\n" + "\n\n".join(lines)
