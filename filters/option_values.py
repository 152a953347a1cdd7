"""Options as people write them: `key=value` pairs into nested values, and a refusal in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from filters.chosen_names import suggest_name
from filters.errors import UserError


def split_pairs(text: str) -> list[str]:
    """`a=1,b=[2,3]` at the commas that a key follows."""
    return re.split(r",(?=[\w.]+=)", text) if text else []


def parse_options(pairs: Iterable[str], where: str) -> dict[str, Any]:
    """`a.b=c` pairs as nested options; values read as YAML scalars."""
    options: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UserError(f"{where}: '{pair}' is not of the form key=value.")
        assign_option(options, key.strip(), _scalar(value, f"{where}: '{pair}'"), where)
    return options


def assign_option(options: dict[str, Any], key: str, value: Any, where: str) -> None:
    """Put a value at a dotted key."""
    *path, last = key.split(".")
    for step in path:
        options = options.setdefault(step, {})
        if not isinstance(options, dict):
            raise UserError(f"{where}: '{step}' is given both a value and options of its own ({key}).")
    options[last] = value


def _scalar(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise UserError(f"{where} has a value that is not YAML; quote it, as key='\"…\"'.") from None


def explain_validation_error(error: ValidationError, model: type[BaseModel]) -> str:
    """The first fault of a pydantic refusal in one sentence, with the nearest option for an unknown one."""
    faults = error.errors(include_url=False)
    fault = next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])
    # People count from 1.
    where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"there is no option '{where}'; {suggest_name(str(fault['loc'][-1]), _fields(model, fault['loc'][:-1]))}"
    if fault["type"] == "missing":
        return f"option '{where}' is required."
    message = fault["msg"].removeprefix("Value error, ")
    return (
        f"option '{where}': {message[:1].lower()}{message[1:]} (got {fault['input']!r})."
        if where
        else f"{message}."
    )


def _fields(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The options at a place inside nested models; list positions in the place lead nowhere deeper."""
    for step in path:
        field = model.model_fields.get(str(step))
        if field is not None:
            model = _model_in(field.annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The first model in an annotation such as `Model | None` or `tuple[Annotated[Model, …], ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)
