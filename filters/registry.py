"""Checks by name: the single list of them; each is imported only when it is asked for.

A check of one's own is named by its file, `path/to/mine.py:MyCheck`, or by its module, `package.module:MyCheck`.
An installed package can give its check a name of its own, with an entry point in the group `r1curate.checks`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, Final, TypeGuard

from pydantic import ValidationError

from filters.check import OWN_PACKAGES, Check, require_declared
from filters.check_files import import_file
from filters.chosen_names import suggest_name
from filters.errors import UserError
from filters.option_values import explain_validation_error

PLUGIN_GROUP: Final = "r1curate.checks"
"""The entry-point group in which installed packages offer checks: `name = "package.module:MyCheck"`.

Checks of ours that need more than this package has are offered in the same way, and count as built-in.
"""

CHECKS: dict[str, str] = {
    "math_answer": "filters.checks.math_answer:MathAnswer",
    "choice": "filters.checks.choice:Choice",
    "number": "filters.checks.number:Number",
    "text": "filters.checks.text:Text",
    "json": "filters.checks.json_cells:JsonCells",
    "code_tests": "filters.checks.code_tests:CodeTests",
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
    "preference": "filters.checks.preference:Preference",
    "gold_suspect": "filters.checks.gold_suspect:GoldSuspect",
    "secrets": "filters.checks.secrets:Secrets",
    "personal_data": "filters.checks.personal_data:PersonalData",
    "near_duplicate": "filters.checks.near_duplicate:NearDuplicate",
}
"""Where each check's class is, one line a check; filters stand in the order in which `filter` runs them."""


def find_check_class(name: str) -> type[Check]:
    """The class of a check, by its name, by `file.py:Class` or `module:Class`, or by the name that a plug-in gives it."""
    target = CHECKS.get(name, name)
    place, colon, attribute = target.partition(":")
    if not colon:
        return _load_plugin(name)
    found = getattr(_import_place(place), attribute, None)
    if not _is_check_class(found):
        raise UserError(f"'{place}' has no check class '{attribute}'.")
    if name not in CHECKS:
        _require_usable(found, name)
    return found


def list_default_filters() -> list[str]:
    """The names of the checks that `filter` runs where none is named, in order."""
    return [name for name in CHECKS if find_check_class(name).default_filter]


def list_built_in() -> list[str]:
    """The names of this project's own checks."""
    return [*CHECKS, *(name for name in sorted(_read_points().keys() - CHECKS.keys()) if is_built_in(name))]


def is_built_in(name: str) -> bool:
    """Whether a name is that of one of this project's own checks."""
    return name in CHECKS or any(map(_is_ours, _read_points().get(name, ())))


def list_plugins() -> list[str]:
    """The names of the checks that other installed packages offer, except those that are already taken here."""
    return sorted(name for name in _read_points() if not is_built_in(name))


def _read_points() -> Mapping[str, list[EntryPoint]]:
    """What installed packages offer, by name; looked up once for each search path, since it is asked for often."""
    return _read_points_on(tuple(sys.path))


@lru_cache(4)
def _read_points_on(path: tuple[str, ...]) -> Mapping[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=PLUGIN_GROUP):
        found.setdefault(point.name, []).append(point)
    # A name of ours is taken, whoever else offers a check by it.
    return {name: list(filter(_is_ours, points)) or points for name, points in found.items()}


def _is_ours(point: EntryPoint) -> bool:
    return point.value.partition(".")[0] in OWN_PACKAGES


def make_check(name: str, options: Mapping[str, Any] | None = None) -> Check:
    """Build a check from its name and options; a wrong option is refused with the nearest right one."""
    cls = find_check_class(name)
    try:
        return cls(**(options or {}))
    except ValidationError as error:
        raise UserError(f"Check '{name}': {explain_validation_error(error, cls)}") from None


def _require_usable(cls: type[Check], name: str) -> None:
    """Refuse a class that is no whole check, or would keep its verdicts under a built-in check's name."""
    require_declared(cls, name)
    ours = CHECKS.get(cls.name)
    if ours is not None and ours != f"{cls.__module__}:{cls.__name__}":
        raise UserError(
            f"The verdicts of '{name}' would be kept as '{cls.name}', the name of a built-in check; give it another "
            "with name: ClassVar = ..., or rename the class."
        )


def _is_check_class(found: object) -> TypeGuard[type[Check]]:
    return isinstance(found, type) and issubclass(found, Check)


def _import_place(place: str) -> ModuleType:
    if place.endswith(".py"):
        return import_file(place)
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        raise UserError(f"Cannot import '{place}': {error}.") from None


def _load_plugin(name: str) -> type[Check]:
    """The check class that one installed package offers under a name."""
    points = _read_points().get(name, [])
    if not points and name.endswith(".py"):
        raise UserError(f"'{name}' is a file; name the check in it as {name}:Class.")
    if not points:
        known = [*list_built_in(), *list_plugins()]
        raise UserError(f"There is no check '{name}'; {suggest_name(name, known)}")
    if len(points) > 1:
        packages = ", ".join(sorted(map(_package, points)))
        raise UserError(
            f"Several installed packages offer a check '{name}' ({packages}); uninstall all but one."
        )
    (point,) = points
    where = f"The check '{name}' of the package '{_package(point)}'"
    try:
        found = point.load()
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise UserError(f"{where} cannot be loaded ({said[:300]}).") from error
    if not _is_check_class(found):
        raise UserError(f"{where} is not a check class: {point.value}.")
    _require_usable(found, name)
    return found


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "unknown"
