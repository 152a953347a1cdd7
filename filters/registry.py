"""Checks by name: the one list of them, imported only when asked for.

A check of one's own is named by its file, `path/to/mine.py:MyCheck`, or by its module, `package.module:MyCheck`.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from filters.check import Check
from filters.errors import UserError
from filters.names import suggest_name
from filters.option_values import explain_validation_error

CHECKS: dict[str, str] = {
    "math_answer": "filters.checks.math_answer:MathAnswer",
    "choice": "filters.checks.choice:Choice",
    "number": "filters.checks.number:Number",
    "text": "filters.checks.text:Text",
    "json": "filters.checks.json_cells:JsonCells",
    "instructions": "filters.checks.instructions:Instructions",
    "agreement": "filters.checks.agreement:Agreement",
    "judge": "filters.checks.judge:Judge",
    "format": "filters.checks.format:Format",
    "language": "filters.checks.language:Language",
    "overlong": "filters.checks.overlong:Overlong",
    "paragraphs": "filters.checks.paragraphs:Paragraphs",
    "code_blocks": "filters.checks.code_blocks:CodeBlocks",
    "repetition": "filters.checks.repetition:Repetition",
    "boilerplate": "filters.checks.boilerplate:Boilerplate",
    "consistency": "filters.checks.consistency:Consistency",
    "summary": "filters.checks.summary:Summary",
    "language_share": "filters.checks.language_share:LanguageShare",
    "overlong_penalty": "filters.checks.overlong_penalty:OverlongPenalty",
    "reward_model": "filters.checks.reward_model:RewardModel",
    "rubric": "filters.checks.rubric:Rubric",
    "gold_suspect": "filters.checks.gold_suspect:GoldSuspect",
}
"""Where each check's class is, one line a check; filters stand in the order in which `filter` runs them."""


def find_check_class(name: str) -> type[Check]:
    """The class of a check, by its name or by `file.py:Class` or `module:Class`."""
    target = CHECKS.get(name) or (name if ":" in name else "")
    if not target:
        raise UserError(f"There is no check '{name}'; {suggest_name(name, CHECKS)}")
    place, _, attribute = target.partition(":")
    found = getattr(_module(place), attribute, None)
    if not (isinstance(found, type) and issubclass(found, Check)):
        raise UserError(f"'{place}' has no check class '{attribute}'.")
    return found


def list_default_filters() -> list[str]:
    """The names of the checks that `filter` runs where none is named, in order."""
    return [name for name in CHECKS if find_check_class(name).default_filter]


def make_check(name: str, options: Mapping[str, Any] | None = None) -> Check:
    """Build a check from its name and options; a wrong option is refused with the nearest right one."""
    cls = find_check_class(name)
    try:
        return cls(**(options or {}))
    except ValidationError as error:
        raise UserError(f"Check '{name}': {explain_validation_error(error, cls)}") from None


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
