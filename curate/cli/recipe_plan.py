"""Recipes: an ordered list of stages, each the options of one command, found, read and filled before any work."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from curate.cli.commands import ARRAYS, STAGES, load_command
from curate.options import fill
from filters.chosen_names import suggest_name
from filters.digest import digest
from filters.errors import UserError

KEYS: Final = ("name", "about", "defaults", "stages")
"""What a recipe's file may hold."""


class _Loader(yaml.SafeLoader):
    """YAML in which `on`, `off`, `yes` and `no` are words, as YAML 1.2 has it: an option is called `on`, and a language `no`."""


_BOOL: Final = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != _BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF"))


class Stage(NamedTuple):
    """One stage of a plan, its options valid."""

    kind: str
    options: Any
    function: Any


def plan_recipe(
    recipe: Mapping[str, Any], path: Path, folder: Path, overrides: Mapping[str, Any] | None = None
) -> list[Stage]:
    """All stages with their options filled and valid, before any work is done.

    `${recipe}` and `${run}` in a text stand for the recipe's and the run's folder. A stage's options win over
    the recipe's `defaults` for its kind, and overrides win over both.
    """
    defaults, overrides = recipe.get("defaults") or {}, overrides or {}
    for kind in [*defaults, *overrides]:
        _require_stage(kind, str(path))
    stages = []
    for number, entry in enumerate(recipe["stages"], 1):
        where = f"{path}, stage {number}"
        if not (isinstance(entry, dict) and len(entry) == 1):
            raise UserError(f"{where}: a stage is one command's name with its options.")
        ((kind, given),) = entry.items()
        model, function = load_command(_require_stage(kind, where))
        values = _merge_options(
            _merge_options(defaults.get(kind) or {}, given or {}), overrides.get(kind) or {}
        )
        values = _fill_folders(values, {"${recipe}": str(path.parent), "${run}": str(folder)})
        values |= {run_option(model): str(folder)}
        options = fill(model, values, f"{where} ({kind})")
        if kind in ARRAYS and str(getattr(options, "on", "")).startswith("slurm"):
            raise UserError(
                f"{where} ({kind}): on: {options.on} is not for recipes, which run each stage to its end: run the recipe inside "
                "an allocation with on: ray, or its stages by hand, with --on slurm:N."
            )
        stages.append(Stage(kind, options, function))
    return stages


def resolve_plan(recipe: Mapping[str, Any], stages: list[Stage]) -> str:
    """The plan as YAML: what differs from the defaults of each command, in full."""
    listed = [
        {
            stage.kind: stage.options.model_dump(
                mode="json", exclude_defaults=True, exclude={run_option(type(stage.options))}
            )
        }
        for stage in stages
    ]
    body = {"name": recipe["name"], "stages": listed}
    return yaml.safe_dump({**body, "digest": digest(body)}, sort_keys=False, allow_unicode=True)


def run_option(model: Any) -> str:
    """The option that takes the run folder."""
    return "run" if "run" in model.model_fields else "source"


def _require_stage(kind: str, where: str) -> str:
    if kind not in STAGES:
        raise UserError(f"{where}: there is no stage '{kind}'; {suggest_name(str(kind), STAGES)}")
    return kind


def _merge_options(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merge_options(merged[key], value) if both else value
    return merged


def _fill_folders(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for word, path in places.items():
            value = value.replace(word, path)
        return value
    if isinstance(value, Mapping):
        return {key: _fill_folders(inner, places) for key, inner in value.items()}
    return [_fill_folders(inner, places) for inner in value] if isinstance(value, list) else value


def find_recipe(name: str) -> Path:
    """The file of a recipe given by path or by name."""
    path = Path(name)
    if path.is_file():
        return path
    if (path / "recipe.yaml").is_file():
        return path / "recipe.yaml"
    found = bundled_recipes()
    if name not in found:
        raise UserError(f"There is no recipe '{name}'; {suggest_name(name, found)}")
    return found[name]


def read_recipe(path: Path) -> dict[str, Any]:
    """A recipe's YAML, its outline checked."""
    try:
        recipe = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  made of the safe one
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid YAML ({' '.join(str(error).split())}).") from None
    if not isinstance(recipe, dict) or not isinstance(recipe.get("stages"), list):
        raise UserError(f"{path}: a recipe has a name and a list of stages.")
    for key in recipe.keys() - set(KEYS):
        raise UserError(
            f"{path}: there is no key '{key}'; {suggest_name(str(key), ['name', 'about', 'defaults', 'stages'])}"
        )
    recipe.setdefault("name", path.parent.name if path.name == "recipe.yaml" else path.stem)
    return recipe


def bundled_recipes() -> dict[str, Path]:
    """The recipes in the installed package, by name: a folder's other recipes are named after it too."""
    root = Path(str(importlib.resources.files("recipes")))
    files = sorted([*root.glob("*.yaml"), *root.glob("*/*.yaml")])
    return {
        "_".join(path.relative_to(root).with_suffix("").parts).removesuffix("_recipe"): path for path in files
    }
