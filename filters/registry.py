"""Checks by name: the one list of them, imported only when asked for.

A check of one's own is named by its file, `path/to/mine.py:MyCheck`, or by its module, `package.module:MyCheck`.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from filters.check import Check
from filters.vocabulary import UserError

CHECKS: dict[str, str] = {
    "agreement": "filters.agreement:Agreement",
    "boilerplate": "filters.boilerplate:Boilerplate",
    "choice": "filters.choice:Choice",
    "code_blocks": "filters.code_blocks:CodeBlocks",
    "consistency": "filters.consistency:Consistency",
    "format": "filters.format:Format",
    "gold_suspect": "filters.gold_suspect:GoldSuspect",
    "instructions": "filters.instructions:Instructions",
    "json": "filters.json_cells:JsonCells",
    "judge": "filters.judge:Judge",
    "language": "filters.language:Language",
    "language_share": "filters.language_share:LanguageShare",
    "math_answer": "filters.math_answer:MathAnswer",
    "number": "filters.number:Number",
    "overlong": "filters.overlong:Overlong",
    "overlong_penalty": "filters.overlong_penalty:OverlongPenalty",
    "paragraphs": "filters.paragraphs:Paragraphs",
    "repetition": "filters.repetition:Repetition",
    "reward_model": "filters.reward_model:RewardModel",
    "rubric": "filters.rubric:Rubric",
    "summary": "filters.summary:Summary",
    "text": "filters.text:Text",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence's end that helps with an unknown name: the nearest one, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known are: {', '.join(names)}."


def check_class(name: str) -> type[Check]:
    """The class of a check, by its name or by `file.py:Class` or `module:Class`."""
    target = CHECKS.get(name) or (name if ":" in name else "")
    if not target:
        raise UserError(f"There is no check '{name}'; {nearest(name, CHECKS)}")
    place, _, attribute = target.partition(":")
    found = getattr(_module(place), attribute, None)
    if not (isinstance(found, type) and issubclass(found, Check)):
        raise UserError(f"'{place}' has no check class '{attribute}'.")
    return found


def make_check(name: str, options: Mapping[str, Any] | None = None) -> Check:
    """Build a check from its name and options; a wrong option is refused with the nearest right one."""
    cls = check_class(name)
    try:
        return cls(**(options or {}))
    except ValidationError as error:
        raise UserError(f"Check '{name}': {explain_invalid(error, cls)}") from None


def parse_spec(text: str) -> tuple[str, dict[str, Any]]:
    """The name and options in `NAME:key=value,key=value`; values read as YAML, keys may be dotted."""
    name, _, rest = text.partition(":")
    if rest and name not in CHECKS and "=" not in rest.partition(":")[0]:
        attribute, _, rest = rest.partition(":")
        name = f"{name}:{attribute}"
    return name, parse_options(split_pairs(rest), f"--check {text}")


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
        assign(options, key.strip(), _scalar(value, f"{where}: '{pair}'"), where)
    return options


def assign(options: dict[str, Any], key: str, value: Any, where: str) -> None:
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
        raise UserError(f"{where} has a value that is no YAML; quote it, as key='\"…\"'.") from None


def explain_invalid(error: ValidationError, model: type[BaseModel]) -> str:
    """The first fault of a pydantic refusal in one sentence, with the nearest option for an unknown one."""
    faults = error.errors(include_url=False)
    fault = next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"there is no option '{where}'; {nearest(str(fault['loc'][-1]), _fields(model, fault['loc'][:-1]))}"
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


def _module(place: str) -> Any:
    if not place.endswith(".py"):
        try:
            return importlib.import_module(place)
        except ModuleNotFoundError as error:
            raise UserError(f"Cannot import '{place}': {error}.") from None
    if not Path(place).is_file():
        raise UserError(f"There is no file '{place}'.")
    spec = importlib.util.spec_from_file_location(Path(place).stem, place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise UserError(f"{place}, line {error.lineno}: not valid Python ({error.msg}).") from None
    return module
